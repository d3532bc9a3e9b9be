//! The input is a type byte and a body. A body that decodes is what its message encodes to.

use dblink_protocol::backend::{self, BackendMessage};
use dblink_protocol::wire::Header;

use crate::input::{Input, frame};

/// Checks one input.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let tag = input.byte();
    let body = input.rest();
    let name = backend::name(tag);
    match BackendMessage::decode(tag, body) {
        Ok(message) => {
            assert_eq!(Some(message.name()), name);
            assert!(
                items(&message) <= body.len(),
                "{message:?} has more than its body"
            );
            let mut encoded = Vec::new();
            message
                .encode(&mut encoded)
                .expect("what was decoded can be encoded");
            assert_eq!(encoded, frame(tag, body), "{message:?}");
            let header = Header::peek(&encoded, |_| u32::MAX, |_| "unknown")
                .expect("the length is right")
                .expect("the header is there");
            assert_eq!((header.tag, header.frame_bytes()), (tag, encoded.len()));
            assert_eq!(header.body_bytes(), body.len());
        }
        Err(error) => {
            assert_eq!(error.message, name.unwrap_or("unknown"));
            assert!(!error.to_string().is_empty());
        }
    }
}

/// How many items the message's lists have: as many as were allocated for.
fn items(message: &BackendMessage<'_>) -> usize {
    match message {
        BackendMessage::Authentication(backend::Authentication::Sasl { mechanisms }) => mechanisms.len(),
        BackendMessage::CopyBothResponse(message) => message.format.columns.len() * 2,
        BackendMessage::CopyInResponse(message) => message.format.columns.len() * 2,
        BackendMessage::CopyOutResponse(message) => message.format.columns.len() * 2,
        BackendMessage::DataRow(row) => row.values.len() * 4,
        BackendMessage::ErrorResponse(message) => message.fields.iter().count() * 2,
        BackendMessage::NoticeResponse(message) => message.fields.iter().count() * 2,
        BackendMessage::NegotiateProtocolVersion(message) => message.unrecognized_options.len(),
        BackendMessage::ParameterDescription(message) => message.type_oids.len() * 4,
        BackendMessage::RowDescription(message) => message.fields.len() * 19,
        _ => 0,
    }
}
