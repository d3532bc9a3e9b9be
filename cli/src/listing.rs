//! Short listings: what a command has found out, in rows and columns.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use comfy_table::Table;

use crate::failure::Failure;
use crate::output::TABLE_STYLE;

/// Writes to the standard output, at once.
///
/// # Errors
///
/// [`Failure::ClosedPipe`]; [`Failure::Usage`].
pub(crate) fn write(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|error| Failure::output(&error))
}

/// Writes lines to the standard error output, none of which steers a terminal. Where that is closed, nobody wants to know; and
/// where it cannot be written, the exit code has to say it.
pub(crate) fn tell(text: impl std::fmt::Display) {
    let text = harmless(&text.to_string());
    let _ = writeln!(io::stderr(), "{text}");
}

/// The same, with the program's name before it.
pub(crate) fn remark(text: impl std::fmt::Display) {
    tell(format_args!("dblink: {text}"));
}

/// So many of these, of which one has this noun.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

/// A table for people.
pub(crate) fn table<const N: usize>(
    titles: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(TABLE_STYLE).set_header(titles).add_rows(rows);
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The bytes as text in one line: control characters, and what is not UTF-8, as `\xHH`. Nothing in it steers a terminal.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() {
                let mut utf8 = [0; 4];
                escape(&mut text, c.encode_utf8(&mut utf8).as_bytes());
            } else {
                text.push(c);
            }
        }
        escape(&mut text, chunk.invalid());
    }
    text
}

/// The text, in as many lines as it has: all control characters but line feeds and tabs as [`shown`] has them.
pub(crate) fn harmless(text: &str) -> String {
    let pieces = text.split_inclusive(['\n', '\t']).map(|piece| {
        let line = piece.trim_end_matches(['\n', '\t']);
        shown(line.as_bytes()) + piece.strip_prefix(line).unwrap_or_default()
    });
    pieces.collect()
}

fn escape(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // Memory takes all that is written to it.
        let _ = write!(text, "\\x{byte:02x}");
    }
}

#[cfg(test)]
mod tests {
    use super::{harmless, shown};

    #[test]
    fn nothing_that_is_shown_steers_a_terminal() {
        assert_eq!(
            shown("grün\u{1b}[2J\n\u{9b}".as_bytes()),
            "grün\\x1b[2J\\x0a\\xc2\\x9b"
        );
        assert_eq!(shown(b"a\xff\xc3b"), "a\\xff\\xc3b");
        assert_eq!(
            harmless("\n\ta\u{1b}b\tc\u{9b}\r\n\nd"),
            "\n\ta\\x1bb\tc\\xc2\\x9b\\x0d\n\nd"
        );
    }
}
