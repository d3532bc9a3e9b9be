//! Servers that break the rules.

use super::*;
use crate::auth::ChannelBinding;

#[test]
fn an_unknown_mechanism_list_is_refused() {
    assert_eq!(
        refused_at_once(config(), &sasl(&["SCRAM-SHA-1", "PLAIN"])),
        "none of the server's SASL authentication mechanisms are supported"
    );
}

#[test]
fn an_empty_mechanism_list_is_refused() {
    assert_eq!(
        refused_at_once(config(), &sasl(&[])),
        "none of the server's SASL authentication mechanisms are supported"
    );
}

#[test]
fn ok_before_the_challenge_is_refused() {
    assert_eq!(
        Peer::in_scram(config()).refuses(&Authentication::Ok),
        "server accepted the client, but did not complete SCRAM authentication"
    );
}

#[test]
fn ok_before_the_servers_proof_is_refused() {
    let (peer, _) = Peer::proved();
    assert_eq!(
        peer.refuses(&Authentication::Ok),
        "server accepted the client, but did not complete SCRAM authentication"
    );
}

#[test]
fn ok_before_the_servers_proof_is_refused_even_where_trust_is_allowed() {
    let mut config = config();
    config.require_auth = "none,scram-sha-256".parse().unwrap();
    assert_eq!(
        Peer::in_scram(config).refuses(&Authentication::Ok),
        "server accepted the client, but did not complete SCRAM authentication"
    );
}

#[test]
fn ok_before_the_servers_proof_does_not_fulfil_a_requirement() {
    let mut config = config();
    config.require_auth = "scram-sha-256".parse().unwrap();
    assert_eq!(
        Peer::in_scram(config).refuses(&Authentication::Ok),
        "authentication method requirement \"scram-sha-256\" failed: server did not complete authentication"
    );
}

#[test]
fn a_wrong_server_signature_is_refused() {
    let (peer, _) = Peer::proved();
    assert_eq!(
        peer.refuses(&Authentication::SaslFinal(
            b"v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        )),
        "incorrect server signature"
    );
}

#[test]
fn a_servers_error_is_passed_on() {
    let (peer, _) = Peer::proved();
    assert_eq!(
        peer.refuses(&Authentication::SaslFinal(b"e=other-error")),
        "error received from server in SCRAM exchange: other-error"
    );
}

#[test]
fn garbage_after_the_servers_proof_is_refused() {
    let (peer, server_final) = Peer::proved();
    assert_eq!(
        peer.refuses(&Authentication::SaslFinal(
            format!("{server_final},x=y").as_bytes()
        )),
        "malformed SCRAM message (garbage at end of server-final-message)"
    );
}

#[test]
fn a_nonce_not_prefixed_by_ours_is_refused() {
    for nonce in ["servers", CLIENT_NONCE, &format!("x{CLIENT_NONCE}")] {
        assert_eq!(
            Peer::in_scram(config()).refuses_challenge(&format!("r={nonce},s=AAAA,i=4096")),
            "invalid SCRAM response (nonce mismatch)"
        );
    }
}

#[test]
fn a_mandatory_extension_is_refused() {
    assert_eq!(
        Peer::in_scram(config()).refuses_challenge(&format!("m=x,r={CLIENT_NONCE}x,s=AAAA,i=4096")),
        "malformed SCRAM message (attribute \"r\" expected)"
    );
}

#[test]
fn garbage_after_the_challenge_is_refused() {
    assert_eq!(
        Peer::in_scram(config()).refuses_challenge(&format!("r={CLIENT_NONCE}x,s=AAAA,i=4096,x=y")),
        "malformed SCRAM message (garbage at end of server-first-message)"
    );
}

fn iterations(text: &str) -> Result<KeyDerivation, String> {
    let challenge = format!("r={CLIENT_NONCE}x,s=AAAA,i={text}");
    let step = Peer::in_scram(config()).send(&Authentication::SaslContinue(challenge.as_bytes()));
    match step.map_err(|error| error.to_string())? {
        AuthStep::Derive(derivation) => Ok(derivation),
        step => panic!("{step:?}"),
    }
}

#[test]
fn two_thousand_million_iterations_are_refused_without_doing_them() {
    assert_eq!(
        iterations("2147483647").unwrap_err(),
        "server asked for 2147483647 SCRAM iterations, the limit is 1000000"
    );
}

#[test]
fn iterations_that_would_wrap_to_one_are_refused() {
    assert_eq!(
        iterations("4294967297").unwrap_err(),
        "server asked for 4294967297 SCRAM iterations, the limit is 1000000"
    );
}

#[test]
fn no_iterations_are_refused() {
    assert_eq!(
        iterations("0").unwrap_err(),
        "malformed SCRAM message (invalid iteration count)"
    );
}

#[test]
fn iterations_with_a_sign_are_refused() {
    assert_eq!(
        iterations("+5").unwrap_err(),
        "malformed SCRAM message (invalid iteration count)"
    );
}

/// Servers since 16 can be told to keep passwords so.
#[test]
fn one_iteration_is_accepted() {
    let derivation = iterations("1").unwrap();
    assert_eq!((derivation.iterations(), derivation.salt()), (1, &[0; 3][..]));
}

#[test]
fn two_challenges_are_refused() {
    let challenge = format!("r={CLIENT_NONCE}x,s=AAAA,i=1");
    let message = Authentication::SaslContinue(challenge.as_bytes());
    let refused = "server sent AuthenticationSASLContinue out of turn";

    let mut before_the_keys = Peer::in_scram(config());
    assert!(matches!(before_the_keys.send(&message), Ok(AuthStep::Derive(_))));
    assert_eq!(before_the_keys.refuses(&message), refused);

    let (after_the_proof, _) = Peer::proved();
    assert_eq!(after_the_proof.refuses(&message), refused);
}

#[test]
fn a_proof_in_a_challenge_is_refused() {
    let (peer, server_final) = Peer::proved();
    assert_eq!(
        peer.refuses(&Authentication::SaslContinue(server_final.as_bytes())),
        "server sent AuthenticationSASLContinue out of turn"
    );
}

#[test]
fn a_final_before_anything_is_refused() {
    for message in [
        Authentication::SaslFinal(b"v="),
        Authentication::SaslContinue(b"r="),
    ] {
        assert_eq!(
            refused_at_once(config(), &message),
            "fe_sendauth: invalid authentication request from server: AUTH_REQ_SASL_CONT without AUTH_REQ_SASL"
        );
    }
}

#[test]
fn a_final_in_place_of_the_challenge_is_refused() {
    assert_eq!(
        Peer::in_scram(config()).refuses(&Authentication::SaslFinal(b"v=AAAA")),
        "AuthenticationSASLFinal received from server, but SASL authentication was not completed"
    );
}

#[test]
fn two_finals_are_refused() {
    let (mut peer, server_final) = Peer::proved();
    let message = Authentication::SaslFinal(server_final.as_bytes());
    assert!(matches!(peer.send(&message), Ok(AuthStep::Wait)));
    assert_eq!(
        peer.refuses(&message),
        "server sent AuthenticationSASLFinal out of turn"
    );
}

#[test]
fn no_second_request_is_answered() {
    for first in [Authentication::CleartextPassword, MD5, sasl(&["SCRAM-SHA-256"])] {
        for second in [Authentication::CleartextPassword, MD5] {
            let mut peer = Peer::new(config());
            assert!(matches!(peer.send(&first), Ok(AuthStep::Respond)));
            assert_eq!(
                peer.refuses(&second),
                format!(
                    "server sent {} after authentication by another request had begun",
                    second.name()
                )
            );
        }
    }
}

#[test]
fn no_second_sasl_request_is_answered() {
    let offer = sasl(&["SCRAM-SHA-256"]);
    assert_eq!(
        Peer::in_scram(config()).refuses(&offer),
        "duplicate SASL authentication request"
    );
    let mut peer = Peer::new(config());
    assert!(matches!(peer.send(&MD5), Ok(AuthStep::Respond)));
    assert_eq!(
        peer.refuses(&offer),
        "server sent AuthenticationSASL after authentication by another request had begun"
    );
}

#[test]
fn a_refused_token_cannot_be_accepted_after_all() {
    let after = "server sent additional OAuth data after error";
    assert_eq!(token_refused().refuses(&Authentication::Ok), after);
    assert_eq!(
        token_refused().refuses(&Authentication::SaslContinue(b"{}")),
        after
    );
    assert_eq!(token_refused().refuses(&Authentication::SaslFinal(b"")), after);
}

#[test]
fn a_token_is_accepted_without_further_data() {
    let mut config = config();
    config.credentials.bearer_token = Some("abc".into());
    config.transport = Transport::Unix;
    let mut peer = Peer::new(config);
    assert!(matches!(
        peer.send(&sasl(&["OAUTHBEARER"])),
        Ok(AuthStep::Respond)
    ));
    assert_eq!(
        peer.refuses(&Authentication::SaslFinal(b"")),
        "server sent unexpected additional OAuth data"
    );
}

#[test]
fn keys_nobody_asked_for_end_it() {
    let mut peer = Peer::new(config());
    let keys = ScramKeys::new([0; 32], [0; 32]);
    let result = peer.authenticator.keys_derived(keys, &mut peer.out);
    assert_eq!(result.unwrap_err(), AuthError::KeysNotAskedFor);
    assert!(peer.send(&Authentication::Ok).is_err());
}

#[test]
fn nothing_prints_a_credential() {
    let mut config = config();
    config.credentials.bearer_token = Some("hush".into());
    let mut peer = Peer::in_scram(config);
    let text = format!("{:?}", peer.authenticator);
    assert!(!text.contains("pencil") && !text.contains("hush"), "{text}");
    peer.exchange(Server::new("pencil", None)).unwrap();
    let text = format!("{:?}", peer.authenticator);
    assert!(text.contains("ScramVerification { expected: *** }"), "{text}");
}

/// The choice of the mechanism already sees to it; the check at the end does not rely on that.
#[test]
fn ok_after_an_unbound_exchange_does_not_do_where_binding_is_required() {
    let (mut peer, server_final) = Peer::proved();
    let last = Authentication::SaslFinal(server_final.as_bytes());
    assert!(matches!(peer.send(&last), Ok(AuthStep::Wait)));
    peer.authenticator.config.channel_binding = ChannelBinding::Require;
    assert_eq!(
        peer.refuses(&Authentication::Ok),
        "channel binding required, but server authenticated client without channel binding"
    );
}
