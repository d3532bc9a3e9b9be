//! Passwords and tokens that are asked for when they are needed.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use dblink_protocol::Secret;

use super::Config;

/// For whom a password or a token is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialRequest {
    /// The host as it was given, or its address if only that was; the folder of a Unix-domain socket.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The role to log in as.
    pub user: String,
    /// The database.
    pub dbname: String,
}

/// What gives a password or a token.
#[derive(Clone)]
pub(crate) struct CredentialSource(Arc<Ask>);

type Ask = dyn Fn(CredentialRequest) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync;

type Answer = Result<Secret, Box<dyn Error + Send + Sync>>;

impl CredentialSource {
    fn new<F>(source: impl Fn(CredentialRequest) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        Self(Arc::new(move |request| Box::pin(source(request))))
    }

    pub(crate) async fn ask(&self, request: CredentialRequest) -> Answer {
        (self.0)(request).await
    }
}

/// The same source, and not another that may answer the same.
impl PartialEq for CredentialSource {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for CredentialSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialSource")
    }
}

impl Config {
    /// Has `source` asked for the password, instead of taking it from the options or the password file.
    ///
    /// It is asked at every attempt: once the socket of an address is open, and again if the same address is tried with
    /// another kind of encryption, since a password may be good for one time only. Its time counts among that of connecting.
    /// If it fails, no other address is tried, and the error is the cause of the attempt.
    ///
    /// ```
    /// use dblink_engine::conninfo::{Conninfo, ProcessEnvironment};
    /// use dblink_protocol::Secret;
    ///
    /// let mut config = Conninfo::parse("host=db.example user=scott")?.resolve(&ProcessEnvironment)?;
    /// config.set_password_source(|request| async move {
    ///     // Here a vault would be asked.
    ///     Ok(Secret::from(format!("{}@{}", request.user, request.host)))
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_password_source<F>(&mut self, source: impl Fn(CredentialRequest) -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<Secret, Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        self.password_source = Some(CredentialSource::new(source));
    }

    /// Has `source` asked for the OAuth bearer token. This client gets none by itself: it has no OAuth flow, and makes
    /// nothing of the options `oauth_…` but to show them in [`oauth`](Self::oauth).
    ///
    /// It is asked as [`set_password_source`](Self::set_password_source) has it, but not where a token may not be sent: that
    /// is over TCP in plain text. A server that demands it there is refused
    /// ([RFC 7628, section 4](https://www.rfc-editor.org/rfc/rfc7628#section-4)).
    ///
    /// PostgreSQL manual: [OAuth Support](https://www.postgresql.org/docs/current/libpq-oauth.html).
    pub fn set_token_source<F>(&mut self, source: impl Fn(CredentialRequest) -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<Secret, Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        self.token_source = Some(CredentialSource::new(source));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Conninfo;
    use super::super::environment::testing::Fixed;
    use super::*;

    #[test]
    fn a_configuration_with_sources_can_be_copied_shared_and_shown() {
        fn check<T: Clone + Send + Sync + fmt::Debug>(value: &T) -> String {
            format!("{:?}", value.clone())
        }
        let mut config = Conninfo::new().resolve(&Fixed::new(&[])).unwrap();
        let secret = String::from("tiger");
        config.set_password_source(move |_| {
            let secret = secret.clone();
            async { Ok(secret.into()) }
        });
        config.set_token_source(|_| async { Err("no token".into()) });
        let shown = check(&config);
        assert!(
            shown.contains("password_source: Some(CredentialSource)") && !shown.contains("tiger"),
            "{shown}"
        );
    }
}
