//! A session with a server.

mod cancel;
mod channel;
mod connect;
mod error;
mod open;
mod parameter;
mod query;
mod row;
mod rows;
mod simple_query;

pub use cancel::{CancelError, CancelHandle};
pub use error::Error;
pub use open::OpenError;
pub(crate) use open::Progress;
pub use row::{ColumnIndex, Row};
pub use rows::Rows;
pub use simple_query::{SimpleResult, SimpleResults};

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use channel::Channel;
use dblink_protocol::backend::{Diagnostic, TransactionStatus};
use dblink_protocol::conversation::{CancelKey, CommandId, Event, Notification, Parameters, Reply};

use crate::net::Target;

/// A session with a server, owned by whoever uses it: no task runs behind it, and no channel stands between the caller and
/// the socket. A caller that does not read holds the server back, and nobody else.
///
/// # Dropping futures
///
/// Every method may be dropped at any await. What was given to the connection by then, the server does, now or with the next
/// command; its answer is taken off the wire before that, and never becomes the answer to it.
pub struct Connection {
    channel: Channel,
    notifications: VecDeque<Notification>,
    on_notice: Option<NoticeHandler>,
    /// Where the server is, if this crate found it.
    target: Option<Target>,
}

type NoticeHandler = Box<dyn FnMut(&Diagnostic) + Send + Sync>;

impl Connection {
    const fn new(channel: Channel) -> Self {
        Self {
            channel,
            notifications: VecDeque::new(),
            on_notice: None,
            target: None,
        }
    }

    pub(crate) fn set_target(&mut self, target: Target) {
        self.target = Some(target);
    }

    /// Has every notice of the server handed to `handler`. At first they go nowhere.
    pub fn on_notice(&mut self, handler: impl FnMut(&Diagnostic) + Send + Sync + 'static) {
        self.on_notice = Some(Box::new(handler));
    }

    /// The server's run-time parameters, as last told.
    pub const fn parameters(&self) -> &Parameters {
        self.channel.conversation.parameters()
    }

    /// The transaction status as of the last command that is over.
    pub const fn transaction_status(&self) -> TransactionStatus {
        self.channel.conversation.transaction_status()
    }

    /// The server process of the session, if it was told.
    pub fn process_id(&self) -> Option<i32> {
        self.channel.conversation.process_id()
    }

    /// What cancels the commands of this session, if the server gave it.
    pub const fn cancel_key(&self) -> Option<&CancelKey> {
        self.channel.conversation.cancel_key()
    }

    /// Whether the connection is over, so that every method fails.
    pub const fn is_closed(&self) -> bool {
        self.channel.conversation.ending().is_some()
    }

    /// The oldest notification that has come and was not taken yet.
    pub fn take_notification(&mut self) -> Option<Notification> {
        self.notifications.pop_front()
    }

    /// Waits for the next notification. Others than those that came with the answers to commands are only seen by this.
    ///
    /// Cancel-safe: no notification is lost.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`], with the server's reason if it gave one.
    pub async fn wait_for_notification(&mut self) -> Result<Notification, Error> {
        self.settle().await?;
        poll_fn(|cx| {
            loop {
                if let Some(notification) = self.notifications.pop_front() {
                    return Poll::Ready(Ok(notification));
                }
                let event = ready!(self.channel.poll_event(cx))?;
                // No command is open, so that nothing but what is asynchronous comes.
                drop(self.route(event));
            }
        })
        .await
    }

    /// Says goodbye, and waits until it is sent.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] if the connection was closed before.
    pub async fn close(mut self) -> Result<(), Error> {
        self.channel.conversation.terminate()?;
        // That the server has already gone is no failure to close.
        drop(poll_fn(|cx| self.channel.poll_sent(cx, 0)).await);
        Ok(())
    }

    /// Waits until nothing is under way: what a dropped future has left goes by.
    ///
    /// The state changes before the wait, so that it may be dropped, too.
    async fn settle(&mut self) -> Result<(), Error> {
        if !self.channel.conversation.is_idle() {
            self.channel.conversation.abandon()?;
        }
        poll_fn(|cx| {
            while !self.channel.conversation.is_idle() {
                // Replies to what was abandoned make no event: this ends when the conversation is idle, or with an event
                // that may be the last before that.
                match ready!(self.channel.poll_event_or_idle(cx))? {
                    Some(event) => drop(self.route(event)),
                    None => break,
                }
            }
            Poll::Ready(Ok(()))
        })
        .await
    }

    /// The next reply to a command.
    async fn reply(&mut self) -> Result<(CommandId, Reply), Error> {
        poll_fn(|cx| self.poll_reply(cx)).await
    }

    fn poll_reply(&mut self, cx: &mut Context<'_>) -> Poll<Result<(CommandId, Reply), Error>> {
        loop {
            let event = ready!(self.channel.poll_event(cx))?;
            if let Some(reply) = self.route(event) {
                return Poll::Ready(Ok(reply));
            }
        }
    }

    /// The next reply to a command that may have `failed`. If the connection ends, that is told rather than the end.
    async fn reply_unless_failed(&mut self, failed: &mut Option<Diagnostic>) -> Result<Reply, Error> {
        match self.reply().await {
            Ok((_, reply)) => Ok(reply),
            Err(error) => Err(failed.take().map_or(error, Error::Server)),
        }
    }

    /// Waits for ReadyForQuery, after which the next command may be given.
    async fn until_ready(&mut self) -> Result<(), Error> {
        while !matches!(self.reply().await?, (_, Reply::ReadyForQuery(_))) {}
        Ok(())
    }

    /// An error that a command got: waits until the command is over, so that the connection is as the error left it.
    async fn fail(&mut self, diagnostic: Diagnostic) -> Error {
        match self.until_ready().await {
            Ok(()) | Err(Error::Closed(_)) => Error::Server(diagnostic),
            Err(error) => error,
        }
    }

    /// Gives what is asynchronous to whom it concerns; the rest is a reply.
    fn route(&mut self, event: Event) -> Option<(CommandId, Reply)> {
        match event {
            Event::Reply { to, reply } => return Some((to, reply)),
            Event::Notice(notice) => {
                if let Some(handler) = &mut self.on_notice {
                    handler(&notice);
                }
            }
            Event::Notification(notification) => self.notifications.push_back(notification),
            // The conversation has kept both.
            _ => {}
        }
        None
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("process_id", &self.process_id())
            .field("transaction_status", &self.transaction_status())
            .field("ending", &self.channel.conversation.ending())
            .finish_non_exhaustive()
    }
}
