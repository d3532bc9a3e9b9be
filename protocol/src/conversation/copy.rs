//! The commands of a COPY in progress.

use super::pending::Stage;
use super::{CommandError, Conversation, copy_syncs};
use crate::frontend::{CopyData, CopyDone, CopyFail};
use crate::wire::{Message, WireStr};

// What the conversation says of its own accord: constants, so that saying it cannot fail.
const COPY_DONE: &[u8] = b"c\0\0\0\x04";
const COPY_FAIL: &[u8] = b"f\0\0\0\x17the client gave up\0";

impl Conversation {
    /// Sends COPY data, cut anywhere. Not answered.
    ///
    /// The data waits in [`outgoing`](Self::outgoing) until it is sent: look at how much waits there before adding more.
    ///
    /// # Errors
    ///
    /// [`CommandError::NoCopy`] if the server does not wait for data, in particular since it has already refused some:
    /// its [`Reply::Error`](super::Reply::Error) tells why. [`CommandError::Encode`] above 1 GiB at once;
    /// [`CommandError::Ended`].
    pub fn copy_data(&mut self, data: &[u8]) -> Result<(), CommandError> {
        self.append_to_copy(&CopyData { data })
    }

    /// Ends a COPY FROM STDIN, or our side of a COPY both ways.
    ///
    /// The server answers with the rest of the command's replies, [`Reply::CommandComplete`](super::Reply::CommandComplete) in the first place.
    ///
    /// # Errors
    ///
    /// [`CommandError::NoCopy`] if the server does not wait for data; [`CommandError::Ended`].
    pub fn copy_done(&mut self) -> Result<(), CommandError> {
        self.append_to_copy(&CopyDone)?;
        self.end_copy_in();
        Ok(())
    }

    /// Fails a COPY FROM STDIN: nothing of it stays. The server answers with [`Reply::Error`](super::Reply::Error), SQLSTATE 57014, whose
    /// message contains the reason.
    ///
    /// # Errors
    ///
    /// [`CommandError::NoCopy`] if the server does not wait for data, or COPY goes both ways, which cannot be failed;
    /// [`CommandError::Encode`] if the reason has a zero byte or is above 10 000 bytes long; [`CommandError::Ended`].
    pub fn copy_fail<'r>(&mut self, reason: impl Into<WireStr<'r>>) -> Result<(), CommandError> {
        self.check_ended()?;
        let front = self.pending.front();
        if let Some(Stage::CopyBoth { .. }) = front.and_then(|front| front.awaits.stage()) {
            return Err(CommandError::NoCopy {
                command: CopyFail::NAME,
            });
        }
        self.append_to_copy(&CopyFail {
            message: reason.into(),
        })?;
        self.end_copy_in();
        Ok(())
    }

    fn append_to_copy<'m, M: Message<'m>>(&mut self, message: &M) -> Result<(), CommandError> {
        self.check_ended()?;
        if self.copy_in().is_none() {
            return Err(CommandError::NoCopy { command: M::NAME });
        }
        message.encode(self.outgoing.end())?;
        Ok(())
    }

    /// Our side of the COPY is over.
    fn end_copy_in(&mut self) {
        if let Some(Stage::CopyIn { done } | Stage::CopyBoth { done, .. }) = self
            .pending
            .front_mut()
            .and_then(|front| front.awaits.stage_mut())
        {
            *done = true;
        }
        if self.syncs_behind_copy > 0 {
            self.outgoing.end().extend_from_slice(copy_syncs::SYNC);
        }
    }

    /// If the oldest command was given up and the server waits for its COPY data, ends the COPY.
    pub(super) fn end_abandoned_copy(&mut self) {
        let Some(front) = self.pending.front().filter(|_| self.is_draining()) else {
            return;
        };
        let end = match front.awaits.stage() {
            Some(Stage::CopyIn { done: false }) => COPY_FAIL,
            Some(Stage::CopyBoth { done: false, .. }) => COPY_DONE,
            _ => return,
        };
        self.outgoing.end().extend_from_slice(end);
        self.end_copy_in();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_are_the_messages() {
        let mut bytes = Vec::new();
        CopyDone.encode(&mut bytes).unwrap();
        assert_eq!(bytes, COPY_DONE);

        bytes.clear();
        let message = "the client gave up".into();
        CopyFail { message }.encode(&mut bytes).unwrap();
        assert_eq!(bytes, COPY_FAIL);
    }
}
