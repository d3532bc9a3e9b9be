//! Messages where they have no place.

use super::*;
use crate::SqlState;
use crate::backend;

#[test]
fn before_ok_there_is_authentication_only() {
    for tag in (0..=u8::MAX).filter(|tag| !b"REv".contains(tag)) {
        // The type byte is enough.
        let error = failure(config(), [tag]);
        assert_eq!(
            error.to_string(),
            format!(
                "expected authentication request from server, but received {}",
                tag.escape_ascii()
            )
        );
        assert_eq!(error.sqlstate(), SqlState::PROTOCOL_VIOLATION);
    }
}

#[test]
fn before_ok_there_is_no_notice() {
    let error = failure(config(), server().notice("00000"));
    assert_eq!(error, HandshakeError::NotAuthentication { tag: b'N' });
}

#[test]
fn before_ok_there_is_no_session() {
    for bytes in [
        server().ready(),
        server().key(b"key!"),
        server().parameter("TimeZone", "UTC"),
    ] {
        let error = failure(config(), bytes);
        assert!(
            matches!(error, HandshakeError::NotAuthentication { .. }),
            "{error}"
        );
    }
}

#[test]
fn after_ok_there_is_no_authentication() {
    for request in [
        Authentication::Ok,
        Authentication::CleartextPassword,
        Authentication::Md5Password { salt: *b"salt" },
    ] {
        let mut client = Client::new(config());
        let error = client.hears(server().ok().says(request)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "unexpected Authentication message (type byte 0x52) from the server while waiting for ReadyForQuery"
        );
        assert_eq!(error.sqlstate(), SqlState::PROTOCOL_VIOLATION);
        assert_eq!(client.answer, b"");
    }
}

#[test]
fn after_ok_there_are_no_answers_to_commands() {
    for tag in (0..=u8::MAX).filter(|tag| !b"ENSKZ".contains(tag)) {
        let error = failure(config(), server().ok().bytes(&[tag, 0, 0, 0, 6, 0, 0]));
        let name = backend::name(tag).unwrap_or("unknown");
        assert_eq!(
            error.to_string(),
            format!(
                "unexpected {name} message (type byte 0x{tag:02X}) from the server while waiting for ReadyForQuery"
            )
        );
        assert_eq!(error.sqlstate(), SqlState::PROTOCOL_VIOLATION);
    }
}

#[test]
fn a_notice_is_a_step() {
    let mut client = Client::new(config());
    client
        .hears(server().ok().notice("01000").notice("00000"))
        .unwrap();
    assert_eq!(
        client.steps,
        ["NOTICE: oops (SQLSTATE 01000)", "NOTICE: oops (SQLSTATE 00000)"]
    );
    client.hears(server().ready()).unwrap();
    assert!(client.conversation.is_some());
}
