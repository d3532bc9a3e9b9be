//! How bad an error or a notice is.

use crate::wire::WireStr;

/// How bad an error or a notice is.
///
/// PostgreSQL manual: [Message Severity Levels](https://www.postgresql.org/docs/current/runtime-config-logging.html#RUNTIME-CONFIG-SEVERITY-LEVELS).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// The whole server restarts.
    Panic,
    /// The session has ended.
    Fatal,
    /// The command has failed.
    Error,
    /// Something is likely to be wrong.
    Warning,
    /// Something that users should know.
    Notice,
    /// What the client asked for.
    Info,
    /// What concerns administrators.
    Log,
    /// What concerns developers.
    Debug,
    /// None of these: the server did not say it, or said it in its own language only.
    Unknown,
}

impl Severity {
    /// The severity with this name, as PostgreSQL sends it untranslated.
    pub fn from_name(name: WireStr<'_>) -> Self {
        match name.as_bytes() {
            b"PANIC" => Self::Panic,
            b"FATAL" => Self::Fatal,
            b"ERROR" => Self::Error,
            b"WARNING" => Self::Warning,
            b"NOTICE" => Self::Notice,
            b"INFO" => Self::Info,
            b"LOG" => Self::Log,
            b"DEBUG" => Self::Debug,
            _ => Self::Unknown,
        }
    }

    /// The name that PostgreSQL sends untranslated; none for [`Severity::Unknown`].
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Panic => Some("PANIC"),
            Self::Fatal => Some("FATAL"),
            Self::Error => Some("ERROR"),
            Self::Warning => Some("WARNING"),
            Self::Notice => Some("NOTICE"),
            Self::Info => Some("INFO"),
            Self::Log => Some("LOG"),
            Self::Debug => Some("DEBUG"),
            Self::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_round() {
        for name in [
            "PANIC", "FATAL", "ERROR", "WARNING", "NOTICE", "INFO", "LOG", "DEBUG",
        ] {
            assert_eq!(Severity::from_name(name.into()).name(), Some(name));
        }
        for name in ["FEHLER", "error", "DEBUG1", ""] {
            assert_eq!(Severity::from_name(name.into()), Severity::Unknown);
        }
        assert_eq!(Severity::Unknown.name(), None);
    }
}
