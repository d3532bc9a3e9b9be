//! However the server's bytes are cut, the steps and what is sent are the same.

use super::*;

/// What a handshake did, and how it failed if it did.
#[derive(Debug, PartialEq)]
struct Run {
    steps: Vec<String>,
    sent: Vec<u8>,
    error: Option<HandshakeError>,
}

fn run<'c>(config: &HandshakeConfig, chunks: impl IntoIterator<Item = &'c [u8]>) -> Run {
    let mut client = Client::new(config.clone());
    let error = chunks.into_iter().find_map(|chunk| client.hears(chunk).err());
    Run {
        steps: client.steps,
        sent: client.sent,
        error,
    }
}

/// Cuts each piece at every position, and all of them into single bytes. At the end of each piece the server waits, so
/// there is always a cut.
fn assert_any_cut(config: &HandshakeConfig, pieces: &[Vec<u8>]) {
    let whole = run(config, pieces.iter().map(Vec::as_slice));
    assert!(whole.error.is_some() || !whole.steps.is_empty(), "{whole:?}");
    assert_eq!(
        run(config, pieces.iter().flat_map(|piece| piece.chunks(1))),
        whole
    );
    for (index, piece) in pieces.iter().enumerate() {
        for cut in 0..piece.len() {
            let (head, tail) = piece.split_at(cut);
            let before = pieces[..index].iter().map(Vec::as_slice);
            let after = pieces[index + 1..].iter().map(Vec::as_slice);
            let chunks = before.chain([head, tail]).chain(after);
            assert_eq!(run(config, chunks), whole, "piece {index} cut at {cut}");
        }
    }
}

fn session_with_notices() -> Server {
    server()
        .ok()
        .notice("01000")
        .parameter("server_version", "18.6")
        .key(b"key!")
        .notice("00000")
        .parameter("TimeZone", "UTC")
        .ready()
}

#[test]
fn of_a_password() {
    let mut config = config();
    config.max_version = ProtocolVersion::V3_2;
    let request = server()
        .offers(ProtocolVersion::V3_0, &[])
        .says(Authentication::CleartextPassword);
    assert_any_cut(&config, &[request.0.clone(), session_with_notices().0]);
    // A server that does not wait.
    let at_once = request.bytes(&session_with_notices().0);
    assert_any_cut(&config, &[at_once.0]);
}

#[test]
fn of_scram() {
    let mut config = config();
    config.encryption = Encryption::Ssl { required: true };
    let mut client = Client::new(config.clone());
    client.hears(b"S").unwrap();
    client
        .scram(
            &["SCRAM-SHA-256-PLUS"],
            ScramServer::new(PASSWORD, Some(&END_POINT)),
        )
        .unwrap();
    client.hears(session_with_notices()).unwrap();
    assert_eq!(client.steps.len(), 5, "{:?}", client.steps);
    assert_any_cut(&config, &client.heard);
}

#[test]
fn of_a_refused_token() {
    let mut config = config();
    config.auth.credentials.bearer_token = Some(TOKEN.into());
    config.auth.transport = Transport::Unix;
    let pieces = [
        server().sasl(&["OAUTHBEARER"]).0,
        server().says(Authentication::SaslContinue(b"{}")).0,
        server().error("28000").0,
    ];
    assert_any_cut(&config, &pieces);
}

#[test]
fn of_a_refusal_to_encrypt() {
    let config = encrypted(Encryption::Ssl { required: false });
    assert_any_cut(&config, &[server().bytes(b"N").session().0]);
}

#[test]
fn of_failures() {
    for bytes in [
        server().error("53300"),
        server().ok().error("3D000"),
        server().ok().parameter("a", "b").bytes(b"D\0\0\0\x06\0\0"),
        server().bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        server().bytes(b"Ecould not fork new process for connection: Cannot allocate memory\n\0"),
        server().bytes(b"R\0\0\0\x03"),
    ] {
        assert_any_cut(&config(), &[bytes.0]);
    }
}

#[test]
fn of_a_bare_refusal_that_is_too_long() {
    let config = config();
    let text = [b"E".as_slice(), &[b'x'; 5000], b"\0"].concat();
    let whole = run(&config, [&*text]);
    assert!(matches!(whole.error, Some(HandshakeError::RefusedBare(_))));
    assert_eq!(run(&config, text.chunks(1)), whole);
}
