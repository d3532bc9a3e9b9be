//! What the client sends.

use super::line::{Line, Printer, Sender};
use super::stream::Frame;
use super::{Expected, response};
use crate::ProtocolVersion;
use crate::frontend::{
    CancelRequest, FrontendMessage, GssEncRequest, InitialMessage, SslRequest, StartupMessage, Target, name,
};
use crate::wire::{DecodeError, Message};

/// Prints what stands at the start of `bytes`, and gives its length, or none if it has not wholly arrived.
///
/// # Errors
///
/// A length word that cannot be.
pub(super) fn take(
    bytes: &[u8],
    expected: &mut Expected,
    printer: &mut Printer<'_>,
) -> Result<Option<usize>, DecodeError> {
    if expected.opening {
        let Some(frame) = Frame::packet(bytes)? else {
            return Ok(None);
        };
        packet(&frame, expected, printer);
        return Ok(Some(frame.bytes));
    }
    let Some((tag, frame)) = Frame::message(bytes, |tag| name(tag).unwrap_or("unknown"))? else {
        return Ok(None);
    };
    if tag == response::TAG {
        response::print(&frame, expected.response.take(), printer);
    } else {
        let length = Some(frame.length);
        match FrontendMessage::decode(tag, frame.body) {
            Ok(message) => printer.line(Sender::Frontend, length, message.name(), |line| {
                fields(&message, line);
            }),
            Err(error) => printer.unreadable(Sender::Frontend, length, error),
        }
    }
    Ok(Some(frame.bytes))
}

/// A packet that opens a connection; more of them follow up to a StartupMessage.
fn packet(frame: &Frame<'_>, expected: &mut Expected, printer: &mut Printer<'_>) {
    let length = Some(frame.length);
    match InitialMessage::decode(frame.body) {
        Ok(message) => {
            match message {
                InitialMessage::Startup(_) => expected.opening = false,
                InitialMessage::Ssl(_) => expected.encryption_answer = Some("SSLResponse"),
                InitialMessage::GssEnc(_) => expected.encryption_answer = Some("GSSENCResponse"),
                InitialMessage::Cancel(_) => {}
            }
            printer.line(Sender::Frontend, length, message.name(), |line| {
                packet_fields(&message, line);
            });
        }
        // There is no room for the code that says what it is.
        Err(_) if frame.body.len() < size_of::<i32>() => {
            printer.line(Sender::Frontend, length, "Unknown message", |_| {});
        }
        Err(error) => {
            // A client that goes on after such a packet takes it for a good one.
            expected.opening = error.message != StartupMessage::NAME;
            printer.unreadable(Sender::Frontend, length, error);
        }
    }
}

fn packet_fields(message: &InitialMessage<'_>, line: &mut Line<'_>) {
    match message {
        InitialMessage::Startup(message) => {
            line.version(message.protocol_version);
            for &(name, value) in &message.parameters {
                line.string(name);
                line.string(value);
            }
        }
        InitialMessage::Ssl(_) => line.version(ProtocolVersion::from_code(SslRequest::CODE)),
        InitialMessage::GssEnc(_) => line.version(ProtocolVersion::from_code(GssEncRequest::CODE)),
        InitialMessage::Cancel(message) => {
            line.version(ProtocolVersion::from_code(CancelRequest::CODE));
            line.varying_int32(message.process_id);
            line.secret_bytes(message.secret_key.as_bytes());
        }
    }
}

fn fields(message: &FrontendMessage<'_>, line: &mut Line<'_>) {
    match message {
        FrontendMessage::Bind(message) => {
            line.string(message.portal);
            line.string(message.statement);
            line.formats(&message.parameter_formats);
            line.values(&message.parameters);
            line.formats(&message.result_formats);
        }
        FrontendMessage::Close(message) => target(message.target, line),
        FrontendMessage::CopyData(message) => line.varying_bytes(message.data),
        FrontendMessage::CopyFail(message) => line.string(message.message),
        FrontendMessage::Describe(message) => target(message.target, line),
        FrontendMessage::Execute(message) => {
            line.string(message.portal);
            line.int32(message.max_rows);
        }
        FrontendMessage::FunctionCall(message) => {
            line.oid(message.function_oid);
            line.formats(&message.argument_formats);
            line.values(&message.arguments);
            line.format(message.result_format);
        }
        FrontendMessage::Parse(message) => {
            line.string(message.statement);
            line.string(message.query);
            line.oids(&message.parameter_types);
        }
        FrontendMessage::Query(message) => line.string(message.query),
        FrontendMessage::CopyDone(_)
        | FrontendMessage::Flush(_)
        | FrontendMessage::Sync(_)
        | FrontendMessage::Terminate(_) => {}
    }
}

fn target(target: Target<'_>, line: &mut Line<'_>) {
    let (kind, name) = match target {
        Target::Statement(name) => (b'S', name),
        Target::Portal(name) => (b'P', name),
    };
    line.byte(kind);
    line.string(name);
}

#[cfg(test)]
mod tests {
    use crate::trace::Tracer;
    use crate::trace::testing::{assert_backend, assert_frontend};

    #[test]
    fn each_message_has_its_line() {
        let lines: [(&[u8], &str); 19] = [
            (
                b"B\0\0\0\x25p\0s\0\0\x02\0\0\0\x01\0\x03\0\0\0\x02hi\xff\xff\xff\xff\0\0\0\x03a\0b\0\x01\0\x01",
                r#"F	37	Bind	 "p" "s" 2 0 1 3 2 'hi' -1 3 'a\x00b' 1 1"#,
            ),
            (
                b"B\0\0\0\x0c\0\0\0\0\0\0\0\0",
                r#"F	12	Bind	 "" "" 0 0 0"#,
            ),
            (b"C\0\0\0\x07Ss\0", r#"F	7	Close	 S "s""#),
            (b"C\0\0\0\x06P\0", r#"F	6	Close	 P """#),
            (b"d\0\0\0\x081\tx\n", r"F	8	CopyData	 '1\x09x\x0a'"),
            (b"d\0\0\0\x04", "F	4	CopyData	 ''"),
            (b"c\0\0\0\x04", "F	4	CopyDone"),
            (b"f\0\0\0\x09stop\0", r#"F	9	CopyFail	 "stop""#),
            (b"D\0\0\0\x07Ss\0", r#"F	7	Describe	 S "s""#),
            (b"D\0\0\0\x06P\0", r#"F	6	Describe	 P """#),
            (b"E\0\0\0\x09\0\0\0\0\x0a", r#"F	9	Execute	 "" 10"#),
            (b"H\0\0\0\x04", "F	4	Flush"),
            (
                b"F\0\0\0\x1a\0\0\x05\x25\0\x01\0\x01\0\x02\0\0\0\x02hi\xff\xff\xff\xff\0\x01",
                "F	26	FunctionCall	 1317 1 1 2 2 'hi' -1 1",
            ),
            (
                b"P\0\0\0\x1as\0select $1\0\0\x02\0\0\0\x17\0\0\0\0",
                r#"F	26	Parse	 "s" "select $1" 2 23 0"#,
            ),
            (b"P\0\0\0\x08\0\0\0\0", r#"F	8	Parse	 "" "" 0"#),
            (b"Q\0\0\0\x0dselect 1\0", r#"F	13	Query	 "select 1""#),
            (b"S\0\0\0\x04", "F	4	Sync"),
            (b"X\0\0\0\x04", "F	4	Terminate"),
            (b"Z\0\0\0\x05I", "F	5	Unknown message: 5a"),
        ];
        for (bytes, line) in lines {
            assert_frontend(Tracer::for_session(), bytes, &format!("{line}\n"));
        }
    }

    #[test]
    fn each_packet_has_its_line() {
        let startup = b"\0\0\0\x1d\0\x03\0\x02user\0alice\0options\0\0\0";
        let line = r#"F	29	StartupMessage	 3 2 "user" "alice" "options" """#;
        assert_frontend(Tracer::new(), startup, &format!("{line}\n"));
        let lines: [(&[u8], &str); 4] = [
            (b"\0\0\0\x08\x04\xd2\x16\x2f", "F	8	SSLRequest	 1234 5679\n"),
            (b"\0\0\0\x08\x04\xd2\x16\x30", "F	8	GSSENCRequest	 1234 5680\n"),
            (
                b"\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x4dkey!",
                "F	16	CancelRequest	 1234 5678 77 'key!'\n",
            ),
            (b"\0\0\0\x06ab", "F	6	Unknown message\n"),
        ];
        for (bytes, line) in lines {
            // A request, of whatever kind, does not start the session yet.
            let bytes = [bytes, startup, b"S\0\0\0\x04"].concat();
            let lines =
                format!("{line}F	29	StartupMessage	 3 2 \"user\" \"alice\" \"options\" \"\"\nF	4	Sync\n");
            assert_frontend(Tracer::new().reveal_secrets(true), &bytes, &lines);
        }
    }

    #[test]
    fn the_key_is_hidden() {
        let request = b"\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x4dkey!";
        assert_frontend(Tracer::new(), request, "F	16	CancelRequest	 1234 5678 77 '***'\n");
    }

    #[test]
    fn regress_leaves_out_what_varies() {
        for reveal in [false, true] {
            assert_frontend(
                Tracer::new().regress(true).reveal_secrets(reveal),
                b"\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x4dkey!",
                "F	16	CancelRequest	 1234 5678 NNNN 'BBBB'\n",
            );
        }
        let regress = || Tracer::for_session().regress(true);
        assert_frontend(regress(), b"d\0\0\0\x081\tx\n", "F	8	CopyData	 'BBBB'\n");
        assert_frontend(
            regress(),
            b"F\0\0\0\x0e\0\0\x05\x25\0\0\0\0\0\x01",
            "F	14	FunctionCall	 NNNN 0 0 1\n",
        );
        assert_frontend(
            regress(),
            b"P\0\0\0\x0c\0\0\0\x01\0\0\0\x17",
            "F	12	Parse	 \"\" \"\" 1 NNNN\n",
        );
    }

    #[test]
    fn what_is_malformed_is_named() {
        assert_frontend(
            Tracer::for_session(),
            b"Q\0\0\0\x07abcS\0\0\0\x04",
            "F	7	Query\nmalformed Query message: field \"query\" has no terminating zero byte\nF	4	Sync\n",
        );
        assert_frontend(
            Tracer::new(),
            b"\0\0\0\x09\x04\xd2\x16\x2f\0\0\0\0\x09\0\x02\0\0\0S\0\0\0\x04",
            "F	9	SSLRequest\n\
             malformed SSLRequest message: 1 bytes follow its last field \"request code\"\n\
             F	9	StartupMessage\n\
             malformed StartupMessage message: field \"protocol version\" has the impossible value 131072\n\
             F	4	Sync\n",
        );
    }

    #[test]
    fn the_servers_types_are_not_the_clients() {
        assert_frontend(Tracer::for_session(), b"K\0\0\0\x04", "F	4	Unknown message: 4b\n");
        assert_backend(
            Tracer::for_session(),
            b"Q\0\0\0\x05\0",
            "B	5	Unknown message: 51\n",
        );
    }
}
