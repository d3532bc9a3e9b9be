//! What a conversation sends.

use dblink_protocol::frontend::FrontendMessage;
use dblink_protocol::wire::Header;

/// The bytes that wait to be sent, to which only whole messages may be added.
#[derive(Debug, Default)]
pub struct Outbox {
    waiting: Vec<u8>,
}

impl Outbox {
    /// Looks at what is outgoing: what waited already, and behind it whole messages.
    pub fn check(&mut self, outgoing: &[u8]) {
        let added = outgoing.strip_prefix(&*self.waiting);
        let mut added = added.expect("what waits to be sent has changed");
        self.waiting.extend_from_slice(added);
        while !added.is_empty() {
            let header = Header::peek(added, |_| 0x4000_0000, |_| "unknown").expect("the length is right");
            let frame = header.map_or(usize::MAX, Header::frame_bytes);
            let (message, rest) = added.split_at_checked(frame).expect("half a message is outgoing");
            FrontendMessage::decode(message[0], &message[5..]).expect("what is sent can be read");
            added = rest;
        }
    }

    /// Tells that `count` bytes of what was last looked at were sent.
    pub fn sent(&mut self, count: usize) {
        self.waiting.drain(..count);
    }
}
