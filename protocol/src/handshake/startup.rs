//! The messages between the startup packet and the first ReadyForQuery.

use bytes::{Buf, BytesMut};

use super::{Handshake, HandshakeConfig, HandshakeError, State, Step};
use crate::ProtocolVersion;
use crate::auth::{AuthStep, Credentials};
use crate::backend::{
    self, Authentication, BackendKeyData, ErrorResponse, NoticeResponse, ParameterStatus, ReadyForQuery,
};
use crate::conversation::{CancelKey, Conversation, ProtocolError};
use crate::frontend::StartupMessage;
use crate::wire::{EncodeError, HEADER_BYTES, Header, Message, WireStr};

/// The largest length word taken from a server that has not proved who it is.
const LONGEST_BEFORE_AUTHENTICATION: u32 = 64 * 1024;
/// The same while it starts the session.
const LONGEST_BEFORE_READY: u32 = 1 << 20;
/// How much is kept of a refusal in the form of servers before 7.4. A postmaster's has up to 1000 bytes.
const LONGEST_BARE_REFUSAL: usize = 4096;

/// The startup packet.
pub(super) fn packet(config: &HandshakeConfig) -> Result<Vec<u8>, EncodeError> {
    let mut parameters = vec![("user".into(), (&config.auth.user).into())];
    let rest = config.parameters.iter();
    parameters.extend(rest.map(|(name, value)| (name.into(), value.into())));
    let message = StartupMessage {
        protocol_version: config.max_version,
        parameters,
    };
    let mut packet = Vec::new();
    message.encode(&mut packet)?;
    Ok(packet)
}

impl Handshake {
    pub(super) fn messages(&mut self, input: &mut BytesMut) -> Result<Step, HandshakeError> {
        loop {
            let authenticating = matches!(self.state, State::Authenticating(_));
            if authenticating {
                match input.first() {
                    None | Some(b'R' | b'v') => {}
                    Some(b'E') if is_bare_refusal(input) => {
                        return bare_refusal(input, false).map_or(Ok(Step::Read), Err);
                    }
                    Some(b'E') => {}
                    Some(&tag) => return Err(HandshakeError::NotAuthentication { tag }),
                }
            }
            let limit = if authenticating {
                LONGEST_BEFORE_AUTHENTICATION
            } else {
                LONGEST_BEFORE_READY
            };
            let name = |tag| backend::name(tag).unwrap_or("unknown");
            let Some(header) = Header::peek(input, |_| limit, name)? else {
                return Ok(Step::Read);
            };
            let Some(body) = input.get(HEADER_BYTES..header.frame_bytes()) else {
                return Ok(Step::Read);
            };
            let step = match header.tag {
                b'R' => self.authenticate(body)?,
                b'v' if authenticating => {
                    self.negotiate(body)?;
                    None
                }
                tag => self.starting(tag, body)?,
            };
            input.advance(header.frame_bytes());
            if let Some(step) = step {
                return Ok(step);
            }
        }
    }

    fn authenticate(&mut self, body: &[u8]) -> Result<Option<Step>, HandshakeError> {
        let State::Authenticating(authenticator) = &mut self.state else {
            return Err(unexpected(b'R'));
        };
        let request = Authentication::decode(body)?;
        let step = authenticator.handle(&request, &mut self.outgoing)?;
        self.used_password = authenticator.used_password();
        if let Some(refusal) = authenticator.oauth_refusal() {
            // The authenticator is gone by the time that the ErrorResponse has come.
            self.oauth_refusal = Some(refusal.to_owned());
        }
        match step {
            AuthStep::Respond | AuthStep::Wait => Ok(None),
            AuthStep::Derive(derivation) => {
                if let State::Authenticating(authenticator) = std::mem::replace(&mut self.state, State::Done)
                {
                    self.state = State::AwaitKeys(authenticator);
                }
                Ok(Some(Step::DeriveKeys(derivation)))
            }
            AuthStep::Done => {
                self.authenticated = true;
                self.state = State::Starting;
                Ok(None)
            }
        }
    }

    fn starting(&mut self, tag: u8, body: &[u8]) -> Result<Option<Step>, HandshakeError> {
        match tag {
            b'E' => {
                let error = ErrorResponse::decode(body)?;
                Err(HandshakeError::Refused(error.into()))
            }
            b'N' => Ok(Some(Step::Notice(NoticeResponse::decode(body)?.into()))),
            b'S' => {
                let ParameterStatus { name, value } = ParameterStatus::decode(body)?;
                self.parameters.set(name, value)?;
                Ok(None)
            }
            b'K' => {
                let key = BackendKeyData::decode(body)?;
                if self.version == ProtocolVersion::V3_0 && key.secret_key.as_bytes().len() != 4 {
                    return Err(HandshakeError::BadKeyLength {
                        length: key.secret_key.as_bytes().len(),
                        version: self.version,
                    });
                }
                self.key = Some(CancelKey::new(key.process_id, key.secret_key));
                Ok(None)
            }
            b'Z' => {
                let ReadyForQuery { status } = ReadyForQuery::decode(body)?;
                self.state = State::Done;
                // They have done what they were for.
                self.config.auth.credentials = Credentials::default();
                Ok(Some(Step::Ready(Box::new(Conversation::established(
                    self.version,
                    self.key.take(),
                    std::mem::take(&mut self.parameters),
                    status,
                )))))
            }
            tag => Err(unexpected(tag)),
        }
    }
}

/// Whether `input` begins with a refusal in the form of servers before 7.4: `E` and a text that ends with a zero byte. A
/// postmaster that cannot start a process for the connection still sends it.
///
/// It is told from an ErrorResponse by its second byte: as part of a length word, a printable one would announce half a
/// gigabyte.
fn is_bare_refusal(input: &[u8]) -> bool {
    matches!(input, [b'E', first, ..] if first.is_ascii_graphic() || !first.is_ascii())
}

/// The text of such a refusal, if it is one and has wholly arrived. `closed` tells that no more bytes will come, which ends
/// the text, too. It also ends where it gets too long.
pub(super) fn bare_refusal(input: &[u8], closed: bool) -> Option<HandshakeError> {
    let text = input.get(1..).filter(|_| is_bare_refusal(input))?;
    let (text, too_long) = match text.get(..LONGEST_BARE_REFUSAL) {
        Some(start) => (start, true),
        None => (text, false),
    };
    let text = match text.iter().position(|&byte| byte == 0) {
        Some(end) => text.get(..end)?,
        None if closed || too_long => text,
        None => return None,
    };
    Some(HandshakeError::RefusedBare(
        WireStr::new(text.trim_ascii_end()).into(),
    ))
}

fn unexpected(tag: u8) -> HandshakeError {
    HandshakeError::Protocol(ProtocolError::Unexpected {
        message: backend::name(tag).unwrap_or("unknown"),
        tag,
        awaited: "ReadyForQuery",
    })
}
