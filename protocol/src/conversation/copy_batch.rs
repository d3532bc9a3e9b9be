//! COPY data, where it was received.

use bytes::{Buf, Bytes};

use crate::wire::HEADER_BYTES;

/// Consecutive CopyData messages, in the buffer they were received into: no allocation and no copy for each.
///
/// A server sends one message a row in COPY TO STDOUT, but promises nothing of the kind.
#[derive(Debug, Clone)]
pub struct CopyBatch {
    /// Whole CopyData messages, headers included; those already taken are cut off the front.
    data: Bytes,
    messages: usize,
}

impl CopyBatch {
    pub(super) const fn new(data: Bytes, messages: usize) -> Self {
        Self { data, messages }
    }

    /// How many messages are left; at least one when the batch is received.
    pub const fn len(&self) -> usize {
        self.messages
    }

    /// Whether all messages were taken.
    pub const fn is_empty(&self) -> bool {
        self.messages == 0
    }

    /// The data of each message that is left, in order.
    pub fn iter(&self) -> CopyChunks<'_> {
        CopyChunks {
            data: &self.data,
            messages: self.messages,
        }
    }

    /// Takes the data of the next message, which goes on to share the buffer.
    pub fn take_chunk(&mut self) -> Option<Bytes> {
        let chunk = self.iter().next()?.len();
        self.data.advance(HEADER_BYTES);
        self.messages = self.messages.saturating_sub(1);
        Some(self.data.split_to(chunk))
    }
}

impl<'a> IntoIterator for &'a CopyBatch {
    type Item = &'a [u8];
    type IntoIter = CopyChunks<'a>;

    fn into_iter(self) -> CopyChunks<'a> {
        self.iter()
    }
}

/// The data of each message of a [`CopyBatch`], in order.
#[derive(Debug, Clone)]
pub struct CopyChunks<'a> {
    data: &'a [u8],
    messages: usize,
}

impl<'a> Iterator for CopyChunks<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let (&[_, a, b, c, d], _) = self.data.split_first_chunk::<HEADER_BYTES>()?;
        let frame = usize::try_from(u32::from_be_bytes([a, b, c, d])).ok()? + 1;
        let (message, rest) = self.data.split_at_checked(frame)?;
        self.data = rest;
        self.messages = self.messages.saturating_sub(1);
        message.get(HEADER_BYTES..)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.messages, Some(self.messages))
    }
}

impl ExactSizeIterator for CopyChunks<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_lends_its_chunks() {
        let batch = CopyBatch::new(Bytes::from_static(b"d\0\0\0\x05ad\0\0\0\x04d\0\0\0\x06bc"), 3);
        assert_eq!((batch.len(), batch.is_empty()), (3, false));
        assert_eq!(batch.iter().len(), 3);
        assert_eq!(batch.iter().collect::<Vec<_>>(), [&b"a"[..], b"", b"bc"]);
    }

    #[test]
    fn chunks_can_be_taken_one_by_one() {
        let mut batch = CopyBatch::new(Bytes::from_static(b"d\0\0\0\x05ad\0\0\0\x04d\0\0\0\x06bc"), 3);
        assert_eq!(batch.take_chunk().unwrap(), "a");
        assert_eq!(batch.iter().collect::<Vec<_>>(), [&b""[..], b"bc"]);
        assert_eq!(batch.take_chunk().unwrap(), "");
        assert_eq!(batch.take_chunk().unwrap(), "bc");
        assert_eq!(batch.take_chunk(), None);
        assert!(batch.is_empty());
    }
}
