//! Text that can be part of an SQL text.

/// Bytes that no SQL text can hold: a zero byte, or what is not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("invalid byte sequence for encoding \"UTF8\": 0x{byte:02x} at position {position}")]
pub struct InvalidText {
    /// Where the fault begins, in bytes from the beginning of the text, which is 0.
    pub position: usize,
    /// The byte there.
    pub byte: u8,
}

impl InvalidText {
    /// The error's SQLSTATE: `22021`.
    pub const fn sqlstate(&self) -> &'static str {
        "22021"
    }
}

/// Bytes as the text that they are.
///
/// What is quoted byte by byte and is not valid in the encoding that the server takes it for can swallow the closing quote
/// ([CVE-2025-1094](https://www.postgresql.org/support/security/CVE-2025-1094/)). So all functions of this crate take text, and
/// bytes of unknown origin come through here. The session's `client_encoding` has to be `UTF8`.
///
/// ```
/// use dblink_sqlgen::{quote_literal, valid_text};
///
/// assert_eq!(quote_literal(valid_text(b"caf\xc3\xa9")?)?, "'café'");
///
/// let error = valid_text(b"caf\xc3").unwrap_err();
/// assert_eq!((error.position, error.byte), (3, 0xc3));
/// # Ok::<(), dblink_sqlgen::InvalidText>(())
/// ```
///
/// # Errors
///
/// SQLSTATE `22021` if the bytes are not UTF-8, or if one is zero.
pub fn valid_text(bytes: &[u8]) -> Result<&str, InvalidText> {
    let Some(chunk) = bytes.utf8_chunks().next() else {
        return Ok("");
    };
    let text = refuse_zero(chunk.valid())?;
    match chunk.invalid().first() {
        Some(&byte) => Err(InvalidText {
            position: text.len(),
            byte,
        }),
        None => Ok(text),
    }
}

/// The text, if it can be sent: the protocol ends a string at a zero byte.
pub(crate) fn refuse_zero(text: &str) -> Result<&str, InvalidText> {
    match text.bytes().position(|byte| byte == 0) {
        Some(position) => Err(InvalidText { position, byte: 0 }),
        None => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(bytes: &[u8]) -> (usize, u8) {
        let error = valid_text(bytes).unwrap_err();
        (error.position, error.byte)
    }

    #[test]
    fn utf_8_is_taken_and_nothing_else() {
        for text in ["", "plain", "é", "日本", "\u{10ffff}", "a\u{7f}\u{1}\n"] {
            assert_eq!(valid_text(text.as_bytes()), Ok(text));
        }
        // A lead byte that would swallow the quote, or is the last.
        assert_eq!(refused(b"a\xc3'; drop table t; --"), (1, 0xc3));
        assert_eq!(refused(b"a\xe6\x97"), (1, 0xe6));
        // A second byte that is a backslash in SJIS, BIG5 and GBK.
        assert_eq!(refused(b"\x95\x5c'"), (0, 0x95));
        // Overlong, a surrogate, beyond Unicode, Latin 1.
        assert_eq!(refused(b"\xc0\xa7"), (0, 0xc0));
        assert_eq!(refused(b"\xed\xa0\x80"), (0, 0xed));
        assert_eq!(refused(b"\xf4\x90\x80\x80"), (0, 0xf4));
        assert_eq!(refused(b"caf\xe9"), (3, 0xe9));
    }

    #[test]
    fn the_first_zero_byte_is_told() {
        assert_eq!(refused(b"ab\0c\0"), (2, 0));
        assert_eq!(refused(b"\0\xff"), (0, 0));
        assert_eq!(refused(b"\xff\0"), (0, 0xff));
    }

    #[test]
    fn the_message_is_the_servers_with_a_position() {
        let error = valid_text(b"abc\xff").unwrap_err();
        assert_eq!(
            error.to_string(),
            "invalid byte sequence for encoding \"UTF8\": 0xff at position 3"
        );
        assert_eq!(error.sqlstate(), "22021");
    }
}
