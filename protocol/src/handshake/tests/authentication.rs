//! Every method of authentication, the whole way.

use super::*;
use crate::SqlState;
use crate::auth::scram::KeyDerivation;
use crate::auth::{AuthError, ChannelBinding};

const PLUS: [&str; 2] = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"];
const REFUSAL: &str = r#"{"status":"invalid_token","openid-configuration":"https://id.example/"}"#;

fn with_token() -> HandshakeConfig {
    let mut config = config();
    config.auth.credentials.password = None;
    config.auth.credentials.bearer_token = Some(TOKEN.into());
    config.auth.transport = Transport::Unix;
    config
}

#[test]
fn trust() {
    let mut client = Client::new(config());
    client.hears(server().session()).unwrap();
    assert!(client.conversation.is_some());
    assert_eq!(client.answer, b"");
}

#[test]
fn cleartext() {
    let mut client = Client::new(config());
    client
        .hears(server().says(Authentication::CleartextPassword))
        .unwrap();
    assert_eq!(client.answer, b"p\0\0\0\x12correct-horse\0");
    client.hears(server().session()).unwrap();
    assert!(client.conversation.is_some());
    assert_eq!(client.answer, b"");
}

#[test]
fn md5() {
    let mut client = Client::new(config());
    let request = Authentication::Md5Password { salt: *b"salt" };
    client.hears(server().says(request)).unwrap();
    // md5(md5('correct-horse' || 'mary') || 'salt'), as md5sum gives it.
    assert_eq!(client.answer, b"p\0\0\0\x28md50eef86fcdeed6d9c62a57c16b04da05d\0");
    client.hears(server().session()).unwrap();
    assert!(client.conversation.is_some());
}

#[test]
fn scram() {
    let mut client = Client::new(config());
    client
        .scram(&["SCRAM-SHA-256"], ScramServer::new(PASSWORD, None))
        .unwrap();
    client.hears(server().session()).unwrap();
    assert!(client.conversation.is_some());
    assert_eq!(client.steps[0], "derive with 100 iterations");
}

#[test]
fn scram_bound_to_the_tls_connection() {
    for encryption in [Encryption::Ssl { required: true }, Encryption::DirectSsl] {
        let mut config = encrypted(encryption);
        config.auth.channel_binding = ChannelBinding::Require;
        let mut client = Client::new(config);
        if encryption != Encryption::DirectSsl {
            client.hears(b"S").unwrap();
        } else {
            client.hears(b"").unwrap();
        }
        client
            .scram(&PLUS, ScramServer::new(PASSWORD, Some(&END_POINT)))
            .unwrap();
        client.hears(server().session()).unwrap();
        assert!(client.conversation.is_some());
        assert_eq!(
            client.steps[..2],
            ["encrypt with Tls", "derive with 100 iterations"]
        );
    }
}

#[test]
fn scram_with_keys_instead_of_a_password() {
    let keys = KeyDerivation::new(PASSWORD.into(), b"salt for tests 1".to_vec(), 100).run();
    let mut config = config();
    config.auth.credentials.password = None;
    config.auth.credentials.scram_client_key = Some(keys.client_key);
    config.auth.credentials.scram_server_key = Some(keys.server_key);
    let mut client = Client::new(config);
    client
        .scram(&["SCRAM-SHA-256"], ScramServer::new(PASSWORD, None))
        .unwrap();
    assert_eq!(client.steps, [""; 0], "there is nothing to derive");
    client.hears(server().session()).unwrap();
    assert!(client.conversation.is_some());
}

#[test]
fn oauth() {
    let mut client = Client::new(with_token());
    client.hears(server().sasl(&["OAUTHBEARER"])).unwrap();
    let answer = SaslInitialResponse::decode(&client.answer[5..]).unwrap();
    assert_eq!(
        answer.response,
        Some(&b"n,,\x01auth=Bearer a.bearer.token\x01\x01"[..])
    );
    client.hears(server().session()).unwrap();
    assert!(client.conversation.is_some());
    assert_eq!(client.handshake.oauth_refusal(), None);
}

#[test]
fn a_refused_token_and_where_to_get_a_better_one() {
    let mut client = Client::new(with_token());
    client.hears(server().sasl(&["OAUTHBEARER"])).unwrap();
    client
        .hears(server().says(Authentication::SaslContinue(REFUSAL.as_bytes())))
        .unwrap();
    assert_eq!(client.answer, b"p\0\0\0\x05\x01");
    let error = client.hears(server().error("28000")).unwrap_err();
    assert_eq!(error, HandshakeError::Refused(diagnostic("FATAL", "28000")));
    assert_eq!(client.handshake.oauth_refusal(), Some(REFUSAL));
}

#[test]
fn a_refused_token_and_a_close_without_a_word() {
    let mut client = Client::new(with_token());
    client.hears(server().sasl(&["OAUTHBEARER"])).unwrap();
    client
        .hears(server().says(Authentication::SaslContinue(REFUSAL.as_bytes())))
        .unwrap();
    assert_eq!(client.handshake.handle_eof(b""), HandshakeError::Closed);
    assert_eq!(client.handshake.oauth_refusal(), Some(REFUSAL));
}

#[test]
fn a_wrong_password_is_told_in_the_servers_words() {
    let refused = HandshakeError::Refused(diagnostic("FATAL", "28P01"));
    assert_eq!(refused.sqlstate(), SqlState::INVALID_PASSWORD);
    assert_eq!(refused.to_string(), "FATAL: oops (SQLSTATE 28P01)");

    let mut client = Client::new(config());
    client
        .hears(server().says(Authentication::CleartextPassword))
        .unwrap();
    assert_eq!(client.hears(server().error("28P01")), Err(refused.clone()));

    let mut client = Client::new(config());
    assert_eq!(
        client.scram(&["SCRAM-SHA-256"], ScramServer::new("other", None)),
        Err(refused)
    );
}

#[test]
fn no_password() {
    for request in [
        server().says(Authentication::CleartextPassword),
        server().says(Authentication::Md5Password { salt: *b"salt" }),
        server().sasl(&["SCRAM-SHA-256"]),
    ] {
        for password in [None, Some("".into())] {
            let mut config = config();
            config.auth.credentials.password = password;
            let error = failure(config, request.clone());
            assert_eq!(error, HandshakeError::Authentication(AuthError::NoPassword));
            assert_eq!(error.to_string(), "fe_sendauth: no password supplied");
            assert_eq!(error.sqlstate(), SqlState::INVALID_PASSWORD);
        }
    }
}

/// A password answer that waits to be sent is gone once the handshake has failed.
#[test]
fn after_one_answer_there_is_no_second() {
    let mut client = Client::new(config());
    let both = server()
        .says(Authentication::Md5Password { salt: *b"salt" })
        .says(Authentication::CleartextPassword);
    let error = client.hears(both).unwrap_err();
    assert!(
        matches!(
            error,
            HandshakeError::Authentication(AuthError::SecondRequest { .. })
        ),
        "{error}"
    );
    assert_eq!(error.sqlstate(), SqlState::PROTOCOL_VIOLATION);
    assert_eq!(client.answer, b"");
}

/// Where the handshake asks for encryption, what binds SCRAM is what was started, whatever the configuration says.
#[test]
fn without_encryption_there_is_nothing_to_bind_to() {
    let mut config = config();
    config.auth.transport = tls();
    config.encryption = Encryption::Ssl { required: false };
    assert_eq!(
        failure(config, server().bytes(b"N").sasl(&PLUS)),
        HandshakeError::Authentication(AuthError::PlusWithoutTls)
    );
}

/// Where it does not, the connection may have been encrypted before.
#[test]
fn encryption_that_was_there_before_can_be_bound_to() {
    let mut config = config();
    config.auth.transport = tls();
    let mut client = Client::new(config);
    client.hears(server().sasl(&PLUS)).unwrap();
    assert!(client.answer.starts_with(b"p\0\0\0"));
    assert!(
        client
            .answer
            .windows(26)
            .any(|window| window == b"p=tls-server-end-point,,n=")
    );
}

#[test]
fn ok_before_the_server_has_proved_itself() {
    let mut client = Client::new(config());
    let early = server().sasl(&["SCRAM-SHA-256"]).session();
    assert_eq!(
        client.hears(early),
        Err(HandshakeError::Authentication(AuthError::ServerNotVerified))
    );
}
