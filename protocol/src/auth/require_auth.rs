//! Which authentication methods the client accepts: the connection option `require_auth`.

use std::fmt;
use std::str::FromStr;

use super::AuthError;
use crate::backend::Authentication;

/// The authentication methods that the client accepts. The default accepts all, and none at all.
///
/// It is written as libpq writes it: a list of methods, separated by commas without blanks, of which the server must
/// use one; or a list of methods with `!` in front, of which it may use none. The method `none` stands for no request
/// at all.
///
/// PostgreSQL manual:
/// [require_auth](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-REQUIRE-AUTH).
///
/// ```
/// use dblink_protocol::auth::RequireAuth;
///
/// let requirement: RequireAuth = "scram-sha-256,oauth".parse()?;
/// assert_eq!(requirement.to_string(), "scram-sha-256,oauth");
/// assert!("scram".parse::<RequireAuth>().is_err());
/// # Ok::<(), dblink_protocol::auth::RequireAuthError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequireAuth {
    /// As it was written.
    text: String,
    allowed: Vec<Method>,
    /// Whether the server must ask for something.
    must_ask: bool,
}

/// A method that a requirement can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Password,
    Md5,
    Gss,
    Sspi,
    ScramSha256,
    Oauth,
}

impl Method {
    const ALL: [Self; 6] = [
        Self::Password,
        Self::Md5,
        Self::Gss,
        Self::Sspi,
        Self::ScramSha256,
        Self::Oauth,
    ];

    const fn keyword(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Md5 => "md5",
            Self::Gss => "gss",
            Self::Sspi => "sspi",
            Self::ScramSha256 => "scram-sha-256",
            Self::Oauth => "oauth",
        }
    }
}

impl RequireAuth {
    /// Whether there is nothing that it forbids.
    fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Checks what the server asks for. `is_complete` says whether the client has finished its part of an exchange.
    pub(super) fn check(&self, message: &Authentication<'_>, is_complete: bool) -> Result<(), AuthError> {
        let is_allowed = match message {
            Authentication::Ok => is_complete || !self.must_ask,
            Authentication::CleartextPassword => self.allows(&[Method::Password]),
            Authentication::Md5Password { .. } => self.allows(&[Method::Md5]),
            Authentication::Gss => self.allows(&[Method::Gss]),
            Authentication::Sspi => self.allows(&[Method::Sspi]),
            Authentication::GssContinue(_) => self.allows(&[Method::Gss, Method::Sspi]),
            Authentication::Sasl { .. } | Authentication::SaslContinue(_) | Authentication::SaslFinal(_) => {
                self.allows(&[Method::ScramSha256, Method::Oauth])
            }
            Authentication::KerberosV5 | Authentication::Other { .. } => false,
        };
        if self.is_empty() || is_allowed {
            return Ok(());
        }
        Err(self.failure(match message {
            Authentication::Ok => "server did not complete authentication",
            Authentication::CleartextPassword => "server requested a cleartext password",
            Authentication::Md5Password { .. } => "server requested a hashed password",
            Authentication::Gss | Authentication::GssContinue(_) => "server requested GSSAPI authentication",
            Authentication::Sspi => "server requested SSPI authentication",
            Authentication::Sasl { .. } | Authentication::SaslContinue(_) | Authentication::SaslFinal(_) => {
                "server requested SASL authentication"
            }
            Authentication::KerberosV5 | Authentication::Other { .. } => {
                "server requested an unknown authentication type"
            }
        }))
    }

    /// Checks the SASL mechanism that would be used; `reason` is why not.
    pub(super) fn check_mechanism(&self, method: Method, reason: &'static str) -> Result<(), AuthError> {
        if self.is_empty() || self.allows(&[method]) {
            return Ok(());
        }
        Err(self.failure(reason))
    }

    fn allows(&self, one_of: &[Method]) -> bool {
        self.allowed.iter().any(|method| one_of.contains(method))
    }

    fn failure(&self, reason: &'static str) -> AuthError {
        AuthError::RequireAuth {
            requirement: self.text.clone(),
            reason,
        }
    }
}

impl Default for RequireAuth {
    fn default() -> Self {
        Self {
            text: String::new(),
            allowed: Method::ALL.to_vec(),
            must_ask: false,
        }
    }
}

/// As it was written.
impl fmt::Display for RequireAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for RequireAuth {
    type Err = RequireAuthError;

    fn from_str(text: &str) -> Result<Self, RequireAuthError> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let is_negative = text.starts_with('!');
        let mut requirement = Self {
            text: text.to_owned(),
            allowed: if is_negative {
                Method::ALL.to_vec()
            } else {
                Vec::new()
            },
            must_ask: !is_negative,
        };
        for item in text.split(',') {
            match (item.strip_prefix('!'), is_negative) {
                (Some(keyword), true) => requirement.forbid(item, keyword)?,
                (None, false) => requirement.allow(item)?,
                (Some(_), false) => return Err(RequireAuthError::NegativeAmongPositive(item.to_owned())),
                (None, true) => return Err(RequireAuthError::PositiveAmongNegative(item.to_owned())),
            }
        }
        Ok(requirement)
    }
}

impl RequireAuth {
    fn allow(&mut self, keyword: &str) -> Result<(), RequireAuthError> {
        let is_new = match find(keyword)? {
            None => std::mem::replace(&mut self.must_ask, false),
            Some(method) if self.allowed.contains(&method) => false,
            Some(method) => {
                self.allowed.push(method);
                true
            }
        };
        once(is_new, keyword)
    }

    fn forbid(&mut self, item: &str, keyword: &str) -> Result<(), RequireAuthError> {
        let is_new = match find(keyword)? {
            None => !std::mem::replace(&mut self.must_ask, true),
            Some(method) => {
                let before = self.allowed.len();
                self.allowed.retain(|&allowed| allowed != method);
                self.allowed.len() < before
            }
        };
        once(is_new, item)
    }
}

/// The method with this keyword; none for the keyword `none`.
fn find(keyword: &str) -> Result<Option<Method>, RequireAuthError> {
    if keyword == "none" {
        return Ok(None);
    }
    let method = Method::ALL.into_iter().find(|method| method.keyword() == keyword);
    method
        .map(Some)
        .ok_or_else(|| RequireAuthError::Unknown(keyword.to_owned()))
}

/// A method that is there twice is probably a slip, in a place where slips are dear.
fn once(is_new: bool, item: &str) -> Result<(), RequireAuthError> {
    if is_new {
        return Ok(());
    }
    Err(RequireAuthError::Repeated(item.to_owned()))
}

/// Text that is no `require_auth`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequireAuthError {
    /// There is no such method.
    #[error("invalid require_auth value: \"{0}\"")]
    Unknown(
        /// The method, without its `!`.
        String,
    ),
    /// A method is there twice.
    #[error("require_auth method \"{0}\" is specified more than once")]
    Repeated(
        /// The method as it was written.
        String,
    ),
    /// A method with `!` follows one without.
    #[error("negative require_auth method \"{0}\" cannot be mixed with non-negative methods")]
    NegativeAmongPositive(
        /// The method as it was written.
        String,
    ),
    /// A method without `!` follows one with it.
    #[error("require_auth method \"{0}\" cannot be mixed with negative methods")]
    PositiveAmongNegative(
        /// The method as it was written.
        String,
    ),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> RequireAuth {
        text.parse().unwrap()
    }

    fn refusal(text: &str) -> String {
        text.parse::<RequireAuth>().unwrap_err().to_string()
    }

    fn reason(text: &str, message: &Authentication<'_>) -> Option<String> {
        let error = parse(text).check(message, false).err()?.to_string();
        let start = format!("authentication method requirement \"{text}\" failed: ");
        Some(error.strip_prefix(&start).unwrap().to_owned())
    }

    fn requests() -> [(&'static str, Authentication<'static>, &'static str); 6] {
        let sasl = Authentication::Sasl { mechanisms: vec![] };
        [
            (
                "password",
                Authentication::CleartextPassword,
                "server requested a cleartext password",
            ),
            (
                "md5",
                Authentication::Md5Password { salt: [0; 4] },
                "server requested a hashed password",
            ),
            (
                "gss",
                Authentication::Gss,
                "server requested GSSAPI authentication",
            ),
            (
                "sspi",
                Authentication::Sspi,
                "server requested SSPI authentication",
            ),
            (
                "scram-sha-256",
                sasl.clone(),
                "server requested SASL authentication",
            ),
            ("oauth", sasl, "server requested SASL authentication"),
        ]
    }

    #[test]
    fn an_empty_text_requires_nothing() {
        assert_eq!(parse(""), RequireAuth::default());
        for (_, request, _) in requests() {
            assert_eq!(reason("", &request), None);
        }
        assert_eq!(reason("", &Authentication::Ok), None);
        assert_eq!(reason("", &Authentication::KerberosV5), None);
    }

    #[test]
    fn a_positive_list_allows_what_it_names() {
        for (keyword, own, _) in requests() {
            assert_eq!(reason(keyword, &own), None);
            for (_, other, description) in requests().iter().filter(|(_, other, _)| *other != own) {
                assert_eq!(
                    reason(keyword, other),
                    Some((*description).to_owned()),
                    "{keyword}"
                );
            }
        }
        assert_eq!(reason("md5,password", &Authentication::CleartextPassword), None);
    }

    #[test]
    fn a_negative_list_allows_the_rest() {
        for (keyword, own, description) in &requests()[..4] {
            let text = format!("!{keyword}");
            assert_eq!(reason(&text, own), Some((*description).to_owned()));
            for (_, other, _) in requests().iter().filter(|(_, other, _)| other != own) {
                assert_eq!(reason(&text, other), None, "{text}");
            }
        }
    }

    #[test]
    fn sasl_is_allowed_while_one_of_its_methods_is() {
        let sasl = Authentication::Sasl { mechanisms: vec![] };
        assert_eq!(reason("!scram-sha-256", &sasl), None);
        assert_eq!(reason("!oauth", &sasl), None);
        assert!(reason("!scram-sha-256,!oauth", &sasl).is_some());
        let why = "server requested SCRAM-SHA-256 authentication";
        assert_eq!(
            parse("scram-sha-256").check_mechanism(Method::ScramSha256, why),
            Ok(())
        );
        assert_eq!(
            parse("!scram-sha-256")
                .check_mechanism(Method::ScramSha256, why)
                .unwrap_err()
                .to_string(),
            "authentication method requirement \"!scram-sha-256\" failed: \
             server requested SCRAM-SHA-256 authentication"
        );
    }

    #[test]
    fn a_token_of_gssapi_may_be_one_of_sspi() {
        let message = Authentication::GssContinue(b"");
        assert_eq!(reason("gss", &message), None);
        assert_eq!(reason("sspi", &message), None);
        assert_eq!(
            reason("md5", &message).unwrap(),
            "server requested GSSAPI authentication"
        );
    }

    #[test]
    fn no_request_at_all_has_a_keyword() {
        let incomplete = Some("server did not complete authentication".to_owned());
        assert_eq!(reason("md5", &Authentication::Ok), incomplete);
        assert_eq!(reason("!none", &Authentication::Ok), incomplete);
        assert_eq!(reason("!md5,!none", &Authentication::Ok), incomplete);
        for text in ["none", "md5,none", "!md5"] {
            assert_eq!(reason(text, &Authentication::Ok), None, "{text}");
        }
        assert_eq!(parse("md5").check(&Authentication::Ok, true), Ok(()));
        assert!(reason("none", &Authentication::CleartextPassword).is_some());
    }

    #[test]
    fn unknown_requests_never_fulfil_a_requirement() {
        let unknown = "server requested an unknown authentication type";
        let other = Authentication::Other { code: 99, data: b"" };
        assert_eq!(reason("!md5", &other).unwrap(), unknown);
        assert_eq!(reason("md5", &Authentication::KerberosV5).unwrap(), unknown);
    }

    #[test]
    fn unknown_methods_are_named() {
        for (text, method) in [
            (" md5", " md5"),
            ("md5 ", "md5 "),
            ("md5,", ""),
            (",", ""),
            ("MD5", "MD5"),
            ("!x", "x"),
            ("!", ""),
        ] {
            assert_eq!(refusal(text), format!("invalid require_auth value: \"{method}\""));
        }
    }

    #[test]
    fn repetitions_are_named() {
        for (text, method) in [
            ("md5,md5", "md5"),
            ("!md5,!md5", "!md5"),
            ("none,none", "none"),
            ("!none,!none", "!none"),
            ("scram-sha-256,md5,scram-sha-256", "scram-sha-256"),
            ("!oauth,!oauth", "!oauth"),
        ] {
            assert_eq!(
                refusal(text),
                format!("require_auth method \"{method}\" is specified more than once")
            );
        }
    }

    #[test]
    fn lists_are_not_mixed() {
        assert_eq!(
            refusal("md5,!password"),
            "negative require_auth method \"!password\" cannot be mixed with non-negative methods"
        );
        assert_eq!(
            refusal("!md5,password"),
            "require_auth method \"password\" cannot be mixed with negative methods"
        );
    }
}
