//! The frame around each message: a type byte and a length word.

use super::{BACKEND_LIMIT, DecodeError, DecodeFault};

/// A type byte and a length word.
pub(crate) const HEADER_BYTES: usize = 5;

/// A message's type byte and how long it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The type byte.
    pub tag: u8,
    /// The length word: the body's bytes and the four of the word itself. At least 4.
    pub length: u32,
}

impl Header {
    /// The header at the start of `bytes`, or none if it has not wholly arrived.
    ///
    /// The length word is checked here and nowhere believed: it neither sizes an allocation nor a wait.
    ///
    /// # Errors
    ///
    /// [`DecodeFault::LengthTooSmall`] below 4, [`DecodeFault::LengthTooLarge`] above what `limit` gives for the type
    /// byte. `name` gives the name for the error.
    #[inline]
    pub fn peek(
        bytes: &[u8],
        limit: impl FnOnce(u8) -> u32,
        name: impl FnOnce(u8) -> &'static str,
    ) -> Result<Option<Self>, DecodeError> {
        let Some(&[tag, a, b, c, d]) = bytes.first_chunk::<HEADER_BYTES>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes([a, b, c, d]);
        // A length word has a sign, and none of it is negative.
        let limit = limit(tag).min(BACKEND_LIMIT);
        if length < 4 || length > limit {
            return Err(Self::bad_length(name(tag), length, limit));
        }
        Ok(Some(Self { tag, length }))
    }

    #[cold]
    fn bad_length(message: &'static str, length: u32, limit: u32) -> DecodeError {
        let signed = length.cast_signed();
        let fault = if signed < 4 {
            DecodeFault::LengthTooSmall { length: signed }
        } else {
            DecodeFault::LengthTooLarge { length, limit }
        };
        DecodeError::new(message, fault)
    }

    /// The bytes of the body.
    pub const fn body_bytes(self) -> usize {
        self.frame_bytes() - HEADER_BYTES
    }

    /// The bytes of the whole message, type byte included.
    pub const fn frame_bytes(self) -> usize {
        // A `usize` has 32 bits at least everywhere the standard library's networking runs, and `peek` keeps the length
        // within 31.
        self.length as usize + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peek(bytes: &[u8]) -> Result<Option<Header>, DecodeError> {
        Header::peek(bytes, |_| 1000, |_| "Test")
    }

    #[test]
    fn waits_for_the_whole_header() {
        assert_eq!(peek(b""), Ok(None));
        assert_eq!(peek(b"Z\0\0\0"), Ok(None));
        let header = peek(b"Z\0\0\0\x05").unwrap().unwrap();
        assert_eq!(
            (header.tag, header.body_bytes(), header.frame_bytes()),
            (b'Z', 1, 6)
        );
    }

    #[test]
    fn a_length_is_checked_before_anything_waits_for_it() {
        for length in [0, 1, 2, 3, -1, i32::MIN] {
            let mut bytes = vec![b'Z'];
            bytes.extend(length.to_be_bytes());
            assert_eq!(
                peek(&bytes).unwrap_err().fault,
                DecodeFault::LengthTooSmall { length }
            );
        }
        assert_eq!(
            peek(b"Z\x7f\xff\xff\xff").unwrap_err().to_string(),
            "malformed Test message: its length word is 2147483647, the limit is 1000"
        );
    }
}
