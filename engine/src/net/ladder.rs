//! Which kinds of encryption to try at one address, and in which order.
//!
//! PostgreSQL manual: [SSL Mode Descriptions](https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-SSLMODE-STATEMENTS).

use dblink_protocol::handshake::Encryption;

use crate::conninfo::{SslMode, SslNegotiation};

/// What is left to try at one address. Each attempt has a connection of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ladder {
    plain: bool,
    tls: bool,
    plain_first: bool,
    direct: bool,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// TLS did not come about, or the server refused the session: something else may do better.
    Refused {
        /// Whether it was encrypted when that happened.
        encrypted: bool,
    },
    /// No other kind of encryption will do better.
    Hopeless,
}

impl Ladder {
    /// For a Unix-domain socket, which is never encrypted.
    pub(crate) const fn for_socket() -> Self {
        Self {
            plain: true,
            tls: false,
            plain_first: true,
            direct: false,
        }
    }

    /// For TCP.
    pub(crate) fn for_tcp(mode: SslMode, negotiation: SslNegotiation) -> Self {
        Self {
            plain: matches!(mode, SslMode::Disable | SslMode::Allow | SslMode::Prefer),
            tls: mode != SslMode::Disable,
            plain_first: mode == SslMode::Allow,
            direct: negotiation == SslNegotiation::Direct,
        }
    }

    /// What to try next.
    pub(crate) const fn next(&self) -> Option<Encryption> {
        match (self.plain, self.tls) {
            (true, tls) if self.plain_first || !tls => Some(Encryption::None),
            (_, true) if self.direct => Some(Encryption::DirectSsl),
            // A server without TLS goes on in plain text on the same connection, where that is allowed.
            (plain, true) => Some(Encryption::Ssl { required: !plain }),
            (_, false) => None,
        }
    }

    /// Takes note of how the last attempt ended.
    pub(crate) const fn failed(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Refused { encrypted: true } => self.tls = false,
            Outcome::Refused { encrypted: false } => {
                // If TLS was asked for, the server has said that it has none.
                if !self.plain_first {
                    self.tls = false;
                }
                self.plain = false;
            }
            Outcome::Hopeless => {
                self.plain = false;
                self.tls = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The attempts, when each is refused, encrypted if it asks for it.
    fn attempts(mode: SslMode, negotiation: SslNegotiation) -> Vec<Encryption> {
        let mut ladder = Ladder::for_tcp(mode, negotiation);
        let mut attempts = Vec::new();
        while let Some(encryption) = ladder.next() {
            attempts.push(encryption);
            ladder.failed(Outcome::Refused {
                encrypted: encryption != Encryption::None,
            });
        }
        attempts
    }

    #[test]
    fn each_mode_has_its_order() {
        use Encryption::{DirectSsl, None, Ssl};
        let postgres = |mode| attempts(mode, SslNegotiation::Postgres);
        assert_eq!(postgres(SslMode::Disable), [None]);
        assert_eq!(postgres(SslMode::Allow), [None, Ssl { required: true }]);
        assert_eq!(postgres(SslMode::Prefer), [Ssl { required: false }, None]);
        for mode in [SslMode::Require, SslMode::VerifyCa, SslMode::VerifyFull] {
            assert_eq!(postgres(mode), [Ssl { required: true }]);
            assert_eq!(attempts(mode, SslNegotiation::Direct), [DirectSsl]);
        }
    }

    #[test]
    fn a_server_without_tls_is_not_asked_again() {
        let mut ladder = Ladder::for_tcp(SslMode::Prefer, SslNegotiation::Postgres);
        ladder.failed(Outcome::Refused { encrypted: false });
        assert_eq!(ladder.next(), None);
    }

    #[test]
    fn what_is_hopeless_is_not_tried_again() {
        for mode in [SslMode::Allow, SslMode::Prefer] {
            let mut ladder = Ladder::for_tcp(mode, SslNegotiation::Postgres);
            ladder.failed(Outcome::Hopeless);
            assert_eq!(ladder.next(), None);
        }
    }

    #[test]
    fn a_socket_is_plain() {
        let mut ladder = Ladder::for_socket();
        assert_eq!(ladder.next(), Some(Encryption::None));
        ladder.failed(Outcome::Refused { encrypted: false });
        assert_eq!(ladder.next(), None);
    }
}
