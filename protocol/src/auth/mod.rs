//! Authentication: what the client answers, and what it refuses.
//!
//! [`Authenticator`] takes the server's Authentication messages and appends the answers to a buffer. It holds to more
//! than libpq does: one method a connection, so that no server can take the answer to one request and then ask for a
//! weaker one; and no AuthenticationOk before a server that started SCRAM has proved that it knows the password.

mod authenticator;
mod channel_binding;
mod config;
mod error;
mod md5;
mod mechanism;
mod oauth;
mod require_auth;
pub mod saslprep;
pub mod scram;

pub use authenticator::{AuthStep, Authenticator};
pub use channel_binding::{ChannelBinding, ChannelBindingError, ParseChannelBindingError};
pub use config::{AuthConfig, Credentials, DEFAULT_MAX_SCRAM_ITERATIONS, Transport};
pub use error::AuthError;
pub use md5::md5_verifier;
pub use require_auth::{RequireAuth, RequireAuthError};
