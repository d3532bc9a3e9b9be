//! The conversation with a server, from the first ReadyForQuery on.

mod answer;
mod cancel_key;
mod columns;
mod command;
mod copy;
mod copy_batch;
mod copy_syncs;
mod error;
mod event;
mod outgoing;
mod parameters;
mod pending;
mod receive;
mod rows;
#[cfg(test)]
mod tests;

pub use cancel_key::CancelKey;
pub use columns::Columns;
pub use copy_batch::{CopyBatch, CopyChunks};
pub use error::{CommandError, Ending, ProtocolError};
pub use event::{CommandId, CompletedCommand, Event, Notification, Reply};
pub use parameters::Parameters;
pub use pending::ResultColumns;
pub use rows::{Row, RowBatch, Rows, Values};

pub(crate) use outgoing::Outgoing;

use std::collections::VecDeque;
use std::sync::Arc;

use crate::ProtocolVersion;
use crate::backend::{Diagnostic, TransactionStatus};
use crate::wire::WireString;
use pending::{Awaits, Pending, Stage};

/// The largest length word taken for messages that carry values, texts or errors: what a server can build.
const LONG_MESSAGE: u32 = 0x4000_0003;
/// The same for ParameterStatus. libpq stops at 30 000, and so breaks on a long `search_path`.
const PARAMETER_STATUS: u32 = 4 << 20;
/// The same for all others.
const SHORT_MESSAGE: u32 = 1 << 20;

/// The conversation of a session that is ready for commands, without I/O: commands in and bytes out, bytes in and
/// events out.
///
/// # The methods, in four families
///
/// - **Commands** are plain verbs: [`query`](Self::query), [`parse`](Self::parse), [`bind`](Self::bind),
///   [`describe`](Self::describe), [`execute`](Self::execute), [`close`](Self::close), [`sync`](Self::sync),
///   [`flush`](Self::flush), [`function_call`](Self::function_call), [`copy_data`](Self::copy_data),
///   [`copy_done`](Self::copy_done), [`copy_fail`](Self::copy_fail), [`terminate`](Self::terminate). Each appends its
///   message to the outgoing bytes, or does nothing and says why. Those that the server answers give a [`CommandId`].
/// - **Output**: [`outgoing`](Self::outgoing) is what should be sent, [`sent`](Self::sent) tells how much of it was.
/// - **Input**: [`receive`](Self::receive) takes messages from a buffer that the caller reads into, and gives one
///   [`Event`] at a time; [`handle_eof`](Self::handle_eof) tells that there will be no more.
/// - **State**: [`transaction_status`](Self::transaction_status), [`parameters`](Self::parameters),
///   [`is_idle`](Self::is_idle), [`is_draining`](Self::is_draining), [`copy_in`](Self::copy_in),
///   [`ending`](Self::ending). They only look.
///
/// # The order of calls
///
/// Any command may be given at any time, in particular before the ones before it are answered: that is a pipeline. What
/// the protocol cannot bear is refused with a [`CommandError`]: a Query inside an open segment of the extended protocol,
/// anything but COPY data while the server waits for it.
///
/// The caller sends `outgoing` and reads into its buffer **at the same time**. Who first writes everything and reads
/// later hangs as soon as both sides' socket buffers are full. After each read it calls `receive` until it gives `None`.
/// An event carries what it needs: it stays valid whatever is called next.
///
/// Replies come in the order of the commands, each with its command's id. When a command of the extended protocol fails,
/// the server skips what follows up to the next Sync; every skipped command is then answered with [`Reply::Skipped`], so
/// that each command always gets a last reply, or the conversation ends.
///
/// # Losing interest
///
/// Whoever drops a result half-way calls [`abandon`](Self::abandon): what is still to come for the commands given so far
/// is then taken off the wire without a trace, while notices, notifications and parameters go on to be told.
///
/// # Endings
///
/// A message that the protocol does not allow here is a [`ProtocolError`], and the end: `receive` returns the same error
/// from then on, and no command is taken. It never becomes the answer to something else. A FATAL error is kept as the
/// reason of the close that follows it.
///
/// # Time
///
/// There is none in here: no clock is read and nothing expires. Deadlines are the caller's, who may call any method at
/// any time, or stop calling for as long as it likes.
///
/// # Example
///
/// ```
/// use bytes::BytesMut;
/// use dblink_protocol::conversation::{Conversation, Event, Reply};
///
/// let mut conversation = Conversation::new();
/// let question = conversation.query("select 'hello'")?;
/// assert_eq!(conversation.outgoing(), b"Q\0\0\0\x13select 'hello'\0");
/// conversation.sent(20);
///
/// let mut input = BytesMut::from(
///     &b"T\0\0\0\x21\0\x01?column?\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0\
///        D\0\0\0\x0f\0\x01\0\0\0\x05hello\
///        C\0\0\0\x0dSELECT 1\0\
///        Z\0\0\0\x05I"[..],
/// );
/// let mut greeting = String::new();
/// while let Some(event) = conversation.receive(&mut input)? {
///     let Event::Reply { to, reply } = event else { continue };
///     assert_eq!(to, question);
///     if let Reply::Rows(rows) = reply {
///         for row in &rows {
///             greeting.push_str(std::str::from_utf8(row.get(0).flatten().unwrap_or_default())?);
///         }
///     }
/// }
/// assert_eq!(greeting, "hello");
/// assert!(conversation.is_idle());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// PostgreSQL manual: [Message Flow](https://www.postgresql.org/docs/current/protocol-flow.html).
#[derive(Debug)]
pub struct Conversation {
    outgoing: Outgoing,
    /// The commands that the server has not fully answered, oldest first.
    pending: VecDeque<Pending>,
    next_id: CommandId,
    /// Replies to commands before this one go to nobody.
    abandoned: CommandId,
    /// Commands of the extended protocol were given since the last Sync.
    unsynced: bool,
    /// A command of the extended protocol failed: the server skips what precedes the next Sync.
    aborted: bool,
    /// How many Syncs were queued behind the COPY FROM STDIN in progress.
    syncs_behind_copy: usize,
    /// What the last Describe of a portal said.
    described: Option<Arc<Columns>>,
    /// The last Describe of a portal, and the portal, which was not bound since: what `described` is, or will be.
    described_portal: Option<(CommandId, WireString)>,
    status: TransactionStatus,
    parameters: Parameters,
    version: ProtocolVersion,
    key: Option<CancelKey>,
    longest: u32,
    /// A notice that told of the server's end.
    last_notice: Option<Diagnostic>,
    ending: Option<Ending>,
    /// The server's last word, if it is still to be told as an event of its own.
    closing: Option<Diagnostic>,
}

impl Default for Conversation {
    fn default() -> Self {
        Self::new()
    }
}

impl Conversation {
    /// A conversation with a session that is ready, outside a transaction, and of which nothing else is known.
    ///
    /// Usually a [`Handshake`](crate::handshake::Handshake) makes it, which knows the rest.
    pub fn new() -> Self {
        Self {
            outgoing: Outgoing::default(),
            pending: VecDeque::new(),
            next_id: CommandId(0),
            abandoned: CommandId(0),
            unsynced: false,
            aborted: false,
            syncs_behind_copy: 0,
            described: None,
            described_portal: None,
            status: TransactionStatus::Idle,
            parameters: Parameters::default(),
            version: ProtocolVersion::V3_0,
            key: None,
            longest: LONG_MESSAGE,
            last_notice: None,
            ending: None,
            closing: None,
        }
    }

    /// What a handshake has learnt.
    pub(crate) fn established(
        version: ProtocolVersion,
        key: Option<CancelKey>,
        parameters: Parameters,
        status: TransactionStatus,
    ) -> Self {
        Self {
            version,
            key,
            parameters,
            status,
            ..Self::new()
        }
    }

    /// Refuses messages whose length word is above `bytes`. A server cannot send more than about 1 GiB in one message,
    /// which is the limit at first.
    pub const fn set_longest_message(&mut self, bytes: u32) {
        self.longest = bytes;
    }

    /// The bytes that should be sent now.
    pub fn outgoing(&self) -> &[u8] {
        self.outgoing.bytes()
    }

    /// Tells that the first `count` bytes of [`outgoing`](Self::outgoing) were sent.
    pub fn sent(&mut self, count: usize) {
        self.outgoing.advance(count);
    }

    /// The transaction status as of the last ReadyForQuery. What a command that is on its way will change it to is told
    /// when the command is over.
    pub const fn transaction_status(&self) -> TransactionStatus {
        self.status
    }

    /// Whether every command has been answered, and no segment of the extended protocol is open.
    pub fn is_idle(&self) -> bool {
        self.pending.is_empty() && !self.unsynced
    }

    /// How many ReadyForQuery are to come for the commands given so far.
    pub fn awaited_ready(&self) -> usize {
        let cycles = self.pending.iter().filter(|pending| pending.awaits.is_cycle());
        cycles.count()
    }

    /// Whether replies are still to come that [`abandon`](Self::abandon) gave up. The session is fit for the next command
    /// when they have gone by.
    ///
    /// Nothing is to come any more when the conversation is over.
    pub fn is_draining(&self) -> bool {
        let front = self.pending.front();
        front.is_some_and(|pending| pending.id < self.abandoned) && self.is_open()
    }

    /// Whether the server may still answer.
    const fn is_open(&self) -> bool {
        matches!(self.ending, None | Some(Ending::Terminated))
    }

    /// The command that the server takes COPY data for now, if it does.
    pub fn copy_in(&self) -> Option<CommandId> {
        let front = self.pending.front().filter(|_| self.ending.is_none())?;
        match front.awaits.stage()? {
            Stage::CopyIn { done: false } | Stage::CopyBoth { done: false, .. } => Some(front.id),
            _ => None,
        }
    }

    /// The server's run-time parameters.
    pub const fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The version of the protocol that is spoken.
    pub const fn protocol_version(&self) -> ProtocolVersion {
        self.version
    }

    /// The server process that the session runs in, if it was told.
    pub fn process_id(&self) -> Option<i32> {
        self.key.as_ref().map(|key| key.process_id)
    }

    /// What cancels the commands of this session; none if the server gave no key, as some poolers do.
    pub const fn cancel_key(&self) -> Option<&CancelKey> {
        self.key.as_ref()
    }

    /// Why the conversation takes no more commands, if it does not.
    pub const fn ending(&self) -> Option<&Ending> {
        self.ending.as_ref()
    }

    /// Tells that the server closed the connection, after all that it sent before was received; gives the reason.
    pub fn handle_eof(&mut self) -> &Ending {
        let last_notice = self.last_notice.take();
        self.ending
            .get_or_insert_with(|| last_notice.map_or(Ending::Closed, Ending::Server))
    }

    /// Takes no more interest in the commands given so far: no reply to them will be told.
    ///
    /// Where one of them keeps the server waiting, it is ended: an open segment of the extended protocol by a Sync, a COPY
    /// FROM STDIN by CopyFail, so that nothing of it stays, now or when it turns out to be one. The server still does what
    /// it was told to: to stop it, cancel it.
    ///
    /// Wait until [`is_draining`](Self::is_draining) is over before giving the next command. It is not refused earlier,
    /// but if one of those given up turns out to be a COPY FROM STDIN, the server takes the next command for its data, and
    /// the conversation ends.
    ///
    /// # Errors
    ///
    /// [`CommandError::Ended`] if the conversation is over, and there is nothing to drain.
    pub fn abandon(&mut self) -> Result<(), CommandError> {
        self.check_ended()?;
        self.abandoned = self.next_id;
        self.end_abandoned_copy();
        if self.unsynced {
            self.sync()?;
            self.abandoned = self.next_id;
        }
        Ok(())
    }

    fn check_ended(&self) -> Result<(), CommandError> {
        self.ending
            .as_ref()
            .map_or(Ok(()), |ending| Err(ending.clone().into()))
    }

    /// Adds a command that the server will answer.
    fn push(&mut self, awaits: Awaits) -> CommandId {
        let id = self.next_id;
        self.next_id = CommandId(id.0.wrapping_add(1));
        self.pending.push_back(Pending { id, awaits });
        id
    }
}
