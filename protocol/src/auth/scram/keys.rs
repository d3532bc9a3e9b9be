//! The keys of SCRAM, and how they come from a password.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::hash::{Hash, hmac_sha256, pbkdf2, sha256};
use crate::Secret;
use crate::auth::saslprep::saslprep;

/// One of the two keys of [`ScramKeys`]: 32 bytes that are never printed, and wiped when dropped.
#[derive(Clone)]
pub struct ScramKey(Hash);

impl ScramKey {
    /// The key with these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The key in a connection option `scram_client_key`.
    ///
    /// # Errors
    ///
    /// Text that is not base64 of 32 bytes.
    pub fn client_from_base64(text: &str) -> Result<Self, ScramKeyError> {
        Self::from_base64("client", text)
    }

    /// The key in a connection option `scram_server_key`.
    ///
    /// # Errors
    ///
    /// Text that is not base64 of 32 bytes.
    pub fn server_from_base64(text: &str) -> Result<Self, ScramKeyError> {
        Self::from_base64("server", text)
    }

    fn from_base64(side: &'static str, text: &str) -> Result<Self, ScramKeyError> {
        let bytes = BASE64_STANDARD.decode(text).map(Zeroizing::new);
        let bytes = bytes.map_err(|_| ScramKeyError::Malformed { side })?;
        let key = bytes.as_slice().try_into().map_err(|_| ScramKeyError::Length {
            side,
            length: bytes.len(),
        })?;
        Ok(Self::new(key))
    }

    /// The bytes. Whoever copies them has to wipe the copy.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

/// In constant time.
impl PartialEq for ScramKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&*other.0).into()
    }
}

impl Eq for ScramKey {}

impl fmt::Debug for ScramKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Text that is no SCRAM key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScramKeyError {
    /// It is not base64.
    #[error("invalid SCRAM {side} key")]
    Malformed {
        /// Which key: `client` or `server`.
        side: &'static str,
    },
    /// It is base64 of something that is not 32 bytes long.
    #[error("invalid SCRAM {side} key length: {length}")]
    Length {
        /// Which key: `client` or `server`.
        side: &'static str,
        /// How many bytes it is long.
        length: usize,
    },
}

/// What the client proves to have, and what the server proves to have, instead of the password.
///
/// They follow from the password, the salt and the iteration count. Kept under the role, the password and the two
/// values of the [`KeyDerivation`] they came from, they spare the next connection the work; they open every door that
/// the password opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScramKeys {
    /// The client's proof is made with this one.
    pub client_key: ScramKey,
    /// The server's signature is made with this one.
    pub server_key: ScramKey,
}

impl ScramKeys {
    /// The keys with these bytes.
    pub fn new(client_key: [u8; 32], server_key: [u8; 32]) -> Self {
        Self {
            client_key: ScramKey::new(client_key),
            server_key: ScramKey::new(server_key),
        }
    }

    /// What a server stores instead of the password, made of the keys, and of the salt and the iteration count that they were
    /// [derived](KeyDerivation) with. A server takes it for the password where one is set.
    ///
    /// PostgreSQL manual: [pg_authid](https://www.postgresql.org/docs/current/catalog-pg-authid.html).
    ///
    /// ```
    /// use dblink_protocol::Secret;
    /// use dblink_protocol::auth::scram::KeyDerivation;
    ///
    /// let salt = b"0123456789abcdef";
    /// let keys = KeyDerivation::new(Secret::from("tiger"), salt.to_vec(), 4096).run();
    /// let verifier = keys.verifier(salt, 4096);
    /// assert!(verifier.starts_with("SCRAM-SHA-256$4096:MDEyMzQ1Njc4OWFiY2RlZg==$"));
    /// ```
    pub fn verifier(&self, salt: &[u8], iterations: u32) -> Zeroizing<String> {
        let mut verifier = Zeroizing::new(String::with_capacity(256));
        verifier.push_str("SCRAM-SHA-256$");
        verifier.push_str(&iterations.to_string());
        verifier.push(':');
        BASE64_STANDARD.encode_string(salt, &mut verifier);
        verifier.push('$');
        BASE64_STANDARD.encode_string(*self.stored_key(), &mut verifier);
        verifier.push(':');
        BASE64_STANDARD.encode_string(self.server_key.expose(), &mut verifier);
        verifier
    }

    pub(super) fn stored_key(&self) -> Hash {
        sha256(self.client_key.expose())
    }
}

/// The work of making [`ScramKeys`] from a password: some milliseconds of computing, or as much as the server asks for.
///
/// It waits for nobody, so that it can run on any thread.
///
/// ```
/// use dblink_protocol::Secret;
/// use dblink_protocol::auth::scram::KeyDerivation;
///
/// let derivation = KeyDerivation::new(Secret::from("tiger"), b"0123456789abcdef".to_vec(), 4096);
/// let keys = std::thread::spawn(move || derivation.run()).join();
/// # assert!(keys.is_ok());
/// ```
#[derive(Debug, Clone)]
pub struct KeyDerivation {
    password: Secret,
    salt: Zeroizing<Vec<u8>>,
    iterations: u32,
}

impl KeyDerivation {
    /// The work for this password, as the user typed it. Zero `iterations` count as one.
    pub fn new(password: Secret, salt: Vec<u8>, iterations: u32) -> Self {
        Self {
            password,
            salt: Zeroizing::new(salt),
            iterations,
        }
    }

    /// The salt that the server keeps with the password.
    pub fn salt(&self) -> &[u8] {
        &self.salt
    }

    /// How often the password is hashed.
    pub const fn iterations(&self) -> u32 {
        self.iterations
    }

    /// Does the work.
    pub fn run(self) -> ScramKeys {
        let salted = pbkdf2(&saslprep(self.password.expose()), &self.salt, self.iterations);
        ScramKeys {
            client_key: ScramKey(hmac_sha256(&*salted, b"Client Key")),
            server_key: ScramKey(hmac_sha256(&*salted, b"Server Key")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_keys_from_base64() {
        let text = BASE64_STANDARD.encode([7; 32]);
        assert_eq!(ScramKey::client_from_base64(&text), Ok(ScramKey::new([7; 32])));
        assert_eq!(ScramKey::server_from_base64(&text), Ok(ScramKey::new([7; 32])));
    }

    #[test]
    fn says_what_is_wrong_with_a_key() {
        let client = |text| ScramKey::client_from_base64(text).unwrap_err().to_string();
        let server = |text| ScramKey::server_from_base64(text).unwrap_err().to_string();
        assert_eq!(client("!"), "invalid SCRAM client key");
        assert_eq!(server("AAA"), "invalid SCRAM server key");
        assert_eq!(client(""), "invalid SCRAM client key length: 0");
        assert_eq!(server("AAAA"), "invalid SCRAM server key length: 3");
    }

    #[test]
    fn nothing_prints_keys_or_password() {
        assert_eq!(
            format!("{:?}", ScramKeys::new([7; 32], [8; 32])),
            "ScramKeys { client_key: ***, server_key: *** }"
        );
        let derivation = KeyDerivation::new(Secret::from("tiger"), vec![1], 2);
        assert!(!format!("{derivation:?}").contains("tiger"));
        assert_eq!((derivation.salt(), derivation.iterations()), (&[1][..], 2));
    }

    /// What PostgreSQL 15 stored for this password, which preparation changes to "a b".
    #[test]
    fn derives_what_a_server_stored() {
        let salt = BASE64_STANDARD.decode("5bf+cYUU7e4Qn+c40O2jIg==").unwrap();
        let keys = KeyDerivation::new(Secret::from("a\u{200b}b"), salt.clone(), 4096).run();
        let stored_key = "VD1LvawYUTohniYTG1y5zLwp9Q04FIWdsTiPSbliMQA=";
        let server_key = "z5DniLLtUMiq5U0lYLKjWnJUC6SND/PGJ8TYok8Isu4=";
        assert_eq!(
            *keys.verifier(&salt, 4096),
            format!("SCRAM-SHA-256$4096:5bf+cYUU7e4Qn+c40O2jIg==${stored_key}:{server_key}")
        );
    }
}
