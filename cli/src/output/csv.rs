//! CSV, byte for byte as `psql --csv` writes it.
//!
//! A value stands in quotes if it has a comma, a quote or a line end in it, or is `\.`, which ends a COPY. Null is nothing, and
//! so is the empty string. Lines end with a line feed.

/// Writes the header.
pub(super) fn header<'a>(out: &mut Vec<u8>, names: impl Iterator<Item = &'a str>) {
    let start = out.len();
    row(out, names.map(|name| Some(name.as_bytes())));
    if out.len() == start {
        // Without columns a header is a line, too, and a row is none.
        out.push(b'\n');
    }
}

/// Writes a row.
#[inline]
pub(super) fn row<'a>(out: &mut Vec<u8>, values: impl Iterator<Item = Option<&'a [u8]>>) {
    let mut any = false;
    for value in values {
        if any {
            out.push(b',');
        }
        any = true;
        match value {
            Some(value) if wants_quotes(value) => quoted(out, value),
            Some(value) => out.extend_from_slice(value),
            None => {}
        }
    }
    if any {
        out.push(b'\n');
    }
}

/// Whether a value has to stand in quotes.
#[inline]
fn wants_quotes(value: &[u8]) -> bool {
    // Without a way out in the middle the compiler makes wide instructions of it.
    let special = |byte: &u8| matches!(byte, b',' | b'"' | b'\n' | b'\r');
    value.iter().fold(false, |found, byte| found | special(byte)) || value == br"\."
}

#[cold]
fn quoted(out: &mut Vec<u8>, value: &[u8]) {
    out.push(b'"');
    for (number, part) in value.split(|byte| *byte == b'"').enumerate() {
        if number > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(part);
    }
    out.push(b'"');
}
