//! Strings as the wire carries them.

use std::borrow::Cow;
use std::fmt;
use std::str::Utf8Error;

/// A string of the wire: bytes in the session's `client_encoding`, without a zero byte at the end.
///
/// It is UTF-8 in nearly every session, and always can't be relied on: before the session's encoding is set, and in
/// databases whose encoding is `SQL_ASCII`, a server sends the bytes it has.
///
/// ```
/// use dblink_protocol::wire::WireStr;
///
/// let name = WireStr::from("ratón");
/// assert_eq!(name, "ratón");
/// assert_eq!(name.to_str(), Ok("ratón"));
/// assert_eq!(WireStr::new(b"rat\xf3n").to_string(), "rat\u{fffd}n");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WireStr<'a>(&'a [u8]);

impl<'a> WireStr<'a> {
    /// The string with these bytes.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes as received or given.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Whether there are no bytes.
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The string, if it is UTF-8.
    ///
    /// # Errors
    ///
    /// Where it is not.
    pub const fn to_str(self) -> Result<&'a str, Utf8Error> {
        str::from_utf8(self.0)
    }

    /// The string, with U+FFFD for each sequence that is not UTF-8.
    pub fn to_string_lossy(self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.0)
    }
}

impl<'a> From<&'a str> for WireStr<'a> {
    fn from(string: &'a str) -> Self {
        Self(string.as_bytes())
    }
}

impl<'a> From<&'a String> for WireStr<'a> {
    fn from(string: &'a String) -> Self {
        Self(string.as_bytes())
    }
}

impl<'a> From<&'a [u8]> for WireStr<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

/// A [`WireStr`] that owns its bytes.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WireString(Box<[u8]>);

impl WireString {
    /// The string, borrowed.
    pub const fn as_wire_str(&self) -> WireStr<'_> {
        WireStr::new(&self.0)
    }

    /// The bytes as received or given.
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The string, if it is UTF-8.
    ///
    /// # Errors
    ///
    /// Where it is not.
    pub const fn to_str(&self) -> Result<&str, Utf8Error> {
        self.as_wire_str().to_str()
    }
}

impl From<WireStr<'_>> for WireString {
    fn from(string: WireStr<'_>) -> Self {
        Self(string.0.into())
    }
}

impl From<&str> for WireString {
    fn from(string: &str) -> Self {
        Self(string.as_bytes().into())
    }
}

impl<'a> From<&'a WireString> for WireStr<'a> {
    fn from(string: &'a WireString) -> Self {
        string.as_wire_str()
    }
}

impl PartialEq<str> for WireString {
    fn eq(&self, other: &str) -> bool {
        self.as_wire_str() == *other
    }
}

impl PartialEq<&str> for WireString {
    fn eq(&self, other: &&str) -> bool {
        self.as_wire_str() == **other
    }
}

/// As [`WireStr::to_string_lossy`].
impl fmt::Display for WireString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_wire_str().fmt(f)
    }
}

/// As the [`WireStr`] prints.
impl fmt::Debug for WireString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.as_wire_str(), f)
    }
}

impl PartialEq<str> for WireStr<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for WireStr<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

/// As [`WireStr::to_string_lossy`].
impl fmt::Display for WireStr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                f.write_str("\u{fffd}")?;
            }
        }
        Ok(())
    }
}

/// Quoted, with the bytes that are not UTF-8 as `\xHH`.
impl fmt::Debug for WireStr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for chunk in self.0.utf8_chunks() {
            write!(f, "{}", chunk.valid().escape_debug())?;
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        f.write_str("\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_is_not_utf8() {
        let string = WireStr::new(b"a\xff\"b");
        assert_eq!(string.to_string(), "a\u{fffd}\"b");
        assert_eq!(format!("{string:?}"), r#""a\xff\"b""#);
        assert!(string.to_str().is_err());
        assert_eq!(string.to_string_lossy(), "a\u{fffd}\"b");
    }
}
