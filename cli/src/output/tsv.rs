//! Tab-separated values, byte for byte as `COPY … TO STDOUT WITH (HEADER)` writes them.
//!
//! A tab separates, a line feed ends. In a value they are `\t` and `\n`; a backslash is `\\`, and backspace, form feed, carriage
//! return and vertical tab are `\b`, `\f`, `\r` and `\v`. Null is `\N`, an empty string nothing.

/// Writes the header.
pub(super) fn header<'a>(out: &mut Vec<u8>, names: impl Iterator<Item = &'a str>) {
    row(out, names.map(|name| Some(name.as_bytes())));
}

/// Writes a row.
#[inline]
pub(super) fn row<'a>(out: &mut Vec<u8>, values: impl Iterator<Item = Option<&'a [u8]>>) {
    for (number, value) in values.enumerate() {
        if number > 0 {
            out.push(b'\t');
        }
        match value {
            Some(value) if wants_escapes(value) => escaped(out, value),
            Some(value) => out.extend_from_slice(value),
            None => out.extend_from_slice(br"\N"),
        }
    }
    out.push(b'\n');
}

/// Whether something in a value has to be escaped.
#[inline]
fn wants_escapes(value: &[u8]) -> bool {
    // Without a way out in the middle the compiler makes wide instructions of it.
    let special = |byte: &u8| matches!(byte, 8..=13 | b'\\');
    value.iter().fold(false, |found, byte| found | special(byte))
}

#[cold]
fn escaped(out: &mut Vec<u8>, value: &[u8]) {
    for byte in value {
        match byte {
            8 => out.extend_from_slice(br"\b"),
            b'\t' => out.extend_from_slice(br"\t"),
            b'\n' => out.extend_from_slice(br"\n"),
            11 => out.extend_from_slice(br"\v"),
            12 => out.extend_from_slice(br"\f"),
            b'\r' => out.extend_from_slice(br"\r"),
            b'\\' => out.extend_from_slice(br"\\"),
            byte => out.push(*byte),
        }
    }
}
