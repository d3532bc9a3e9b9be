//! Exchanges that succeed, and those that the client refuses for what it has or wants.

use super::*;
use crate::auth::scram::ScramKey;
use crate::auth::{ChannelBinding, Credentials};

#[test]
fn a_server_may_trust() {
    assert!(matches!(
        Peer::new(config()).send(&Authentication::Ok),
        Ok(AuthStep::Done)
    ));
}

#[test]
fn answers_with_the_password() {
    let mut peer = Peer::new(config());
    assert!(matches!(
        peer.send(&Authentication::CleartextPassword),
        Ok(AuthStep::Respond)
    ));
    assert_eq!(peer.out, b"p\0\0\0\x0bpencil\0");
    assert!(matches!(peer.send(&Authentication::Ok), Ok(AuthStep::Done)));
}

#[test]
fn answers_with_the_hash_of_the_password() {
    let mut peer = Peer::new(config());
    assert!(matches!(peer.send(&MD5), Ok(AuthStep::Respond)));
    let answer = PasswordMessage::decode(&peer.out[5..]).unwrap();
    assert_eq!(
        answer.password,
        md5::answer(b"mary", b"pencil", *b"salt").as_str()
    );
    assert!(matches!(peer.send(&Authentication::Ok), Ok(AuthStep::Done)));
}

#[test]
fn runs_scram() {
    let (mut peer, server_final) = Peer::proved();
    peer.completes(&server_final);
}

#[test]
fn runs_scram_with_channel_binding() {
    let mut config = config();
    config.transport = tls();
    config.channel_binding = ChannelBinding::Require;
    config.require_auth = "scram-sha-256".parse().unwrap();
    let mut peer = Peer::new(config);
    let offer = sasl(&["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"]);
    assert!(matches!(peer.send(&offer), Ok(AuthStep::Respond)));
    assert!(peer.out.starts_with(b"p\0\0\0\x50SCRAM-SHA-256-PLUS\0"));
    let server_final = peer.exchange(Server::new("pencil", Some(&[7; 32]))).unwrap();
    peer.completes(&server_final);
}

#[test]
fn runs_scram_with_keys_and_without_work() {
    let keys = KeyDerivation::new("pencil".into(), b"salt for tests 1".to_vec(), Server::ITERATIONS).run();
    let mut config = config();
    config.credentials = Credentials {
        scram_client_key: Some(keys.client_key),
        scram_server_key: Some(keys.server_key),
        ..Credentials::default()
    };
    // There is no work to limit.
    config.max_scram_iterations = 1;
    let mut peer = Peer::in_scram(config);
    let server_final = peer.exchange(Server::new("pencil", None)).unwrap();
    peer.completes(&server_final);
}

#[test]
fn one_key_goes_before_what_the_password_gives() {
    let wrong = || Some(ScramKey::new([1; 32]));
    let mut wrong_client = config();
    wrong_client.credentials.scram_client_key = wrong();
    assert_eq!(
        Peer::in_scram(wrong_client).exchange(Server::new("pencil", None)),
        Err("e=invalid-proof".to_owned())
    );
    let mut wrong_server = config();
    wrong_server.credentials.scram_server_key = wrong();
    let mut peer = Peer::in_scram(wrong_server);
    let server_final = peer.exchange(Server::new("pencil", None)).unwrap();
    assert_eq!(
        peer.refuses(&Authentication::SaslFinal(server_final.as_bytes())),
        "incorrect server signature"
    );
}

#[test]
fn sends_a_token() {
    let mut config = config();
    config.credentials.bearer_token = Some("abc".into());
    config.transport = Transport::Unix;
    let mut peer = Peer::new(config);
    assert!(matches!(
        peer.send(&sasl(&["OAUTHBEARER"])),
        Ok(AuthStep::Respond)
    ));
    assert_eq!(
        peer.out,
        b"p\0\0\0\x29OAUTHBEARER\0\0\0\0\x15n,,\x01auth=Bearer abc\x01\x01"
    );
    assert!(matches!(peer.send(&Authentication::Ok), Ok(AuthStep::Done)));
    assert_eq!(peer.authenticator.oauth_refusal(), None);
}

#[test]
fn answers_a_refused_token_and_keeps_the_reason() {
    let peer = token_refused();
    assert_eq!(peer.out, b"p\0\0\0\x05\x01");
    assert_eq!(
        peer.authenticator.oauth_refusal(),
        Some(r#"{"status":"invalid_token"}"#)
    );
}

// What is missing or not supported.

#[test]
fn a_password_must_be_there_and_not_empty() {
    for password in [None, Some(Secret::from(""))] {
        for message in [Authentication::CleartextPassword, MD5, sasl(&["SCRAM-SHA-256"])] {
            let mut config = config();
            config.credentials.password = password.clone();
            assert_eq!(
                refused_at_once(config, &message),
                "fe_sendauth: no password supplied"
            );
        }
    }
}

#[test]
fn a_client_key_alone_could_not_check_the_server() {
    let mut config = config();
    config.credentials.password = None;
    config.credentials.scram_client_key = Some(ScramKey::new([1; 32]));
    assert_eq!(
        refused_at_once(config, &sasl(&["SCRAM-SHA-256"])),
        "a SCRAM client key needs a SCRAM server key or a password beside it"
    );
}

#[test]
fn a_server_key_alone_could_not_show_the_client() {
    let mut config = config();
    config.credentials.password = None;
    config.credentials.scram_server_key = Some(ScramKey::new([1; 32]));
    assert_eq!(
        refused_at_once(config, &sasl(&["SCRAM-SHA-256"])),
        "fe_sendauth: no password supplied"
    );
}

#[test]
fn a_token_must_be_there() {
    for transport in [Transport::Unix, tls()] {
        let mut config = config();
        config.transport = transport;
        assert_eq!(
            refused_at_once(config, &sasl(&["OAUTHBEARER"])),
            "server requires OAuth authentication, but no bearer token was supplied"
        );
    }
}

#[test]
fn a_token_does_not_go_where_others_may_listen() {
    for token in [None, Some(Secret::from("abc"))] {
        let mut config = config();
        config.credentials.bearer_token = token;
        assert_eq!(
            refused_at_once(config, &sasl(&["OAUTHBEARER"])),
            "server requires OAuth authentication, but a bearer token is sent over TLS or a Unix-domain socket only"
        );
    }
}

#[test]
fn a_password_with_a_zero_byte_is_not_sent() {
    let mut config = config();
    config.credentials.password = Some("a\0b".into());
    assert_eq!(
        refused_at_once(config, &Authentication::CleartextPassword),
        "cannot send PasswordMessage: field \"password\" contains a zero byte at offset 1"
    );
}

#[test]
fn methods_without_support_are_named() {
    for (message, error) in [
        (
            Authentication::KerberosV5,
            "Kerberos 5 authentication not supported",
        ),
        (Authentication::Gss, "GSSAPI authentication not supported"),
        (
            Authentication::GssContinue(b""),
            "GSSAPI authentication not supported",
        ),
        (Authentication::Sspi, "SSPI authentication not supported"),
        (
            Authentication::Other {
                code: u32::MAX,
                data: b"",
            },
            "authentication method 4294967295 not supported",
        ),
    ] {
        assert_eq!(refused_at_once(config(), &message), error);
    }
}

// Policy.

#[test]
fn the_requirement_is_checked_before_a_credential_goes_out() {
    let mut config = config();
    config.require_auth = "scram-sha-256".parse().unwrap();
    let failed = "authentication method requirement \"scram-sha-256\" failed: server";
    for (message, reason) in [
        (
            Authentication::CleartextPassword,
            "requested a cleartext password",
        ),
        (MD5, "requested a hashed password"),
        (Authentication::Ok, "did not complete authentication"),
    ] {
        assert_eq!(
            refused_at_once(config.clone(), &message),
            format!("{failed} {reason}")
        );
    }
}

#[test]
fn required_channel_binding_is_checked_before_a_credential_goes_out() {
    let mut config = config();
    config.transport = tls();
    config.channel_binding = ChannelBinding::Require;
    let not_supported = "channel binding required but not supported by server's authentication request";
    for message in [
        Authentication::CleartextPassword,
        MD5,
        Authentication::Gss,
        Authentication::Other { code: 99, data: b"" },
    ] {
        assert_eq!(refused_at_once(config.clone(), &message), not_supported);
    }
    assert_eq!(
        refused_at_once(config.clone(), &Authentication::Ok),
        "channel binding required, but server authenticated client without channel binding"
    );
    let scram = sasl(&["SCRAM-SHA-256"]);
    assert_eq!(
        refused_at_once(config.clone(), &scram),
        "channel binding is required, but server did not offer an authentication method that supports \
         channel binding"
    );
    config.transport = Transport::Plain;
    assert_eq!(
        refused_at_once(config.clone(), &scram),
        "channel binding required, but SSL not in use"
    );
    config.transport = Transport::Tls {
        server_end_point: None,
    };
    assert_eq!(
        refused_at_once(config, &sasl(&["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"])),
        "channel binding is required, but the server's certificate has no hash to bind to"
    );
}
