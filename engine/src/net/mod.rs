//! From a description of a server to a connection to it.

mod attempt;
pub(crate) mod dial;
mod error;
mod inet_aton;
mod judgement;
mod ladder;
mod lookup;
mod numeric_address;
mod peer;
pub(crate) mod random;
mod session_attrs;
mod socket;
mod stream;
mod target;
mod time_limit;
pub mod tls;
mod tls_options;

pub use error::{Attempt, AttemptError, ConnectError, Place, SessionQueryError, SocketError};
pub use peer::PeerError;
pub use stream::{Carrier, Stream};

pub(crate) use target::Target;
