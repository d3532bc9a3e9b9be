//! Messages of a COPY put together to rows, which they need not hold whole.

use bytes::{Buf, Bytes, BytesMut};

/// What was received of a COPY's data and not yet understood. It grows by what has come, and by nothing that is announced.
#[derive(Debug, Default)]
pub(super) struct Unread {
    /// A message, as long as rows do not go on in the next.
    chunk: Bytes,
    /// Messages put together.
    joined: BytesMut,
}

impl Unread {
    pub(super) fn bytes(&self) -> &[u8] {
        if self.joined.is_empty() {
            &self.chunk
        } else {
            &self.joined
        }
    }

    /// Forgets the first `count` bytes.
    pub(super) fn advance(&mut self, count: usize) {
        if self.joined.is_empty() {
            self.chunk.advance(count.min(self.chunk.len()));
        } else {
            self.joined.advance(count.min(self.joined.len()));
        }
    }

    /// Adds the next message.
    pub(super) fn add(&mut self, chunk: Bytes) {
        if self.bytes().is_empty() {
            self.chunk = chunk;
            return;
        }
        if self.joined.is_empty() {
            self.joined.extend_from_slice(&self.chunk);
            self.chunk.clear();
        }
        self.joined.extend_from_slice(&chunk);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_joined_where_they_are_cut() {
        let mut unread = Unread::default();
        let mut read = Vec::new();
        let all: Vec<u8> = (0..100).collect();
        for (index, message) in all.chunks(7).enumerate() {
            unread.add(Bytes::copy_from_slice(message));
            let count = unread.bytes().len().min([7, 0, 3, 20][index % 4]);
            read.extend_from_slice(&unread.bytes()[..count]);
            unread.advance(count);
        }
        read.extend_from_slice(unread.bytes());
        assert_eq!(read, all);
    }
}
