//! From a description of a server to a connection to it.

pub(crate) mod dial;
mod error;
mod ladder;
pub(crate) mod random;
mod session_attrs;
mod socket;
mod stream;
mod target;
pub mod tls;
mod tls_options;

pub use error::{Attempt, AttemptError, ConnectError, Place};
pub use stream::{Carrier, Stream};

pub(crate) use target::Target;
