//! Reading what a server sends in a SCRAM exchange.
//!
//! [RFC 5802, section 7](https://www.rfc-editor.org/rfc/rfc5802#section-7) has the grammar. It is read to the letter:
//! no extension, no leading zeros or signs, nothing at the end.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::ScramError;

/// The server's challenge.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ServerFirst<'a> {
    /// The client's nonce with the server's behind it.
    pub(super) nonce: &'a str,
    pub(super) salt: Vec<u8>,
    /// As wide as it takes to name an absurd number in the error that refuses it.
    pub(super) iterations: u64,
}

impl<'a> ServerFirst<'a> {
    pub(super) fn parse(message: &'a str) -> Result<Self, ScramError> {
        let (nonce, rest) = attribute('r', message)?;
        let (salt, rest) = attribute('s', after_comma('s', rest)?)?;
        let (iterations, rest) = attribute('i', after_comma('i', rest)?)?;
        if rest.is_some() {
            return Err(ScramError::Malformed("garbage at end of server-first-message"));
        }
        if nonce.is_empty() || !nonce.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ScramError::Malformed("invalid nonce"));
        }
        let salt = BASE64_STANDARD.decode(salt).ok().filter(|salt| !salt.is_empty());
        Ok(Self {
            nonce,
            salt: salt.ok_or(ScramError::Malformed("invalid salt"))?,
            iterations: positive(iterations).ok_or(ScramError::Malformed("invalid iteration count"))?,
        })
    }
}

/// The server's last word.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ServerFinal<'a> {
    /// Its proof that it knows the password.
    Signature([u8; 32]),
    /// Why it refuses the client.
    Error(&'a str),
}

impl<'a> ServerFinal<'a> {
    pub(super) fn parse(message: &'a str) -> Result<Self, ScramError> {
        let end_of_message = |rest: Option<_>| match rest {
            None => Ok(()),
            Some(_) => Err(ScramError::Malformed("garbage at end of server-final-message")),
        };
        if message.starts_with('e') {
            let (error, rest) = attribute('e', message)?;
            end_of_message(rest)?;
            return Ok(Self::Error(error));
        }
        let (signature, rest) = attribute('v', message)?;
        end_of_message(rest)?;
        let signature = BASE64_STANDARD.decode(signature).ok();
        match signature.and_then(|bytes| bytes.try_into().ok()) {
            Some(signature) => Ok(Self::Signature(signature)),
            None => Err(ScramError::Malformed("invalid server signature")),
        }
    }
}

/// The value of the attribute called `name`, which `text` must start with, and what follows its comma, if there is one.
fn attribute(name: char, text: &str) -> Result<(&str, Option<&str>), ScramError> {
    let text = text
        .strip_prefix(name)
        .ok_or(ScramError::AttributeExpected { name })?;
    let text = text
        .strip_prefix('=')
        .ok_or(ScramError::EqualsExpected { name })?;
    Ok(match text.split_once(',') {
        Some((value, rest)) => (value, Some(rest)),
        None => (text, None),
    })
}

/// The text behind the comma, where the attribute called `name` has to be.
fn after_comma(name: char, rest: Option<&str>) -> Result<&str, ScramError> {
    rest.ok_or(ScramError::AttributeExpected { name })
}

/// A number of digits that does not start with zero. [`str::parse`] alone would take a sign, too.
fn positive(digits: &str) -> Option<u64> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(message: &str) -> String {
        ServerFirst::parse(message).unwrap_err().to_string()
    }

    fn iterations(text: &str) -> Option<u64> {
        let message = format!("r=abc,s=AAAA,i={text}");
        ServerFirst::parse(&message)
            .ok()
            .map(|message| message.iterations)
    }

    #[test]
    fn reads_a_challenge() {
        assert_eq!(
            ServerFirst::parse("r=a=b!,s=AAAA,i=4096"),
            Ok(ServerFirst {
                nonce: "a=b!",
                salt: vec![0; 3],
                iterations: 4096
            })
        );
    }

    #[test]
    fn an_extension_is_refused() {
        assert_eq!(
            first("m=x,r=abc,s=AAAA,i=1"),
            "malformed SCRAM message (attribute \"r\" expected)"
        );
    }

    #[test]
    fn says_which_attribute_is_missing() {
        for (message, name) in [
            ("", 'r'),
            ("r=abc", 's'),
            ("r=abc,i=1", 's'),
            ("r=abc,s=AAAA", 'i'),
        ] {
            let text = format!("malformed SCRAM message (attribute \"{name}\" expected)");
            assert_eq!(first(message), text);
        }
        assert_eq!(
            first("r=abc,s,i=1"),
            "malformed SCRAM message (expected character \"=\" for attribute \"s\")"
        );
    }

    #[test]
    fn garbage_after_the_challenge_is_refused() {
        let garbage = "malformed SCRAM message (garbage at end of server-first-message)";
        assert_eq!(first("r=abc,s=AAAA,i=1,"), garbage);
        assert_eq!(first("r=abc,s=AAAA,i=1,x=y"), garbage);
        assert_eq!(
            first("r=abc,s=AAAA,i=1x"),
            "malformed SCRAM message (invalid iteration count)"
        );
    }

    #[test]
    fn a_nonce_is_printable() {
        for nonce in ["", "a b", "a\u{7f}", "\u{e9}", "a\0"] {
            assert_eq!(
                first(&format!("r={nonce},s=AAAA,i=1")),
                "malformed SCRAM message (invalid nonce)"
            );
        }
    }

    #[test]
    fn a_salt_is_base64_and_not_empty() {
        for salt in ["", "A", "AAA", "AAAA=", "AA AA", "-_-_"] {
            assert_eq!(
                first(&format!("r=abc,s={salt},i=1")),
                "malformed SCRAM message (invalid salt)"
            );
        }
    }

    #[test]
    fn an_iteration_count_is_a_positive_number_without_ornaments() {
        for text in [
            "",
            "0",
            "00",
            "01",
            "-1",
            "+5",
            " 5",
            "5 ",
            "0x5",
            "5.0",
            "1e3",
            "٣",
            "99999999999999999999",
        ] {
            assert_eq!(iterations(text), None, "{text:?}");
        }
        for number in [1, 4096, 2_147_483_647, 4_294_967_297, u64::MAX] {
            assert_eq!(iterations(&number.to_string()), Some(number), "no number wraps");
        }
    }

    #[test]
    fn reads_the_last_word() {
        assert_eq!(
            ServerFinal::parse("v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            Ok(ServerFinal::Signature([0; 32]))
        );
        assert_eq!(
            ServerFinal::parse("e=invalid-proof"),
            Ok(ServerFinal::Error("invalid-proof"))
        );
    }

    #[test]
    fn a_last_word_is_whole_and_alone() {
        let last = |message: &str| ServerFinal::parse(message).unwrap_err().to_string();
        for signature in [
            "",
            "AAAA",
            "!",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert_eq!(
                last(&format!("v={signature}")),
                "malformed SCRAM message (invalid server signature)"
            );
        }
        let garbage = "malformed SCRAM message (garbage at end of server-final-message)";
        assert_eq!(
            last("v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,x=y"),
            garbage
        );
        assert_eq!(last("e=other-error,x=y"), garbage);
        assert_eq!(last(""), "malformed SCRAM message (attribute \"v\" expected)");
        assert_eq!(
            last("e"),
            "malformed SCRAM message (expected character \"=\" for attribute \"e\")"
        );
    }
}
