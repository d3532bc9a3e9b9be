//! An error or a notice to keep.

use std::fmt;

use super::{ErrorResponse, FieldCode, Fields, NoticeResponse, Severity};
use crate::SqlState;
use crate::wire::{BACKEND_LIMIT, EncodeError, EncodeFault, Message, WireStr, Writer};

/// An error or a notice, with all fields that the server sent: an own copy of [`Fields`].
///
/// ```
/// use dblink_protocol::backend::{Diagnostic, ErrorResponse, Severity};
/// use dblink_protocol::wire::Message;
///
/// let body = b"SFEHLER\0VERROR\0C42P01\0Mrelation \"x\" does not exist\0P15\0\0";
/// let error = Diagnostic::from(ErrorResponse::decode(body)?);
/// assert_eq!(error.severity(), Severity::Error);
/// assert_eq!(error.position(), Some(15));
/// assert_eq!(error.to_string(), r#"ERROR: relation "x" does not exist (SQLSTATE 42P01)"#);
/// # Ok::<(), dblink_protocol::wire::DecodeError>(())
/// ```
///
/// PostgreSQL manual: [Error and Notice Message Fields](https://www.postgresql.org/docs/current/protocol-error-fields.html).
#[derive(Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What [`Fields`] borrows.
    bytes: Box<[u8]>,
}

impl Diagnostic {
    /// The diagnostic with these fields, in this order: for servers.
    ///
    /// # Errors
    ///
    /// [`EncodeFault::BadValue`] for the code zero, which ends the list; [`EncodeFault::ZeroByte`] for a value with a
    /// zero byte inside; [`EncodeFault::TooLong`] if no message can hold the fields.
    pub fn new<'f>(fields: impl IntoIterator<Item = (FieldCode, WireStr<'f>)>) -> Result<Self, EncodeError> {
        let mut message = Vec::new();
        Writer::message(&mut message, ErrorResponse::NAME, None, BACKEND_LIMIT, |body| {
            for (code, value) in fields {
                if code.0 == 0 {
                    return Err(body.error(EncodeFault::BadValue {
                        field: "field type",
                        value: 0,
                    }));
                }
                body.byte("field type", code.0)?;
                body.string("field value", value)?;
            }
            Ok(())
        })?;
        let bytes = message.get(size_of::<u32>()..).unwrap_or_default();
        Ok(Self::from(Fields::from_checked(bytes)))
    }

    /// All fields, in the order in which the server sent them.
    pub fn fields(&self) -> Fields<'_> {
        Fields::from_checked(&self.bytes)
    }

    /// How bad it is: the field that is never translated, or from servers before 9.6 the one that may be.
    pub fn severity(&self) -> Severity {
        self.get(FieldCode::SEVERITY_NOT_LOCALIZED)
            .or_else(|| self.severity_text())
            .map_or(Severity::Unknown, Severity::from_name)
    }

    /// How bad it is, in the language of the server's messages.
    pub fn severity_text(&self) -> Option<WireStr<'_>> {
        self.get(FieldCode::SEVERITY)
    }

    /// Which error or warning it is; none too if what the server sent is no SQLSTATE.
    pub fn sqlstate(&self) -> Option<SqlState> {
        self.get(FieldCode::CODE)
            .and_then(|code| SqlState::from_bytes(code.as_bytes()))
    }

    /// What happened, usually in one line.
    pub fn message(&self) -> Option<WireStr<'_>> {
        self.get(FieldCode::MESSAGE)
    }

    /// More about what happened; may have several lines.
    pub fn detail(&self) -> Option<WireStr<'_>> {
        self.get(FieldCode::DETAIL)
    }

    /// What to do about it; may have several lines.
    pub fn hint(&self) -> Option<WireStr<'_>> {
        self.get(FieldCode::HINT)
    }

    /// Where in the query it is, in characters (not bytes) from 1.
    pub fn position(&self) -> Option<u32> {
        self.number(FieldCode::POSITION)
    }

    /// Where in [`Diagnostic::internal_query`] it is, in characters (not bytes) from 1.
    pub fn internal_position(&self) -> Option<u32> {
        self.number(FieldCode::INTERNAL_POSITION)
    }

    /// The text of the query that failed, where the server made it itself: in a PL/pgSQL function for example.
    pub fn internal_query(&self) -> Option<WireStr<'_>> {
        self.get(FieldCode::INTERNAL_QUERY)
    }

    /// What the server was doing, innermost first, one line each. The manual calls it "Where".
    pub fn context(&self) -> Option<WireStr<'_>> {
        self.get(FieldCode::WHERE)
    }

    /// The schema that it is about.
    pub fn schema(&self) -> Option<WireStr<'_>> {
        self.get(FieldCode::SCHEMA_NAME)
    }

    /// The table that it is about.
    pub fn table(&self) -> Option<WireStr<'_>> {
        self.get(FieldCode::TABLE_NAME)
    }

    /// The column that it is about.
    pub fn column(&self) -> Option<WireStr<'_>> {
        self.get(FieldCode::COLUMN_NAME)
    }

    /// The data type that it is about.
    pub fn data_type(&self) -> Option<WireStr<'_>> {
        self.get(FieldCode::DATA_TYPE_NAME)
    }

    /// The constraint that it is about. Indexes are treated as constraints.
    pub fn constraint(&self) -> Option<WireStr<'_>> {
        self.get(FieldCode::CONSTRAINT_NAME)
    }

    /// The file of the server's source that reported it.
    pub fn file(&self) -> Option<WireStr<'_>> {
        self.get(FieldCode::FILE)
    }

    /// The line in [`Diagnostic::file`].
    pub fn line(&self) -> Option<u32> {
        self.number(FieldCode::LINE)
    }

    /// The function in [`Diagnostic::file`].
    pub fn routine(&self) -> Option<WireStr<'_>> {
        self.get(FieldCode::ROUTINE)
    }

    fn get(&self, code: FieldCode) -> Option<WireStr<'_>> {
        self.fields().get(code)
    }

    fn number(&self, code: FieldCode) -> Option<u32> {
        self.get(code)?.to_str().ok()?.parse().ok()
    }
}

impl From<Fields<'_>> for Diagnostic {
    fn from(fields: Fields<'_>) -> Self {
        Self {
            bytes: fields.as_bytes().into(),
        }
    }
}

impl From<ErrorResponse<'_>> for Diagnostic {
    fn from(message: ErrorResponse<'_>) -> Self {
        message.fields.into()
    }
}

impl From<NoticeResponse<'_>> for Diagnostic {
    fn from(message: NoticeResponse<'_>) -> Self {
        message.fields.into()
    }
}

/// As in `ERROR: relation "x" does not exist (SQLSTATE 42P01)`, without what the server did not send.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.severity().name(), self.severity_text()) {
            (Some(severity), _) => write!(f, "{severity}: ")?,
            (None, Some(severity)) => write!(f, "{severity}: ")?,
            (None, None) => {}
        }
        match self.message().filter(|message| !message.is_empty()) {
            Some(message) => write!(f, "{message}")?,
            None => f.write_str("no message")?,
        }
        match self.sqlstate() {
            Some(state) => write!(f, " (SQLSTATE {state})"),
            None => Ok(()),
        }
    }
}

/// The fields' names and values.
impl fmt::Debug for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Diagnostic ")?;
        self.fields().fmt(f)
    }
}

impl std::error::Error for Diagnostic {}

#[cfg(test)]
mod tests {
    use super::*;

    fn diagnostic(fields: &[(u8, &'static str)]) -> Diagnostic {
        Diagnostic::new(
            fields
                .iter()
                .map(|&(code, value)| (FieldCode(code), value.into())),
        )
        .unwrap()
    }

    #[test]
    fn each_accessor_reads_its_field() {
        // Each known field has its own code as its value; the numbers have the code's number.
        let all: Vec<_> = FieldCode::ALL
            .iter()
            .map(|code| match code.0 {
                b'P' | b'p' | b'L' => (code.0, code.0.to_string()),
                b'C' => (code.0, "CCCCC".to_owned()),
                byte => (code.0, char::from(byte).to_string()),
            })
            .collect();
        let d = Diagnostic::new(all.iter().map(|(code, value)| (FieldCode(*code), value.into()))).unwrap();

        let texts = [
            (d.severity_text(), "S"),
            (d.message(), "M"),
            (d.detail(), "D"),
            (d.hint(), "H"),
            (d.internal_query(), "q"),
            (d.context(), "W"),
            (d.schema(), "s"),
            (d.table(), "t"),
            (d.column(), "c"),
            (d.data_type(), "d"),
            (d.constraint(), "n"),
            (d.file(), "F"),
            (d.routine(), "R"),
        ];
        for (text, code) in texts {
            assert_eq!(text, Some(code.into()));
        }
        let numbers = [
            (d.position(), b'P'),
            (d.internal_position(), b'p'),
            (d.line(), b'L'),
        ];
        for (number, code) in numbers {
            assert_eq!(number, Some(code.into()));
        }
        assert_eq!(d.sqlstate(), SqlState::from_bytes(b"CCCCC"));
    }

    #[test]
    fn the_severity_that_is_not_translated_wins() {
        assert_eq!(
            diagnostic(&[(b'S', "FATAL"), (b'V', "ERROR")]).severity(),
            Severity::Error
        );
        assert_eq!(diagnostic(&[(b'S', "FATAL")]).severity(), Severity::Fatal);
        assert_eq!(diagnostic(&[(b'S', "FEHLER")]).severity(), Severity::Unknown);
        assert_eq!(diagnostic(&[]).severity(), Severity::Unknown);
    }

    #[test]
    fn what_is_malformed_is_none() {
        let d = diagnostic(&[(b'C', "42p01"), (b'P', "-1"), (b'L', "4294967296")]);
        assert_eq!((d.sqlstate(), d.position(), d.line()), (None, None, None));
    }

    #[test]
    fn prints_what_is_there() {
        let all = [(b'S', "FEHLER"), (b'V', "ERROR"), (b'C', "42P01"), (b'M', "oops")];
        let d = diagnostic(&all);
        assert_eq!(d.to_string(), "ERROR: oops (SQLSTATE 42P01)");
        assert_eq!(
            format!("{d:?}"),
            r#"Diagnostic {Severity: "FEHLER", Severity (not localized): "ERROR", Code: "42P01", Message: "oops"}"#
        );
        assert_eq!(
            diagnostic(&[(b'S', "FEHLER"), (b'M', "oops")]).to_string(),
            "FEHLER: oops"
        );
        assert_eq!(diagnostic(&[(b'M', "oops")]).to_string(), "oops");
        assert_eq!(diagnostic(&[]).to_string(), "no message");
        assert_eq!(diagnostic(&[(b'M', "")]).to_string(), "no message");
    }

    #[test]
    fn no_field_has_the_code_zero() {
        assert_eq!(
            Diagnostic::new([(FieldCode(0), "x".into())])
                .unwrap_err()
                .to_string(),
            "cannot send ErrorResponse: field \"field type\" cannot be 0"
        );
    }
}
