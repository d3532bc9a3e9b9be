//! What it takes to cancel.

use crate::Secret;
use crate::frontend::CancelRequest;
use crate::wire::SecretKey;

/// What a server wants to see before it cancels the commands of a session. To keep apart from the conversation, which is
/// busy when it is needed.
///
/// The request is sent on a connection of its own, encrypted like the session's, and that is read until the server closes
/// it. Only then is the request done; and even then what it cancelled may be a later command than the one that was meant,
/// if one was sent meanwhile.
///
/// PostgreSQL manual: [Canceling Requests in Progress](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelKey {
    pub(super) process_id: i32,
    secret_key: Secret,
}

impl CancelKey {
    /// The key that a BackendKeyData brought.
    pub fn new(process_id: i32, secret_key: SecretKey<'_>) -> Self {
        Self {
            process_id,
            secret_key: secret_key.as_bytes().into(),
        }
    }

    /// The message to send.
    pub fn request(&self) -> CancelRequest<'_> {
        CancelRequest {
            process_id: self.process_id,
            secret_key: SecretKey::new(self.secret_key.expose()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_shows_the_key_and_debug_does_not() {
        let key = CancelKey::new(7, SecretKey::new(b"abcd"));
        assert_eq!(key.request().secret_key.as_bytes(), b"abcd");
        assert_eq!(format!("{key:?}"), "CancelKey { process_id: 7, secret_key: *** }");
    }
}
