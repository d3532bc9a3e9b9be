//! Handshakes with a scripted server.

mod authentication;
mod cuts;
mod encryption;
mod endings;
mod lengths;
mod phases;
mod random;
mod refusals;
mod secrets;
mod session;
mod startup_packet;
mod versions;

use super::*;
use crate::auth::scram::server::Server as ScramServer;
use crate::backend::{
    Authentication, BackendKeyData, ErrorResponse, FieldCode, NegotiateProtocolVersion, NoticeResponse,
    ParameterStatus, ReadyForQuery, TransactionStatus,
};
use crate::frontend::{SaslInitialResponse, SaslResponse};
use crate::wire::SecretKey;

/// The bytes of what a server says.
#[derive(Debug, Default, Clone)]
struct Server(Vec<u8>);

impl Server {
    fn says<'m>(mut self, message: impl Message<'m>) -> Self {
        message.encode(&mut self.0).unwrap();
        self
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn ok(self) -> Self {
        self.says(Authentication::Ok)
    }

    fn sasl(self, mechanisms: &[&str]) -> Self {
        self.says(Authentication::Sasl {
            mechanisms: mechanisms.iter().map(|&name| name.into()).collect(),
        })
    }

    fn offers(self, newest_version: ProtocolVersion, unrecognized_options: &[&str]) -> Self {
        self.says(NegotiateProtocolVersion {
            newest_version,
            unrecognized_options: unrecognized_options.iter().map(|&name| name.into()).collect(),
        })
    }

    fn parameter(self, name: &str, value: &str) -> Self {
        self.says(ParameterStatus {
            name: name.into(),
            value: value.into(),
        })
    }

    fn key(self, key: &[u8]) -> Self {
        self.says(BackendKeyData {
            process_id: 7,
            secret_key: SecretKey::new(key),
        })
    }

    fn error(self, code: &str) -> Self {
        self.says(ErrorResponse {
            fields: diagnostic("FATAL", code).fields(),
        })
    }

    fn notice(self, code: &str) -> Self {
        self.says(NoticeResponse {
            fields: diagnostic("NOTICE", code).fields(),
        })
    }

    fn ready(self) -> Self {
        self.says(ReadyForQuery {
            status: TransactionStatus::Idle,
        })
    }

    /// From AuthenticationOk on.
    fn session(self) -> Self {
        self.ok().parameter("TimeZone", "UTC").key(b"key!").ready()
    }
}

fn server() -> Server {
    Server::default()
}

fn diagnostic(severity: &str, code: &str) -> Diagnostic {
    Diagnostic::new([
        (FieldCode::SEVERITY, severity.into()),
        (FieldCode::CODE, code.into()),
        (FieldCode::MESSAGE, "oops".into()),
    ])
    .unwrap()
}

const NONCE: [u8; 18] = *b"18 random bytes...";
const PASSWORD: &str = "correct-horse";
const TOKEN: &str = "a.bearer.token";
/// What the tests' certificate is hashed to.
const END_POINT: [u8; 32] = [0xc5; 32];

/// The role `mary`, with a password.
fn config() -> HandshakeConfig {
    let mut config = HandshakeConfig::new(AuthConfig::new("mary", NONCE));
    config.auth.credentials.password = Some(PASSWORD.into());
    config
}

fn encrypted(encryption: Encryption) -> HandshakeConfig {
    HandshakeConfig {
        encryption,
        ..config()
    }
}

fn tls() -> Transport {
    Transport::Tls {
        server_end_point: Some(END_POINT.to_vec()),
    }
}

/// A handshake whose steps are done at once.
struct Client {
    handshake: Handshake,
    input: BytesMut,
    /// What was sent.
    sent: Vec<u8>,
    /// What was sent during the last call of `hears`.
    answer: Vec<u8>,
    /// What the server said, in pieces: at the end of each it waits for the client.
    heard: Vec<Vec<u8>>,
    /// The steps, one line each, without those that only ask for more.
    steps: Vec<String>,
    conversation: Option<Box<Conversation>>,
}

impl Client {
    fn new(config: HandshakeConfig) -> Self {
        let mut client = Self {
            handshake: Handshake::new(config).unwrap(),
            input: BytesMut::new(),
            sent: Vec::new(),
            answer: Vec::new(),
            heard: Vec::new(),
            steps: Vec::new(),
            conversation: None,
        };
        client.send();
        client
    }

    fn send(&mut self) {
        let outgoing = self.handshake.outgoing().to_vec();
        self.handshake.sent(outgoing.len());
        self.sent.extend_from_slice(&outgoing);
        self.answer.extend(outgoing);
    }

    /// Takes what the server says, up to where the handshake needs more or is over.
    fn hears(&mut self, server: impl Into<Vec<u8>>) -> Result<(), HandshakeError> {
        self.answer.clear();
        self.heard.push(server.into());
        self.input.extend_from_slice(self.heard.last().unwrap());
        loop {
            let step = match self.handshake.receive(&mut self.input) {
                Ok(step) => step,
                Err(error) => {
                    self.assert_over(&error);
                    return Err(error);
                }
            };
            self.send();
            match step {
                Step::Read => return Ok(()),
                Step::StartEncryption(kind) => {
                    self.steps.push(format!("encrypt with {kind:?}"));
                    self.handshake.encryption_started(tls()).unwrap();
                    self.send();
                }
                Step::DeriveKeys(derivation) => {
                    self.steps
                        .push(format!("derive with {} iterations", derivation.iterations()));
                    self.handshake.keys_derived(derivation.run()).unwrap();
                    self.send();
                }
                Step::Notice(notice) => self.steps.push(notice.to_string()),
                Step::Ready(conversation) => {
                    self.steps.push(format!("ready: {conversation:?}"));
                    self.conversation = Some(conversation);
                    return Ok(());
                }
            }
        }
    }

    /// Whatever is done after an error, it stays the same error, and nothing is sent.
    fn assert_over(&mut self, error: &HandshakeError) {
        let text = error.to_string();
        let ours = !matches!(error, HandshakeError::Refused(_) | HandshakeError::RefusedBare(_));
        assert!(!text.is_empty());
        assert!(!(ours && text.contains(char::is_control)), "one line: {text:?}");
        assert_eq!(self.handshake.outgoing(), b"");
        assert_eq!(
            self.handshake.receive(&mut self.input).as_ref().err(),
            Some(error)
        );
        assert_eq!(
            self.handshake.encryption_started(tls()),
            Err(HandshakeError::OutOfOrder { awaited: "receive" })
        );
        assert_eq!(
            self.handshake.keys_derived(ScramKeys::new([1; 32], [2; 32])),
            Err(HandshakeError::OutOfOrder { awaited: "receive" })
        );
        assert_eq!(&self.handshake.handle_eof(b"Eoops\0"), error);
        assert_eq!(
            self.handshake.receive(&mut BytesMut::new()).as_ref().err(),
            Some(error)
        );
        assert_eq!(self.handshake.outgoing(), b"");
    }

    /// Runs SCRAM with a server that offers `mechanisms`, up to the server's last word.
    fn scram(&mut self, mechanisms: &[&str], scram: ScramServer) -> Result<(), HandshakeError> {
        self.hears(server().sasl(mechanisms).0)?;
        let client_first = SaslInitialResponse::decode(&self.answer[5..]).unwrap();
        let client_first = str::from_utf8(client_first.response.unwrap()).unwrap();
        let (scram, challenge) = scram.challenge(client_first);
        self.hears(
            server()
                .says(Authentication::SaslContinue(challenge.as_bytes()))
                .0,
        )?;
        let client_final = SaslResponse::decode(&self.answer[5..]).unwrap();
        let client_final = str::from_utf8(client_final.data).unwrap();
        match scram.verify(client_final) {
            Ok(last) => self.hears(server().says(Authentication::SaslFinal(last.as_bytes())).0),
            Err(_) => self.hears(server().error("28P01").0),
        }
    }
}

impl From<Server> for Vec<u8> {
    fn from(server: Server) -> Self {
        server.0
    }
}

/// The conversation that a handshake with these bytes ends in.
fn session(config: HandshakeConfig, bytes: impl Into<Vec<u8>>) -> Box<Conversation> {
    let mut client = Client::new(config);
    client.hears(bytes).unwrap();
    client.conversation.expect("a session")
}

/// The error that a handshake with these bytes ends in.
#[track_caller]
fn failure(config: HandshakeConfig, bytes: impl Into<Vec<u8>>) -> HandshakeError {
    Client::new(config).hears(bytes).unwrap_err()
}
