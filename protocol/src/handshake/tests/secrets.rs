//! What must not be shown, and not stay in memory.

use super::*;
use crate::auth::scram::{KeyDerivation, ScramKey};

const KEY: [u8; 32] = *b"thirty-two bytes of a client key";
const SERVER_KEY: [u8; 32] = *b"thirty-two bytes of a server key";

/// Every credential there is.
fn rich() -> HandshakeConfig {
    let mut config = config();
    let credentials = &mut config.auth.credentials;
    credentials.bearer_token = Some(TOKEN.into());
    credentials.scram_client_key = Some(ScramKey::new(KEY));
    credentials.scram_server_key = Some(ScramKey::new(SERVER_KEY));
    config.auth.transport = Transport::Unix;
    config
}

/// Looks for each secret, as text and as a list of numbers.
#[track_caller]
fn assert_silent(shown: &str, also: &[&[u8]]) {
    let secrets: [&[u8]; 5] = [PASSWORD.as_bytes(), TOKEN.as_bytes(), &KEY, &SERVER_KEY, b"key!"];
    for secret in secrets.iter().chain(also) {
        let numbers = format!("{secret:?}");
        let hidden = [
            secret.escape_ascii().to_string(),
            numbers.trim_matches(['[', ']']).to_owned(),
        ];
        for secret in hidden {
            assert!(!shown.contains(&secret), "{shown}");
        }
    }
}

/// Lets a server say something, and looks at all that could be printed after it.
fn hear(client: &mut Client, server: Server) {
    let result = client.hears(server);
    if let Err(error) = &result {
        assert_silent(&format!("{error} {error:?}"), &[]);
    }
    assert_silent(&format!("{:?} {:?}", client.handshake, client.steps), &[]);
    assert_silent(&format!("{:?}", client.conversation), &[]);
}

#[test]
fn nothing_prints_them() {
    assert_silent(&format!("{:?} {:#?}", rich(), rich()), &[]);
    for request in [
        server().ok(),
        server().says(Authentication::CleartextPassword),
        server().says(Authentication::Md5Password { salt: *b"salt" }),
        server().sasl(&["OAUTHBEARER"]),
        server().sasl(&["SCRAM-SHA-256"]),
    ] {
        for end in [
            server().session(),
            server().error("28P01"),
            server().says(Authentication::SaslContinue(b"{}")),
            server().bytes(b"Eoops\0"),
            server().key(b"key!").bytes(b"K\0\0\0\x0d\0\0\0\x07key!!"),
        ] {
            let mut client = Client::new(rich());
            hear(&mut client, request.clone());
            hear(&mut client, end.clone());
        }
        // While the answer waits to be sent.
        let mut handshake = Handshake::new(rich()).unwrap();
        let step = handshake.receive(&mut BytesMut::from(&*request.0)).unwrap();
        assert_silent(&format!("{step:?} {handshake:?}"), &[]);
    }
}

#[test]
fn nothing_prints_what_scram_makes_of_them() {
    let keys = KeyDerivation::new(PASSWORD.into(), b"salt for tests 1".to_vec(), 100).run();
    let made = [&keys.client_key.expose()[..], keys.server_key.expose()];
    let mut client = Client::new(config());
    client.hears(server().sasl(&["SCRAM-SHA-256"])).unwrap();
    let first = SaslInitialResponse::decode(&client.answer[5..]).unwrap();
    let first = str::from_utf8(first.response.unwrap()).unwrap();
    let (_, challenge) = ScramServer::new(PASSWORD, None).challenge(first);
    let message = server().says(Authentication::SaslContinue(challenge.as_bytes()));
    let step = client
        .handshake
        .receive(&mut BytesMut::from(&*message.0))
        .unwrap();
    assert_silent(&format!("{step:?} {:?}", client.handshake), &made);
    let Step::DeriveKeys(derivation) = step else {
        panic!("{step:?}");
    };
    client.handshake.keys_derived(derivation.run()).unwrap();
    assert_silent(&format!("{:?}", client.handshake), &made);
}

/// Where the buffer had to grow, its old place would keep what was in it.
#[test]
fn the_longest_answers_find_room() {
    let mut config = config();
    let frame = Handshake::new(config.clone()).unwrap().outgoing().len();
    // Name, value and their two zero bytes.
    let filler = "f".repeat(10_004 - frame - "options".len() - 2);
    config.parameters.push(("options".into(), filler));
    for (mut config, request) in [
        (config.clone(), server().says(Authentication::CleartextPassword)),
        (config, server().sasl(&["OAUTHBEARER"])),
    ] {
        config.auth.credentials.password = Some(vec![b'p'; 65_530].into());
        config.auth.credentials.bearer_token = Some(vec![b't'; 65_490].into());
        config.auth.transport = Transport::Unix;
        let mut handshake = Handshake::new(config).unwrap();
        let place = handshake.outgoing().as_ptr();
        assert_eq!(handshake.outgoing().len(), 10_004);
        handshake.receive(&mut BytesMut::from(&*request.0)).unwrap();
        assert!(handshake.outgoing().len() > 75_500);
        assert_eq!(handshake.outgoing().as_ptr(), place, "it did not move");
    }
}

#[test]
fn what_was_sent_is_forgotten() {
    let mut handshake = Handshake::new(config()).unwrap();
    handshake.sent(handshake.outgoing().len());
    let request = server().says(Authentication::CleartextPassword);
    handshake.receive(&mut BytesMut::from(&*request.0)).unwrap();
    let mut sent = Vec::new();
    while let Some(&byte) = handshake.outgoing().first() {
        sent.push(byte);
        handshake.sent(1);
    }
    assert_eq!(sent, b"p\0\0\0\x12correct-horse\0");
    assert_eq!(handshake.outgoing(), b"");
}
