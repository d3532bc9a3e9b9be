//! Closes, and calls that nobody asked for.

use super::*;
use crate::SqlState;

/// One client for each state that waits for the server, and its name.
fn waiting() -> Vec<(&'static str, Client)> {
    let asked = Client::new(encrypted(Encryption::Ssl { required: true }));
    let mut before_tls = Client::new(encrypted(Encryption::DirectSsl));
    before_tls.handshake.receive(&mut BytesMut::new()).unwrap();
    let started = Client::new(config());
    let mut answered = Client::new(config());
    answered
        .hears(server().says(Authentication::CleartextPassword))
        .unwrap();
    let mut in_scram = Client::new(config());
    in_scram.hears(server().sasl(&["SCRAM-SHA-256"])).unwrap();
    let mut starting = Client::new(config());
    starting.hears(server().ok().key(b"key!")).unwrap();
    vec![
        ("asked for TLS", asked),
        ("before TLS", before_tls),
        ("started", started),
        ("answered", answered),
        ("in SCRAM", in_scram),
        ("awaiting keys", awaiting_keys().0),
        ("starting", starting),
    ]
}

/// A client that awaits keys, and the work to make them.
fn awaiting_keys() -> (Client, KeyDerivation) {
    let mut client = Client::new(config());
    client.hears(server().sasl(&["SCRAM-SHA-256"])).unwrap();
    let first = SaslInitialResponse::decode(&client.answer[5..]).unwrap();
    let first = str::from_utf8(first.response.unwrap()).unwrap();
    let (_, challenge) = ScramServer::new(PASSWORD, None).challenge(first);
    let message = server().says(Authentication::SaslContinue(challenge.as_bytes()));
    client.input.extend_from_slice(&message.0);
    match client.handshake.receive(&mut client.input) {
        Ok(Step::DeriveKeys(derivation)) => (client, derivation),
        step => panic!("{step:?}"),
    }
}

#[test]
fn a_close_in_each_state() {
    for (state, mut client) in waiting() {
        let error = client.handshake.handle_eof(&client.input);
        assert_eq!(error, HandshakeError::Closed, "{state}");
        assert_eq!(error.to_string(), "server closed the connection unexpectedly");
        assert_eq!(
            error.sqlstate(),
            SqlState::SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION
        );
        client.assert_over(&error);
    }
}

#[test]
fn a_close_inside_a_message() {
    for (before, message) in [
        (server(), server().says(Authentication::CleartextPassword)),
        (server().ok(), server().ready()),
    ] {
        for cut in 0..message.0.len() {
            let mut client = Client::new(config());
            client.hears(before.clone().bytes(&message.0[..cut])).unwrap();
            let error = client.handshake.handle_eof(&client.input);
            assert_eq!(error, HandshakeError::Closed, "at {cut}");
        }
    }
}

/// A close may come while the answer waits to be sent: it must not stay in memory.
#[test]
fn a_close_drops_what_is_outgoing() {
    let mut handshake = Handshake::new(config()).unwrap();
    let request = server().says(Authentication::CleartextPassword);
    handshake.receive(&mut BytesMut::from(&*request.0)).unwrap();
    assert!(handshake.outgoing().ends_with(b"correct-horse\0"));
    handshake.handle_eof(b"");
    assert_eq!(handshake.outgoing(), b"");
}

#[test]
fn receive_while_keys_are_awaited_spoils_nothing() {
    let (mut client, derivation) = awaiting_keys();
    for _ in 0..2 {
        let error = client.handshake.receive(&mut client.input).unwrap_err();
        assert_eq!(
            error,
            HandshakeError::OutOfOrder {
                awaited: "keys_derived"
            }
        );
        assert_eq!(error.to_string(), "the handshake waits for keys_derived");
        assert_eq!(error.sqlstate(), SqlState::INTERNAL_ERROR);
    }
    assert!(client.handshake.encryption_started(tls()).is_err());
    client.handshake.keys_derived(derivation.run()).unwrap();
    assert!(client.handshake.outgoing().starts_with(b"p\0\0\0"));
}

#[test]
fn keys_that_nobody_asked_for_spoil_nothing() {
    for (state, mut client) in waiting() {
        if state == "awaiting keys" {
            continue;
        }
        assert_eq!(
            client.handshake.keys_derived(ScramKeys::new([1; 32], [2; 32])),
            Err(HandshakeError::OutOfOrder { awaited: "receive" }),
            "{state}"
        );
        assert_eq!(client.handshake.outgoing(), b"");
    }
    let mut client = Client::new(config());
    let keys = ScramKeys::new([1; 32], [2; 32]);
    assert!(client.handshake.keys_derived(keys).is_err());
    client.hears(server().session()).unwrap();
    assert!(client.conversation.is_some());
}

#[test]
fn keys_are_taken_once() {
    let (mut client, derivation) = awaiting_keys();
    let keys = derivation.run();
    client.handshake.keys_derived(keys.clone()).unwrap();
    let length = client.handshake.outgoing().len();
    assert!(client.handshake.keys_derived(keys).is_err());
    assert_eq!(client.handshake.outgoing().len(), length);
}

#[test]
fn a_session_is_handed_out_once() {
    let mut client = Client::new(config());
    client.hears(server().session()).unwrap();
    client.input.extend_from_slice(&server().session().0);
    assert_eq!(
        client
            .handshake
            .receive(&mut client.input)
            .unwrap_err()
            .to_string(),
        "the handshake waits for nothing: it is over"
    );
}
