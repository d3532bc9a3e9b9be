//! The server's side of a SCRAM exchange, for tests: as strict about channel binding as PostgreSQL is.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::hash::{hmac_sha256, sha256};
use super::{KeyDerivation, ScramKeys};

const SALT: &[u8] = b"salt for tests 1";

/// A server that has stored a password.
pub(crate) struct Server {
    keys: ScramKeys,
    /// The hash of its certificate, if it offered SCRAM-SHA-256-PLUS.
    end_point: Option<Vec<u8>>,
}

/// A server that has sent its challenge.
pub(crate) struct Challenged {
    server: Server,
    nonce: String,
    gs2_header: String,
    auth_message_start: String,
}

impl Server {
    pub(crate) const ITERATIONS: u32 = 100;

    pub(crate) fn new(password: &str, end_point: Option<&[u8]>) -> Self {
        Self {
            keys: KeyDerivation::new(password.into(), SALT.to_vec(), Self::ITERATIONS).run(),
            end_point: end_point.map(<[u8]>::to_vec),
        }
    }

    pub(crate) fn challenge(self, client_first: &str) -> (Challenged, String) {
        let mut parts = client_first.splitn(3, ',');
        let flag = parts.next().unwrap();
        assert_eq!(parts.next(), Some(""), "no authorisation identity");
        let bare = parts.next().unwrap();
        let client_nonce = bare.strip_prefix("n=").unwrap().split_once(",r=").unwrap().1;
        let nonce = format!("{client_nonce}of the server!").replace(' ', "-");
        let salt = BASE64_STANDARD.encode(SALT);
        let server_first = format!("r={nonce},s={salt},i={}", Self::ITERATIONS);
        let challenged = Challenged {
            server: self,
            gs2_header: format!("{flag},,"),
            auth_message_start: format!("{bare},{server_first}"),
            nonce,
        };
        (challenged, server_first)
    }
}

impl Challenged {
    /// The server-final-message: with its signature, or as an error with the reason.
    pub(crate) fn verify(self, client_final: &str) -> Result<String, String> {
        let (without_proof, proof) = client_final.split_once(",p=").unwrap();
        let (binding, nonce) = without_proof
            .strip_prefix("c=")
            .unwrap()
            .split_once(",r=")
            .unwrap();
        if self.gs2_header.starts_with('y') && self.server.end_point.is_some() {
            return Err("e=server-does-support-channel-binding".to_owned());
        }
        let mut expected = self.gs2_header.clone().into_bytes();
        if self.gs2_header.starts_with("p=") {
            expected.extend(self.server.end_point.expect("bound without an offer"));
        }
        if BASE64_STANDARD.decode(binding).unwrap() != expected {
            return Err("e=channel-bindings-dont-match".to_owned());
        }
        assert_eq!(nonce, self.nonce);

        let auth_message = format!("{},{without_proof}", self.auth_message_start);
        let stored_key = sha256(self.server.keys.client_key.expose());
        let signature = hmac_sha256(&*stored_key, auth_message.as_bytes());
        let proof = BASE64_STANDARD.decode(proof).unwrap();
        let client_key: Vec<u8> = proof.iter().zip(*signature).map(|(a, b)| a ^ b).collect();
        if *sha256(&client_key) != *stored_key {
            return Err("e=invalid-proof".to_owned());
        }
        let signature = hmac_sha256(self.server.keys.server_key.expose(), auth_message.as_bytes());
        Ok(format!("v={}", BASE64_STANDARD.encode(*signature)))
    }
}
