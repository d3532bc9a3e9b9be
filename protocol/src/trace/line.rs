//! The lines, and the fields they are made of.

use std::fmt::Display;

use crate::ProtocolVersion;
use crate::wire::{DecodeError, DecodeFault, Format, WireStr};

/// What a line shows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Options {
    /// Leave out what differs from one run to the next.
    pub(super) regress: bool,
    /// Show what authenticates and cancels.
    pub(super) reveal_secrets: bool,
}

/// Who sent a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    Frontend,
    Backend,
}

/// Where the lines of one chunk go.
#[derive(Debug)]
pub(super) struct Printer<'o> {
    pub(super) out: &'o mut String,
    pub(super) timestamp: Option<&'o str>,
    pub(super) options: Options,
}

impl Printer<'_> {
    /// One message's line. Without a length, there is `NN` in its column.
    pub(super) fn line(
        &mut self,
        sender: Sender,
        length: Option<u32>,
        name: &str,
        fields: impl FnOnce(&mut Line<'_>),
    ) {
        if let Some(timestamp) = self.timestamp {
            self.out.push_str(timestamp);
            self.out.push('\t');
        }
        self.out.push_str(match sender {
            Sender::Frontend => "F\t",
            Sender::Backend => "B\t",
        });
        match length {
            Some(length) => self.out.push_str(&length.to_string()),
            None => self.out.push_str("NN"),
        }
        self.out.push('\t');
        self.out.push_str(name);
        fields(&mut Line {
            out: self.out,
            options: self.options,
            separator: "\t ",
        });
        self.out.push('\n');
    }

    /// The line of a message that cannot be read, and what is wrong with it.
    pub(super) fn unreadable(&mut self, sender: Sender, length: Option<u32>, error: DecodeError) {
        if let DecodeFault::UnknownType { tag } = error.fault {
            self.line(sender, length, &format!("Unknown message: {tag:02x}"), |_| {});
        } else {
            self.line(sender, length, error.message, |_| {});
            self.remark(error);
        }
    }

    /// A line that is about the trace.
    pub(super) fn remark(&mut self, text: impl Display) {
        self.out.push_str(&text.to_string());
        self.out.push('\n');
    }
}

/// A line that is being written, behind the message's name. Every method adds one field, or one list of fields.
#[derive(Debug)]
pub(super) struct Line<'o> {
    out: &'o mut String,
    options: Options,
    /// What stands in front of the next field.
    separator: &'static str,
}

impl Line<'_> {
    /// A single byte.
    pub(super) fn byte(&mut self, byte: u8) {
        self.separate();
        self.ascii(byte);
    }

    /// An `Int16`, which libpq prints without a sign.
    pub(super) fn int16(&mut self, number: i16) {
        self.plain(number.cast_unsigned());
    }

    pub(super) fn int32(&mut self, number: i32) {
        self.plain(number);
    }

    /// An `Int32` that differs from one run to the next.
    pub(super) fn varying_int32(&mut self, number: i32) {
        if self.options.regress {
            self.plain("NNNN");
        } else {
            self.int32(number);
        }
    }

    /// An object identifier, which libpq prints with a sign.
    pub(super) fn oid(&mut self, oid: u32) {
        self.varying_int32(oid.cast_signed());
    }

    /// A list of object identifiers with its count in front.
    pub(super) fn oids(&mut self, oids: &[u32]) {
        self.count(oids.len());
        oids.iter().for_each(|&oid| self.oid(oid));
    }

    /// How many items follow.
    pub(super) fn count(&mut self, count: usize) {
        self.plain(count);
    }

    /// A protocol version, or a request code, as two `Int16`.
    pub(super) fn version(&mut self, version: ProtocolVersion) {
        self.plain(version.major);
        self.plain(version.minor);
    }

    pub(super) fn format(&mut self, format: Format) {
        self.int16(format.code());
    }

    /// A list of format codes with its count in front.
    pub(super) fn formats(&mut self, formats: &[Format]) {
        self.count(formats.len());
        formats.iter().for_each(|&format| self.format(format));
    }

    /// A string; what could steer a terminal, or end the line, as `\xHH`.
    pub(super) fn string(&mut self, string: WireStr<'_>) {
        self.separate();
        self.out.push('"');
        for chunk in string.as_bytes().utf8_chunks() {
            for character in chunk.valid().chars() {
                if character.is_control() {
                    let mut buffer = [0; 4];
                    self.escape(character.encode_utf8(&mut buffer).as_bytes());
                } else {
                    self.out.push(character);
                }
            }
            self.escape(chunk.invalid());
        }
        self.out.push('"');
    }

    /// A string that differs from one version of the server to the next.
    pub(super) fn varying_string(&mut self, string: WireStr<'_>) {
        if self.options.regress {
            self.plain("\"SSSS\"");
        } else {
            self.string(string);
        }
    }

    /// A string that authenticates. libpq's regress mode shows it.
    pub(super) fn secret_string(&mut self, string: WireStr<'_>) {
        if self.options.reveal_secrets {
            self.string(string);
        } else {
            self.plain("\"***\"");
        }
    }

    /// Bytes; those that are no printable ASCII as `\xHH`.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.separate();
        self.out.push('\'');
        bytes.iter().for_each(|&byte| self.ascii(byte));
        self.out.push('\'');
    }

    /// Bytes that differ from one run to the next.
    pub(super) fn varying_bytes(&mut self, bytes: &[u8]) {
        if self.options.regress {
            self.plain("'BBBB'");
        } else {
            self.bytes(bytes);
        }
    }

    /// Bytes that authenticate or cancel.
    pub(super) fn secret_bytes(&mut self, bytes: &[u8]) {
        if self.options.regress || self.options.reveal_secrets {
            self.varying_bytes(bytes);
        } else {
            self.plain("'***'");
        }
    }

    /// A value with its length in front, or the length -1 for null.
    pub(super) fn value(&mut self, value: Option<&[u8]>) {
        match value {
            Some(bytes) => {
                self.count(bytes.len());
                self.bytes(bytes);
            }
            None => self.int32(-1),
        }
    }

    /// A list of values with its count in front.
    pub(super) fn values(&mut self, values: &[Option<&[u8]>]) {
        self.count(values.len());
        values.iter().for_each(|&value| self.value(value));
    }

    fn plain(&mut self, field: impl Display) {
        self.separate();
        self.out.push_str(&field.to_string());
    }

    fn separate(&mut self) {
        self.out.push_str(self.separator);
        self.separator = " ";
    }

    fn ascii(&mut self, byte: u8) {
        if byte == b' ' || byte.is_ascii_graphic() {
            self.out.push(char::from(byte));
        } else {
            self.escape(&[byte]);
        }
    }

    fn escape(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.out.push_str(&format!("\\x{byte:02x}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(fields: impl FnOnce(&mut Line<'_>)) -> String {
        let mut out = String::new();
        let options = Options::default();
        Printer {
            out: &mut out,
            timestamp: None,
            options,
        }
        .line(Sender::Backend, Some(4), "Test", fields);
        out
    }

    #[test]
    fn the_first_field_has_a_tab_in_front() {
        assert_eq!(line(|_| {}), "B\t4\tTest\n");
        assert_eq!(line(|line| line.int32(-7)), "B\t4\tTest\t -7\n");
        assert_eq!(
            line(|line| {
                line.byte(b'S');
                line.string("s".into());
            }),
            "B\t4\tTest\t S \"s\"\n"
        );
    }

    #[test]
    fn numbers_have_the_signs_that_libpq_gives_them() {
        let text = line(|line| {
            line.int16(-1);
            line.int32(-1);
            line.oid(u32::MAX);
            line.count(65_535);
        });
        assert_eq!(text, "B\t4\tTest\t 65535 -1 -1 65535\n");
    }

    #[test]
    fn a_string_steers_no_terminal_and_ends_no_line() {
        let string = "a\tb\nc\r\u{1b}]0;x\u{7}\u{7f}\u{9b}31m \"ratón\\".into();
        assert_eq!(
            line(|line| line.string(string)),
            "B\t4\tTest\t \"a\\x09b\\x0ac\\x0d\\x1b]0;x\\x07\\x7f\\xc2\\x9b31m \"ratón\\\"\n"
        );
        assert_eq!(
            line(|line| line.string(WireStr::new(b"rat\xf3n"))),
            "B\t4\tTest\t \"rat\\xf3n\"\n"
        );
    }

    #[test]
    fn bytes_are_printable_ascii_or_escaped() {
        assert_eq!(
            line(|line| line.bytes(b" ~'\\\x1f\x7f\x80\xff\0")),
            "B\t4\tTest\t ' ~'\\\\x1f\\x7f\\x80\\xff\\x00'\n"
        );
        assert_eq!(line(|line| line.byte(0)), "B\t4\tTest\t \\x00\n");
    }

    #[test]
    fn values_have_their_lengths_in_front() {
        assert_eq!(
            line(|line| line.values(&[Some(b"hi"), None, Some(b"")])),
            "B\t4\tTest\t 3 2 'hi' -1 0 ''\n"
        );
    }
}
