//! The codes of an error's or a notice's fields.

use std::fmt;

/// Which field of an error or a notice it is: one byte.
///
/// A server may send codes that are not known here; they are kept.
///
/// PostgreSQL manual: [Error and Notice Message Fields](https://www.postgresql.org/docs/current/protocol-error-fields.html).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldCode(pub u8);

macro_rules! field_codes {
    ($($(#[$doc:meta])* $constant:ident = $byte:literal, $name:literal;)+) => {
        impl FieldCode {
            $($(#[$doc])* pub const $constant: Self = Self($byte);)+

            /// The codes that PostgreSQL's manual lists, in its order.
            pub const ALL: &'static [Self] = &[$(Self::$constant),+];

            /// The field's name in PostgreSQL's manual, if it lists the code.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($byte => Some($name),)+
                    _ => None,
                }
            }
        }
    };
}

field_codes! {
    /// How bad it is, in the language of the server's messages.
    SEVERITY = b'S', "Severity";
    /// How bad it is, never translated. Since PostgreSQL 9.6.
    SEVERITY_NOT_LOCALIZED = b'V', "Severity (not localized)";
    /// The SQLSTATE.
    CODE = b'C', "Code";
    /// What happened, usually in one line.
    MESSAGE = b'M', "Message";
    /// More about what happened.
    DETAIL = b'D', "Detail";
    /// What to do about it.
    HINT = b'H', "Hint";
    /// Where in the query it is, in characters from 1.
    POSITION = b'P', "Position";
    /// The same for a query that the server made itself.
    INTERNAL_POSITION = b'p', "Internal position";
    /// The text of the query that the server made itself.
    INTERNAL_QUERY = b'q', "Internal query";
    /// What the server was doing, innermost first, one line each.
    WHERE = b'W', "Where";
    /// The schema that it is about.
    SCHEMA_NAME = b's', "Schema name";
    /// The table that it is about.
    TABLE_NAME = b't', "Table name";
    /// The column that it is about.
    COLUMN_NAME = b'c', "Column name";
    /// The data type that it is about.
    DATA_TYPE_NAME = b'd', "Data type name";
    /// The constraint that it is about.
    CONSTRAINT_NAME = b'n', "Constraint name";
    /// The file of the server's source that reported it.
    FILE = b'F', "File";
    /// The line in that file.
    LINE = b'L', "Line";
    /// The function in that file.
    ROUTINE = b'R', "Routine";
}

/// The manual's name, or the byte.
impl fmt::Debug for FieldCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "0x{:02X}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_18_have_a_name() {
        assert_eq!(FieldCode::ALL.len(), 18);
        assert!(FieldCode::ALL.iter().all(|code| code.name().is_some()));
        let named = (0..=u8::MAX).filter(|&byte| FieldCode(byte).name().is_some());
        assert_eq!(named.count(), 18);
    }

    #[test]
    fn debug_has_the_name_or_the_byte() {
        assert_eq!(format!("{:?}", FieldCode::WHERE), "Where");
        assert_eq!(format!("{:?}", FieldCode(b'Y')), "0x59");
    }
}
