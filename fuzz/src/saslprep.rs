//! The input is a password.

use dblink_protocol::auth::saslprep::saslprep;

/// How many times longer NFKC can make a text in UTF-8: U+FDFA becomes 18 characters.
const LARGEST_GROWTH: usize = 11;

/// Checks one input: ASCII and what is not UTF-8 stay as they are, nothing becomes empty or much longer, and preparing
/// twice is preparing once.
pub fn check(password: &[u8]) {
    let prepared = saslprep(password);
    if password.is_ascii() || str::from_utf8(password).is_err() {
        assert_eq!(*prepared, password);
        return;
    }
    assert!(!prepared.is_empty());
    assert!(prepared.len() <= password.len() * LARGEST_GROWTH);
    assert!(str::from_utf8(&prepared).is_ok());
    assert_eq!(*saslprep(&prepared), *prepared);
}
