//! Asking for encryption.

use super::*;
use crate::SqlState;

const SSL: Encryption = Encryption::Ssl { required: true };
const GSS: Encryption = Encryption::Gss { required: true };
const STARTUP: &[u8] = b"\0\0\0\x13\0\x03\0\0user\0mary\0\0";

fn text(encryption: Encryption, answer: &[u8]) -> String {
    failure(encrypted(encryption), answer).to_string()
}

#[test]
fn tls_starts_after_a_yes() {
    for required in [true, false] {
        let mut client = Client::new(encrypted(Encryption::Ssl { required }));
        assert_eq!(client.sent, b"\0\0\0\x08\x04\xd2\x16\x2f");
        client.hears(b"S").unwrap();
        assert_eq!(client.steps, ["encrypt with Tls"]);
        assert_eq!(client.answer, STARTUP);
        client.hears(server().session()).unwrap();
        assert!(client.conversation.is_some());
    }
}

#[test]
fn gssapi_starts_after_a_yes() {
    for required in [true, false] {
        let mut client = Client::new(encrypted(Encryption::Gss { required }));
        assert_eq!(client.sent, b"\0\0\0\x08\x04\xd2\x16\x30");
        client.hears(b"G").unwrap();
        assert_eq!(client.steps, ["encrypt with Gss"]);
        assert_eq!(client.answer, STARTUP);
        client.hears(server().session()).unwrap();
        assert!(client.conversation.is_some());
    }
}

#[test]
fn direct_tls_starts_without_a_word() {
    let mut handshake = Handshake::new(encrypted(Encryption::DirectSsl)).unwrap();
    assert_eq!(handshake.outgoing(), b"");
    for _ in 0..2 {
        assert!(matches!(
            handshake.receive(&mut BytesMut::new()),
            Ok(Step::StartEncryption(EncryptionKind::Tls))
        ));
        assert_eq!(handshake.outgoing(), b"");
    }
    handshake.encryption_started(tls()).unwrap();
    assert_eq!(handshake.outgoing(), STARTUP);
}

#[test]
fn nothing_is_sent_before_encryption_has_started() {
    let mut handshake = Handshake::new(encrypted(SSL)).unwrap();
    handshake.sent(8);
    let mut input = BytesMut::from(&b"S"[..]);
    assert!(matches!(
        handshake.receive(&mut input),
        Ok(Step::StartEncryption(EncryptionKind::Tls))
    ));
    assert!(input.is_empty());
    assert_eq!(handshake.outgoing(), b"");
}

#[test]
fn a_no_where_encryption_is_required() {
    let error = failure(encrypted(SSL), b"N");
    assert_eq!(
        error.to_string(),
        "server does not support SSL, but SSL was required"
    );
    assert_eq!(
        error.sqlstate(),
        SqlState::SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION
    );
    assert_eq!(
        text(GSS, b"N"),
        "server doesn't support GSSAPI encryption, but it was required"
    );
}

#[test]
fn a_no_where_encryption_is_not_required() {
    for encryption in [
        Encryption::Ssl { required: false },
        Encryption::Gss { required: false },
    ] {
        let mut client = Client::new(encrypted(encryption));
        client.hears(b"N").unwrap();
        assert_eq!(client.answer, STARTUP);
        client.hears(server().session()).unwrap();
        assert!(client.conversation.is_some());
    }
}

/// CVE-2021-23222.
#[test]
fn bytes_behind_a_yes_are_refused() {
    let error = failure(encrypted(SSL), b"SR\0\0\0\x08\0\0\0\0");
    assert_eq!(error.to_string(), "received unencrypted data after SSL response");
    assert_eq!(error.sqlstate(), SqlState::PROTOCOL_VIOLATION);
    assert_eq!(
        text(GSS, b"G\0"),
        "received unencrypted data after GSSAPI encryption response"
    );
}

#[test]
fn bytes_that_come_later_than_a_yes_are_refused_too() {
    for encryption in [SSL, Encryption::DirectSsl] {
        let mut handshake = Handshake::new(encrypted(encryption)).unwrap();
        handshake.sent(8);
        let mut input = BytesMut::from(if encryption == SSL { &b"S"[..] } else { b"" });
        assert!(matches!(
            handshake.receive(&mut input),
            Ok(Step::StartEncryption(_))
        ));
        input.extend_from_slice(b"R");
        let error = handshake.receive(&mut input).unwrap_err();
        assert!(matches!(error, HandshakeError::UnencryptedData { .. }), "{error}");
        assert!(handshake.encryption_started(tls()).is_err());
        assert_eq!(handshake.outgoing(), b"");
    }
}

/// CVE-2024-10977. Nothing behind the type byte is looked at or waited for: CVE-2022-41862.
#[test]
fn an_error_is_not_shown() {
    let long = [b"E".as_slice(), &[b'x'; 100_000]].concat();
    let message = server().error("53300").0;
    for answer in [b"E", b"Etrust me\0".as_slice(), b"Etrust me", &message, &long] {
        let error = failure(encrypted(SSL), answer);
        assert_eq!(
            format!("{error}, {error:?}"),
            "server sent an error response during SSL exchange, ErrorBeforeEncryption { request: \"SSL\" }"
        );
        assert_eq!(
            error.sqlstate(),
            SqlState::SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION
        );
        assert_eq!(
            text(GSS, answer),
            "server sent an error response during GSS encryption exchange"
        );
    }
}

#[test]
fn every_other_byte_is_refused() {
    for answer in (0..=u8::MAX).filter(|answer| !b"SNE".contains(answer)) {
        let error = failure(encrypted(SSL), [answer]);
        assert_eq!(error.sqlstate(), SqlState::PROTOCOL_VIOLATION);
        assert_eq!(
            error.to_string(),
            format!(
                "received invalid response to SSL negotiation: {}",
                answer.escape_ascii()
            )
        );
    }
    assert_eq!(
        text(GSS, b"S"),
        "received invalid response to GSSAPI negotiation: S"
    );
    assert_eq!(
        text(SSL, b"\n"),
        r"received invalid response to SSL negotiation: \n"
    );
}

#[test]
fn encryption_that_nobody_waits_for_is_refused_and_spoils_nothing() {
    let refused = Err(HandshakeError::OutOfOrder { awaited: "receive" });

    let mut client = Client::new(config());
    assert_eq!(client.handshake.encryption_started(tls()), refused);
    assert_eq!(client.handshake.outgoing(), b"");
    client.hears(server().session()).unwrap();
    assert_eq!(client.handshake.encryption_started(tls()), refused);

    let mut client = Client::new(encrypted(SSL));
    assert_eq!(client.handshake.encryption_started(tls()), refused);
    client.hears(b"S").unwrap();
    assert_eq!(client.handshake.encryption_started(tls()), refused);
    client.hears(server().session()).unwrap();
    assert!(client.conversation.is_some());
}
