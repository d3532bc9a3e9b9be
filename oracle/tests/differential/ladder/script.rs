//! What a scripted server does.

use dblink_tests::tls::Certificates;

/// A server's behaviour, from the first packet of a connection on.
#[derive(Debug, Clone)]
pub(super) struct Script {
    /// What it says to an SSLRequest.
    pub(super) to_ssl_request: Answer,
    /// What it does when TLS begins, after an SSLRequest or without one.
    pub(super) tls: Tls,
    /// Whether it takes up the application protocol that the client offers.
    pub(super) takes_alpn: bool,
    /// Whom its certificate is for.
    pub(super) identity: Identity,
    /// What follows a startup packet in plain text.
    pub(super) plain: Vec<Step>,
    /// What follows a startup packet over TLS.
    pub(super) encrypted: Vec<Step>,
    /// What it does with every later connection, if that differs.
    pub(super) later: Option<Box<Self>>,
}

/// The answer to an SSLRequest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Yes, by `S`, and these bytes in the same segment.
    Yes(&'static [u8]),
    /// Something else; if it is `N`, a startup packet is awaited.
    Bytes(&'static [u8]),
    /// It closes the connection.
    Close,
    /// It resets the connection.
    Reset,
    /// `S`, and then it closes the connection.
    YesAndClose,
    /// `S`, and then it resets the connection.
    YesAndReset,
}

/// What a server does with a ClientHello.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tls {
    Works,
    /// It sends the alert `handshake_failure`.
    Alert,
    /// It answers in plain text, as one that does not know TLS.
    Text,
    Close,
    Reset,
}

/// Whom a certificate is for, and who has signed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Identity {
    /// `localhost`, by the authority that the clients trust.
    Right,
    /// Another host, by the same.
    OtherHost,
    /// `localhost`, by another authority.
    Stranger,
}

/// A step of a session after its startup packet. After the last one the server waits for the client to close.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Says this.
    Say(Vec<u8>),
    /// Waits for a message, and says what it makes of it.
    Answer(fn(&[u8]) -> Vec<u8>),
    /// Waits for a message.
    Await,
    /// Closes the connection.
    Close,
    /// Resets it.
    Reset,
}

impl Script {
    /// A server with TLS that lets everybody in.
    pub(super) fn welcoming() -> Self {
        Self {
            to_ssl_request: Answer::Yes(b""),
            tls: Tls::Works,
            takes_alpn: true,
            identity: Identity::Right,
            plain: welcome(),
            encrypted: welcome(),
            later: None,
        }
    }

    /// One that answers an SSLRequest like this.
    pub(super) fn answering(answer: Answer) -> Self {
        Self {
            to_ssl_request: answer,
            ..Self::welcoming()
        }
    }

    /// One with TLS that treats both kinds of session alike.
    pub(super) fn session(steps: Vec<Step>) -> Self {
        Self {
            plain: steps.clone(),
            encrypted: steps,
            ..Self::welcoming()
        }
    }

    /// One with TLS, with different sessions.
    pub(super) fn sessions(plain: Vec<Step>, encrypted: Vec<Step>) -> Self {
        Self {
            plain,
            encrypted,
            ..Self::welcoming()
        }
    }

    /// One without TLS.
    pub(super) fn without_tls(plain: Vec<Step>) -> Self {
        Self {
            to_ssl_request: Answer::Bytes(b"N"),
            tls: Tls::Text,
            plain,
            ..Self::welcoming()
        }
    }

    /// One that does something else when TLS begins.
    pub(super) fn beginning(tls: Tls) -> Self {
        Self {
            tls,
            ..Self::welcoming()
        }
    }

    /// One with another certificate.
    pub(super) fn presenting(identity: Identity) -> Self {
        Self {
            identity,
            ..Self::welcoming()
        }
    }

    /// The same, but from the second connection on it lets everybody in.
    pub(super) fn once(mut self) -> Self {
        self.later = Some(Box::new(Self::welcoming()));
        self
    }
}

/// The certificates of all servers, and the authority that clients trust.
#[derive(Debug)]
pub(super) struct Identities {
    pub(super) right: Certificates,
    pub(super) other_host: Certificates,
    pub(super) stranger: Certificates,
}

/// AuthenticationOk and ReadyForQuery.
pub(super) fn welcome() -> Vec<Step> {
    vec![Step::Say([ok(), ready()].concat())]
}

/// An ErrorResponse, after which the server closes.
pub(super) fn refuse(sqlstate: &str) -> Vec<Step> {
    vec![Step::Say(error(sqlstate)), Step::Close]
}

/// A request for a password, and an ErrorResponse to whatever comes.
pub(super) fn ask_and_refuse(request: Vec<u8>, sqlstate: &str) -> Vec<Step> {
    let mut steps = vec![Step::Say(request), Step::Await];
    steps.extend(refuse(sqlstate));
    steps
}

/// A request for a password, and a welcome to whatever comes.
pub(super) fn ask_and_welcome(request: Vec<u8>) -> Vec<Step> {
    let mut steps = vec![Step::Say(request), Step::Await];
    steps.extend(welcome());
    steps
}

pub(super) fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut message = vec![tag];
    message.extend(u32::try_from(body.len() + 4).unwrap().to_be_bytes());
    message.extend(body);
    message
}

/// An ErrorResponse that ends a session.
pub(super) fn error(sqlstate: &str) -> Vec<u8> {
    error_response("FATAL", sqlstate)
}

pub(super) fn error_response(severity: &str, sqlstate: &str) -> Vec<u8> {
    let fields = format!("S{severity}\0V{severity}\0C{sqlstate}\0Mscripted {sqlstate}\0\0");
    message(b'E', fields.as_bytes())
}

pub(super) fn authentication(code: u32, data: &[u8]) -> Vec<u8> {
    message(b'R', &[&code.to_be_bytes(), data].concat())
}

pub(super) fn ok() -> Vec<u8> {
    authentication(0, b"")
}

pub(super) fn cleartext() -> Vec<u8> {
    authentication(3, b"")
}

pub(super) fn md5() -> Vec<u8> {
    authentication(5, b"salt")
}

pub(super) fn scram() -> Vec<u8> {
    authentication(10, b"SCRAM-SHA-256\0\0")
}

pub(super) fn scram_plus() -> Vec<u8> {
    authentication(10, b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0")
}

pub(super) fn ready() -> Vec<u8> {
    message(b'Z', b"I")
}

/// AuthenticationSASLContinue to a client's first message, with this number of iterations.
pub(super) fn challenge(first: &[u8], iterations: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(first);
    let (_, nonce) = text.rsplit_once("r=").unwrap();
    let challenge = format!("r={nonce}server,s=c2FsdHNhbHRzYWx0c2FsdA==,i={iterations}");
    authentication(11, challenge.as_bytes())
}
