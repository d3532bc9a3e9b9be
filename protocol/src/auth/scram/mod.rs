//! SCRAM-SHA-256 and SCRAM-SHA-256-PLUS, the client's side.
//!
//! Neither side shows the password to the other: the client proves that it has the key that follows from it, then the
//! server has to prove the same. Deriving the keys is made to be slow, so it is a step of its own, [`KeyDerivation`],
//! which the caller runs where it disturbs nobody.

mod client;
mod error;
mod hash;
mod keys;
mod message;
#[cfg(test)]
pub(crate) mod server;

pub use client::{ScramBinding, ScramChallenge, ScramClient, ScramVerification};
pub use error::ScramError;
pub use keys::{KeyDerivation, ScramKey, ScramKeyError, ScramKeys};

/// The name of the mechanism without channel binding.
pub(super) const SCRAM_SHA_256: &str = "SCRAM-SHA-256";
/// The name of the mechanism with channel binding.
pub(super) const SCRAM_SHA_256_PLUS: &str = "SCRAM-SHA-256-PLUS";
