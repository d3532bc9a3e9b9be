//! Which version of the protocol is spoken, and what it changes.

use super::*;
use crate::SqlState;

const V3_1: ProtocolVersion = ProtocolVersion { major: 3, minor: 1 };
const V3_3: ProtocolVersion = ProtocolVersion { major: 3, minor: 3 };
const PREFIX: &str = "received invalid protocol negotiation message: ";

/// Asks for 3.2 and the option `_pq_.x`, accepts 3.0.
fn asking() -> HandshakeConfig {
    let mut config = config();
    config.max_version = ProtocolVersion::V3_2;
    config.parameters.push(("_pq_.x".into(), "1".into()));
    config
}

#[track_caller]
fn assert_invalid(offer: Server, text: &str) {
    let error = failure(asking(), offer);
    assert_eq!(error.to_string(), format!("{PREFIX}{text}"));
    assert_eq!(error.sqlstate(), SqlState::PROTOCOL_VIOLATION);
}

#[test]
fn without_negotiation_it_is_what_was_asked_for() {
    for version in [ProtocolVersion::V3_0, ProtocolVersion::V3_2] {
        let mut config = config();
        config.max_version = version;
        assert_eq!(session(config, server().session()).protocol_version(), version);
    }
}

#[test]
fn the_server_may_know_less() {
    let older = server().offers(ProtocolVersion::V3_0, &["_pq_.x"]).session();
    assert_eq!(session(asking(), older).protocol_version(), ProtocolVersion::V3_0);
    let unknown_option = server().offers(ProtocolVersion::V3_2, &["_pq_.x"]).session();
    assert_eq!(
        session(asking(), unknown_option).protocol_version(),
        ProtocolVersion::V3_2
    );
}

#[test]
fn offers_that_make_no_sense() {
    assert_invalid(
        server().offers(V3_3, &[]),
        "server requested downgrade to a higher-numbered version",
    );
    assert_invalid(
        server().offers(ProtocolVersion { major: 4, minor: 0 }, &[]),
        "server requested downgrade to a higher-numbered version",
    );
    assert_invalid(
        server().offers(
            ProtocolVersion {
                major: 2,
                minor: 65_535,
            },
            &[],
        ),
        "server requested downgrade to pre-3.0 protocol version",
    );
    assert_invalid(
        server().offers(V3_1, &["_pq_.x"]),
        "server requested downgrade to non-existent 3.1 protocol version",
    );
    assert_invalid(
        server().offers(ProtocolVersion::V3_2, &[]),
        "server negotiated but asks for no changes",
    );
    assert_invalid(
        server().offers(ProtocolVersion::V3_0, &["_pq_.y"]),
        "server reported an unsupported parameter that was not requested (\"_pq_.y\")",
    );
    assert_invalid(
        server().offers(ProtocolVersion::V3_0, &["_pq_.x", "user"]),
        "server reported unsupported parameter name without a \"_pq_.\" prefix (\"user\")",
    );
}

#[test]
fn offers_that_are_malformed() {
    for bytes in [
        &b"v\0\0\0\x0c\0\x03\0\0\xff\xff\xff\xff"[..],
        b"v\0\0\0\x0c\0\x03\0\0\x7f\xff\xff\xff",
        b"v\0\0\0\x08\0\x03\0\0",
        b"v\0\0\0\x04",
        b"v\0\0\0\x0d\0\x03\0\0\0\0\0\0x",
    ] {
        let error = failure(asking(), bytes);
        let text = error.to_string();
        assert!(
            text.starts_with("malformed NegotiateProtocolVersion message: "),
            "{text}"
        );
        assert_eq!(error.sqlstate(), SqlState::PROTOCOL_VIOLATION);
    }
}

#[test]
fn a_server_below_the_minimum() {
    let mut config = asking();
    config.min_version = ProtocolVersion::V3_2;
    let error = failure(config, server().offers(ProtocolVersion::V3_0, &[]).session());
    assert_eq!(
        error.to_string(),
        "server only supports protocol version 3.0, but \"min_protocol_version\" was set to 3.2"
    );
    assert_eq!(
        error.sqlstate(),
        SqlState::SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION
    );
}

#[test]
fn a_minimum_above_the_maximum() {
    let mut config = config();
    config.min_version = ProtocolVersion::V3_2;
    let error = Handshake::new(config).unwrap_err();
    assert_eq!(error, HandshakeError::Version(VersionError::EmptyRange));
    assert_eq!(
        error.to_string(),
        "\"min_protocol_version\" is greater than \"max_protocol_version\""
    );
    assert_eq!(error.sqlstate(), SqlState::INVALID_PARAMETER_VALUE);
}

#[test]
fn a_server_negotiates_once() {
    let twice = server()
        .offers(ProtocolVersion::V3_0, &[])
        .offers(ProtocolVersion::V3_0, &[]);
    let error = failure(asking(), twice);
    assert_eq!(
        error.to_string(),
        "received duplicate protocol negotiation message"
    );
    assert_eq!(error.sqlstate(), SqlState::PROTOCOL_VIOLATION);
}

#[test]
fn a_server_does_not_negotiate_after_ok() {
    let late = server().ok().offers(ProtocolVersion::V3_0, &[]);
    assert_eq!(
        failure(asking(), late).to_string(),
        "unexpected NegotiateProtocolVersion message (type byte 0x76) from the server while waiting for ReadyForQuery"
    );
}

#[test]
fn a_key_may_be_long_since_3_2() {
    for length in [4, 32, 256] {
        let key = vec![b'k'; length];
        let conversation = session(asking(), server().ok().key(&key).ready());
        assert_eq!(
            conversation.cancel_key().unwrap().request().secret_key.as_bytes(),
            key
        );
    }
}

#[test]
fn a_key_has_4_bytes_in_3_0() {
    for length in [5, 32, 256] {
        let key = server().key(&vec![b'k'; length]).0;
        for (config, start) in [
            (config(), server()),
            (asking(), server().offers(ProtocolVersion::V3_0, &[])),
        ] {
            let error = failure(config, start.ok().bytes(&key));
            assert_eq!(
                error.to_string(),
                format!(
                    "received invalid BackendKeyData message: cancel key with length {length} not allowed in protocol \
                     version 3.0 (must be 4 bytes)"
                )
            );
            assert_eq!(error.sqlstate(), SqlState::PROTOCOL_VIOLATION);
        }
    }
}

#[test]
fn a_key_has_4_to_256_bytes_in_any_version() {
    for length in [0, 3, 257] {
        let mut bytes = server().ok().bytes(b"K");
        bytes.0.extend((8 + u32::try_from(length).unwrap()).to_be_bytes());
        let bytes = bytes.bytes(b"\0\0\0\x07").bytes(&vec![b'k'; length]);
        for config in [config(), asking()] {
            assert_eq!(
                failure(config, bytes.clone()).to_string(),
                format!(
                    "malformed BackendKeyData message: field \"secret key\" has the impossible length {length}"
                )
            );
        }
    }
}
