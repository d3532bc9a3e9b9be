//! Servers that say anything.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// A message that makes sense somewhere, or bytes that do not.
fn utterance() -> impl Strategy<Value = Vec<u8>> {
    let sensible = select(vec![
        server().ok(),
        server().says(Authentication::CleartextPassword),
        server().says(Authentication::Md5Password { salt: *b"salt" }),
        server().sasl(&["SCRAM-SHA-256"]),
        server().sasl(&["OAUTHBEARER"]),
        server().sasl(&["SCRAM-SHA-256", "OAUTHBEARER"]),
        server().says(Authentication::SaslContinue(b"{}")),
        server().says(Authentication::SaslContinue(
            b"r=MTggcmFuZG9tIGJ5dGVzLi4userver,s=c2FsdA==,i=1",
        )),
        server().says(Authentication::SaslFinal(b"v=AAAA")),
        server().says(Authentication::Gss),
        server().offers(ProtocolVersion::V3_0, &[]),
        server().parameter("TimeZone", "UTC"),
        server().key(b"key!"),
        server().notice("00000"),
        server().error("28P01"),
        server().ready(),
    ]);
    prop_oneof![
        8 => sensible.prop_map(|server| server.0),
        1 => vec(any::<u8>(), 0..20),
        1 => (any::<u8>(), vec(any::<u8>(), 0..20)).prop_map(|(tag, body)| {
            let length = u32::try_from(body.len() + 4).unwrap();
            [&[tag][..], &length.to_be_bytes(), &body].concat()
        }),
    ]
}

fn encryption() -> impl Strategy<Value = Encryption> {
    select(vec![
        Encryption::None,
        Encryption::Ssl { required: false },
        Encryption::Gss { required: false },
        Encryption::DirectSsl,
    ])
}

/// The bodies of the messages behind the startup packet.
fn answers(mut sent: &[u8]) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    while let Some((&[tag, a, b, c, d], rest)) = sent.split_first_chunk() {
        assert_eq!(tag, b'p');
        let (body, rest) = rest.split_at(u32::from_be_bytes([a, b, c, d]) as usize - 4);
        bodies.push(body.to_vec());
        sent = rest;
    }
    assert!(sent.is_empty());
    bodies
}

proptest! {
    /// One credential at most leaves, whatever the server says; what follows it goes on with the same exchange.
    #[test]
    fn get_one_credential_at_most(
        encryption in encryption(),
        yes in any::<bool>(),
        utterances in vec(utterance(), 0..12),
    ) {
        let mut config = encrypted(encryption);
        config.max_version = ProtocolVersion::V3_2;
        config.auth.credentials.bearer_token = Some(TOKEN.into());
        config.auth.transport = Transport::Unix;
        let mut client = Client::new(config.clone());
        let first: &[u8] = match (encryption, yes) {
            (Encryption::Ssl { .. }, true) => b"S",
            (Encryption::Gss { .. }, true) => b"G",
            (Encryption::Ssl { .. } | Encryption::Gss { .. }, false) => b"N",
            (Encryption::None | Encryption::DirectSsl, _) => b"",
        };
        client.hears(first).unwrap();
        let before = client.sent.len();
        for utterance in utterances {
            if client.hears(utterance).is_err() || client.conversation.is_some() {
                break;
            }
        }
        let answers = answers(&client.sent[before..]);
        if let Some((first, rest)) = answers.split_first() {
            let token = first.starts_with(b"OAUTHBEARER\0");
            let scram = first.starts_with(b"SCRAM-SHA-256\0");
            prop_assert!(token || scram || rest.is_empty(), "{answers:?}");
            prop_assert!(rest.len() <= 1, "{answers:?}");
            for answer in rest {
                let expected: &[u8] = if token { b"\x01" } else { b"c=" };
                prop_assert!(answer.starts_with(expected), "{answers:?}");
            }
        }
    }

    #[test]
    fn never_cause_a_panic(encryption in encryption(), bytes in vec(any::<u8>(), 0..200), cut in 0..200_usize) {
        let mut client = Client::new(encrypted(encryption));
        let (head, tail) = bytes.split_at(cut.min(bytes.len()));
        if client.hears(head).is_ok() && client.conversation.is_none() {
            drop(client.hears(tail));
        }
    }

    /// Behind AuthenticationOk, where random bytes get further.
    #[test]
    fn never_cause_a_panic_while_the_session_starts(bytes in vec(any::<u8>(), 0..200)) {
        let mut client = Client::new(config());
        client.hears(server().ok()).unwrap();
        drop(client.hears(bytes));
    }
}
