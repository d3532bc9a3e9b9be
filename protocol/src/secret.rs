//! Values that must not be shown.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A password or token: printed as `***`, and wiped from memory when dropped.
///
/// It is made of bytes, since PostgreSQL takes passwords in any encoding.
///
/// ```
/// use dblink_protocol::Secret;
///
/// let password = Secret::from("tiger");
/// assert_eq!(password.expose(), b"tiger");
/// assert_eq!(format!("{password} {password:?}"), "*** ***");
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// The bytes. Whoever copies them has to wipe the copy.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Whether there are no bytes. PostgreSQL's clients take an empty password for none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::from(text.into_bytes())
    }
}

impl From<&[u8]> for Secret {
    fn from(bytes: &[u8]) -> Self {
        Self::from(bytes.to_vec())
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::from(text.as_bytes())
    }
}

/// In a time that depends on the lengths only.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose().ct_eq(other.expose()).into()
    }
}

impl Eq for Secret {}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_gives_the_same_secret() {
        let secret = Secret::from("tiger");
        assert_eq!(secret, Secret::from(String::from("tiger")));
        assert_eq!(secret, Secret::from(b"tiger".to_vec()));
        assert_eq!(secret, Secret::from(&b"tiger"[..]));
        assert_ne!(secret, Secret::from("Tiger"));
        assert_ne!(secret, Secret::from("tigers"));
        assert!(!secret.is_empty());
        assert!(Secret::from("").is_empty());
    }

    #[test]
    fn nothing_prints_it() {
        let secret = Secret::from("tiger");
        assert_eq!(format!("{secret}"), "***");
        assert_eq!(format!("{:#?}", Some(secret)), "Some(\n    ***,\n)");
    }
}
