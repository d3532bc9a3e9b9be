//! The packets that may open a connection.

use super::{CancelRequest, GssEncRequest, SslRequest, StartupMessage};
use crate::wire::{DecodeError, EncodeError, Message};

/// A packet that opens a connection. None has a type byte: the four bytes that follow the length word tell which it is.
///
/// ```
/// use dblink_protocol::frontend::{InitialMessage, SslRequest};
///
/// let message = InitialMessage::decode(b"\x04\xd2\x16\x2f")?;
/// assert_eq!(message, InitialMessage::Ssl(SslRequest));
/// # Ok::<(), dblink_protocol::wire::DecodeError>(())
/// ```
///
/// PostgreSQL manual: [Start-up](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-START-UP).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InitialMessage<'a> {
    /// Opens a session.
    Startup(StartupMessage<'a>),
    /// Asks for TLS.
    Ssl(SslRequest),
    /// Asks for GSSAPI encryption.
    GssEnc(GssEncRequest),
    /// Asks to cancel what another session is running.
    Cancel(CancelRequest<'a>),
}

impl<'a> InitialMessage<'a> {
    /// The packet with this body, the whole of which it must use.
    ///
    /// # Errors
    ///
    /// A body that does not follow the protocol; one that begins with no known code is a malformed StartupMessage.
    pub fn decode(body: &'a [u8]) -> Result<Self, DecodeError> {
        match body.first_chunk().map(|code| i32::from_be_bytes(*code)) {
            Some(SslRequest::CODE) => SslRequest::decode(body).map(Self::Ssl),
            Some(GssEncRequest::CODE) => GssEncRequest::decode(body).map(Self::GssEnc),
            Some(CancelRequest::CODE) => CancelRequest::decode(body).map(Self::Cancel),
            _ => StartupMessage::decode(body).map(Self::Startup),
        }
    }

    /// Appends the whole packet to `out`.
    ///
    /// # Errors
    ///
    /// A value that cannot be sent; `out` is then unchanged.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match self {
            Self::Startup(message) => message.encode(out),
            Self::Ssl(message) => message.encode(out),
            Self::GssEnc(message) => message.encode(out),
            Self::Cancel(message) => message.encode(out),
        }
    }

    /// The packet's name in PostgreSQL's manual.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Startup(_) => StartupMessage::NAME,
            Self::Ssl(_) => SslRequest::NAME,
            Self::GssEnc(_) => GssEncRequest::NAME,
            Self::Cancel(_) => CancelRequest::NAME,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ProtocolVersion;
    use crate::wire::SecretKey;

    #[test]
    fn the_code_chooses_the_packet() {
        let messages = [
            InitialMessage::Startup(StartupMessage {
                protocol_version: ProtocolVersion::V3_0,
                parameters: vec![("user".into(), "alice".into())],
            }),
            InitialMessage::Ssl(SslRequest),
            InitialMessage::GssEnc(GssEncRequest),
            InitialMessage::Cancel(CancelRequest {
                process_id: 1,
                secret_key: SecretKey::new(b"key!"),
            }),
        ];
        for message in &messages {
            let mut out = Vec::new();
            message.encode(&mut out).unwrap();
            assert_eq!(InitialMessage::decode(&out[4..]).as_ref(), Ok(message));
        }
        assert_eq!(
            messages.each_ref().map(InitialMessage::name),
            ["StartupMessage", "SSLRequest", "GSSENCRequest", "CancelRequest"]
        );
    }

    #[test]
    fn an_unknown_code_is_a_malformed_startup_message() {
        for body in [&b"\x04\xd2\x16\x31"[..], b"\0\x02\0\0", b"\0\x03\0", b""] {
            assert_eq!(
                InitialMessage::decode(body).unwrap_err().message,
                "StartupMessage"
            );
        }
    }
}
