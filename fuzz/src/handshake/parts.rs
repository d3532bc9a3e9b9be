//! What a server says.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::input::{Input, frame, put_bytes};
use crate::scram::{hmac, pbkdf2};

pub(super) const NONCE: [u8; 18] = *b"18 random bytes...";
pub(super) const PASSWORD: &str = "a password to find again";
pub(super) const SALT: &[u8] = b"salt of the server";
pub(super) const ITERATIONS: u32 = 3;
pub(super) const END_POINT: [u8; 32] = [7; 32];
pub(super) const CLEARTEXT_PASSWORD: &[u8] = b"R\0\0\0\x08\0\0\0\x03";
pub(super) const AUTHENTICATION_OK: &[u8] = b"R\0\0\0\x08\0\0\0\0";

/// Good messages of a server.
const MESSAGES: [&[u8]; 18] = [
    AUTHENTICATION_OK,
    CLEARTEXT_PASSWORD,
    b"R\0\0\0\x0c\0\0\0\x05salt",
    b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0",
    b"R\0\0\0\x2a\0\0\0\x0aSCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0",
    b"R\0\0\0\x15\0\0\0\x0aOAUTHBEARER\0\0",
    b"R\0\0\0\x0a\0\0\0\x0b{}",
    b"R\0\0\0\x08\0\0\0\x07",
    b"v\0\0\0\x0c\0\x03\0\0\0\0\0\0",
    b"S\0\0\0\x11TimeZone\0UTC\0",
    b"K\0\0\0\x0c\0\0\0\x07key!",
    b"K\0\0\0\x10\0\0\0\x07long key",
    b"N\0\0\0\x14SNOTICE\0C00000\0\0",
    b"Z\0\0\0\x05I",
    b"E\0\0\0\x13SFATAL\0C28P01\0\0",
    b"Etoo many clients\n\0",
    b"E12345678",
    b"Z\0\0\0\x05T1\0\0\0\x04",
];

/// A part of what a server says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// One of the good messages.
    Message(u8),
    /// SCRAM's challenge.
    Challenge,
    /// SCRAM's last word to a client that binds in one of three ways: with the right signature.
    Final(u8),
    /// Any bytes.
    Bytes(Vec<u8>),
}

impl Part {
    pub(super) fn read(input: &mut Input<'_>) -> Self {
        match input.byte() % 24 {
            code if usize::from(code) < MESSAGES.len() => Self::Message(code),
            18 | 19 => Self::Challenge,
            20 | 21 => Self::Final(input.below(3)),
            _ => Self::Bytes(input.bytes().to_vec()),
        }
    }

    /// Writes the part as [`super::check`] reads it.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Message(message) => out.push(*message),
            Self::Challenge => out.push(18),
            Self::Final(binding) => out.extend([20, *binding]),
            Self::Bytes(bytes) => {
                out.push(22);
                put_bytes(out, bytes);
            }
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let nonce = format!("{}server", BASE64_STANDARD.encode(NONCE));
        let challenge = format!("r={nonce},s={},i={ITERATIONS}", BASE64_STANDARD.encode(SALT));
        match self {
            Self::Message(message) => MESSAGES[usize::from(*message)].to_vec(),
            Self::Challenge => frame(b'R', &[&[0, 0, 0, 11], challenge.as_bytes()].concat()),
            Self::Final(binding) => {
                let bound = match binding {
                    0 => b"n,,".to_vec(),
                    1 => b"y,,".to_vec(),
                    _ => [&b"p=tls-server-end-point,,"[..], &END_POINT].concat(),
                };
                let bound = BASE64_STANDARD.encode(bound);
                let client = BASE64_STANDARD.encode(NONCE);
                let message = format!("n=,r={client},{challenge},c={bound},r={nonce}");
                let salted = pbkdf2(PASSWORD.as_bytes(), SALT, ITERATIONS.into());
                let signature = hmac(&hmac(&salted, b"Server Key"), message.as_bytes());
                let signature = BASE64_STANDARD.encode(signature);
                frame(b'R', &[&[0, 0, 0, 12], &b"v="[..], signature.as_bytes()].concat())
            }
            Self::Bytes(bytes) => bytes.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use dblink_protocol::backend::BackendMessage;
    use dblink_protocol::wire::Header;

    use super::*;

    #[test]
    fn the_messages_are_good() {
        for message in MESSAGES.iter().filter(|message| message[1] == 0) {
            let header = Header::peek(message, |_| 1000, |_| "unknown").unwrap().unwrap();
            let body = &message[5..header.frame_bytes()];
            BackendMessage::decode(header.tag, body).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}
