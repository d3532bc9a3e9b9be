//! Writing a message: type byte, length word, fields.

use super::{EncodeError, EncodeFault, Format, WireStr};

/// The bytes of a length word, which counts itself.
const LENGTH_WORD: usize = 4;

/// Writes one message at the end of a buffer.
///
/// The length word is patched when the message is done. Every write checks first that the message stays within its
/// limit, so that no length can wrap (CVE-2024-27304) and nothing is copied that could not be sent; on any failure the
/// buffer is as it was before.
#[derive(Debug)]
pub struct Writer<'b> {
    out: &'b mut Vec<u8>,
    message: &'static str,
    /// Where the length word is.
    start: usize,
    /// The largest value the length word may have.
    limit: usize,
}

impl<'b> Writer<'b> {
    /// Writes the message called `message` at the end of `out`: its type byte, if it has one, then the fields that
    /// `body` writes, with the length word in front of them.
    ///
    /// `limit` is the largest value that the length word may have.
    ///
    /// # Errors
    ///
    /// What `body` returns; `out` is then unchanged.
    pub fn message(
        out: &'b mut Vec<u8>,
        message: &'static str,
        tag: Option<u8>,
        limit: u32,
        body: impl FnOnce(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let before = out.len();
        out.extend(tag);
        let start = out.len();
        out.extend_from_slice(&[0; LENGTH_WORD]);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut writer = Writer {
            out: &mut *out,
            message,
            start,
            limit,
        };
        let result = body(&mut writer).and_then(|()| writer.patch_length());
        if result.is_err() {
            out.truncate(before);
        }
        result
    }

    fn patch_length(&mut self) -> Result<(), EncodeError> {
        // `reserve` kept the length within a limit that is itself a `u32`, so neither of these can fail; were they to,
        // an error is still better than a wrapped length.
        let length = self.out.len() - self.start;
        let word = u32::try_from(length).map_err(|_| self.too_long("length", length))?;
        match self.out.get_mut(self.start..self.start + LENGTH_WORD) {
            Some(slot) => slot.copy_from_slice(&word.to_be_bytes()),
            None => return Err(self.too_long("length", length)),
        }
        Ok(())
    }

    /// Checks that `bytes` more bytes for `field` keep the message within its limit.
    #[inline]
    fn reserve(&mut self, field: &'static str, bytes: usize) -> Result<(), EncodeError> {
        let length = (self.out.len() - self.start).saturating_add(bytes);
        if length > self.limit {
            return Err(self.too_long(field, length));
        }
        Ok(())
    }

    /// Bytes as they are.
    ///
    /// # Errors
    ///
    /// [`EncodeFault::TooLong`] if the message would exceed its limit.
    #[inline]
    pub fn bytes(&mut self, field: &'static str, bytes: &[u8]) -> Result<(), EncodeError> {
        self.reserve(field, bytes.len())?;
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    /// A byte.
    ///
    /// # Errors
    ///
    /// [`EncodeFault::TooLong`] if the message would exceed its limit.
    pub fn byte(&mut self, field: &'static str, byte: u8) -> Result<(), EncodeError> {
        self.bytes(field, &[byte])
    }

    /// An `Int16`.
    ///
    /// # Errors
    ///
    /// [`EncodeFault::TooLong`] if the message would exceed its limit.
    pub fn int16(&mut self, field: &'static str, value: i16) -> Result<(), EncodeError> {
        self.bytes(field, &value.to_be_bytes())
    }

    /// An `Int32`.
    ///
    /// # Errors
    ///
    /// [`EncodeFault::TooLong`] if the message would exceed its limit.
    pub fn int32(&mut self, field: &'static str, value: i32) -> Result<(), EncodeError> {
        self.bytes(field, &value.to_be_bytes())
    }

    /// An `Int32` that holds an object identifier, which has no sign.
    ///
    /// # Errors
    ///
    /// [`EncodeFault::TooLong`] if the message would exceed its limit.
    pub fn oid(&mut self, field: &'static str, oid: u32) -> Result<(), EncodeError> {
        self.bytes(field, &oid.to_be_bytes())
    }

    /// An `Int16` that counts items, without a sign.
    ///
    /// # Errors
    ///
    /// [`EncodeFault::TooMany`] above 65 535 items.
    pub fn count(&mut self, field: &'static str, count: usize) -> Result<(), EncodeError> {
        match u16::try_from(count) {
            Ok(word) => self.bytes(field, &word.to_be_bytes()),
            Err(_) => Err(self.error(EncodeFault::TooMany {
                field,
                count,
                limit: usize::from(u16::MAX),
            })),
        }
    }

    /// An `Int32` that counts items.
    ///
    /// # Errors
    ///
    /// [`EncodeFault::TooMany`] above `i32::MAX` items.
    pub fn count32(&mut self, field: &'static str, count: usize) -> Result<(), EncodeError> {
        match i32::try_from(count) {
            Ok(word) => self.int32(field, word),
            Err(_) => Err(self.error(EncodeFault::TooMany {
                field,
                count,
                limit: usize::try_from(i32::MAX).unwrap_or(usize::MAX),
            })),
        }
    }

    /// A value with its length in front, or -1 for null.
    ///
    /// # Errors
    ///
    /// [`EncodeFault::TooLong`] if the message would exceed its limit.
    #[inline]
    pub fn value(&mut self, field: &'static str, value: Option<&[u8]>) -> Result<(), EncodeError> {
        let Some(value) = value else {
            return self.int32(field, -1);
        };
        self.reserve(field, value.len().saturating_add(LENGTH_WORD))?;
        let length = i32::try_from(value.len()).map_err(|_| self.too_long(field, value.len()))?;
        self.out.extend_from_slice(&length.to_be_bytes());
        self.out.extend_from_slice(value);
        Ok(())
    }

    /// A `String`, with its zero byte. This is the one place where strings are written, so that none with a zero byte
    /// inside can shift the fields behind it.
    ///
    /// # Errors
    ///
    /// [`EncodeFault::ZeroByte`] if there is one inside, [`EncodeFault::TooLong`] if the message would exceed its limit.
    pub fn string(&mut self, field: &'static str, string: WireStr<'_>) -> Result<(), EncodeError> {
        let bytes = string.as_bytes();
        self.reserve(field, bytes.len().saturating_add(1))?;
        if let Some(offset) = bytes.iter().position(|&byte| byte == 0) {
            return Err(self.error(EncodeFault::ZeroByte { field, offset }));
        }
        self.out.extend_from_slice(bytes);
        self.out.push(0);
        Ok(())
    }

    /// A list of format codes with its count in front.
    ///
    /// # Errors
    ///
    /// As [`Writer::count`].
    pub fn formats(&mut self, field: &'static str, formats: &[Format]) -> Result<(), EncodeError> {
        self.count(field, formats.len())?;
        formats
            .iter()
            .try_for_each(|format| self.int16(field, format.code()))
    }

    /// The error for `fault` in the message being written.
    pub const fn error(&self, fault: EncodeFault) -> EncodeError {
        EncodeError::new(self.message, fault)
    }

    #[cold]
    fn too_long(&self, field: &'static str, length: usize) -> EncodeError {
        self.error(EncodeFault::TooLong {
            field,
            length,
            limit: self.limit,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(
        limit: u32,
        body: impl FnOnce(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<Vec<u8>, EncodeError> {
        let mut out = b"before".to_vec();
        let result = Writer::message(&mut out, "Test", Some(b'T'), limit, body);
        assert!(out.starts_with(b"before"), "what was there stays");
        match result {
            Ok(()) => Ok(out.split_off(6)),
            Err(error) => {
                assert_eq!(out, b"before", "a failed message leaves nothing behind");
                Err(error)
            }
        }
    }

    #[test]
    fn writes_each_kind_of_field() {
        let bytes = write(100, |body| {
            body.byte("a", 1)?;
            body.int16("b", -2)?;
            body.int32("c", i32::MIN)?;
            body.oid("d", u32::MAX)?;
            body.string("e", "ab".into())?;
            body.value("f", Some(b"xy"))?;
            body.value("g", None)?;
            body.formats("h", &[Format::Text, Format::Binary])
        });
        assert_eq!(
            bytes.unwrap(),
            b"T\0\0\0\x22\x01\xff\xfe\x80\0\0\0\xff\xff\xff\xffab\0\0\0\0\x02xy\xff\xff\xff\xff\0\x02\0\0\0\x01"
        );
    }

    #[test]
    fn a_zero_byte_is_refused() {
        let error = write(100, |body| body.string("query", "select 1\0drop".into())).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot send Test: field \"query\" contains a zero byte at offset 8"
        );
    }

    #[test]
    fn the_limit_counts_the_length_word_and_holds_for_the_sum_of_fields() {
        assert!(write(8, |body| body.bytes("a", b"1234")).is_ok());
        let error = write(8, |body| {
            body.bytes("a", b"12")?;
            body.bytes("b", b"345")
        });
        assert_eq!(
            error.unwrap_err().to_string(),
            "cannot send Test: field \"b\" makes it 9 bytes long, the limit is 8"
        );
        assert!(
            write(8, |body| body.string("a", "1234".into())).is_err(),
            "the zero byte counts"
        );
        assert!(
            write(8, |body| body.value("a", Some(b"1"))).is_err(),
            "the value's length counts"
        );
    }

    #[test]
    fn a_count_has_sixteen_bits() {
        assert!(write(100, |body| body.count("parameters", 65_535)).is_ok());
        assert_eq!(
            write(100, |body| body.count("parameters", 65_536))
                .unwrap_err()
                .to_string(),
            "cannot send Test: field \"parameters\" has 65536 items, the limit is 65535"
        );
        assert!(write(100, |body| body.count32("n", usize::MAX)).is_err());
    }
}
