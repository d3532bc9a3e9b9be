//! Bytes to fields and back: the bounded [`Reader`], the checking [`Writer`], and what all messages share.
//!
//! Nothing in here trusts a length or a count. A [`Reader`] works on a body that was cut to its declared length, and
//! fails with the message's and the field's name; a [`Writer`] patches the length word itself, refuses zero bytes in
//! strings at one place, and leaves the buffer unchanged when a value cannot be sent.
//!
//! PostgreSQL manual: [Message Data Types](https://www.postgresql.org/docs/current/protocol-message-types.html).

mod error;
mod format;
mod frame;
mod message;
mod message_enum;
mod reader;
mod secret_key;
mod string;
#[cfg(test)]
pub(crate) mod testing;
mod writer;

pub use error::{DecodeError, DecodeFault, EncodeError, EncodeFault};
pub use format::Format;
pub use frame::Header;
pub use message::Message;
pub use reader::Reader;
pub use secret_key::SecretKey;
pub use string::{WireStr, WireString};
pub use writer::Writer;

pub(crate) use frame::HEADER_BYTES;
pub(crate) use message::{AUTHENTICATION_LIMIT, BACKEND_LIMIT, LARGE_LIMIT, SMALL_LIMIT};
pub(crate) use message_enum::message_enum;
