//! PostgreSQL's frontend/backend protocol as a conversation without I/O: bytes in, events out; commands in, bytes out.
//!
//! There is no socket in this crate, no runtime, no clock and no randomness. A program that has a connection to a server,
//! of whatever kind, moves the bytes; this crate knows what they mean, what may come next, and what must not. So the same
//! code serves an asynchronous driver, a blocking one, a proxy, a module inside a PostgreSQL backend with an event loop
//! of its own, a fuzzer, and a test that needs no server.
//!
//! # A conversation over two buffers
//!
//! ```
//! use bytes::BytesMut;
//! use dblink_protocol::Secret;
//! use dblink_protocol::auth::AuthConfig;
//! use dblink_protocol::conversation::{Event, Reply};
//! use dblink_protocol::handshake::{Handshake, HandshakeConfig, Step};
//!
//! // What the server says, as a socket would bring it.
//! let mut input = BytesMut::from(
//!     &b"R\0\0\0\x08\0\0\0\x03\
//!        R\0\0\0\x08\0\0\0\0\
//!        K\0\0\0\x0c\0\0\0\x07\x01\x02\x03\x04\
//!        Z\0\0\0\x05I"[..],
//! );
//! // What we say, as a socket would take it away.
//! let mut output = Vec::new();
//!
//! let mut auth = AuthConfig::new("scott", *b"18 random bytes...");
//! auth.credentials.password = Some(Secret::from("tiger"));
//! let mut handshake = Handshake::new(HandshakeConfig::new(auth))?;
//! let mut conversation = loop {
//!     match handshake.receive(&mut input)? {
//!         Step::Ready(conversation) => break conversation,
//!         Step::DeriveKeys(derivation) => handshake.keys_derived(derivation.run())?,
//!         Step::Read => panic!("a socket would be read here"),
//!         _ => {}
//!     }
//! };
//! output.extend_from_slice(handshake.outgoing());
//! handshake.sent(output.len());
//! assert_eq!(output, b"\0\0\0\x14\0\x03\0\0user\0scott\0\0p\0\0\0\x0atiger\0");
//!
//! // Two questions at once, then their answers.
//! let first = conversation.query("select 1")?;
//! let second = conversation.query("listen news")?;
//! conversation.sent(conversation.outgoing().len());
//! input.extend_from_slice(
//!     b"T\0\0\0\x1a\0\x01n\0\0\0\0\0\0\0\0\0\0\x17\0\x04\xff\xff\xff\xff\0\0\
//!       D\0\0\0\x0b\0\x01\0\0\0\x011\
//!       C\0\0\0\x0dSELECT 1\0\
//!       Z\0\0\0\x05I\
//!       C\0\0\0\x0bLISTEN\0\
//!       Z\0\0\0\x05I",
//! );
//! let mut answers = Vec::new();
//! while let Some(event) = conversation.receive(&mut input)? {
//!     match event {
//!         Event::Reply { to, reply: Reply::Rows(rows) } => {
//!             assert_eq!(to, first);
//!             answers.extend(rows.iter().map(|row| row.get(0).flatten().map(<[u8]>::to_vec)));
//!         }
//!         Event::Reply { to, reply: Reply::CommandComplete(done) } if to == second => {
//!             assert_eq!(done.tag().verb, "LISTEN");
//!         }
//!         _ => {}
//!     }
//! }
//! assert_eq!(answers, [Some(b"1".to_vec())]);
//! assert!(conversation.is_idle());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The map
//!
//! | module | what it is for |
//! |---|---|
//! | [`handshake`] | [`Handshake`](handshake::Handshake): from an open connection to a session, encryption and authentication included |
//! | [`conversation`] | [`Conversation`](conversation::Conversation): everything after that |
//! | [`auth`] | the methods of authentication, SASLprep, and what a client accepts |
//! | [`frontend`], [`backend`] | every message of protocol 3.0 and 3.2, one type each, to encode and to decode |
//! | [`wire`] | the reader and the writer under all messages |
//! | [`trace`] | [`Tracer`](trace::Tracer): both directions in the format of libpq's `PQtrace` |
//! | [`oid`] | the object identifiers of the built-in types |
//!
//! # What it promises
//!
//! - **No byte from outside makes it panic**, loop or allocate out of proportion: a length or a count is believed when the
//!   bytes it speaks of have come.
//! - **No reply reaches the wrong command.** Each carries its command's [`CommandId`](conversation::CommandId); a message
//!   that has no place ends the conversation.
//! - **No row is copied.** Rows and COPY data stay in the buffer they were received into, and come in batches.
//! - **No secret is printed**: [`Secret`] and what holds one prints `***`, and wipes its memory when dropped.
//!
//! PostgreSQL manual: [Frontend/Backend Protocol](https://www.postgresql.org/docs/current/protocol.html).

pub mod auth;
pub mod backend;
pub mod conversation;
mod copy;
pub mod frontend;
pub mod handshake;
#[cfg(test)]
mod hostile;
pub mod oid;
mod secret;
mod sqlstate;
pub mod trace;
mod version;
pub mod wire;

pub use secret::Secret;
pub use sqlstate::SqlState;
pub use version::ProtocolVersion;
