//! Randomness, from the system's generator.

use std::io;

use rustls::crypto::ring::default_provider;

/// The client nonce of SCRAM.
///
/// # Errors
///
/// Where the system has no randomness.
pub(super) fn nonce() -> io::Result<[u8; 18]> {
    bytes()
}

/// The salt of a new password.
///
/// # Errors
///
/// Where the system has no randomness.
pub(crate) fn salt() -> io::Result<[u8; 16]> {
    bytes()
}

/// Puts the items in a random order; leaves them as they are where the system has no randomness.
pub(super) fn shuffle<T>(items: &mut [T]) {
    for last in (1..items.len()).rev() {
        if let Ok(number) = bytes().map(usize::from_be_bytes) {
            items.swap(number % (last + 1), last);
        }
    }
}

/// A name that nobody else has, for what must not meet another's on a server; always the same where the system has no
/// randomness.
pub(crate) fn name() -> String {
    let number = bytes().map(u64::from_be_bytes).unwrap_or_default();
    format!("dblink_{number:016x}")
}

fn bytes<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    match default_provider().secure_random.fill(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(_) => Err(io::Error::other("the system has no randomness")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_not_that_of_before() {
        assert_ne!(nonce().unwrap(), nonce().unwrap());
    }

    #[test]
    fn shuffling_keeps_what_is_there_and_comes_to_every_order() {
        let mut orders = std::collections::BTreeSet::new();
        for _ in 0..1000 {
            let mut items = [1, 2, 3];
            shuffle(&mut items);
            orders.insert(items);
        }
        // That one of the six is missing after a thousand times has a chance of less than 10⁻⁷⁸.
        assert_eq!(orders.len(), 6);
    }
}
