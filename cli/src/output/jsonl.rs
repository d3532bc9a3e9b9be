//! JSON Lines: an object a row.
//!
//! Numbers are numbers, with the digits that the server gives; `NaN` and `Infinity`, which are none in JSON, are strings. A
//! `bool` is `true` or `false`, values of `json` and `jsonb` are what they are, null is `null`. All else is a string: its text.
//! What is not UTF-8 is replaced by U+FFFD.
//!
//! No name is in an object twice: the second column `a` of a result is `a_2`, or if there is such a column, too, `a_3`.

use postgres_types::Type;

use super::{Column, distinct};

/// How the rows of a result are written.
#[derive(Debug)]
pub(super) struct Jsonl {
    columns: Vec<(Key, Kind)>,
}

/// What stands before a value: comma or brace, name and colon.
type Key = Vec<u8>;

/// What the values of a column become.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Number,
    Bool,
    Json,
    String,
}

impl Jsonl {
    pub(super) fn new(columns: &[Column]) -> Self {
        let names = distinct(columns.iter().map(|column| column.name.as_str()));
        let columns = names.iter().zip(columns).enumerate();
        let columns = columns.map(|(number, (name, column))| {
            let mut key = vec![if number == 0 { b'{' } else { b',' }];
            string(&mut key, name.as_bytes());
            key.push(b':');
            (key, Kind::of(column.type_oid))
        });
        Self {
            columns: columns.collect(),
        }
    }

    /// Writes a row.
    pub(super) fn row<'a>(&self, out: &mut Vec<u8>, values: impl Iterator<Item = Option<&'a [u8]>>) {
        if self.columns.is_empty() {
            out.push(b'{');
        }
        for ((key, kind), value) in self.columns.iter().zip(values) {
            out.extend_from_slice(key);
            match value {
                Some(value) => kind.value(out, value),
                None => out.extend_from_slice(b"null"),
            }
        }
        out.extend_from_slice(b"}\n");
    }
}

impl Kind {
    fn of(type_oid: u32) -> Self {
        match Type::from_oid(type_oid) {
            Some(
                Type::INT2
                | Type::INT4
                | Type::INT8
                | Type::OID
                | Type::FLOAT4
                | Type::FLOAT8
                | Type::NUMERIC,
            ) => Self::Number,
            Some(Type::BOOL) => Self::Bool,
            Some(Type::JSON | Type::JSONB) => Self::Json,
            _ => Self::String,
        }
    }

    fn value(self, out: &mut Vec<u8>, value: &[u8]) {
        match self {
            // NaN and Infinity end with a letter.
            Self::Number if value.last().is_some_and(u8::is_ascii_digit) => out.extend_from_slice(value),
            Self::Bool if value == b"t" => out.extend_from_slice(b"true"),
            Self::Bool if value == b"f" => out.extend_from_slice(b"false"),
            // Within its strings there are no line ends, and elsewhere they mean nothing.
            Self::Json => {
                let text = String::from_utf8_lossy(value);
                let line = text.bytes().map(|byte| match byte {
                    b'\n' | b'\r' => b' ',
                    byte => byte,
                });
                out.extend(line);
            }
            _ => string(out, value),
        }
    }
}

/// Writes a string.
fn string(out: &mut Vec<u8>, value: &[u8]) {
    let text = String::from_utf8_lossy(value);
    out.push(b'"');
    let special = |byte: &u8| matches!(byte, 0..=31 | b'"' | b'\\');
    if text
        .as_bytes()
        .iter()
        .fold(false, |found, byte| found | special(byte))
    {
        for byte in text.bytes() {
            escaped(out, byte);
        }
    } else {
        out.extend_from_slice(text.as_bytes());
    }
    out.push(b'"');
}

/// Writes a byte of a string.
fn escaped(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'"' => out.extend_from_slice(br#"\""#),
        b'\\' => out.extend_from_slice(br"\\"),
        b'\n' => out.extend_from_slice(br"\n"),
        b'\r' => out.extend_from_slice(br"\r"),
        b'\t' => out.extend_from_slice(br"\t"),
        0..=31 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        byte => out.push(byte),
    }
}
