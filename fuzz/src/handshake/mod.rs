//! The input is a configuration, a server's answer to a request for encryption, and what the server says then, which may
//! be any bytes or good messages, some of them made to fit what the client sends.
//!
//! Two handshakes get the same, but one all of it at once and the other in pieces; both must take the same steps, fail
//! with the same error, and send the same, as far as they got to send. Whatever the server says: the client shows what
//! one method asks for at most, and only what its policy allows; a session begins only behind AuthenticationOk and
//! ReadyForQuery, and after SCRAM only if the server proved itself. An error is final, and nothing is outgoing then.

mod parts;
mod setup;

pub use parts::Part;

use bytes::BytesMut;
use dblink_protocol::auth::{ChannelBinding, Transport};
use dblink_protocol::frontend::InitialMessage;
use dblink_protocol::handshake::{Encryption, Handshake, HandshakeError, Step};
use dblink_protocol::wire::Header;

use crate::input::Input;
use crate::talk::say;
use parts::{AUTHENTICATION_OK, CLEARTEXT_PASSWORD, PASSWORD};
use setup::{Requirement, Setup, TOKEN};

/// Checks one input.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let setup = Setup::read(&mut input);
    let cuts = input.array::<4>();
    say(format_args!("{setup:?} {cuts:?}"));
    let mut server = Vec::new();
    while !input.is_empty() {
        let part = Part::read(&mut input);
        say(format_args!("{part:?}"));
        server.extend(part.bytes());
    }
    let whole = run(&setup, &[&server]);
    say(format_args!("whole: {whole:?}"));
    let cut = run(&setup, &cut(&server, cuts));
    say(format_args!("cut: {cut:?}"));

    assert_eq!(cut.steps, whole.steps);
    assert_eq!(cut.end, whole.end);
    if matches!(whole.end, End::Ready(_)) {
        assert_eq!(cut.sent, whole.sent);
    } else {
        // What an error finds outgoing is not sent any more.
        assert!(cut.sent.starts_with(&whole.sent));
    }
    check_sent(&setup, &server, &cut);
}

fn cut(server: &[u8], cuts: [u8; 4]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut rest = server;
    for length in cuts.into_iter().cycle() {
        let (piece, behind) = rest.split_at(usize::from(length).clamp(1, rest.len().max(1)).min(rest.len()));
        pieces.push(piece);
        rest = behind;
        if rest.is_empty() {
            break;
        }
    }
    pieces
}

/// What a handshake did.
#[derive(Debug)]
struct Run {
    sent: Vec<u8>,
    /// All steps but those that wait for more.
    steps: Vec<String>,
    end: End,
}

#[derive(Debug, PartialEq)]
enum End {
    /// A session, and what is left for it.
    Ready(Vec<u8>),
    Failed(HandshakeError),
}

fn run(setup: &Setup, pieces: &[&[u8]]) -> Run {
    let mut handshake = Handshake::new(setup.config()).expect("the configuration can be sent");
    let mut run = Run {
        sent: Vec::new(),
        steps: Vec::new(),
        end: End::Failed(HandshakeError::Closed),
    };
    let mut input = BytesMut::new();
    // The answer comes alone: what comes with it is not encrypted, and refused.
    let asks = !matches!(setup.encryption, Encryption::None | Encryption::DirectSsl);
    let answer = [setup.answer];
    let mut pieces = asks
        .then_some(&answer[..])
        .into_iter()
        .chain(pieces.iter().copied());
    loop {
        run.sent.extend_from_slice(handshake.outgoing());
        handshake.sent(usize::MAX);
        let before = input.len();
        match handshake.receive(&mut input) {
            Ok(Step::Read) => match pieces.next() {
                Some(piece) => input.extend_from_slice(piece),
                None => {
                    run.sent.extend_from_slice(handshake.outgoing());
                    handshake.sent(usize::MAX);
                    run.end = End::Failed(handshake.handle_eof(&input));
                    break;
                }
            },
            Ok(Step::StartEncryption(kind)) => {
                assert!(input.is_empty(), "what follows would be taken for encrypted");
                run.steps.push(format!("{kind:?}"));
                let started = handshake.encryption_started(setup.transport());
                started.expect("it was asked for");
            }
            Ok(Step::DeriveKeys(derivation)) => {
                assert!(derivation.iterations() <= 64);
                run.steps.push(format!("{derivation:?}"));
                let derived = handshake.keys_derived(derivation.run());
                derived.expect("they were asked for");
            }
            Ok(Step::Ready(conversation)) => {
                assert!(conversation.is_idle() && conversation.outgoing().is_empty());
                run.steps
                    .push(format!("{conversation:?} {:?}", conversation.cancel_key()));
                run.end = End::Ready(input.to_vec());
                break;
            }
            Ok(step) => run.steps.push(format!("{step:?}")),
            Err(error) => {
                assert!(input.len() <= before);
                run.end = End::Failed(error);
                break;
            }
        }
    }
    match &run.end {
        End::Ready(left) => {
            // The rest of the pieces is the session's, too.
            let left = pieces.fold(left.clone(), |left, piece| [&left, piece].concat());
            assert!(handshake.receive(&mut input).is_err());
            // Of a server that did not wait for the answer to what it asked.
            run.sent.extend_from_slice(handshake.outgoing());
            run.end = End::Ready(left);
        }
        End::Failed(error) => {
            for _ in 0..2 {
                assert!(handshake.outgoing().is_empty());
                assert_eq!(handshake.receive(&mut input).as_ref().err(), Some(error));
                assert_eq!(handshake.handle_eof(&input), *error);
            }
            assert!(handshake.encryption_started(Transport::Plain).is_err());
            assert_eq!(handshake.receive(&mut input).as_ref().err(), Some(error));
        }
    }
    run
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The initial packets and the answers to requests that were sent.
fn take_apart(mut sent: &[u8]) -> (usize, Vec<&[u8]>) {
    let mut initial = 0;
    while let Some(&[0, a, b, c]) = sent.first_chunk() {
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        InitialMessage::decode(&sent[4..length]).expect("a sound packet");
        initial += 1;
        sent = &sent[length..];
    }
    let mut answers = Vec::new();
    while let Some(header) = Header::peek(sent, |_| 65_535, |_| "unknown").expect("a sound length") {
        assert_eq!(header.tag, b'p');
        answers.push(&sent[5..header.frame_bytes()]);
        sent = &sent[header.frame_bytes()..];
    }
    assert!(sent.is_empty(), "half a message was sent");
    (initial, answers)
}

/// Checks what the client let out of its hands.
fn check_sent(setup: &Setup, server: &[u8], run: &Run) {
    let (initial, answers) = take_apart(&run.sent);
    let Requirement {
        password,
        md5,
        scram,
        oauth,
        nothing,
        ..
    } = setup.requirement;
    let must_bind = setup.channel_binding == ChannelBinding::Require;
    let is_ready = matches!(run.end, End::Ready(_));
    if is_ready {
        assert!(contains(server, AUTHENTICATION_OK) && contains(server, b"Z\0\0\0\x05"));
    }
    let required = match setup.encryption {
        Encryption::Ssl { required } | Encryption::Gss { required } => required,
        _ => false,
    };
    if required && setup.answer == b'N' {
        assert!(
            initial == 1 && answers.is_empty() && !is_ready,
            "went on without encryption"
        );
    }
    if contains(&run.sent, PASSWORD.as_bytes()) {
        assert!(contains(server, CLEARTEXT_PASSWORD) && password && !must_bind);
    }
    if contains(&run.sent, TOKEN.as_bytes()) {
        assert!(contains(server, b"OAUTHBEARER\0") && oauth && !must_bind);
    }
    match answers[..] {
        [] => assert!(
            !is_ready || (nothing && !must_bind),
            "a session without authentication"
        ),
        [first, ref rest @ ..] if first.starts_with(b"SCRAM-SHA-256") => {
            assert!(scram && rest.len() <= 1);
            let is_bound = first.starts_with(b"SCRAM-SHA-256-PLUS\0");
            assert!(is_bound || !must_bind);
            assert!(rest.iter().all(|last| last.starts_with(b"c=")));
            if is_ready {
                assert_eq!(rest.len(), 1, "a session without our proof");
                let proved = (0..3).any(|binding| contains(server, &Part::Final(binding).bytes()));
                assert!(proved, "a session without the server's proof");
            }
        }
        [first, ref rest @ ..] if first.starts_with(b"OAUTHBEARER\0") => {
            assert!(oauth && !must_bind && matches!(rest, [] | [b"\x01"]));
            assert!(rest.is_empty() || !is_ready);
        }
        [first] if first.starts_with(b"md5") => assert!(md5 && !must_bind),
        [first] => {
            assert_eq!(first.strip_suffix(b"\0"), Some(PASSWORD.as_bytes()));
        }
        _ => panic!("two methods: {answers:?}"),
    }
}
