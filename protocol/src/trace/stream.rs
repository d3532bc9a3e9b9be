//! One direction's bytes, cut anywhere.

use std::fmt;
use std::mem;

use zeroize::Zeroizing;

use crate::wire::{DecodeError, DecodeFault, HEADER_BYTES, Header, SMALL_LIMIT};

/// The largest length word taken for a message: above what either side can build, which is about 1 GiB.
const LONGEST_MESSAGE: u32 = 0x4000_0003;
/// The same for a packet that opens a connection; the server's limit is without the length word.
const LONGEST_PACKET: u32 = SMALL_LIMIT + LENGTH_BYTES;
/// What a length word counts of itself.
const LENGTH_BYTES: u32 = 4;

/// A message, or a packet that opens a connection, as it stands in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    /// The length word.
    pub(super) length: u32,
    pub(super) body: &'a [u8],
    /// The bytes of all of it.
    pub(super) bytes: usize,
}

impl<'a> Frame<'a> {
    /// The message at the start of `bytes` and its type byte, or none if it has not wholly arrived.
    ///
    /// # Errors
    ///
    /// A length word that no message has. `name` gives the name for the error.
    pub(super) fn message(
        bytes: &'a [u8],
        name: impl FnOnce(u8) -> &'static str,
    ) -> Result<Option<(u8, Self)>, DecodeError> {
        let Some(header) = Header::peek(bytes, |_| LONGEST_MESSAGE, name)? else {
            return Ok(None);
        };
        let body = bytes.get(HEADER_BYTES..header.frame_bytes());
        Ok(body.map(|body| {
            let frame = Self {
                length: header.length,
                body,
                bytes: header.frame_bytes(),
            };
            (header.tag, frame)
        }))
    }

    /// The packet without a type byte at the start of `bytes`, or none if it has not wholly arrived.
    ///
    /// # Errors
    ///
    /// A length word that no such packet has.
    pub(super) fn packet(bytes: &'a [u8]) -> Result<Option<Self>, DecodeError> {
        let Some((word, rest)) = bytes.split_first_chunk() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*word);
        let fault = match length.cast_signed() {
            signed if signed < LENGTH_BYTES.cast_signed() => DecodeFault::LengthTooSmall { length: signed },
            _ if length > LONGEST_PACKET => DecodeFault::LengthTooLarge {
                length,
                limit: LONGEST_PACKET,
            },
            _ => {
                let body = rest.get(..(length - LENGTH_BYTES) as usize);
                return Ok(body.map(|body| Self {
                    length,
                    body,
                    bytes: word.len() + body.len(),
                }));
            }
        };
        Err(DecodeError::new("initial", fault))
    }
}

/// What has arrived of one direction and could not be printed yet.
#[derive(Default)]
pub(super) struct Stream {
    /// The beginning of one message, which may be a secret.
    unfinished: Zeroizing<Vec<u8>>,
    /// Nobody knows where the next message begins.
    lost: bool,
}

impl Stream {
    /// Adds `chunk`. Then calls `take` with everything that it has not taken yet, as long as it takes something; it
    /// returns how many bytes it took, or none if it needs more.
    ///
    /// # Errors
    ///
    /// The error of `take`. It is final: all further chunks are ignored.
    pub(super) fn feed(
        &mut self,
        chunk: &[u8],
        mut take: impl FnMut(&[u8]) -> Result<Option<usize>, DecodeError>,
    ) -> Result<(), DecodeError> {
        if self.lost {
            return Ok(());
        }
        let mut joined = mem::take(&mut self.unfinished);
        let mut rest = if joined.is_empty() {
            chunk
        } else {
            append(&mut joined, chunk);
            &joined
        };
        while !rest.is_empty() {
            match take(rest) {
                Ok(Some(count)) => rest = rest.get(count..).unwrap_or_default(),
                Ok(None) => break,
                Err(error) => {
                    self.lost = true;
                    return Err(error);
                }
            }
        }
        // A long message that arrives in many chunks is not copied with each of them.
        self.unfinished = if rest.len() == joined.len() {
            joined
        } else {
            Zeroizing::new(rest.to_vec())
        };
        Ok(())
    }
}

/// Appends without leaving a copy of the old bytes behind, as growing a vector does.
fn append(buffer: &mut Zeroizing<Vec<u8>>, bytes: &[u8]) {
    let needed = buffer.len().saturating_add(bytes.len());
    if needed > buffer.capacity() {
        let capacity = buffer.capacity().saturating_mul(2).max(needed);
        let mut larger = Zeroizing::new(Vec::with_capacity(capacity));
        larger.extend_from_slice(buffer);
        *buffer = larger;
    }
    buffer.extend_from_slice(bytes);
}

/// How many bytes wait; what they are may be a secret.
impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.lost {
            return f.write_str("lost");
        }
        write!(f, "{} bytes unfinished", self.unfinished.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_cut_out() {
        let frame = Frame {
            length: 5,
            body: b"I",
            bytes: 6,
        };
        assert_eq!(
            Frame::message(b"Z\0\0\0\x05Inext", |_| "Test"),
            Ok(Some((b'Z', frame)))
        );
        assert_eq!(Frame::message(b"Z\0\0\0\x05", |_| "Test"), Ok(None));
        assert_eq!(Frame::message(b"Z\0\0\0", |_| "Test"), Ok(None));
        assert_eq!(Frame::message(b"d\x40\0\0\x03", |_| "Test"), Ok(None));
        for length in [0_u32, 3, 0x4000_0004, u32::MAX] {
            let bytes = [&b"Z"[..], &length.to_be_bytes()].concat();
            assert_eq!(
                Frame::message(&bytes, |_| "Test").unwrap_err().message,
                "Test",
                "{length}"
            );
        }
    }

    #[test]
    fn a_packet_is_cut_out() {
        let frame = Frame {
            length: 8,
            body: b"\x04\xd2\x16\x2f",
            bytes: 8,
        };
        assert_eq!(Frame::packet(b"\0\0\0\x08\x04\xd2\x16\x2fnext"), Ok(Some(frame)));
        assert_eq!(Frame::packet(b"\0\0\0\x08\x04\xd2\x16"), Ok(None));
        assert_eq!(Frame::packet(b"\0\0\0"), Ok(None));
        assert_eq!(Frame::packet(b"\0\0\x27\x14"), Ok(None));
        assert_eq!(
            Frame::packet(b"\0\0\x27\x15").unwrap_err().to_string(),
            "malformed initial message: its length word is 10005, the limit is 10004"
        );
        assert_eq!(
            Frame::packet(b"\xff\xff\xff\xff").unwrap_err().to_string(),
            "malformed initial message: its length word is -1, below 4"
        );
    }

    #[test]
    fn a_length_word_sizes_nothing() {
        let mut stream = Stream::default();
        let take = |bytes: &[u8]| Ok(Frame::message(bytes, |_| "Test")?.map(|(_, frame)| frame.bytes));
        for chunk in [&b"d\x40"[..], b"\0\0\x03", b"abc"] {
            stream.feed(chunk, take).unwrap();
        }
        assert_eq!(*stream.unfinished, b"d\x40\0\0\x03abc");
        assert!(
            stream.unfinished.capacity() < 100,
            "{}",
            stream.unfinished.capacity()
        );
    }

    #[test]
    fn a_lost_stream_stays_lost() {
        let mut stream = Stream::default();
        let take = |bytes: &[u8]| Ok(Frame::message(bytes, |_| "Test")?.map(|(_, frame)| frame.bytes));
        stream.feed(b"Z\0\0\0\x05I", take).unwrap();
        assert_eq!(format!("{stream:?}"), "0 bytes unfinished");
        stream.feed(b"Z\0\0\0\x03", take).unwrap_err();
        stream.feed(b"Z\0\0\0\x03", take).unwrap();
        assert_eq!(format!("{stream:?}"), "lost");
    }
}
