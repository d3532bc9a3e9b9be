//! The input is a type byte and a body; for the type byte `p`, which four messages share, another byte between them
//! chooses one. A body that decodes is what its message encodes to.

use std::fmt::Debug;

use dblink_protocol::frontend::{
    self, FrontendMessage, GssResponse, PasswordMessage, SaslInitialResponse, SaslResponse,
};
use dblink_protocol::wire::{DecodeError, EncodeError, EncodeFault, Message};

use crate::input::{Input, frame};

/// Checks one input.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let tag = input.byte();
    if tag == b'p' {
        match input.below(4) {
            0 => answer::<PasswordMessage<'_>>(input.rest()),
            1 => answer::<SaslInitialResponse<'_>>(input.rest()),
            2 => answer::<SaslResponse<'_>>(input.rest()),
            _ => answer::<GssResponse<'_>>(input.rest()),
        }
        return;
    }
    let body = input.rest();
    let name = frontend::name(tag);
    let decoded = FrontendMessage::decode(tag, body);
    if let Ok(message) = &decoded {
        assert_eq!(Some(message.name()), name);
        assert!(items(message) <= body.len(), "{message:?} has more than its body");
    }
    compare(tag, name, body, decoded, FrontendMessage::encode);
}

fn answer<'a, M: Message<'a> + Debug>(body: &'a [u8]) {
    compare(b'p', Some(M::NAME), body, M::decode(body), M::encode);
}

fn compare<M: Debug>(
    tag: u8,
    name: Option<&'static str>,
    body: &[u8],
    decoded: Result<M, DecodeError>,
    encode: impl FnOnce(&M, &mut Vec<u8>) -> Result<(), EncodeError>,
) {
    let message = match decoded {
        Ok(message) => message,
        Err(error) => {
            assert_eq!(error.message, name.unwrap_or("unknown"));
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let mut encoded = b"before".to_vec();
    match encode(&message, &mut encoded) {
        Ok(()) => assert_eq!(encoded.get(6..), Some(&*frame(tag, body)), "{message:?}"),
        Err(error) => {
            assert_eq!(encoded, b"before", "nothing is written");
            match error.fault {
                // A negative number of rows is kept where it was received and not sent on.
                EncodeFault::BadValue { value, .. } => assert!(tag == b'E' && value < 0, "{error}"),
                // Not every length that a message can have is one that the server takes.
                EncodeFault::TooLong { limit, .. } => assert!(body.len() + 4 > limit, "{error}"),
                _ => panic!("{message:?}: {error}"),
            }
        }
    }
}

/// The smallest number of bytes that the items of the message's lists take.
fn items(message: &FrontendMessage<'_>) -> usize {
    match message {
        FrontendMessage::Bind(bind) => {
            (bind.parameter_formats.len() + bind.result_formats.len()) * 2 + bind.parameters.len() * 4
        }
        FrontendMessage::FunctionCall(call) => call.argument_formats.len() * 2 + call.arguments.len() * 4,
        FrontendMessage::Parse(parse) => parse.parameter_types.len() * 4,
        _ => 0,
    }
}
