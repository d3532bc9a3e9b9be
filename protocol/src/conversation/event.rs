//! What comes out of a conversation.

use std::sync::Arc;

use super::{Columns, CopyBatch, RowBatch};
use crate::backend::{CommandTag, CopyFormat, Diagnostic, TransactionStatus};
use crate::wire::{WireStr, WireString};

/// Names a command of one conversation, so that its replies can be told from all others. Later commands compare greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub(super) u64);

/// Something that the server said.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// A reply to a command.
    Reply {
        /// The command.
        to: CommandId,
        /// The reply.
        reply: Reply,
    },
    /// A notice or warning. It may come at any time, and is no reply.
    Notice(Diagnostic),
    /// A NOTIFY of some session. It may come at any time.
    Notification(Notification),
    /// A run-time parameter has a new value. It may come at any time; [`Conversation::parameters`] knows it already.
    ///
    /// [`Conversation::parameters`]: super::Conversation::parameters
    ParameterStatus {
        /// The parameter's name.
        name: WireString,
        /// Its new value.
        value: WireString,
    },
    /// The server closes the connection: the reason. It is the last event; if it was a command that failed with it, its
    /// [`Reply::Error`] came before, and the commands behind that get no reply.
    Closing(Diagnostic),
}

/// A reply to a command. Which replies a command gets is told where the command is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Reply {
    /// ParseComplete: the statement is prepared.
    ParseComplete,
    /// BindComplete: the portal is there.
    BindComplete,
    /// CloseComplete: the statement or portal is gone, or never was.
    CloseComplete,
    /// ParameterDescription: the types of a statement's parameters.
    ParameterDescription(Vec<u32>),
    /// RowDescription: the columns of the rows that follow, or of those that executing would give.
    RowDescription(Arc<Columns>),
    /// NoData: what was described gives no rows.
    NoData,
    /// DataRow: some rows, at least one.
    Rows(RowBatch),
    /// CommandComplete: a statement is done.
    CommandComplete(CompletedCommand),
    /// EmptyQueryResponse: the statement was empty.
    EmptyQueryResponse,
    /// PortalSuspended: the rows asked for are there, and executing the portal again may give more.
    PortalSuspended,
    /// CopyInResponse: the server takes COPY data.
    CopyInResponse(CopyFormat),
    /// CopyOutResponse: the server will send COPY data.
    CopyOutResponse(CopyFormat),
    /// CopyBothResponse: COPY data goes both ways, as in streaming replication.
    CopyBothResponse(CopyFormat),
    /// CopyData: some COPY data, at least one message.
    CopyData(CopyBatch),
    /// CopyDone: the server has sent all its COPY data.
    CopyDone,
    /// FunctionCallResponse: what the function returned; `None` is null.
    FunctionCallResponse(Option<Vec<u8>>),
    /// ErrorResponse: the command failed.
    Error(Diagnostic),
    /// The server did not look at the command, since one before it in the same segment failed.
    Skipped,
    /// ReadyForQuery: the command cycle is over.
    ReadyForQuery(TransactionStatus),
}

/// What a session was told by NOTIFY.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The process that notified.
    pub process_id: i32,
    /// The channel.
    pub channel: WireString,
    /// The payload; empty if none was given.
    pub payload: WireString,
}

/// The tag of a statement that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletedCommand {
    tag: Tag,
}

/// A tag, nearly always short: that takes no allocation.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Tag {
    Short { bytes: [u8; SHORT_TAG], length: u8 },
    Long(WireString),
}

/// `INSERT 0 18446744073709551615`, the longest that counts rows and has no name in it, is shorter.
const SHORT_TAG: usize = 30;

impl CompletedCommand {
    pub(super) fn new(tag: WireStr<'_>) -> Self {
        let text = tag.as_bytes();
        let mut bytes = [0; SHORT_TAG];
        let tag = match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(short), Ok(length)) => {
                short.copy_from_slice(text);
                Tag::Short { bytes, length }
            }
            _ => Tag::Long(tag.into()),
        };
        Self { tag }
    }

    /// The tag as the server wrote it, such as `INSERT 0 5`.
    pub fn as_wire_str(&self) -> WireStr<'_> {
        match &self.tag {
            Tag::Short { bytes, length } => {
                WireStr::new(bytes.get(..usize::from(*length)).unwrap_or_default())
            }
            Tag::Long(tag) => tag.as_wire_str(),
        }
    }

    /// The tag's parts: the verb and the number of rows.
    pub fn tag(&self) -> CommandTag<'_> {
        CommandTag::parse(self.as_wire_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_tags_are_the_same() {
        for length in [0, 1, SHORT_TAG - 1, SHORT_TAG, SHORT_TAG + 1, 300] {
            let text = "x".repeat(length);
            let completed = CompletedCommand::new(text.as_str().into());
            assert_eq!(completed.as_wire_str(), text.as_str());
        }
    }
}
