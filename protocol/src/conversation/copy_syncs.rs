//! The Syncs behind a COPY FROM STDIN.
//!
//! A flight of Parse, Bind, Execute and Sync is sent before anybody can know that the Execute begins a COPY. A server that
//! reads COPY data ignores a Sync, and so the one behind the Execute is never answered: it has to be sent again behind the
//! end of the data.
//!
//! If the COPY fails, nobody can know whether the server had read the first Sync before it failed, and so ignored it, or
//! reads it after, and answers it. The number of ReadyForQuery to come is then uncertain by one. It must not be: an answer
//! too many would shift all that follow. A Close between two Syncs settles it. The server answers the Close once, with
//! CloseComplete, behind everything that was uncertain and before the second Sync, whose ReadyForQuery is then the last.
//! Closing the unnamed portal takes nothing from anybody: the transaction it belonged to has failed.

use super::pending::Awaits;
use super::{Conversation, ProtocolError};

// What the conversation says of its own accord: constants, so that saying it cannot fail.
pub(super) const SYNC: &[u8] = b"S\0\0\0\x04";
const CLOSE_UNNAMED_PORTAL: &[u8] = b"C\0\0\0\x06P\0";

impl Conversation {
    /// The server takes COPY data for the oldest command. Of the Syncs behind it the last stands for all.
    ///
    /// # Errors
    ///
    /// Where something else than a Sync stands behind it. The server takes that for data, refuses it, and has then lost its
    /// place; or it fails before it comes to it, and skips it. What it will answer cannot be told.
    pub(super) fn start_copy_in(&mut self) -> Result<(), ProtocolError> {
        let mut syncs = 0;
        for pending in self.pending.iter().skip(1) {
            match pending.awaits {
                Awaits::ReadyForQuery { .. } => syncs += 1,
                // Left from an earlier COPY of the same Query.
                Awaits::Ignored => {}
                _ => return Err(ProtocolError::CommandsBehindCopy),
            }
        }
        self.syncs_behind_copy = syncs;
        let between = self.pending.len().saturating_sub(2);
        for pending in self.pending.iter_mut().skip(1).take(between) {
            pending.awaits = Awaits::Ignored;
        }
        Ok(())
    }

    /// The COPY of the oldest command failed, after we sent its end or, if not `done`, before.
    pub(super) fn fail_copy_in(&mut self, done: bool) {
        let syncs = std::mem::take(&mut self.syncs_behind_copy);
        let Some(last) = self.pending.back_mut().filter(|_| syncs > 0) else {
            return;
        };
        last.awaits = Awaits::Resync {
            ready: syncs + 1,
            closed: false,
        };
        let out = self.outgoing.end();
        if !done {
            out.extend_from_slice(SYNC);
        }
        out.extend_from_slice(CLOSE_UNNAMED_PORTAL);
        out.extend_from_slice(SYNC);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontend::{Close, Sync, Target};
    use crate::wire::Message;

    #[test]
    fn the_constants_are_the_messages() {
        let mut bytes = Vec::new();
        Sync.encode(&mut bytes).unwrap();
        assert_eq!(bytes, SYNC);

        bytes.clear();
        let target = Target::Portal("".into());
        Close { target }.encode(&mut bytes).unwrap();
        assert_eq!(bytes, CLOSE_UNNAMED_PORTAL);
    }
}
