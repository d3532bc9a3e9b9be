//! What the tests of the authenticator share.

mod exchanges;
mod hostile;
mod sequences;

use super::super::Transport;
use super::super::scram::server::Server;
use super::*;

const NONCE: [u8; 18] = [0; 18];
/// The nonce in base64.
const CLIENT_NONCE: &str = "AAAAAAAAAAAAAAAAAAAAAAAA";
const MD5: Authentication<'_> = Authentication::Md5Password { salt: *b"salt" };

fn config() -> AuthConfig {
    let mut config = AuthConfig::new("mary", NONCE);
    config.credentials.password = Some("pencil".into());
    config
}

fn tls() -> Transport {
    Transport::Tls {
        server_end_point: Some(vec![7; 32]),
    }
}

fn sasl<'a>(mechanisms: &[&'a str]) -> Authentication<'a> {
    Authentication::Sasl {
        mechanisms: mechanisms.iter().map(|&name| name.into()).collect(),
    }
}

/// An authenticator, and what it has said to the last message.
struct Peer {
    authenticator: Authenticator,
    out: Vec<u8>,
}

impl Peer {
    fn new(config: AuthConfig) -> Self {
        Self {
            authenticator: Authenticator::new(config),
            out: Vec::new(),
        }
    }

    /// An authenticator whose SCRAM exchange waits for the challenge.
    fn in_scram(config: AuthConfig) -> Self {
        let mut peer = Self::new(config);
        assert!(matches!(
            peer.send(&sasl(&["SCRAM-SHA-256"])),
            Ok(AuthStep::Respond)
        ));
        peer
    }

    /// An authenticator whose SCRAM exchange waits for the server's proof, and that proof.
    fn proved() -> (Self, String) {
        let mut peer = Self::in_scram(config());
        let server_final = peer.exchange(Server::new("pencil", None)).unwrap();
        (peer, server_final)
    }

    fn send(&mut self, message: &Authentication<'_>) -> Result<AuthStep, AuthError> {
        self.out.clear();
        let result = self.authenticator.handle(message, &mut self.out);
        let is_answered = matches!(result, Ok(AuthStep::Respond));
        assert_eq!(
            !self.out.is_empty(),
            is_answered,
            "bytes go with Respond, and only with it"
        );
        result
    }

    #[track_caller]
    fn refuses(mut self, message: &Authentication<'_>) -> String {
        let error = self.send(message).unwrap_err();
        let name = message.name();
        assert_eq!(
            self.send(&Authentication::Ok).unwrap_err(),
            AuthError::Over {
                message: "AuthenticationOk"
            },
            "after {name} was refused"
        );
        error.to_string()
    }

    fn refuses_challenge(self, challenge: &str) -> String {
        self.refuses(&Authentication::SaslContinue(challenge.as_bytes()))
    }

    fn client_first(&self) -> &str {
        let message = SaslInitialResponse::decode(&self.out[5..]).unwrap();
        str::from_utf8(message.response.unwrap()).unwrap()
    }

    /// Runs SCRAM with `server` from the client's first message on, to the server's last word.
    fn exchange(&mut self, server: Server) -> Result<String, String> {
        let (server, challenge) = server.challenge(self.client_first());
        match self
            .send(&Authentication::SaslContinue(challenge.as_bytes()))
            .unwrap()
        {
            AuthStep::Respond => {}
            AuthStep::Derive(derivation) => {
                assert_eq!(derivation.iterations(), Server::ITERATIONS);
                let step = self.authenticator.keys_derived(derivation.run(), &mut self.out);
                assert!(matches!(step, Ok(AuthStep::Respond)));
            }
            step => panic!("{step:?}"),
        }
        let message = SaslResponse::decode(&self.out[5..]).unwrap();
        server.verify(str::from_utf8(message.data).unwrap())
    }

    fn completes(&mut self, server_final: &str) {
        let last = Authentication::SaslFinal(server_final.as_bytes());
        assert!(matches!(self.send(&last), Ok(AuthStep::Wait)));
        assert!(matches!(self.send(&Authentication::Ok), Ok(AuthStep::Done)));
    }
}

fn refused_at_once(config: AuthConfig, message: &Authentication<'_>) -> String {
    Peer::new(config).refuses(message)
}

fn token_refused() -> Peer {
    let mut config = config();
    config.credentials.bearer_token = Some("abc".into());
    config.transport = Transport::Unix;
    let mut peer = Peer::new(config);
    assert!(matches!(
        peer.send(&sasl(&["OAUTHBEARER"])),
        Ok(AuthStep::Respond)
    ));
    let refusal = br#"{"status":"invalid_token"}"#;
    assert!(matches!(
        peer.send(&Authentication::SaslContinue(refusal)),
        Ok(AuthStep::Respond)
    ));
    peer
}
