//! What a session starts with.

use super::*;
use crate::conversation::{Event, Notification};
use crate::frontend::CancelRequest;

#[test]
fn the_conversation_knows_what_the_handshake_learnt() {
    let mut config = config();
    config.max_version = ProtocolVersion::V3_2;
    let bytes = server()
        .ok()
        .parameter("server_version", "18.6")
        .parameter("TimeZone", "UTC")
        .parameter("TimeZone", "Europe/Prague")
        .key(&[9; 32])
        .says(ReadyForQuery {
            status: TransactionStatus::InTransaction,
        });
    let conversation = session(config, bytes);
    assert_eq!(conversation.protocol_version(), ProtocolVersion::V3_2);
    assert_eq!(conversation.process_id(), Some(7));
    assert_eq!(
        conversation.transaction_status(),
        TransactionStatus::InTransaction
    );
    let parameters: Vec<_> = conversation
        .parameters()
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(parameters, ["TimeZone=Europe/Prague", "server_version=18.6"]);
    assert!(conversation.is_idle());
    assert_eq!(conversation.outgoing(), b"");

    let mut cancel = Vec::new();
    conversation
        .cancel_key()
        .unwrap()
        .request()
        .encode(&mut cancel)
        .unwrap();
    let cancel = CancelRequest::decode(&cancel[4..]).unwrap();
    assert_eq!(
        (cancel.process_id, cancel.secret_key.as_bytes()),
        (7, &[9; 32][..])
    );
}

#[test]
fn a_server_need_not_give_a_key() {
    let conversation = session(config(), server().ok().ready());
    assert_eq!(conversation.process_id(), None);
    assert!(conversation.cancel_key().is_none());
}

#[test]
fn the_last_key_counts() {
    let conversation = session(config(), server().ok().key(b"old!").key(b"new!").ready());
    assert_eq!(
        conversation.cancel_key().unwrap().request().secret_key.as_bytes(),
        b"new!"
    );
}

#[test]
fn what_follows_is_the_conversations() {
    let behind = server()
        .parameter("TimeZone", "UTC")
        .bytes(b"A\0\0\0\x0c\0\0\0\x07c\0p\0Z\0");
    let mut client = Client::new(config());
    client.hears(server().ok().ready().bytes(&behind.0)).unwrap();
    assert_eq!(client.input, behind.0);

    let mut conversation = client.conversation.unwrap();
    let mut receive = || conversation.receive(&mut client.input).unwrap();
    assert!(matches!(receive(), Some(Event::ParameterStatus { .. })));
    let Some(Event::Notification(Notification { payload, .. })) = receive() else {
        panic!("no notification");
    };
    assert_eq!(payload.to_string(), "p");
    assert!(receive().is_none());
    assert_eq!(client.input, b"Z\0"[..]);
}

#[test]
fn from_ok_on_the_server_knows_who_we_are() {
    let mut handshake = Handshake::new(config()).unwrap();
    assert!(!handshake.is_authenticated());
    let mut input = BytesMut::from(&server().ok().0[..]);
    handshake.receive(&mut input).unwrap();
    assert!(handshake.is_authenticated());
    // Also after a failure.
    handshake.handle_eof(&input);
    assert!(handshake.is_authenticated());
}
