//! What a session tells beside its results.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use dblink_protocol::SqlState;
use dblink_protocol::backend::{Diagnostic, Severity};

use super::Error;

/// Something that a call tells beside its result.
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice {
    /// A connection's name was cut. SQLSTATE `42622`.
    Truncated {
        /// As it was given.
        name: String,
        /// As it is known by.
        to: String,
    },
    /// An error of the remote server, of a call with [`Fail::Notice`](super::Fail::Notice). SQLSTATE: the error's.
    Failed(Error),
    /// An asynchronous query was not sent. SQLSTATE `00000`.
    NotSent {
        /// The connection's name, unless it is the unnamed one.
        name: Option<String>,
        /// Why not.
        cause: String,
    },
    /// A notice or warning of a remote server, with all its fields. SQLSTATE: its own.
    Remote {
        /// The connection's name, unless it is the unnamed one.
        name: Option<String>,
        /// What it says.
        diagnostic: Diagnostic,
    },
}

impl Notice {
    /// How serious it is: what is not a remote server's is a notice.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Remote { diagnostic, .. } => diagnostic.severity(),
            _ => Severity::Notice,
        }
    }

    /// The SQLSTATE.
    pub fn sqlstate(&self) -> SqlState {
        match self {
            Self::Truncated { .. } => SqlState::NAME_TOO_LONG,
            Self::Failed(error) => error.sqlstate(),
            Self::NotSent { .. } => SqlState::SUCCESSFUL_COMPLETION,
            Self::Remote { diagnostic, .. } => {
                diagnostic.sqlstate().unwrap_or(SqlState::SUCCESSFUL_COMPLETION)
            }
        }
    }

    /// The message.
    pub fn message(&self) -> String {
        match self {
            Self::Truncated { name, to } => {
                format!("identifier \"{name}\" will be truncated to \"{to}\"")
            }
            Self::Failed(error) => error.message(),
            Self::NotSent { cause, .. } => format!("could not send query: {cause}"),
            Self::Remote { diagnostic, .. } => diagnostic
                .message()
                .map(|text| text.to_string())
                .unwrap_or_default(),
        }
    }

    /// What is to be said beside the message.
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::Failed(error) => error.detail(),
            Self::Remote { diagnostic, .. } => diagnostic.detail().map(|text| text.to_string()),
            _ => None,
        }
    }

    /// What could be done about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Failed(error) => error.hint(),
            Self::Remote { diagnostic, .. } => diagnostic.hint().map(|text| text.to_string()),
            _ => None,
        }
    }

    /// Where it came about.
    pub fn context(&self) -> Option<String> {
        match self {
            Self::Failed(error) => error.context(),
            Self::Remote { diagnostic, .. } => diagnostic.context().map(|text| text.to_string()),
            _ => None,
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = self.severity().name().unwrap_or("MESSAGE");
        write!(f, "{severity}: {}", self.message())
    }
}

type Handler = Box<dyn FnMut(&Notice) + Send>;

/// Who is told of notices: the session's handler, which its connections share.
#[derive(Clone, Default)]
pub(super) struct Notices(Option<Arc<Mutex<Handler>>>);

impl Notices {
    pub(super) fn new(handler: Handler) -> Self {
        Self(Some(Arc::new(Mutex::new(handler))))
    }

    pub(super) fn tell(&self, notice: &Notice) {
        if let Some(handler) = &self.0 {
            // A handler that has panicked before is asked again: it is its owner's.
            let mut handler = handler.lock().unwrap_or_else(PoisonError::into_inner);
            handler(notice);
        }
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Notices").field(&self.0.is_some()).finish()
    }
}
