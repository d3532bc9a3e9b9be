//! The field list of ErrorResponse and NoticeResponse.

use std::fmt;

use super::FieldCode;
use crate::wire::{DecodeError, EncodeError, Reader, WireStr, Writer};

/// The fields of an error or a notice, in the order in which the server sent them.
///
/// They stay where they were received; a [`Diagnostic`](super::Diagnostic) owns a copy. Unknown codes and repeated ones
/// are kept.
///
/// ```
/// use dblink_protocol::backend::{ErrorResponse, FieldCode};
/// use dblink_protocol::wire::Message;
///
/// let error = ErrorResponse::decode(b"SERROR\0C42P01\0Moops\0\0")?;
/// assert_eq!(error.fields.get(FieldCode::MESSAGE), Some("oops".into()));
/// assert_eq!(error.fields.iter().count(), 3);
/// # Ok::<(), dblink_protocol::wire::DecodeError>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Fields<'a> {
    /// The body without the zero byte at its end: for each field a code, which is not zero, and a string with its zero
    /// byte.
    bytes: &'a [u8],
}

impl<'a> Fields<'a> {
    /// Each field's code and value.
    pub fn iter(self) -> impl Iterator<Item = (FieldCode, WireStr<'a>)> {
        let mut rest = Reader::new("fields", self.bytes);
        // The bytes were checked when they were received, so that nothing ends the iteration early.
        std::iter::from_fn(move || {
            let code = rest.byte("field type").ok()?;
            let value = rest.string("field value").ok()?;
            Some((FieldCode(code), value))
        })
    }

    /// The value of the first field with this code.
    pub fn get(self, code: FieldCode) -> Option<WireStr<'a>> {
        self.iter()
            .find_map(|(found, value)| (found == code).then_some(value))
    }

    /// The fields with these bytes, which [`Fields::as_bytes`] gave or [`Fields::read`] would take.
    pub(super) const fn from_checked(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(super) const fn as_bytes(self) -> &'a [u8] {
        self.bytes
    }

    pub(super) fn read(message: &'static str, body: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let bytes = body.rest("fields");
        let mut rest = Reader::new(message, bytes);
        while rest.byte("field type")? != 0 {
            rest.string("field value")?;
        }
        rest.finish()?;
        Ok(Self {
            bytes: bytes.strip_suffix(b"\0").unwrap_or(bytes),
        })
    }

    pub(super) fn write(self, body: &mut Writer<'_>) -> Result<(), EncodeError> {
        body.bytes("fields", self.bytes)?;
        body.byte("terminator", 0)
    }
}

/// The fields' names and values.
impl fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::ErrorResponse;
    use crate::wire::Message;

    fn fields(body: &[u8]) -> Fields<'_> {
        ErrorResponse::decode(body).unwrap().fields
    }

    #[test]
    fn order_unknown_codes_and_repetitions_are_kept() {
        let fields = fields(b"Mfirst\0Y?\0Msecond\0C\0\0");
        let list: Vec<_> = fields.iter().collect();
        assert_eq!(
            list,
            [
                (FieldCode::MESSAGE, "first".into()),
                (FieldCode(b'Y'), "?".into()),
                (FieldCode::MESSAGE, "second".into()),
                (FieldCode::CODE, "".into()),
            ]
        );
        assert_eq!(fields.get(FieldCode::MESSAGE), Some("first".into()));
        assert_eq!(fields.get(FieldCode::CODE), Some("".into()));
        assert_eq!(fields.get(FieldCode::HINT), None);
        assert_eq!(
            format!("{fields:?}"),
            r#"{Message: "first", 0x59: "?", Message: "second", Code: ""}"#
        );
    }

    #[test]
    fn bytes_behind_the_last_field_are_an_error() {
        assert_eq!(
            ErrorResponse::decode(b"Moops\0\0Mmore\0\0")
                .unwrap_err()
                .to_string(),
            "malformed ErrorResponse message: 7 bytes follow its last field \"field type\""
        );
    }
}
