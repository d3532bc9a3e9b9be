//! The client's part in authentication, from the first request to AuthenticationOk.

#[cfg(test)]
mod tests;

use std::mem;

use super::mechanism::{self, Mechanism};
use super::oauth::{self, OAUTHBEARER};
use super::scram::{KeyDerivation, ScramBinding, ScramChallenge, ScramClient, ScramKeys, ScramVerification};
use super::{AuthConfig, AuthError, Transport, md5};
use crate::Secret;
use crate::backend::Authentication;
use crate::frontend::{PasswordMessage, SaslInitialResponse, SaslResponse};
use crate::wire::Message;

/// What has to happen next.
#[derive(Debug)]
#[must_use]
pub enum AuthStep {
    /// Send what was appended to the buffer, then hand in the server's next message.
    Respond,
    /// Do this work, or look up what it once gave, and hand the keys to [`Authenticator::keys_derived`].
    Derive(KeyDerivation),
    /// Hand in the server's next message.
    Wait,
    /// The client is authenticated.
    Done,
}

/// Answers a server's Authentication messages.
///
/// Before anything is sent, the request is checked against `require_auth` and `channel_binding`. The first request
/// decides on the method; every other one after it is refused, and after any error everything is.
///
/// The answers that it appends to a buffer hold credentials: the buffer's owner should wipe it once it is sent.
///
/// ```
/// use dblink_protocol::Secret;
/// use dblink_protocol::auth::{AuthConfig, AuthStep, Authenticator};
/// use dblink_protocol::backend::Authentication;
///
/// let mut config = AuthConfig::new("scott", *b"18 random bytes...");
/// config.credentials.password = Some(Secret::from("tiger"));
/// let mut authenticator = Authenticator::new(config);
///
/// let mut out = Vec::new();
/// let step = authenticator.handle(&Authentication::CleartextPassword, &mut out)?;
/// assert!(matches!(step, AuthStep::Respond));
/// assert_eq!(out, b"p\0\0\0\x0atiger\0");
/// let step = authenticator.handle(&Authentication::Ok, &mut out)?;
/// assert!(matches!(step, AuthStep::Done));
/// # Ok::<(), dblink_protocol::auth::AuthError>(())
/// ```
#[derive(Debug)]
pub struct Authenticator {
    config: AuthConfig,
    state: State,
    /// Whether the chosen mechanism binds to the channel.
    binds: bool,
    used_password: bool,
    oauth_refusal: Option<String>,
}

#[derive(Debug)]
enum State {
    /// Nothing has been asked for.
    Start,
    /// A password was sent.
    Password,
    /// SCRAM has started: the server owes its challenge.
    ScramStarted(ScramClient),
    /// The server has sent its challenge: the caller owes the keys.
    ScramChallenged(ScramChallenge),
    /// The client has proved itself: the server owes its own proof.
    ScramProved(ScramVerification),
    /// Both sides have proved themselves.
    ScramVerified,
    /// A token was sent.
    Token,
    /// The token was refused: the server owes an ErrorResponse.
    TokenRefused,
    /// AuthenticationOk, or an error.
    Over,
}

impl State {
    /// Whether the client has done its part of an exchange; for SCRAM, whether the server has done its part, too.
    const fn is_complete(&self) -> bool {
        matches!(self, Self::Password | Self::ScramVerified | Self::Token)
    }

    const fn is_sasl(&self) -> bool {
        !matches!(self, Self::Start | Self::Password | Self::Over)
    }
}

impl Authenticator {
    /// Waits for the server's first message.
    pub const fn new(config: AuthConfig) -> Self {
        Self {
            config,
            state: State::Start,
            binds: false,
            used_password: false,
            oauth_refusal: None,
        }
    }

    /// Whether the server has asked for the password, and got it or a proof of it.
    pub const fn used_password(&self) -> bool {
        self.used_password
    }

    /// Why the server refused the token, as JSON text, if it did: it goes with the ErrorResponse that follows, and
    /// says no more than the server wants it to.
    pub fn oauth_refusal(&self) -> Option<&str> {
        self.oauth_refusal.as_deref()
    }

    /// Takes a message, and appends the answer to `out` if it has one.
    ///
    /// # Errors
    ///
    /// See [`AuthError`], also for the SQLSTATE of each. Nothing is appended then, and every further message is an
    /// error.
    pub fn handle(&mut self, message: &Authentication<'_>, out: &mut Vec<u8>) -> Result<AuthStep, AuthError> {
        let state = mem::replace(&mut self.state, State::Over);
        if let State::Over = state {
            return Err(AuthError::Over {
                message: message.name(),
            });
        }
        let is_bound = self.binds && matches!(state, State::ScramVerified);
        self.config.require_auth.check(message, state.is_complete())?;
        self.config.channel_binding.check(message, is_bound)?;
        match (state, message) {
            (State::Start, request) => self.start(request, out),
            (state, Authentication::Ok) => Self::finish(&state),
            (State::ScramStarted(client), Authentication::SaslContinue(data)) => {
                self.take_challenge(client.challenge(data)?, out)
            }
            (State::ScramStarted(_), Authentication::SaslFinal(_)) => Err(AuthError::SaslNotCompleted),
            (State::ScramProved(verification), Authentication::SaslFinal(data)) => {
                verification.verify(data)?;
                self.state = State::ScramVerified;
                Ok(AuthStep::Wait)
            }
            (State::Token, Authentication::SaslContinue(refusal)) => self.take_refusal(refusal, out),
            (State::Token, Authentication::SaslFinal(_)) => Err(AuthError::UnexpectedOauthData),
            (State::TokenRefused, Authentication::SaslContinue(_) | Authentication::SaslFinal(_)) => {
                Err(AuthError::OauthAfterRefusal)
            }
            (state, message) => Err(Self::refuse(&state, message)),
        }
    }

    /// Takes the keys that [`AuthStep::Derive`] asked for, and appends the answer to `out`.
    ///
    /// # Errors
    ///
    /// [`AuthError::KeysNotAskedFor`] in any other place, which ends the authentication.
    pub fn keys_derived(&mut self, keys: ScramKeys, out: &mut Vec<u8>) -> Result<AuthStep, AuthError> {
        match mem::replace(&mut self.state, State::Over) {
            State::ScramChallenged(challenge) => {
                let given = &self.config.credentials;
                let keys = ScramKeys {
                    client_key: given.scram_client_key.clone().unwrap_or(keys.client_key),
                    server_key: given.scram_server_key.clone().unwrap_or(keys.server_key),
                };
                self.prove(challenge, &keys, out)
            }
            _ => Err(AuthError::KeysNotAskedFor),
        }
    }

    /// The server's first message.
    fn start(&mut self, request: &Authentication<'_>, out: &mut Vec<u8>) -> Result<AuthStep, AuthError> {
        let not_supported = |method| Err(AuthError::NotSupported { method });
        match request {
            Authentication::Ok => Ok(AuthStep::Done),
            Authentication::CleartextPassword => {
                let password = self.password()?.clone();
                self.send_password(password.expose(), out)
            }
            Authentication::Md5Password { salt } => {
                let password = self.password()?.expose();
                let answer = md5::answer(self.config.user.as_bytes(), password, *salt);
                self.send_password(answer.as_bytes(), out)
            }
            Authentication::Sasl { mechanisms } => {
                let config = &self.config;
                match mechanism::choose(
                    mechanisms,
                    &config.transport,
                    config.channel_binding,
                    &config.require_auth,
                )? {
                    Mechanism::Scram(binding) => self.start_scram(binding, out),
                    Mechanism::OauthBearer => self.send_token(out),
                }
            }
            Authentication::SaslContinue(_) | Authentication::SaslFinal(_) => Err(AuthError::SaslNotStarted),
            Authentication::KerberosV5 => not_supported("Kerberos 5"),
            Authentication::Gss | Authentication::GssContinue(_) => not_supported("GSSAPI"),
            Authentication::Sspi => not_supported("SSPI"),
            Authentication::Other { code, .. } => Err(AuthError::UnknownMethod { code: *code }),
        }
    }

    fn password(&self) -> Result<&Secret, AuthError> {
        let password = self.config.credentials.password.as_ref();
        password
            .filter(|password| !password.is_empty())
            .ok_or(AuthError::NoPassword)
    }

    fn send_password(&mut self, password: &[u8], out: &mut Vec<u8>) -> Result<AuthStep, AuthError> {
        PasswordMessage {
            password: password.into(),
        }
        .encode(out)?;
        self.used_password = true;
        self.state = State::Password;
        Ok(AuthStep::Respond)
    }

    fn send_token(&mut self, out: &mut Vec<u8>) -> Result<AuthStep, AuthError> {
        // Whoever listens could use it (RFC 7628, section 4).
        if self.config.transport == Transport::Plain {
            return Err(AuthError::TokenInPlainText);
        }
        let response = oauth::initial_response(self.config.credentials.bearer_token.as_ref())?;
        SaslInitialResponse {
            mechanism: OAUTHBEARER.into(),
            response: Some(&response),
        }
        .encode(out)?;
        self.state = State::Token;
        Ok(AuthStep::Respond)
    }

    fn take_refusal(&mut self, refusal: &[u8], out: &mut Vec<u8>) -> Result<AuthStep, AuthError> {
        self.oauth_refusal = Some(String::from_utf8_lossy(refusal).into_owned());
        SaslResponse {
            data: oauth::ANSWER_TO_REFUSAL,
        }
        .encode(out)?;
        self.state = State::TokenRefused;
        Ok(AuthStep::Respond)
    }

    fn start_scram(&mut self, binding: ScramBinding, out: &mut Vec<u8>) -> Result<AuthStep, AuthError> {
        let given = &self.config.credentials;
        match (&given.scram_client_key, &given.scram_server_key) {
            (Some(_), Some(_)) => {}
            // Without either, the server could claim anything.
            (Some(_), None) => drop(self.password().map_err(|_| AuthError::NoServerKey)?),
            (None, _) => drop(self.password()?),
        }
        self.binds = matches!(binding, ScramBinding::TlsServerEndPoint(_));
        let client = ScramClient::new(binding, self.config.scram_nonce);
        SaslInitialResponse {
            mechanism: client.mechanism().into(),
            response: Some(client.client_first().as_bytes()),
        }
        .encode(out)?;
        self.state = State::ScramStarted(client);
        Ok(AuthStep::Respond)
    }

    fn take_challenge(
        &mut self,
        challenge: ScramChallenge,
        out: &mut Vec<u8>,
    ) -> Result<AuthStep, AuthError> {
        let given = &self.config.credentials;
        if let (Some(client_key), Some(server_key)) = (&given.scram_client_key, &given.scram_server_key) {
            let keys = ScramKeys {
                client_key: client_key.clone(),
                server_key: server_key.clone(),
            };
            return self.prove(challenge, &keys, out);
        }
        let password = self.password()?.clone();
        self.used_password = true;
        let derivation = challenge.derivation(password, self.config.max_scram_iterations)?;
        self.state = State::ScramChallenged(challenge);
        Ok(AuthStep::Derive(derivation))
    }

    fn prove(
        &mut self,
        challenge: ScramChallenge,
        keys: &ScramKeys,
        out: &mut Vec<u8>,
    ) -> Result<AuthStep, AuthError> {
        let (client_final, verification) = challenge.respond(keys);
        SaslResponse {
            data: client_final.as_bytes(),
        }
        .encode(out)?;
        self.state = State::ScramProved(verification);
        Ok(AuthStep::Respond)
    }

    /// AuthenticationOk after a request.
    const fn finish(state: &State) -> Result<AuthStep, AuthError> {
        match state {
            _ if state.is_complete() => Ok(AuthStep::Done),
            State::TokenRefused => Err(AuthError::OauthAfterRefusal),
            _ => Err(AuthError::ServerNotVerified),
        }
    }

    /// The error for a message that has no place in `state`.
    const fn refuse(state: &State, message: &Authentication<'_>) -> AuthError {
        let name = message.name();
        match message {
            Authentication::Sasl { .. } if state.is_sasl() => AuthError::DuplicateSasl,
            Authentication::SaslContinue(_) | Authentication::SaslFinal(_) if state.is_sasl() => {
                AuthError::OutOfTurn { message: name }
            }
            _ => AuthError::SecondRequest { message: name },
        }
    }
}
