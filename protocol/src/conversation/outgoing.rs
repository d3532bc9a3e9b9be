//! The bytes that wait to be sent.

use std::fmt;

/// A buffer above this size is given back once it is empty, so that one large value does not stay in memory for the
/// rest of the session.
const KEEP_BYTES: usize = 256 * 1024;

/// A queue of bytes: messages are appended at its end, the caller sends from its start.
#[derive(Default)]
pub(crate) struct Outgoing {
    buffer: Vec<u8>,
    sent: usize,
}

impl Outgoing {
    /// Where to append.
    pub(crate) fn end(&mut self) -> &mut Vec<u8> {
        // Moving what is left to the front costs at most as much as was sent since the last time.
        if self.sent > self.buffer.len() / 2 {
            self.buffer.drain(..self.sent);
            self.sent = 0;
        }
        &mut self.buffer
    }

    /// What is not sent yet.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.sent..).unwrap_or_default()
    }

    /// Forgets the first `count` bytes.
    pub(crate) fn advance(&mut self, count: usize) {
        self.sent = self.sent.saturating_add(count).min(self.buffer.len());
        if self.sent == self.buffer.len() {
            self.sent = 0;
            if self.buffer.capacity() > KEEP_BYTES {
                self.buffer = Vec::new();
            } else {
                self.buffer.clear();
            }
        }
    }
}

/// How many bytes wait; what they are may be a secret.
impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.bytes().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_order_whatever_is_sent_when() {
        let mut outgoing = Outgoing::default();
        let mut received = Vec::new();
        for (index, send) in [0, 3, 1, 9, 2, 5, 100].into_iter().enumerate() {
            outgoing.end().extend(vec![u8::try_from(index).unwrap(); 5]);
            let available = outgoing.bytes().len().min(send);
            received.extend_from_slice(&outgoing.bytes()[..available]);
            outgoing.advance(send);
        }
        let expected: Vec<u8> = (0..7).flat_map(|byte| [byte; 5]).collect();
        assert_eq!(received, expected);
        assert!(outgoing.bytes().is_empty());
    }

    #[test]
    fn gives_a_large_buffer_back() {
        let mut outgoing = Outgoing::default();
        outgoing.end().resize(2 * KEEP_BYTES, 0);
        outgoing.advance(2 * KEEP_BYTES);
        assert_eq!(outgoing.end().capacity(), 0);
    }
}
