//! The key that allows to cancel.

use std::fmt;
use std::ops::RangeInclusive;

use super::{DecodeError, DecodeFault, EncodeError, EncodeFault, Reader, Writer};

/// The secret key of a session: BackendKeyData hands it out, and CancelRequest must show it.
///
/// On the wire it has 4 to 256 bytes; in protocol 3.0 it has 4. `Debug` does not print it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretKey<'a>(&'a [u8]);

const FIELD: &str = "secret key";
const BYTES: RangeInclusive<usize> = 4..=256;

impl<'a> SecretKey<'a> {
    /// The key with these bytes.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes as received or given.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Reads the key, which is all the rest of the body.
    ///
    /// # Errors
    ///
    /// [`DecodeFault::BadLength`] if that is less than 4 bytes or more than 256.
    pub(crate) fn read(body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let bytes = body.rest(FIELD);
        if BYTES.contains(&bytes.len()) {
            return Ok(Self(bytes));
        }
        let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
        Err(body.error(DecodeFault::BadLength { field: FIELD, length }))
    }

    /// Writes the key.
    ///
    /// # Errors
    ///
    /// [`EncodeFault::BadValue`], with the length, if it has less than 4 bytes or more than 256.
    pub(crate) fn write(self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        if BYTES.contains(&self.0.len()) {
            return body.bytes(FIELD, self.0);
        }
        let value = i64::try_from(self.0.len()).unwrap_or(i64::MAX);
        Err(body.error(EncodeFault::BadValue { field: FIELD, value }))
    }
}

impl<'a> From<&'a [u8]> for SecretKey<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

/// Who knows the key can cancel the session's queries, so it stays out of logs.
impl fmt::Debug for SecretKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_keeps_the_secret() {
        assert_eq!(format!("{:?}", SecretKey::new(b"abcd")), "***");
    }

    #[test]
    fn has_4_to_256_bytes() {
        for (length, fits) in [(0, false), (3, false), (4, true), (256, true), (257, false)] {
            let bytes = vec![b'k'; length];
            let key = SecretKey::new(&bytes);

            let mut out = Vec::new();
            let written = Writer::message(&mut out, "Test", None, 1000, |body| key.write(body));
            let read = SecretKey::read(&mut Reader::new("Test", &bytes));
            if fits {
                assert_eq!((written, read), (Ok(()), Ok(key)));
                assert_eq!(&out[4..], bytes);
            } else {
                let value = i64::try_from(length).unwrap();
                assert_eq!(
                    written.unwrap_err().fault,
                    EncodeFault::BadValue {
                        field: "secret key",
                        value
                    }
                );
                let length = i32::try_from(length).unwrap();
                assert_eq!(
                    read.unwrap_err().fault,
                    DecodeFault::BadLength {
                        field: "secret key",
                        length
                    }
                );
            }
        }
    }
}
