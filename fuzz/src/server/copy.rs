//! A COPY that takes data.

use dblink_protocol::frontend::FrontendMessage;

use super::{Lot, Over, Server};
use crate::command::row_description;

/// A COPY in progress.
#[derive(Debug)]
pub(super) enum Copy {
    /// FROM STDIN.
    In(Rest),
    /// Streaming replication.
    Both {
        /// The server has said CopyDone.
        server_done: bool,
    },
}

/// What follows a COPY FROM STDIN.
#[derive(Debug)]
pub(super) enum Rest {
    /// The other statements of the Query.
    Query(Vec<u8>),
    /// Nothing: it was an Execute.
    Execute,
}

impl Server {
    /// A message while a COPY takes data.
    pub(super) fn copy_message(&mut self, message: &FrontendMessage<'_>, lot: Lot) {
        if let Some(Copy::Both { server_done }) = self.copy {
            return self.copy_both_message(message, server_done, lot);
        }
        match message {
            FrontendMessage::CopyData(_) if lot.fails(0) => self.fail_copy(),
            FrontendMessage::CopyDone(_) if lot.fails(0) || lot.fails_half_way(0) => self.fail_copy(),
            FrontendMessage::CopyFail(_) => self.fail_copy(),
            // Sync and Flush are ignored: the client may have sent them before it knew that this is a COPY.
            FrontendMessage::CopyData(_) | FrontendMessage::Sync(_) | FrontendMessage::Flush(_) => {}
            FrontendMessage::CopyDone(_) => {
                self.complete("COPY 1");
                if let Some(Copy::In(Rest::Query(rest))) = self.copy.take() {
                    self.run_statements(&rest, lot);
                }
            }
            // Only the type byte was read when this is noticed, so that the place in the stream is lost.
            _ => {
                self.error("08P01");
                self.violation();
            }
        }
    }

    /// The COPY fails; in the extended protocol, what follows is skipped.
    pub(super) fn fail_copy(&mut self) {
        self.error("57014");
        match self.copy.take() {
            Some(Copy::In(Rest::Execute)) => self.skipping = true,
            _ => self.ready(),
        }
    }

    /// What a server says in a COPY both ways without being asked.
    pub(super) fn copy_both_goes_on(&mut self, lot: Lot) -> bool {
        match &mut self.copy {
            Some(Copy::Both {
                server_done: server_done @ false,
            }) if lot.is_talkative() => {
                if lot.0 >> 4 == 0 {
                    *server_done = true;
                    self.raw(b"c\0\0\0\x04");
                } else {
                    self.raw(b"d\0\0\0\x05w");
                }
                true
            }
            _ => false,
        }
    }

    fn copy_both_message(&mut self, message: &FrontendMessage<'_>, server_done: bool, lot: Lot) {
        match message {
            FrontendMessage::CopyData(_) => {}
            FrontendMessage::CopyDone(_) => {
                if !server_done {
                    self.raw(b"c\0\0\0\x04");
                }
                self.copy = None;
                if server_done || lot.is_talkative() {
                    // The timeline is at its end: the next one is told as the row of a result.
                    self.says(&row_description());
                    self.row();
                    self.complete("SELECT");
                }
                self.complete("START_STREAMING");
                self.ready();
            }
            FrontendMessage::Terminate(_) => self.over = Some(Over::Terminated),
            _ => self.violation(),
        }
    }

    fn violation(&mut self) {
        self.fatal("08P01");
        self.over = Some(Over::Violated);
    }
}
