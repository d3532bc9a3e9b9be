//! Conversations with a scripted server.

mod copy;
mod drain;
mod endings;
mod extended;
mod simple;

use bytes::BytesMut;

use super::*;
use crate::backend::{
    BackendMessage, CommandComplete, CopyData, CopyFormat, CopyInResponse, CopyOutResponse, DataRow,
    ErrorResponse, FieldCode, FieldDescription, NoticeResponse, NotificationResponse, ParameterStatus,
    ReadyForQuery, RowDescription, TransactionStatus,
};
use crate::frontend::{Bind, Parse, Target};
use crate::wire::{Format, Message};

/// The bytes of what a server says.
#[derive(Default, Clone)]
struct Server(Vec<u8>);

impl Server {
    fn says<'m>(mut self, message: impl Message<'m>) -> Self {
        message.encode(&mut self.0).unwrap();
        self
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn columns(self, names: &[&str]) -> Self {
        self.says(RowDescription {
            fields: names.iter().map(|name| column(name)).collect(),
        })
    }

    fn row(self, values: &[&str]) -> Self {
        self.says(DataRow {
            values: values.iter().map(|value| Some(value.as_bytes())).collect(),
        })
    }

    fn complete(self, tag: &str) -> Self {
        self.says(CommandComplete { tag: tag.into() })
    }

    fn ready(self, status: TransactionStatus) -> Self {
        self.says(ReadyForQuery { status })
    }

    fn idle(self) -> Self {
        self.ready(TransactionStatus::Idle)
    }

    fn error(self, severity: &str, code: &str) -> Self {
        let diagnostic = diagnostic(severity, code);
        self.says(ErrorResponse {
            fields: diagnostic.fields(),
        })
    }

    fn notice(self, code: &str) -> Self {
        let diagnostic = diagnostic("NOTICE", code);
        self.says(NoticeResponse {
            fields: diagnostic.fields(),
        })
    }

    fn notification(self, payload: &str) -> Self {
        self.says(NotificationResponse {
            process_id: 7,
            channel: "c".into(),
            payload: payload.into(),
        })
    }

    fn parameter(self, name: &str, value: &str) -> Self {
        self.says(ParameterStatus {
            name: name.into(),
            value: value.into(),
        })
    }

    fn copy_in(self) -> Self {
        self.says(CopyInResponse {
            format: copy_format(),
        })
    }

    fn copy_out(self) -> Self {
        self.says(CopyOutResponse {
            format: copy_format(),
        })
    }

    fn copy_data(self, data: &str) -> Self {
        self.says(CopyData {
            data: data.as_bytes(),
        })
    }
}

fn server() -> Server {
    Server::default()
}

fn diagnostic(severity: &str, code: &str) -> crate::backend::Diagnostic {
    crate::backend::Diagnostic::new([
        (FieldCode::SEVERITY, severity.into()),
        (FieldCode::SEVERITY_NOT_LOCALIZED, severity.into()),
        (FieldCode::CODE, code.into()),
        (FieldCode::MESSAGE, "oops".into()),
    ])
    .unwrap()
}

fn copy_format() -> CopyFormat {
    CopyFormat {
        overall: Format::Text,
        columns: vec![Format::Text],
    }
}

fn column(name: &str) -> FieldDescription<'_> {
    FieldDescription {
        name: name.into(),
        table_oid: 0,
        column_number: 0,
        type_oid: 25,
        type_size: -1,
        type_modifier: -1,
        format: Format::Text,
    }
}

fn columns(names: &[&str]) -> Arc<Columns> {
    let fields = names.iter().map(|name| column(name)).collect();
    Arc::new(Columns::from(&RowDescription { fields }))
}

/// The events that `bytes` make, one line each, and rows and COPY data one line each, however they are batched.
fn receive(conversation: &mut Conversation, bytes: &[u8]) -> Result<Vec<String>, ProtocolError> {
    let mut input = BytesMut::from(bytes);
    let mut lines = Vec::new();
    while let Some(event) = conversation.receive(&mut input)? {
        print(&event, &mut lines);
    }
    assert!(input.is_empty(), "{} bytes are left over", input.len());
    Ok(lines)
}

fn print(event: &Event, lines: &mut Vec<String>) {
    let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or(b"null")).into_owned();
    let (id, reply) = match event {
        Event::Reply { to, reply } => (to.0, reply),
        Event::Notice(notice) => return lines.push(format!("notice {}", notice.sqlstate().unwrap())),
        Event::Notification(n) => return lines.push(format!("notification {} {}", n.channel, n.payload)),
        Event::ParameterStatus { name, value } => return lines.push(format!("{name}={value}")),
        Event::Closing(reason) => return lines.push(format!("closing {}", reason.sqlstate().unwrap())),
    };
    let line = match reply {
        Reply::RowDescription(columns) => {
            let names: Vec<_> = columns.iter().map(|column| column.name.to_string()).collect();
            format!("columns {}", names.join(","))
        }
        Reply::Rows(rows) => {
            return lines.extend(rows.iter().map(|row| {
                let values: Vec<_> = row.values().map(text).collect();
                format!("{id} row {}", values.join(","))
            }));
        }
        Reply::CopyData(chunks) => {
            return lines.extend(
                chunks
                    .iter()
                    .map(|chunk| format!("{id} data {}", text(Some(chunk)))),
            );
        }
        Reply::CommandComplete(command) => command.as_wire_str().to_string(),
        Reply::Error(error) => format!("error {}", error.sqlstate().unwrap()),
        Reply::ReadyForQuery(status) => format!("ready {status:?}"),
        Reply::CopyInResponse(_) => "copy in".into(),
        Reply::CopyOutResponse(_) => "copy out".into(),
        Reply::CopyBothResponse(_) => "copy both".into(),
        Reply::FunctionCallResponse(value) => format!("returned {}", text(value.as_deref())),
        other => format!("{other:?}"),
    };
    lines.push(format!("{id} {line}"));
}

fn unnamed_parse(query: &str) -> Parse<'_> {
    Parse {
        statement: "".into(),
        query: query.into(),
        parameter_types: vec![].into(),
    }
}

fn unnamed_bind() -> Bind<'static> {
    Bind {
        portal: "".into(),
        statement: "".into(),
        parameter_formats: vec![].into(),
        parameters: vec![],
        result_formats: vec![].into(),
    }
}

/// Parse, Bind, Describe, Execute: the unnamed statement through the unnamed portal.
fn flight(conversation: &mut Conversation, query: &str) {
    conversation.parse(&unnamed_parse(query)).unwrap();
    conversation.bind(&unnamed_bind()).unwrap();
    conversation.describe(Target::Portal("".into())).unwrap();
    conversation.execute("", 0, ResultColumns::AsDescribed).unwrap();
}

/// A conversation that has given some commands, whose bytes are sent.
fn conversation(commands: impl FnOnce(&mut Conversation)) -> Conversation {
    let mut conversation = Conversation::new();
    commands(&mut conversation);
    send_all(&mut conversation);
    conversation
}

/// Sends everything; gives the type bytes of the messages sent.
fn send_all(conversation: &mut Conversation) -> String {
    let mut tags = String::new();
    let mut rest = conversation.outgoing();
    while let Some((&[tag, a, b, c, d], _)) = rest.split_first_chunk() {
        tags.push(char::from(tag));
        rest = &rest[1 + u32::from_be_bytes([a, b, c, d]) as usize..];
    }
    conversation.sent(conversation.outgoing().len());
    tags
}

/// However the server's bytes are cut, the events are the same.
#[test]
fn cut_at_every_position() {
    let commands = |conversation: &mut Conversation| {
        conversation.query("select; copy").unwrap();
        flight(conversation, "select");
        flight(conversation, "fail");
        conversation.sync().unwrap();
    };
    let Server(bytes) = server()
        .parameter("TimeZone", "UTC")
        .columns(&["a", "b"])
        .row(&["1", "2"])
        .notice("00000")
        .row(&["3", ""])
        .row(&["4", "5"])
        .complete("SELECT 3")
        .copy_out()
        .copy_data("x")
        .notification("p")
        .copy_data("")
        .copy_data("yz")
        .bytes(b"c\0\0\0\x04")
        .complete("COPY 3")
        .idle()
        .bytes(b"1\0\0\0\x042\0\0\0\x04")
        .columns(&["a"])
        .row(&["1"])
        .complete("SELECT 1")
        .bytes(b"1\0\0\0\x042\0\0\0\x04")
        .error("ERROR", "22012")
        .idle();
    let whole = receive(&mut conversation(commands), &bytes).unwrap();
    assert_eq!(whole.len(), 25, "{whole:#?}");

    let fed = |chunks: &mut dyn Iterator<Item = &[u8]>| {
        let mut conversation = conversation(commands);
        let mut input = BytesMut::new();
        let mut lines = Vec::new();
        for chunk in chunks {
            input.extend_from_slice(chunk);
            while let Some(event) = conversation.receive(&mut input).unwrap() {
                print(&event, &mut lines);
            }
        }
        assert!(conversation.is_idle());
        lines
    };
    assert_eq!(fed(&mut bytes.chunks(1)), whole, "byte by byte");
    for cut in 0..bytes.len() {
        let (head, tail) = bytes.split_at(cut);
        assert_eq!(fed(&mut [head, tail].into_iter()), whole, "cut at {cut}");
    }
}

/// The memory that a message takes grows with the bytes that come, not with the length it announces.
#[test]
fn an_announced_length_costs_nothing() {
    let mut conversation = conversation(|c| {
        c.query("select").unwrap();
    });
    let mut input = BytesMut::from(&b"T\x40\0\0\x03\0\x01name\0..."[..]);
    assert!(conversation.receive(&mut input).unwrap().is_none());
    assert_eq!(input.len(), 15);
    assert!(input.capacity() < 1024);

    let mut input = BytesMut::from(&b"T\x7f\xff\xff\xff0123456789"[..]);
    let error = conversation.receive(&mut input).unwrap_err();
    assert_eq!(
        error.to_string(),
        "malformed RowDescription message: its length word is 2147483647, the limit is 1073741827"
    );
}

/// What no message of its kind can reach is not waited for.
#[test]
fn short_messages_have_a_limit_of_their_own() {
    for (bytes, limit) in [
        (&b"C\0\x10\0\x01"[..], 0x10_0000),
        (b"S\0\x40\0\x01", 0x40_0000),
        (b"K\0\x10\0\x01", 0x10_0000),
    ] {
        let mut conversation = Conversation::new();
        let error = receive(&mut conversation, bytes).unwrap_err();
        assert!(
            error.to_string().ends_with(&format!("the limit is {limit}")),
            "{error}"
        );
    }
}

#[test]
fn the_longest_message_can_be_set() {
    let mut conversation = conversation(|c| {
        c.query("select").unwrap();
        c.set_longest_message(20);
    });
    let Server(bytes) = server().columns(&["a_long_name"]);
    assert!(receive(&mut conversation, &bytes).is_err());
}

/// Every type byte with every length below the smallest, in a conversation that waits and in one that does not.
#[test]
fn a_length_word_below_four_is_refused_for_every_type() {
    for tag in 0..=u8::MAX {
        for length in [0, 1, 2, 3, -1, i32::MIN] {
            for commands in [
                |_: &mut Conversation| (),
                |c: &mut Conversation| {
                    c.query("select").unwrap();
                },
            ] {
                let mut conversation = conversation(commands);
                let mut bytes = vec![tag];
                bytes.extend(length.to_be_bytes());
                bytes.extend([0; 8]);
                let error = receive(&mut conversation, &bytes).unwrap_err();
                assert!(matches!(error, ProtocolError::Malformed(_)), "{error}");
                assert_eq!(conversation.ending(), Some(&Ending::Protocol(error)));
            }
        }
    }
}

/// Each known message with an empty body, where it is legal or not: an error or an event, never a panic.
#[test]
fn an_empty_body_never_panics() {
    for tag in 0..=u8::MAX {
        let mut conversation = conversation(|c| {
            c.query("select").unwrap();
        });
        let mut input = BytesMut::from(&[tag, 0, 0, 0, 4][..]);
        let legal = matches!(tag, b'I');
        assert_eq!(
            conversation.receive(&mut input).is_ok(),
            legal,
            "{}",
            tag.escape_ascii()
        );
    }
}

#[test]
fn messages_of_servers_are_told_apart() {
    // What `BackendMessage` decodes is what the conversation takes; this keeps the two lists of types together.
    for tag in 0..=u8::MAX {
        let known = crate::backend::name(tag).is_some();
        let decodes = !matches!(
            BackendMessage::decode(tag, &[]).map_err(|error| error.fault),
            Err(crate::wire::DecodeFault::UnknownType { .. })
        );
        assert_eq!(known, decodes, "{}", tag.escape_ascii());
    }
}
