//! What the server sends.

use std::borrow::Cow;

use super::Expected;
use super::line::{Line, Printer, Sender};
use super::response::Response;
use super::stream::Frame;
use crate::backend::{
    Authentication, BackendMessage, CopyFormat, ErrorResponse, FieldCode, Fields, NoticeResponse,
    RowDescription, name,
};
use crate::wire::{DecodeError, Format, Message, WireStr};

/// The first byte of an ErrorResponse, with which a server may answer any request.
const ERROR: u8 = b'E';

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
    if let (Some(answer_name), Some(&answer)) = (expected.encryption_answer.take(), bytes.first())
        && answer != ERROR
    {
        printer.line(Sender::Backend, Some(1), answer_name, |line| line.byte(answer));
        return Ok(Some(1));
    }
    let Some((tag, frame)) = Frame::message(bytes, |tag| name(tag).unwrap_or("unknown"))? else {
        return Ok(None);
    };
    let varies = [ErrorResponse::TAG, NoticeResponse::TAG].contains(&Some(tag));
    let length = Some(frame.length).filter(|_| !(varies && printer.options.regress));
    let message = BackendMessage::decode(tag, frame.body);
    if Some(tag) == Authentication::TAG {
        expected.response = match &message {
            Ok(BackendMessage::Authentication(request)) => Response::to(request),
            _ => None,
        };
    }
    match message {
        Ok(message) => printer.line(Sender::Backend, length, &title(&message), |line| {
            fields(&message, line);
        }),
        Err(error) => printer.unreadable(Sender::Backend, length, error),
    }
    Ok(Some(frame.bytes))
}

/// What a line calls its message.
fn title(message: &BackendMessage<'_>) -> Cow<'static, str> {
    match message {
        BackendMessage::Authentication(
            request @ (Authentication::KerberosV5 | Authentication::Other { .. }),
        ) => {
            // libpq prints the code with a sign.
            let code = request.code().cast_signed();
            Cow::Owned(format!("Unknown authentication message {code}"))
        }
        BackendMessage::Authentication(request) => Cow::Borrowed(request.name()),
        message => Cow::Borrowed(message.name()),
    }
}

fn authentication(request: &Authentication<'_>, line: &mut Line<'_>) {
    match request {
        Authentication::GssContinue(data)
        | Authentication::SaslContinue(data)
        | Authentication::SaslFinal(data) => line.secret_bytes(data),
        Authentication::Sasl { mechanisms } => {
            mechanisms.iter().for_each(|&mechanism| line.string(mechanism));
            // The empty name that ends the list.
            line.string(WireStr::default());
        }
        Authentication::Ok
        | Authentication::KerberosV5
        | Authentication::CleartextPassword
        | Authentication::Md5Password { .. }
        | Authentication::Gss
        | Authentication::Sspi
        | Authentication::Other { .. } => {}
    }
}

fn fields(message: &BackendMessage<'_>, line: &mut Line<'_>) {
    match message {
        BackendMessage::Authentication(request) => authentication(request, line),
        BackendMessage::BackendKeyData(message) => {
            line.varying_int32(message.process_id);
            line.secret_bytes(message.secret_key.as_bytes());
        }
        BackendMessage::CommandComplete(message) => line.string(message.tag),
        BackendMessage::CopyBothResponse(message) => copy_format(&message.format, line),
        BackendMessage::CopyData(message) => line.varying_bytes(message.data),
        BackendMessage::CopyInResponse(message) => copy_format(&message.format, line),
        BackendMessage::CopyOutResponse(message) => copy_format(&message.format, line),
        BackendMessage::DataRow(message) => line.values(&message.values),
        BackendMessage::ErrorResponse(message) => diagnostic(message.fields, line),
        BackendMessage::FunctionCallResponse(message) => line.value(message.value),
        BackendMessage::NegotiateProtocolVersion(message) => {
            line.int32(message.newest_version.code());
            line.count(message.unrecognized_options.len());
            message
                .unrecognized_options
                .iter()
                .for_each(|&option| line.string(option));
        }
        BackendMessage::NoticeResponse(message) => diagnostic(message.fields, line),
        BackendMessage::NotificationResponse(message) => {
            line.varying_int32(message.process_id);
            line.string(message.channel);
            line.string(message.payload);
        }
        BackendMessage::ParameterDescription(message) => line.oids(&message.type_oids),
        BackendMessage::ParameterStatus(message) => {
            line.string(message.name);
            line.string(message.value);
        }
        BackendMessage::ReadyForQuery(message) => line.byte(message.status.code()),
        BackendMessage::RowDescription(message) => columns(message, line),
        BackendMessage::BindComplete(_)
        | BackendMessage::CloseComplete(_)
        | BackendMessage::CopyDone(_)
        | BackendMessage::EmptyQueryResponse(_)
        | BackendMessage::NoData(_)
        | BackendMessage::ParseComplete(_)
        | BackendMessage::PortalSuspended(_) => {}
    }
}

fn columns(message: &RowDescription<'_>, line: &mut Line<'_>) {
    line.count(message.fields.len());
    for field in &message.fields {
        line.string(field.name);
        line.oid(field.table_oid);
        line.int16(field.column_number);
        line.oid(field.type_oid);
        line.int16(field.type_size);
        line.int32(field.type_modifier);
        line.format(field.format);
    }
}

fn copy_format(format: &CopyFormat, line: &mut Line<'_>) {
    line.byte(match format.overall {
        Format::Text => 0,
        Format::Binary => 1,
    });
    line.formats(&format.columns);
}

fn diagnostic(fields: Fields<'_>, line: &mut Line<'_>) {
    for (code, value) in fields.iter() {
        line.byte(code.0);
        match code {
            // Where the server's source reports it.
            FieldCode::FILE | FieldCode::LINE | FieldCode::ROUTINE => line.varying_string(value),
            _ => line.string(value),
        }
    }
    // The zero byte that ends the list.
    line.byte(0);
}

#[cfg(test)]
mod tests {
    use crate::trace::Tracer;
    use crate::trace::testing::assert_backend;

    const ERROR: &[u8] = b"E\0\0\0\x2fSERROR\0C42P01\0Moops\0Fa.c\0L12\0Rparse\0W\x1bb\nc\0\0";
    const COLUMN: &[u8] = b"T\0\0\0\x1b\0\x01id\0\0\0\x40\x01\0\x02\0\0\0\x17\xff\xff\xff\xff\xff\xff\0\x01";

    #[test]
    fn each_message_has_its_line() {
        let lines: [(&[u8], &str); 28] = [
            (
                b"K\0\0\0\x0c\0\0\0\x4d\xde\xad\xbe\xef",
                r"B	12	BackendKeyData	 77 '\xde\xad\xbe\xef'",
            ),
            (b"2\0\0\0\x04", "B	4	BindComplete"),
            (b"3\0\0\0\x04", "B	4	CloseComplete"),
            (b"C\0\0\0\x0dSELECT 3\0", r#"B	13	CommandComplete	 "SELECT 3""#),
            (b"W\0\0\0\x07\0\0\0", r"B	7	CopyBothResponse	 \x00 0"),
            (b"W\0\0\0\x09\x01\0\x01\0\x01", r"B	9	CopyBothResponse	 \x01 1 1"),
            (b"d\0\0\0\x081\tx\n", r"B	8	CopyData	 '1\x09x\x0a'"),
            (b"c\0\0\0\x04", "B	4	CopyDone"),
            (b"G\0\0\0\x0b\0\0\x02\0\0\0\0", r"B	11	CopyInResponse	 \x00 2 0 0"),
            (b"H\0\0\0\x09\x01\0\x01\0\x01", r"B	9	CopyOutResponse	 \x01 1 1"),
            (b"D\0\0\0\x0b\0\x01\0\0\0\x011", "B	11	DataRow	 1 1 '1'"),
            (
                b"D\0\0\0\x0e\0\x02\xff\xff\xff\xff\0\0\0\0",
                "B	14	DataRow	 2 -1 0 ''",
            ),
            (b"I\0\0\0\x04", "B	4	EmptyQueryResponse"),
            (
                ERROR,
                r#"B	47	ErrorResponse	 S "ERROR" C "42P01" M "oops" F "a.c" L "12" R "parse" W "\x1bb\x0ac" \x00"#,
            ),
            (b"V\0\0\0\x0a\0\0\0\x02hi", "B	10	FunctionCallResponse	 2 'hi'"),
            (b"V\0\0\0\x08\xff\xff\xff\xff", "B	8	FunctionCallResponse	 -1"),
            (
                b"v\0\0\0\x13\0\x03\0\0\0\0\0\x01_pq_.x\0",
                r#"B	19	NegotiateProtocolVersion	 196608 1 "_pq_.x""#,
            ),
            (b"n\0\0\0\x04", "B	4	NoData"),
            (b"N\0\0\0\x0aMhey\0\0", r#"B	10	NoticeResponse	 M "hey" \x00"#),
            (
                b"A\0\0\0\x10\0\0\0\x4djobs\x0042\0",
                r#"B	16	NotificationResponse	 77 "jobs" "42""#,
            ),
            (
                b"t\0\0\0\x0e\0\x02\0\0\0\x17\xff\xff\xff\xff",
                "B	14	ParameterDescription	 2 23 -1",
            ),
            (
                b"S\0\0\0\x11TimeZone\0UTC\0",
                r#"B	17	ParameterStatus	 "TimeZone" "UTC""#,
            ),
            (b"1\0\0\0\x04", "B	4	ParseComplete"),
            (b"s\0\0\0\x04", "B	4	PortalSuspended"),
            (b"Z\0\0\0\x05T", "B	5	ReadyForQuery	 T"),
            (COLUMN, r#"B	27	RowDescription	 1 "id" 16385 2 23 65535 -1 1"#),
            (b"T\0\0\0\x06\0\0", "B	6	RowDescription	 0"),
            (b"\xe9\0\0\0\x06ab", "B	6	Unknown message: e9"),
        ];
        for (bytes, line) in lines {
            assert_backend(
                Tracer::for_session().reveal_secrets(true),
                bytes,
                &format!("{line}\n"),
            );
        }
    }

    #[test]
    fn each_authentication_message_has_its_line() {
        let lines: [(&[u8], &str); 13] = [
            (b"R\0\0\0\x08\0\0\0\0", "B	8	AuthenticationOk"),
            (b"R\0\0\0\x08\0\0\0\x03", "B	8	AuthenticationCleartextPassword"),
            (b"R\0\0\0\x0c\0\0\0\x05salt", "B	12	AuthenticationMD5Password"),
            (b"R\0\0\0\x08\0\0\0\x07", "B	8	AuthenticationGSS"),
            (
                b"R\0\0\0\x0a\0\0\0\x08a\0",
                r"B	10	AuthenticationGSSContinue	 'a\x00'",
            ),
            (b"R\0\0\0\x08\0\0\0\x08", "B	8	AuthenticationGSSContinue	 ''"),
            (b"R\0\0\0\x08\0\0\0\x09", "B	8	AuthenticationSSPI"),
            (
                b"R\0\0\0\x0e\0\0\0\x0aA\0BC\0\0",
                r#"B	14	AuthenticationSASL	 "A" "BC" """#,
            ),
            (b"R\0\0\0\x09\0\0\0\x0a\0", r#"B	9	AuthenticationSASL	 """#),
            (
                b"R\0\0\0\x0a\0\0\0\x0br=",
                "B	10	AuthenticationSASLContinue	 'r='",
            ),
            (b"R\0\0\0\x0a\0\0\0\x0cv=", "B	10	AuthenticationSASLFinal	 'v='"),
            (b"R\0\0\0\x08\0\0\0\x02", "B	8	Unknown authentication message 2"),
            (
                b"R\0\0\0\x09\xff\xff\xff\xffx",
                "B	9	Unknown authentication message -1",
            ),
        ];
        for (bytes, line) in lines {
            assert_backend(
                Tracer::for_session().reveal_secrets(true),
                bytes,
                &format!("{line}\n"),
            );
        }
    }

    #[test]
    fn secrets_are_hidden() {
        let lines: [(&[u8], &str); 4] = [
            (b"K\0\0\0\x0c\0\0\0\x4dkey!", "B	12	BackendKeyData	 77 '***'\n"),
            (
                b"R\0\0\0\x0a\0\0\0\x08a\0",
                "B	10	AuthenticationGSSContinue	 '***'\n",
            ),
            (
                b"R\0\0\0\x0a\0\0\0\x0br=",
                "B	10	AuthenticationSASLContinue	 '***'\n",
            ),
            (
                b"R\0\0\0\x0a\0\0\0\x0cv=",
                "B	10	AuthenticationSASLFinal	 '***'\n",
            ),
        ];
        for (bytes, line) in lines {
            assert_backend(Tracer::for_session(), bytes, line);
        }
    }

    #[test]
    fn regress_leaves_out_what_varies() {
        let lines: [(&[u8], &str); 10] = [
            (b"K\0\0\0\x0c\0\0\0\x4dkey!", "B	12	BackendKeyData	 NNNN 'BBBB'"),
            (
                b"R\0\0\0\x0a\0\0\0\x08a\0",
                "B	10	AuthenticationGSSContinue	 'BBBB'",
            ),
            (
                b"R\0\0\0\x0a\0\0\0\x0br=",
                "B	10	AuthenticationSASLContinue	 'BBBB'",
            ),
            (b"R\0\0\0\x0a\0\0\0\x0cv=", "B	10	AuthenticationSASLFinal	 'BBBB'"),
            (b"d\0\0\0\x081\tx\n", "B	8	CopyData	 'BBBB'"),
            (
                b"A\0\0\0\x10\0\0\0\x4djobs\x0042\0",
                r#"B	16	NotificationResponse	 NNNN "jobs" "42""#,
            ),
            (
                b"t\0\0\0\x0e\0\x02\0\0\0\x17\0\0\0\x19",
                "B	14	ParameterDescription	 2 NNNN NNNN",
            ),
            (COLUMN, r#"B	27	RowDescription	 1 "id" NNNN 2 NNNN 65535 -1 1"#),
            (
                ERROR,
                r#"B	NN	ErrorResponse	 S "ERROR" C "42P01" M "oops" F "SSSS" L "SSSS" R "SSSS" W "\x1bb\x0ac" \x00"#,
            ),
            (b"N\0\0\0\x0aMhey\0\0", r#"B	NN	NoticeResponse	 M "hey" \x00"#),
        ];
        for (bytes, line) in lines {
            for reveal in [false, true] {
                let tracer = Tracer::for_session().regress(true).reveal_secrets(reveal);
                assert_backend(tracer, bytes, &format!("{line}\n"));
            }
        }
    }

    #[test]
    fn what_is_malformed_is_named() {
        assert_backend(
            Tracer::for_session(),
            b"Z\0\0\0\x05XZ\0\0\0\x05I",
            "B	5	ReadyForQuery\n\
             malformed ReadyForQuery message: field \"status\" has the impossible value 88\n\
             B	5	ReadyForQuery	 I\n",
        );
        assert_backend(
            Tracer::for_session(),
            b"R\0\0\0\x06ab",
            "B	6	Authentication\n\
             malformed Authentication message: field \"code\" needs 4 bytes, the body has 2 left\n",
        );
    }
}
