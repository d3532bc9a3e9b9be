//! Reading a message's fields from its body.

use super::{DecodeError, DecodeFault, Format, WireStr};

/// Reads the fields of one message from a body that is already cut to its declared length.
///
/// Every method takes the field's name, as PostgreSQL's manual has it, so that every failure says where it is.
/// Nothing here allocates, and no length or count is believed before the bytes it speaks of are there.
#[derive(Debug)]
pub struct Reader<'a> {
    message: &'static str,
    last_field: &'static str,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first byte of `body`, the body of the message called `message`.
    pub const fn new(message: &'static str, body: &'a [u8]) -> Self {
        Self {
            message,
            last_field: "length",
            rest: body,
        }
    }

    /// How many bytes have not been read yet.
    pub const fn left(&self) -> usize {
        self.rest.len()
    }

    /// The error for `fault` in the message being read.
    pub const fn error(&self, fault: DecodeFault) -> DecodeError {
        DecodeError::new(self.message, fault)
    }

    /// The next `length` bytes.
    ///
    /// # Errors
    ///
    /// [`DecodeFault::Short`] if fewer are left.
    #[inline]
    pub fn take(&mut self, field: &'static str, length: usize) -> Result<&'a [u8], DecodeError> {
        self.last_field = field;
        match self.rest.split_at_checked(length) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(self.short(field, length)),
        }
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    ///
    /// [`DecodeFault::Short`] if fewer are left.
    #[inline]
    pub fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        self.last_field = field;
        match self.rest.split_first_chunk::<N>() {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(*taken)
            }
            None => Err(self.short(field, N)),
        }
    }

    /// A byte.
    ///
    /// # Errors
    ///
    /// [`DecodeFault::Short`] if none is left.
    #[inline]
    pub fn byte(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        self.array::<1>(field).map(|[byte]| byte)
    }

    /// An `Int16`.
    ///
    /// # Errors
    ///
    /// [`DecodeFault::Short`] if fewer than two bytes are left.
    #[inline]
    pub fn int16(&mut self, field: &'static str) -> Result<i16, DecodeError> {
        self.array(field).map(i16::from_be_bytes)
    }

    /// An `Int32`.
    ///
    /// # Errors
    ///
    /// [`DecodeFault::Short`] if fewer than four bytes are left.
    #[inline]
    pub fn int32(&mut self, field: &'static str) -> Result<i32, DecodeError> {
        self.array(field).map(i32::from_be_bytes)
    }

    /// An `Int32` that holds an object identifier, which has no sign.
    ///
    /// # Errors
    ///
    /// [`DecodeFault::Short`] if fewer than four bytes are left.
    #[inline]
    pub fn oid(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.array(field).map(u32::from_be_bytes)
    }

    /// An `Int16` that counts items of at least `item_bytes` bytes each. It has no sign: PostgreSQL itself counts
    /// up to 65 535.
    ///
    /// The count is checked against the bytes that are left, so that it may size an allocation.
    ///
    /// # Errors
    ///
    /// [`DecodeFault::Short`] if the count, or the items it announces, are not there.
    pub fn count(&mut self, field: &'static str, item_bytes: usize) -> Result<usize, DecodeError> {
        let count = usize::from(self.array(field).map(u16::from_be_bytes)?);
        self.check_items(field, count, item_bytes)
    }

    /// The same with an `Int32`, which may not be negative.
    ///
    /// # Errors
    ///
    /// [`DecodeFault::BadValue`] if it is negative, [`DecodeFault::Short`] if the count or the items are not there.
    pub fn count32(&mut self, field: &'static str, item_bytes: usize) -> Result<usize, DecodeError> {
        let count = self.int32(field)?;
        match usize::try_from(count) {
            Ok(count) => self.check_items(field, count, item_bytes),
            Err(_) => Err(self.bad_value(field, count)),
        }
    }

    fn check_items(
        &self,
        field: &'static str,
        count: usize,
        item_bytes: usize,
    ) -> Result<usize, DecodeError> {
        let needed = count.saturating_mul(item_bytes);
        if needed > self.left() {
            return Err(self.short(field, needed));
        }
        Ok(count)
    }

    /// A value with its length in front: an `Int32` and that many bytes, or -1 for null.
    ///
    /// # Errors
    ///
    /// [`DecodeFault::BadLength`] for any other negative length, [`DecodeFault::Short`] if the bytes are not there.
    #[inline]
    pub fn value(&mut self, field: &'static str) -> Result<Option<&'a [u8]>, DecodeError> {
        let length = self.int32(field)?;
        match usize::try_from(length) {
            Ok(bytes) => self.take(field, bytes).map(Some),
            Err(_) if length == -1 => Ok(None),
            Err(_) => Err(self.error(DecodeFault::BadLength { field, length })),
        }
    }

    /// A `String`: bytes up to a zero byte, which is consumed and not part of it.
    ///
    /// # Errors
    ///
    /// [`DecodeFault::Unterminated`] if no zero byte follows.
    pub fn string(&mut self, field: &'static str) -> Result<WireStr<'a>, DecodeError> {
        self.last_field = field;
        let end = self.rest.iter().position(|&byte| byte == 0);
        match end.and_then(|end| Some((self.rest.get(..end)?, self.rest.get(end + 1..)?))) {
            Some((string, rest)) => {
                self.rest = rest;
                Ok(WireStr::new(string))
            }
            None => Err(self.error(DecodeFault::Unterminated { field })),
        }
    }

    /// A format code.
    ///
    /// # Errors
    ///
    /// [`DecodeFault::BadValue`] if it is neither 0 nor 1, [`DecodeFault::Short`] if it is not there.
    pub fn format(&mut self, field: &'static str) -> Result<Format, DecodeError> {
        let code = self.int16(field)?;
        Format::from_code(code).ok_or_else(|| self.bad_value(field, code))
    }

    /// A list of format codes with its count in front.
    ///
    /// # Errors
    ///
    /// As [`Reader::count`] and [`Reader::format`].
    pub fn formats(&mut self, field: &'static str) -> Result<Vec<Format>, DecodeError> {
        (0..self.count(field, 2)?).map(|_| self.format(field)).collect()
    }

    /// All that is left.
    pub const fn rest(&mut self, field: &'static str) -> &'a [u8] {
        self.last_field = field;
        let rest = self.rest;
        self.rest = &[];
        rest
    }

    /// Ends the message.
    ///
    /// # Errors
    ///
    /// [`DecodeFault::Trailing`] if bytes are left.
    pub const fn finish(self) -> Result<(), DecodeError> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(self.error(DecodeFault::Trailing {
            field: self.last_field,
            bytes: self.rest.len(),
        }))
    }

    /// The error for a field whose value is none that the protocol knows.
    pub fn bad_value(&self, field: &'static str, value: impl Into<i64>) -> DecodeError {
        self.error(DecodeFault::BadValue {
            field,
            value: value.into(),
        })
    }

    #[cold]
    fn short(&self, field: &'static str, needed: usize) -> DecodeError {
        self.error(DecodeFault::Short {
            field,
            needed,
            left: self.left(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(body: &[u8]) -> Reader<'_> {
        Reader::new("Test", body)
    }

    #[test]
    fn reads_each_kind_of_field() {
        let mut body =
            reader(b"\x01\xff\xfe\x80\0\0\0\xff\xff\xff\xffab\0\0\0\0\x02xy\xff\xff\xff\xff\0\x01rest");
        assert_eq!(body.byte("a"), Ok(1));
        assert_eq!(body.int16("b"), Ok(-2));
        assert_eq!(body.int32("c"), Ok(i32::MIN));
        assert_eq!(body.oid("d"), Ok(u32::MAX));
        assert_eq!(body.string("e"), Ok(WireStr::from("ab")));
        assert_eq!(body.value("f"), Ok(Some(&b"xy"[..])));
        assert_eq!(body.value("g"), Ok(None));
        assert_eq!(body.format("h"), Ok(Format::Binary));
        assert_eq!(body.left(), 4);
        assert_eq!(body.rest("i"), b"rest");
        assert_eq!(body.finish(), Ok(()));
    }

    #[test]
    fn a_short_field_is_named() {
        let error = reader(b"\0\0\0").int32("processId").unwrap_err();
        assert_eq!(
            error.to_string(),
            "malformed Test message: field \"processId\" needs 4 bytes, the body has 3 left"
        );
    }

    #[test]
    fn an_unterminated_string_is_named() {
        let error = reader(b"abc").string("channel").unwrap_err();
        assert_eq!(
            error.to_string(),
            "malformed Test message: field \"channel\" has no terminating zero byte"
        );
    }

    #[test]
    fn trailing_bytes_are_counted() {
        let mut body = reader(b"\x01abc");
        body.byte("status").unwrap();
        assert_eq!(
            body.finish().unwrap_err().to_string(),
            "malformed Test message: 3 bytes follow its last field \"status\""
        );
    }

    #[test]
    fn only_minus_one_is_null() {
        for length in [-2, i32::MIN] {
            let bytes = length.to_be_bytes();
            assert_eq!(
                reader(&bytes).value("value").unwrap_err().fault,
                DecodeFault::BadLength {
                    field: "value",
                    length
                }
            );
        }
        assert_eq!(
            reader(b"\x7f\xff\xff\xffab").value("value").unwrap_err().fault,
            DecodeFault::Short {
                field: "value",
                needed: 0x7fff_ffff,
                left: 2
            }
        );
    }

    #[test]
    fn a_count_is_checked_against_the_bytes_that_are_there() {
        assert_eq!(reader(b"\0\x02\0\0\0\0").count("n", 2), Ok(2));
        assert_eq!(
            reader(b"\xff\xff\0\0").count("n", 4).unwrap_err().fault,
            DecodeFault::Short {
                field: "n",
                needed: 262_140,
                left: 2
            }
        );
        assert_eq!(
            reader(b"\xff\xff\xff\xff").count32("n", 1).unwrap_err().fault,
            DecodeFault::BadValue {
                field: "n",
                value: -1
            }
        );
        assert!(reader(b"\x7f\xff\xff\xff").count32("n", usize::MAX).is_err());
    }

    #[test]
    fn a_format_is_text_or_binary() {
        assert_eq!(
            reader(b"\0\x02\0\0\0\x01").formats("f"),
            Ok(vec![Format::Text, Format::Binary])
        );
        assert_eq!(
            reader(b"\0\x02").format("f").unwrap_err().fault,
            DecodeFault::BadValue { field: "f", value: 2 }
        );
    }
}
