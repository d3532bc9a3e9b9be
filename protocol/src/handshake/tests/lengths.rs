//! Lengths that a server announces before it has proved anything.

use super::*;
use crate::backend;

/// The text of the error for a header and some bytes, after `before`.
#[track_caller]
fn refused(before: &Server, tag: u8, length: u32) -> String {
    let bytes = before.clone().bytes(&[tag]).bytes(&length.to_be_bytes());
    failure(config(), bytes.bytes(b"0123456789")).to_string()
}

#[test]
fn an_unproved_server_says_at_most_64_kib_at_a_time() {
    for length in [0x1_0001, 0x00ff_ffff, 0x7fff_ffff] {
        for (tag, name) in [
            (b'R', "Authentication"),
            (b'E', "ErrorResponse"),
            (b'v', "NegotiateProtocolVersion"),
        ] {
            assert_eq!(
                refused(&server(), tag, length),
                format!("malformed {name} message: its length word is {length}, the limit is 65536")
            );
        }
    }
}

#[test]
fn the_limit_itself_is_waited_for_without_taking_memory() {
    for (before, limit) in [(server(), 1 << 16), (server().ok(), 1_u32 << 20)] {
        let mut handshake = Handshake::new(config()).unwrap();
        let bytes = before.bytes(b"E").bytes(&limit.to_be_bytes()).bytes(b"SFATAL");
        let mut input = BytesMut::from(&*bytes.0);
        assert!(matches!(handshake.receive(&mut input), Ok(Step::Read)));
        assert_eq!(input.len(), 11);
        assert!(input.capacity() < 1024);
    }
}

#[test]
fn a_starting_session_says_at_most_1_mib_at_a_time() {
    for tag in *b"ENSKZ" {
        let name = backend::name(tag).unwrap();
        for length in [0x10_0001, 0x7fff_ffff] {
            assert_eq!(
                refused(&server().ok(), tag, length),
                format!("malformed {name} message: its length word is {length}, the limit is 1048576")
            );
        }
    }
}

#[test]
fn a_long_parameter_is_fine() {
    let path = "s,".repeat(50_000);
    let conversation = session(config(), server().ok().parameter("search_path", &path).ready());
    assert_eq!(conversation.parameters().get("search_path").unwrap(), *path);
}

#[test]
fn parameters_cannot_fill_the_memory() {
    let value = "v".repeat(1_000_000);
    let mut client = Client::new(config());
    client.hears(server().ok()).unwrap();
    let error = (0..10).find_map(|index: u32| {
        let name = index.to_string();
        client.hears(server().parameter(&name, &value)).err()
    });
    let text = error.unwrap().to_string();
    assert_eq!(
        text,
        "the server's parameters take 5000645 bytes, the limit is 4194304"
    );
}

#[test]
fn a_length_word_below_four_is_refused() {
    for length in [0, 1, 2, 3] {
        for tag in *b"REv" {
            let text = refused(&server(), tag, length);
            let name = backend::name(tag).unwrap();
            assert_eq!(
                text,
                format!("malformed {name} message: its length word is {length}, below 4")
            );
        }
        for tag in 0..=u8::MAX {
            let text = refused(&server().ok(), tag, length);
            assert!(
                text.ends_with(&format!("its length word is {length}, below 4")),
                "{text}"
            );
        }
    }
    for length in [0x8000_0000, u32::MAX] {
        for tag in *b"Rv" {
            let text = refused(&server(), tag, length);
            assert!(text.contains("below 4"), "{text}");
        }
    }
}

/// Every message with an empty body, before and after AuthenticationOk, is an error and not a panic.
#[test]
fn an_empty_body_is_refused() {
    for tag in 0..=u8::MAX {
        for before in [server(), server().ok()] {
            let error = failure(config(), before.bytes(&[tag, 0, 0, 0, 4]));
            assert!(
                matches!(
                    error,
                    HandshakeError::Protocol(_) | HandshakeError::NotAuthentication { .. }
                ),
                "{error}"
            );
        }
    }
}
