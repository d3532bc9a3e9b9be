//! The answer to a request for encryption: one byte, and nothing behind it.

use bytes::{Buf, BytesMut};

use super::{Encryption, EncryptionKind, EncryptionRefused, Handshake, HandshakeError, State, Step};
use crate::auth::Transport;

impl Handshake {
    pub(super) fn encryption_answer(&mut self, input: &mut BytesMut) -> Result<Step, HandshakeError> {
        let Some(&answer) = input.first() else {
            return Ok(Step::Read);
        };
        let kind = self.encryption_kind();
        match (kind, answer) {
            (EncryptionKind::Tls, b'S') | (EncryptionKind::Gss, b'G') => {
                input.advance(1);
                self.state = State::AwaitEncryption;
                self.encryption_awaited(input)
            }
            (_, b'N') if self.required() => Err(HandshakeError::EncryptionRefused(match kind {
                EncryptionKind::Tls => EncryptionRefused::Ssl,
                EncryptionKind::Gss => EncryptionRefused::Gss,
            })),
            (_, b'N') => {
                input.advance(1);
                self.start(Transport::Plain);
                self.messages(input)
            }
            (_, b'E') => Err(HandshakeError::ErrorBeforeEncryption {
                request: match kind {
                    EncryptionKind::Tls => "SSL",
                    EncryptionKind::Gss => "GSS encryption",
                },
            }),
            (_, answer) => Err(HandshakeError::BadEncryptionAnswer {
                request: match kind {
                    EncryptionKind::Tls => "SSL",
                    EncryptionKind::Gss => "GSSAPI",
                },
                answer,
            }),
        }
    }

    /// Asks the caller for encryption, unless something came before it: that was not encrypted, and would be read as if it
    /// had been.
    pub(super) fn encryption_awaited(&self, input: &[u8]) -> Result<Step, HandshakeError> {
        let kind = self.encryption_kind();
        if input.is_empty() {
            return Ok(Step::StartEncryption(kind));
        }
        Err(HandshakeError::UnencryptedData {
            request: match kind {
                EncryptionKind::Tls => "SSL",
                EncryptionKind::Gss => "GSSAPI encryption",
            },
        })
    }

    const fn encryption_kind(&self) -> EncryptionKind {
        match self.config.encryption {
            Encryption::Gss { .. } => EncryptionKind::Gss,
            _ => EncryptionKind::Tls,
        }
    }

    const fn required(&self) -> bool {
        match self.config.encryption {
            Encryption::Ssl { required } | Encryption::Gss { required } => required,
            Encryption::None | Encryption::DirectSsl => true,
        }
    }
}
