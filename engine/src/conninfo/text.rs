//! What both grammars, the files and the options share: cutting bytes, and numbers.

use super::Keyword;
use super::error::ResolveError;

/// Whether C's `isspace` holds for the byte in the locale "C".
pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// The bytes before the first one that `is_end` holds for, and that one with the rest.
pub(super) fn cut(text: &[u8], is_end: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let at = text.iter().position(|&byte| is_end(byte));
    at.and_then(|at| text.split_at_checked(at)).unwrap_or((text, b""))
}

/// The bytes after the blanks they begin with.
pub(super) fn skip_blanks(text: &[u8]) -> &[u8] {
    cut(text, |byte| !is_blank(byte)).1
}

/// The bytes without blanks at either end.
pub(super) fn trim(text: &[u8]) -> &[u8] {
    let mut text = skip_blanks(text);
    while let Some((&last, rest)) = text.split_last()
        && is_blank(last)
    {
        text = rest;
    }
    text
}

/// Bytes for an error message.
pub(super) fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// The number that a value stands for: decimal, with blanks around it, of 32 bits.
pub(super) fn integer(keyword: Keyword, text: &str) -> Result<i32, ResolveError> {
    let number = text.trim_matches(|character| u8::try_from(character).is_ok_and(is_blank));
    number.parse().map_err(|_| ResolveError::InvalidInteger {
        keyword: keyword.name(),
        value: text.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_those_of_strtol() {
        for (text, number) in [
            ("0", 0),
            (" \t7\x0b\r\n", 7),
            ("+5", 5),
            ("-5", -5),
            ("007", 7),
            ("-2147483648", i32::MIN),
        ] {
            assert_eq!(integer(Keyword::Port, text), Ok(number), "{text}");
        }
        for text in [
            "",
            " ",
            "+",
            "--1",
            "+ 5",
            "5x",
            "0x10",
            "1 2",
            "1_0",
            "2147483648",
            "٣",
            "\u{a0}5",
        ] {
            assert_eq!(
                integer(Keyword::Port, text).unwrap_err().to_string(),
                format!("invalid integer value \"{text}\" for connection option \"port\"")
            );
        }
    }

    #[test]
    fn cuts_and_trims() {
        assert_eq!(cut(b"a=b=c", |byte| byte == b'='), (&b"a"[..], &b"=b=c"[..]));
        assert_eq!(cut(b"abc", |byte| byte == b'='), (&b"abc"[..], &b""[..]));
        assert_eq!(skip_blanks(b" \t\r\n\x0b\x0ca "), b"a ");
        assert_eq!(trim(b" \x0b a b\x0c\r\n"), b"a b");
        assert_eq!(trim(b" \n"), b"");
        assert!(!is_blank(0xa0) && !is_blank(0x1f) && !is_blank(0));
    }
}
