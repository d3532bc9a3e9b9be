//! The messages of OAUTHBEARER.
//!
//! See [RFC 7628](https://www.rfc-editor.org/rfc/rfc7628) and, in PostgreSQL's manual,
//! [OAUTHBEARER Authentication](https://www.postgresql.org/docs/current/sasl-authentication.html#SASL-OAUTHBEARER).

use zeroize::Zeroizing;

use super::AuthError;
use crate::Secret;

/// The mechanism's name.
pub(super) const OAUTHBEARER: &str = "OAUTHBEARER";

/// What the client says to a refusal, so that the server can end the exchange with its error.
pub(super) const ANSWER_TO_REFUSAL: &[u8] = b"\x01";

/// The message that opens the exchange and carries the token. It names no user: PostgreSQL takes the role of the
/// startup message.
///
/// # Errors
///
/// [`AuthError::NoToken`], and [`AuthError::MalformedToken`] for a token that could be taken for more than a token.
pub(super) fn initial_response(token: Option<&Secret>) -> Result<Zeroizing<Vec<u8>>, AuthError> {
    let token = token
        .filter(|token| !token.is_empty())
        .ok_or(AuthError::NoToken)?;
    if !is_token(token.expose()) {
        return Err(AuthError::MalformedToken);
    }
    let pieces: [&[u8]; 3] = [b"n,,\x01auth=Bearer ", token.expose(), b"\x01\x01"];
    Ok(Zeroizing::new(pieces.concat()))
}

/// [RFC 6750, section 2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1): some characters without special
/// meaning, then any number of `=`.
fn is_token(bytes: &[u8]) -> bool {
    let padding = bytes.iter().rev().take_while(|&&byte| byte == b'=').count();
    let body = bytes.get(..bytes.len() - padding).unwrap_or_default();
    !body.is_empty()
        && body
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(token: &str) -> Result<Vec<u8>, AuthError> {
        initial_response(Some(&token.into())).map(|response| response.to_vec())
    }

    #[test]
    fn carries_the_token() {
        assert_eq!(
            response("aZ09-._~+/==").unwrap(),
            b"n,,\x01auth=Bearer aZ09-._~+/==\x01\x01"
        );
    }

    #[test]
    fn there_must_be_a_token() {
        assert_eq!(initial_response(None), Err(AuthError::NoToken));
        assert_eq!(response(""), Err(AuthError::NoToken));
    }

    #[test]
    fn a_token_cannot_bring_fields_of_its_own() {
        for token in ["a\x01user=x", "a b", "a,b", "=", "a=b", "\u{e9}", "a\0"] {
            assert_eq!(response(token), Err(AuthError::MalformedToken), "{token:?}");
        }
    }
}
