//! Passwords hashed with MD5: the answer to a request for one, and what the server stores.

use md5::{Digest, Md5};
use zeroize::Zeroizing;

/// What goes into the PasswordMessage: `md5`, and the hexadecimal digest of the salt behind that of password and role.
///
/// Password and role are hashed as they are, without preparation.
///
/// PostgreSQL manual:
/// [AuthenticationMD5Password](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-START-UP).
pub(super) fn answer(user: &[u8], password: &[u8], salt: [u8; 4]) -> Zeroizing<String> {
    let inner = hex_digest(password, user);
    let outer = hex_digest(inner.as_bytes(), &salt);
    Zeroizing::new(["md5", &outer].concat())
}

/// What a server stores instead of the password where its `password_encryption` is `md5`. A server takes it for the password
/// where one is set; and it is worth as much, since it is all that logging in needs.
///
/// PostgreSQL manual: [pg_authid](https://www.postgresql.org/docs/current/catalog-pg-authid.html).
pub fn md5_verifier(user: &[u8], password: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(["md5", &hex_digest(password, user)].concat())
}

/// The digest of two pieces, one behind the other. It is worth as much as the password where that is stored in this
/// form.
fn hex_digest(first: &[u8], second: &[u8]) -> Zeroizing<String> {
    let digest = Md5::new().chain_update(first).chain_update(second).finalize();
    let digest = Zeroizing::new(<[u8; 16]>::from(digest));
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let mut hex = Zeroizing::new(String::with_capacity(32));
    hex.extend(digits.filter_map(|digit| char::from_digit(digit.into(), 16)));
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `pg_authid.rolpassword` of a role `mary` with this password holds `md5` and the first digest; the second was
    /// made by the server's own `md5()`.
    #[test]
    fn as_the_server_makes_it() {
        assert_eq!(
            *md5_verifier(b"mary", b"secret"),
            "md5b1e53c052cdefca0c27c81bdb92d9bcb"
        );
        assert_eq!(
            *answer(b"mary", b"secret", *b"\x01\x02\x03\xfe"),
            "md5a2e5c7c2f2f90ba84499b49c31571d3d"
        );
    }

    #[test]
    fn the_password_is_hashed_as_it_is() {
        assert_ne!(
            answer(b"", "a\u{200b}b".as_bytes(), *b"salt"),
            answer(b"", b"a b", *b"salt")
        );
        assert_eq!(answer(b"", b"\xff", *b"salt").len(), 35);
    }
}
