//! The client's side of a SCRAM exchange.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::hash::{Hash, hmac_sha256};
use super::message::{ServerFinal, ServerFirst};
use super::{KeyDerivation, ScramError, ScramKeys};
use crate::Secret;

/// Whether the exchange is tied to the TLS connection that it runs over, and what the server is told about that.
///
/// [RFC 5802, section 6](https://www.rfc-editor.org/rfc/rfc5802#section-6) calls it the GS2 channel binding flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScramBinding {
    /// The client cannot bind, or will not. Flag `n`.
    Unsupported,
    /// The client could bind, but the server offered no such mechanism. A server that did offer one refuses the
    /// client then: somebody must have removed it from the offer. Flag `y`.
    NotOffered,
    /// Bound by `tls-server-end-point`: the hash of the server's certificate, as
    /// [RFC 5929, section 4](https://www.rfc-editor.org/rfc/rfc5929#section-4) defines it. Flag `p`, mechanism
    /// SCRAM-SHA-256-PLUS.
    TlsServerEndPoint(
        /// The hash.
        Vec<u8>,
    ),
}

impl ScramBinding {
    const fn gs2_header(&self) -> &'static str {
        match self {
            Self::Unsupported => "n,,",
            Self::NotOffered => "y,,",
            Self::TlsServerEndPoint(_) => "p=tls-server-end-point,,",
        }
    }

    /// The attribute `c`: the header again, with what the exchange is bound to.
    fn cbind_input(&self) -> String {
        let mut input = self.gs2_header().as_bytes().to_vec();
        if let Self::TlsServerEndPoint(hash) = self {
            input.extend_from_slice(hash);
        }
        BASE64_STANDARD.encode(input)
    }
}

/// A SCRAM-SHA-256 or SCRAM-SHA-256-PLUS exchange, before the server's challenge.
///
/// Each step takes the exchange and gives the next one, so that none can be left out or taken twice:
/// `ScramClient` → [`ScramChallenge`] → [`ScramVerification`].
///
/// See [RFC 5802](https://www.rfc-editor.org/rfc/rfc5802), [RFC 7677](https://www.rfc-editor.org/rfc/rfc7677) and, in
/// PostgreSQL's manual,
/// [SCRAM-SHA-256 Authentication](https://www.postgresql.org/docs/current/sasl-authentication.html#SASL-SCRAM-SHA-256).
#[derive(Debug)]
pub struct ScramClient {
    binding: ScramBinding,
    nonce: String,
    client_first_bare: String,
}

impl ScramClient {
    /// Starts an exchange with 18 random bytes that have never been used before.
    ///
    /// It names no user: PostgreSQL takes the role of the startup message.
    pub fn new(binding: ScramBinding, nonce: [u8; 18]) -> Self {
        Self::with_name(binding, "", BASE64_STANDARD.encode(nonce))
    }

    fn with_name(binding: ScramBinding, name: &str, nonce: String) -> Self {
        Self {
            client_first_bare: format!("n={name},r={nonce}"),
            binding,
            nonce,
        }
    }

    /// The mechanism's name.
    pub const fn mechanism(&self) -> &'static str {
        match self.binding {
            ScramBinding::TlsServerEndPoint(_) => super::SCRAM_SHA_256_PLUS,
            ScramBinding::Unsupported | ScramBinding::NotOffered => super::SCRAM_SHA_256,
        }
    }

    /// The message that opens the exchange.
    pub fn client_first(&self) -> String {
        format!("{}{}", self.binding.gs2_header(), self.client_first_bare)
    }

    /// Takes the server's challenge.
    ///
    /// # Errors
    ///
    /// [`ScramError::NonceMismatch`], or one of the errors about malformed messages.
    pub fn challenge(self, server_first: &[u8]) -> Result<ScramChallenge, ScramError> {
        let server_first = text(server_first)?;
        let ServerFirst {
            nonce,
            salt,
            iterations,
        } = ServerFirst::parse(server_first)?;
        let ours = nonce.as_bytes().get(..self.nonce.len());
        let is_ours = ours.is_some_and(|start| start.ct_eq(self.nonce.as_bytes()).into());
        if !is_ours || nonce.len() == self.nonce.len() {
            return Err(ScramError::NonceMismatch);
        }
        let without_proof = format!("c={},r={nonce}", self.binding.cbind_input());
        Ok(ScramChallenge {
            auth_message: format!("{},{server_first},{without_proof}", self.client_first_bare),
            without_proof,
            salt,
            iterations,
        })
    }
}

/// A SCRAM exchange after the server's challenge: it wants the keys.
#[derive(Debug)]
pub struct ScramChallenge {
    auth_message: String,
    without_proof: String,
    salt: Vec<u8>,
    iterations: u64,
}

impl ScramChallenge {
    /// The work of deriving the keys from the password; for an exchange that does not have them already.
    ///
    /// # Errors
    ///
    /// [`ScramError::TooManyIterations`] above `max_iterations`: until the server has proved itself, anybody could be
    /// asking.
    pub fn derivation(&self, password: Secret, max_iterations: u32) -> Result<KeyDerivation, ScramError> {
        match u32::try_from(self.iterations) {
            Ok(iterations) if iterations <= max_iterations => {
                Ok(KeyDerivation::new(password, self.salt.clone(), iterations))
            }
            _ => Err(ScramError::TooManyIterations {
                iterations: self.iterations,
                limit: max_iterations,
            }),
        }
    }

    /// The message that proves that the client has the keys, and the step that makes the server prove the same.
    pub fn respond(self, keys: &ScramKeys) -> (Zeroizing<String>, ScramVerification) {
        let message = self.auth_message.as_bytes();
        let mut proof = hmac_sha256(&*keys.stored_key(), message);
        for (byte, key) in proof.iter_mut().zip(keys.client_key.expose()) {
            *byte ^= key;
        }
        let proof = Zeroizing::new(BASE64_STANDARD.encode(*proof));
        let client_final = Zeroizing::new(format!("{},p={}", self.without_proof, *proof));
        let expected = hmac_sha256(keys.server_key.expose(), message);
        (client_final, ScramVerification { expected })
    }
}

/// A SCRAM exchange after the client's proof: the server has to prove itself, too.
pub struct ScramVerification {
    expected: Hash,
}

/// Without the signature, which would make anybody who reads it the server.
impl fmt::Debug for ScramVerification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScramVerification { expected: *** }")
    }
}

impl ScramVerification {
    /// Takes the server's last word.
    ///
    /// # Errors
    ///
    /// [`ScramError::IncorrectServerSignature`] if it does not know the password, [`ScramError::Server`] if it
    /// refuses the client, or one of the errors about malformed messages.
    pub fn verify(self, server_final: &[u8]) -> Result<(), ScramError> {
        match ServerFinal::parse(text(server_final)?)? {
            ServerFinal::Error(error) => Err(ScramError::Server(error.to_owned())),
            ServerFinal::Signature(signature) if signature.ct_eq(&*self.expected).into() => Ok(()),
            ServerFinal::Signature(_) => Err(ScramError::IncorrectServerSignature),
        }
    }
}

/// A message as text, which all of SCRAM's messages are.
fn text(message: &[u8]) -> Result<&str, ScramError> {
    if message.is_empty() {
        return Err(ScramError::Malformed("empty message"));
    }
    str::from_utf8(message).map_err(|_| ScramError::Malformed("invalid UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::super::server::Server;
    use super::*;

    const NONCE: [u8; 18] = *b"eighteen bytes ...";

    fn keys(challenge: &ScramChallenge) -> ScramKeys {
        challenge.derivation("pencil".into(), 4096).unwrap().run()
    }

    /// RFC 7677, section 3.
    #[test]
    fn the_example_of_the_rfc() {
        let client = ScramClient::with_name(
            ScramBinding::Unsupported,
            "user",
            "rOprNGfwEbeRWgbNEkqO".to_owned(),
        );
        assert_eq!(client.client_first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let challenge = client
            .challenge(
                b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            )
            .unwrap();
        let keys = keys(&challenge);
        let (client_final, verification) = challenge.respond(&keys);
        assert_eq!(
            *client_final,
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
             p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        assert_eq!(
            verification.verify(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="),
            Ok(())
        );
    }

    #[test]
    fn an_exchange_of_every_binding() {
        let hash = vec![7; 32];
        let bound = ScramBinding::TlsServerEndPoint(hash.clone());
        let offer = Some(hash.as_slice());
        for (binding, offer, mechanism, flag) in [
            (ScramBinding::Unsupported, None, "SCRAM-SHA-256", "n,,"),
            (ScramBinding::Unsupported, offer, "SCRAM-SHA-256", "n,,"),
            (ScramBinding::NotOffered, None, "SCRAM-SHA-256", "y,,"),
            (bound, offer, "SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,"),
        ] {
            let client = ScramClient::new(binding, NONCE);
            assert_eq!(client.mechanism(), mechanism);
            let client_first = client.client_first();
            assert_eq!(
                client_first,
                format!("{flag}n=,r={}", BASE64_STANDARD.encode(NONCE))
            );
            let server = Server::new("pencil", offer);
            let (server, server_first) = server.challenge(&client_first);
            let challenge = client.challenge(server_first.as_bytes()).unwrap();
            let keys = keys(&challenge);
            let (client_final, verification) = challenge.respond(&keys);
            let server_final = server.verify(&client_final).unwrap();
            assert_eq!(verification.verify(server_final.as_bytes()), Ok(()));
        }
    }

    #[test]
    fn an_offer_that_somebody_removed_comes_to_light() {
        let client = ScramClient::new(ScramBinding::NotOffered, NONCE);
        let (server, server_first) = Server::new("pencil", Some(&[7; 32])).challenge(&client.client_first());
        let challenge = client.challenge(server_first.as_bytes()).unwrap();
        let keys = keys(&challenge);
        let (client_final, _) = challenge.respond(&keys);
        assert_eq!(
            server.verify(&client_final),
            Err("e=server-does-support-channel-binding".to_owned())
        );
    }

    #[test]
    fn a_server_behind_another_certificate_refuses() {
        let client = ScramClient::new(ScramBinding::TlsServerEndPoint(vec![7; 32]), NONCE);
        let (server, server_first) = Server::new("pencil", Some(&[8; 32])).challenge(&client.client_first());
        let challenge = client.challenge(server_first.as_bytes()).unwrap();
        let keys = keys(&challenge);
        let (client_final, verification) = challenge.respond(&keys);
        let refusal = server.verify(&client_final).unwrap_err();
        assert_eq!(
            verification.verify(refusal.as_bytes()).unwrap_err().to_string(),
            "error received from server in SCRAM exchange: channel-bindings-dont-match"
        );
    }

    #[test]
    fn a_wrong_password_is_refused() {
        let client = ScramClient::new(ScramBinding::Unsupported, NONCE);
        let (server, server_first) = Server::new("pen", None).challenge(&client.client_first());
        let challenge = client.challenge(server_first.as_bytes()).unwrap();
        let keys = keys(&challenge);
        let (client_final, _) = challenge.respond(&keys);
        assert_eq!(server.verify(&client_final), Err("e=invalid-proof".to_owned()));
    }

    #[test]
    fn a_server_without_the_password_is_found_out() {
        let client = ScramClient::new(ScramBinding::Unsupported, NONCE);
        let (_, server_first) = Server::new("pencil", None).challenge(&client.client_first());
        let challenge = client.challenge(server_first.as_bytes()).unwrap();
        let keys = keys(&challenge);
        let (_, verification) = challenge.respond(&keys);
        let made_up = format!("v={}", BASE64_STANDARD.encode([0; 32]));
        assert_eq!(
            verification.verify(made_up.as_bytes()),
            Err(ScramError::IncorrectServerSignature)
        );
    }

    #[test]
    fn a_nonce_goes_on_from_ours() {
        let ours = BASE64_STANDARD.encode(NONCE);
        let answer = |nonce: &str| {
            ScramClient::new(ScramBinding::Unsupported, NONCE)
                .challenge(format!("r={nonce},s=AAAA,i=1").as_bytes())
                .map(drop)
        };
        assert_eq!(answer(&format!("{ours}x")), Ok(()));
        for nonce in [
            &ours,
            "x",
            &format!("x{ours}"),
            &format!("{}x", ours.to_lowercase()),
        ] {
            assert_eq!(answer(nonce), Err(ScramError::NonceMismatch), "{nonce}");
        }
    }

    #[test]
    fn the_limit_of_iterations_includes_itself() {
        let challenge = ScramChallenge {
            auth_message: String::new(),
            without_proof: String::new(),
            salt: vec![1],
            iterations: 10,
        };
        assert!(challenge.derivation("x".into(), 10).is_ok());
        assert_eq!(
            challenge.derivation("x".into(), 9).unwrap_err().to_string(),
            "server asked for 10 SCRAM iterations, the limit is 9"
        );
    }

    #[test]
    fn messages_are_text() {
        let client = || ScramClient::new(ScramBinding::Unsupported, NONCE);
        assert_eq!(
            client().challenge(b"").unwrap_err().to_string(),
            "malformed SCRAM message (empty message)"
        );
        assert_eq!(
            client().challenge(b"r=\xff").unwrap_err().to_string(),
            "malformed SCRAM message (invalid UTF-8)"
        );
    }
}
