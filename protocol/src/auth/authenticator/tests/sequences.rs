//! Any sequence of messages.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Event {
    Ok,
    Cleartext,
    Md5,
    Sasl(Vec<&'static str>),
    Challenge { nonce: String, iterations: u32 },
    Final(Vec<u8>),
    Continue(Vec<u8>),
    Other(u32),
}

fn event() -> impl Strategy<Value = Event> {
    let mechanisms = vec!["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "OAUTHBEARER", "PLAIN"];
    let nonce = prop_oneof![
        3 => "[!-+--~]{0,3}".prop_map(|end| format!("{CLIENT_NONCE}{end}")),
        1 => ".{0,9}",
    ];
    prop_oneof![
        1 => Just(Event::Ok),
        1 => Just(Event::Cleartext),
        1 => Just(Event::Md5),
        3 => vec(prop::sample::select(mechanisms), 0..4).prop_map(Event::Sasl),
        3 => (nonce, 0..9_u32).prop_map(|(nonce, iterations)| Event::Challenge { nonce, iterations }),
        1 => vec(any::<u8>(), 0..9).prop_map(Event::Final),
        1 => vec(any::<u8>(), 0..9).prop_map(Event::Continue),
        1 => (0..20_u32).prop_map(Event::Other),
    ]
}

proptest! {
    /// A server that does not know the password gets one method's answer at most, and is accepted only without SCRAM.
    #[test]
    fn any_sequence_gets_one_method_at_most(
        events in vec(event(), 1..8),
        has_tls in any::<bool>(),
        has_token in any::<bool>(),
    ) {
        let mut config = config();
        config.transport = if has_tls { tls() } else { Transport::Unix };
        if has_token {
            config.credentials.bearer_token = Some("abc".into());
        }
        let mut peer = Peer::new(config);
        let mut methods = 0;
        let mut is_scram = false;
        for event in &events {
            let challenge;
            let message = match event {
                Event::Ok => Authentication::Ok,
                Event::Cleartext => Authentication::CleartextPassword,
                Event::Md5 => MD5,
                Event::Sasl(mechanisms) => sasl(mechanisms),
                Event::Challenge { nonce, iterations } => {
                    challenge = format!("r={nonce},s=AAAA,i={iterations}");
                    Authentication::SaslContinue(challenge.as_bytes())
                }
                Event::Final(data) => Authentication::SaslFinal(data),
                Event::Continue(data) => Authentication::SaslContinue(data),
                Event::Other(code) => Authentication::Other { code: *code, data: b"" },
            };
            match peer.send(&message) {
                Ok(AuthStep::Respond) => {
                    let is_request = matches!(event, Event::Cleartext | Event::Md5 | Event::Sasl(_));
                    methods += u32::from(is_request);
                    is_scram |= peer.out.windows(5).any(|bytes| bytes == b"SCRAM");
                }
                Ok(AuthStep::Derive(derivation)) => {
                    let step = peer.authenticator.keys_derived(derivation.run(), &mut peer.out);
                    prop_assert!(matches!(step, Ok(AuthStep::Respond)));
                }
                Ok(AuthStep::Done) => prop_assert!(!is_scram),
                Ok(AuthStep::Wait) => prop_assert!(false, "a made-up proof passed"),
                Err(error) => {
                    prop_assert!(!error.to_string().contains("pencil"));
                    prop_assert!(peer.send(&Authentication::CleartextPassword).is_err());
                }
            }
            prop_assert!(methods <= 1);
        }
    }
}
