//! The startup packet.

use super::*;
use crate::SqlState;
use crate::frontend::StartupMessage;

const ENCRYPTIONS: [Encryption; 4] = [
    Encryption::None,
    Encryption::Ssl { required: true },
    Encryption::DirectSsl,
    Encryption::Gss { required: false },
];

fn with_parameter(name: &str, value: &str) -> HandshakeConfig {
    let mut config = config();
    config.parameters.push((name.into(), value.into()));
    config
}

#[test]
fn the_user_is_given_once() {
    let mut config = config();
    config.parameters.push(("user".to_owned(), "mallory".to_owned()));
    assert_eq!(
        Handshake::new(config).unwrap_err().to_string(),
        "the parameter \"user\" is given twice"
    );
}

#[test]
fn has_the_user_first_and_the_rest_in_order() {
    let mut config = config();
    for (name, value) in [
        ("database", "shop"),
        ("options", "-c geqo=off"),
        ("application_name", ""),
        ("_pq_.x", "1"),
    ] {
        config.parameters.push((name.into(), value.into()));
    }
    let handshake = Handshake::new(config).unwrap();
    assert_eq!(
        handshake.outgoing(),
        b"\0\0\0\x50\0\x03\0\0user\0mary\0database\0shop\0options\0-c geqo=off\0application_name\0\0_pq_.x\x001\0\0"
    );
}

#[test]
fn asks_for_the_newest_version() {
    let mut config = config();
    config.max_version = ProtocolVersion::V3_2;
    let handshake = Handshake::new(config).unwrap();
    assert_eq!(handshake.outgoing(), b"\0\0\0\x13\0\x03\0\x02user\0mary\0\0");
}

/// Before anything is sent, be it only a request for encryption.
#[test]
fn a_zero_byte_is_refused() {
    let mut bad_user = config();
    bad_user.auth.user = "mary\0database\0template1".into();
    for config in [
        bad_user,
        with_parameter("database", "shop\0"),
        with_parameter("options", "\0-c x=y"),
        with_parameter("data\0base", "shop"),
        with_parameter("", "shop"),
    ] {
        for encryption in ENCRYPTIONS {
            let error = Handshake::new(HandshakeConfig {
                encryption,
                ..config.clone()
            })
            .unwrap_err();
            assert!(matches!(error, HandshakeError::Encode(_)), "{error}");
            assert_eq!(error.sqlstate(), SqlState::INVALID_PARAMETER_VALUE);
        }
    }
    assert_eq!(
        Handshake::new(with_parameter("database", "shop\0"))
            .unwrap_err()
            .to_string(),
        "cannot send StartupMessage: field \"parameter value\" contains a zero byte at offset 4"
    );
}

#[test]
fn has_10_000_bytes_at_most() {
    let frame = Handshake::new(with_parameter("options", "")).unwrap();
    let room = 10_004 - frame.outgoing().len();
    for encryption in ENCRYPTIONS {
        let config = |length| HandshakeConfig {
            encryption,
            ..with_parameter("options", &"o".repeat(length))
        };
        assert!(Handshake::new(config(room)).is_ok());
        let error = Handshake::new(config(room + 1)).unwrap_err();
        assert!(matches!(error, HandshakeError::Encode(_)), "{error}");
        assert_eq!(error.sqlstate(), SqlState::PROGRAM_LIMIT_EXCEEDED);
    }
}

#[test]
fn other_major_versions_have_other_packets() {
    let mut config = config();
    config.max_version = ProtocolVersion { major: 4, minor: 0 };
    let error = Handshake::new(config).unwrap_err();
    assert!(matches!(error, HandshakeError::Encode(_)), "{error}");
}

#[test]
fn is_sent_once_in_any_pieces() {
    let mut handshake = Handshake::new(with_parameter("database", "shop")).unwrap();
    let whole = handshake.outgoing().to_vec();
    let mut sent = Vec::new();
    for count in 1..whole.len() {
        let count = handshake.outgoing().len().min(count);
        sent.extend_from_slice(&handshake.outgoing()[..count]);
        handshake.sent(count);
    }
    assert_eq!(sent, whole);
    handshake.sent(1);
    assert!(matches!(handshake.receive(&mut BytesMut::new()), Ok(Step::Read)));
    assert_eq!(handshake.outgoing(), b"");
    assert_eq!(
        StartupMessage::decode(&sent[4..]).unwrap().parameters[1],
        ("database".into(), "shop".into())
    );
}
