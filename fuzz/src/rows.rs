//! The input is the body of a RowDescription and the bodies of DataRows. A conversation gives, as the rows of one query,
//! what a naive parser reads from them, up to the first that it cannot read; there the conversation is over.

use bytes::BytesMut;
use dblink_protocol::conversation::{Conversation, Event, Reply};

use crate::input::{Input, frame};

/// A row's values; none is null.
type Values = Vec<Option<Vec<u8>>>;

/// Checks one input.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let cut = usize::from(input.byte());
    let description = input.long_bytes();
    let mut server = frame(b'T', description);
    let columns = parse_columns(description);
    let mut expected: Vec<Values> = Vec::new();
    let mut sound = columns.is_some();
    while !input.is_empty() {
        let body = input.long_bytes();
        server.extend(frame(b'D', body));
        sound = sound
            && match parse_row(body) {
                Some(values) if Some(values.len()) == columns.as_ref().map(Vec::len) => {
                    expected.push(values);
                    true
                }
                _ => false,
            };
    }
    server.extend(frame(b'C', b"SELECT\0"));
    server.extend(frame(b'Z', b"I"));

    let mut conversation = Conversation::new();
    conversation.query("select").expect("the conversation is idle");
    let mut found = Vec::new();
    let result = feed(&mut conversation, &server, cut, &columns, &mut found);
    assert_eq!(found, expected);
    assert_eq!(result, sound, "over: {:?}", conversation.ending());
    assert_eq!(conversation.ending().is_none(), sound);
    assert_eq!(conversation.is_idle(), sound);
}

/// Whether all bytes were taken.
fn feed(
    conversation: &mut Conversation,
    server: &[u8],
    cut: usize,
    columns: &Option<Vec<Vec<u8>>>,
    found: &mut Vec<Values>,
) -> bool {
    let mut input = BytesMut::new();
    let pieces = server.chunks(if cut == 0 { server.len() } else { cut });
    for piece in pieces {
        input.extend_from_slice(piece);
        loop {
            match conversation.receive(&mut input) {
                Ok(Some(Event::Reply { reply, .. })) => take(&reply, columns, found),
                Ok(Some(event)) => panic!("{event:?}"),
                Ok(None) => break,
                Err(_) => return false,
            }
        }
    }
    assert!(input.is_empty());
    true
}

fn take(reply: &Reply, columns: &Option<Vec<Vec<u8>>>, found: &mut Vec<Values>) {
    match reply {
        Reply::RowDescription(described) => {
            let names: Vec<_> = described
                .iter()
                .map(|column| column.name.as_bytes().to_vec())
                .collect();
            assert_eq!(Some(names), *columns);
        }
        Reply::Rows(rows) => {
            assert_eq!(rows.len(), rows.iter().count());
            assert!(!rows.is_empty());
            for row in rows {
                let values: Values = row.values().map(|value| value.map(<[u8]>::to_vec)).collect();
                assert_eq!(values.len(), row.len());
                for (index, value) in values.iter().enumerate() {
                    assert_eq!(row.get(index), Some(value.as_deref()));
                }
                assert_eq!(row.get(values.len()), None);
                found.push(values);
            }
        }
        Reply::CommandComplete(_) | Reply::ReadyForQuery(_) => {}
        reply => panic!("{reply:?}"),
    }
}

/// The columns' names.
fn parse_columns(body: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (count, mut rest) = parse_count(body)?;
    let mut names = Vec::new();
    for _ in 0..count {
        let end = rest.iter().position(|&byte| byte == 0)?;
        names.push(rest[..end].to_vec());
        let fixed = rest.get(end + 1..end + 19)?;
        if !matches!(fixed[16..], [0, 0 | 1]) {
            return None;
        }
        rest = &rest[end + 19..];
    }
    rest.is_empty().then_some(names)
}

fn parse_row(body: &[u8]) -> Option<Values> {
    let (count, mut rest) = parse_count(body)?;
    let mut values = Vec::new();
    for _ in 0..count {
        let length = i32::from_be_bytes(rest.get(..4)?.try_into().ok()?);
        rest = &rest[4..];
        if length == -1 {
            values.push(None);
            continue;
        }
        let length = usize::try_from(length).ok()?;
        values.push(Some(rest.get(..length)?.to_vec()));
        rest = &rest[length..];
    }
    rest.is_empty().then_some(values)
}

fn parse_count(body: &[u8]) -> Option<(u16, &[u8])> {
    let count = body.get(..2)?;
    Some((u16::from_be_bytes([count[0], count[1]]), &body[2..]))
}
