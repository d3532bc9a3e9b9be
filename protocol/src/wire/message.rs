//! What all messages have in common.

use super::{DecodeError, EncodeError, Reader, Writer};

/// A message of the protocol, in either direction.
///
/// A message encodes itself at the end of a buffer, frame included, and decodes itself from a body that was cut to its
/// declared length. Decoding what was encoded gives the message back.
///
/// ```
/// use dblink_protocol::frontend::Query;
/// use dblink_protocol::wire::Message;
///
/// let mut bytes = Vec::new();
/// Query { query: "select 1".into() }.encode(&mut bytes)?;
/// assert_eq!(bytes, b"Q\0\0\0\x0dselect 1\0");
/// assert_eq!(Query::decode(&bytes[5..])?.query, "select 1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Message<'a>: Sized {
    /// The message's name in PostgreSQL's manual.
    const NAME: &'static str;

    /// The type byte; none for the messages that open a connection.
    const TAG: Option<u8>;

    /// The largest value that the length word may have when the message is sent: what the server takes for frontend
    /// messages, what the length word can say for backend messages.
    const MAX_LENGTH: u32 = BACKEND_LIMIT;

    /// Writes the fields.
    ///
    /// # Errors
    ///
    /// A value that cannot be sent.
    fn encode_body(&self, body: &mut Writer<'_>) -> Result<(), EncodeError>;

    /// Reads the fields.
    ///
    /// # Errors
    ///
    /// A body that does not follow the protocol.
    fn decode_body(body: &mut Reader<'a>) -> Result<Self, DecodeError>;

    /// Appends the whole message to `out`.
    ///
    /// # Errors
    ///
    /// A value that cannot be sent; `out` is then unchanged.
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        Writer::message(out, Self::NAME, Self::TAG, Self::MAX_LENGTH, |body| {
            self.encode_body(body)
        })
    }

    /// The message with this body, the whole of which it must use.
    ///
    /// # Errors
    ///
    /// A body that is short, overlong or otherwise does not follow the protocol: the error names message and field.
    fn decode(body: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(Self::NAME, body);
        let message = Self::decode_body(&mut reader)?;
        reader.finish()?;
        Ok(message)
    }
}

/// The largest length word there can be.
pub(crate) const BACKEND_LIMIT: u32 = i32::MAX.cast_unsigned();
/// What the server takes in a Query, Parse, Bind, FunctionCall or CopyData message.
pub(crate) const LARGE_LIMIT: u32 = 0x3fff_fffe;
/// What the server takes in every other message after authentication, and as a startup packet.
pub(crate) const SMALL_LIMIT: u32 = 10_000;
/// What the server takes as the answer to an authentication request.
pub(crate) const AUTHENTICATION_LIMIT: u32 = 65_535;
