//! The input is the body of a packet that opens a connection. One that decodes is what its packet encodes to, and at
//! most one of the packets has that body.

use dblink_protocol::frontend::{CancelRequest, GssEncRequest, InitialMessage, SslRequest, StartupMessage};
use dblink_protocol::wire::{EncodeFault, Message};

/// Checks one input.
pub fn check(body: &[u8]) {
    let fitting: Vec<&str> = [
        StartupMessage::decode(body).map(|_| StartupMessage::NAME),
        SslRequest::decode(body).map(|_| SslRequest::NAME),
        GssEncRequest::decode(body).map(|_| GssEncRequest::NAME),
        CancelRequest::decode(body).map(|_| CancelRequest::NAME),
    ]
    .into_iter()
    .flatten()
    .collect();
    let message = match InitialMessage::decode(body) {
        Ok(message) => message,
        Err(error) => {
            assert_eq!(fitting, [""; 0], "{error}");
            return;
        }
    };
    assert_eq!(fitting, [message.name()]);
    if let InitialMessage::Startup(startup) = &message {
        assert!(startup.parameters.len() * 3 <= body.len());
    }
    let mut encoded = Vec::new();
    match message.encode(&mut encoded) {
        Ok(()) => {
            let length = u32::try_from(body.len() + 4).expect("inputs are short");
            assert_eq!(encoded, [&length.to_be_bytes(), body].concat(), "{message:?}");
        }
        Err(error) => {
            let too_long =
                matches!(error.fault, EncodeFault::TooLong { limit, .. } if body.len() + 4 > limit);
            assert!(too_long && encoded.is_empty(), "{message:?}: {error}");
        }
    }
}
