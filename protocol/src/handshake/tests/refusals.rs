//! Servers that refuse the session, in the form of today and in that of servers before 7.4.

use super::*;
use crate::SqlState;

const NO_FORK: &[u8] = b"Ecould not fork new process for connection: Cannot allocate memory\n\0";
const NO_FORK_TEXT: &str = "could not fork new process for connection: Cannot allocate memory";

#[track_caller]
fn assert_bare(error: &HandshakeError, text: &str) {
    assert_eq!(*error, HandshakeError::RefusedBare(text.into()));
    assert_eq!(error.to_string(), text);
    assert_eq!(
        error.sqlstate(),
        SqlState::SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION
    );
}

#[test]
fn before_authentication() {
    let error = failure(config(), server().error("53300"));
    assert_eq!(error, HandshakeError::Refused(diagnostic("FATAL", "53300")));
    assert_eq!(error.sqlstate(), SqlState::TOO_MANY_CONNECTIONS);
}

#[test]
fn after_ok() {
    let error = failure(config(), server().ok().parameter("a", "b").error("3D000"));
    assert_eq!(error, HandshakeError::Refused(diagnostic("FATAL", "3D000")));
    assert_eq!(error.sqlstate(), SqlState::INVALID_CATALOG_NAME);
}

#[test]
fn without_a_code() {
    let error = failure(config(), b"E\0\0\0\x0bMoops\0\0");
    assert_eq!(error.to_string(), "oops");
    assert_eq!(
        error.sqlstate(),
        SqlState::SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION
    );
}

#[test]
fn bare() {
    assert_bare(&failure(config(), NO_FORK), NO_FORK_TEXT);
    let followed = [NO_FORK, b"more\0"].concat();
    assert_bare(&failure(config(), followed), NO_FORK_TEXT);
}

/// Shorter than the header of a message.
#[test]
fn bare_and_short() {
    assert_bare(&failure(config(), b"Eno\0"), "no");
    assert_bare(&failure(config(), b"E?\0"), "?");
}

#[test]
fn bare_and_not_in_ascii() {
    assert_bare(&failure(config(), "E\u{e9}chec\n\0".as_bytes()), "\u{e9}chec");
}

#[test]
fn bare_and_cut_off_by_the_close() {
    for cut in 2..NO_FORK.len() {
        let mut client = Client::new(config());
        client.hears(&NO_FORK[..cut]).unwrap();
        let error = client.handshake.handle_eof(&client.input);
        let text = str::from_utf8(&NO_FORK[1..cut]).unwrap();
        assert_bare(&error, text.trim_end());
        client.assert_over(&error);
    }
}

#[test]
fn bare_and_without_end() {
    let error = failure(config(), format!("E{}", "x".repeat(10_000)));
    assert_bare(&error, &"x".repeat(4096));
}

/// Only a server that is not ready to speak the protocol speaks so.
#[test]
fn bare_after_ok_is_a_broken_message() {
    let error = failure(config(), server().ok().bytes(NO_FORK));
    assert!(matches!(error, HandshakeError::Protocol(_)), "{error}");
}

#[test]
fn a_message_that_is_cut_off_is_no_bare_refusal() {
    let long = server().bytes(b"E\0\x01\x86\xa0SFATAL\0Mlong").0;
    let short = server().error("53300").0;
    for (before, message) in [
        (server(), &short),
        (server().ok(), &short),
        (server().ok(), &long),
    ] {
        for cut in 1..message.len() {
            let mut client = Client::new(config());
            client.hears(before.clone().bytes(&message[..cut])).unwrap();
            assert_eq!(client.handshake.handle_eof(&client.input), HandshakeError::Closed);
        }
    }
}

/// Not even an empty one: the error must say something.
#[test]
fn a_message_that_is_too_long_is_no_bare_refusal() {
    for length in [b"\0\x01\0\x01", b"\x01\0\0\0", b"\x7f\xff\xff\xff", b"    "] {
        let bytes = server().bytes(b"E").bytes(length).bytes(b"SFATAL\0");
        let text = failure(config(), bytes).to_string();
        assert!(
            text.starts_with("malformed ErrorResponse message: its length"),
            "{text}"
        );
    }
}
