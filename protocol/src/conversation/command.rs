//! The commands.

use super::pending::{Awaits, Expected, Stage};
use super::{CommandError, CommandId, Conversation, Ending, ResultColumns};
use crate::frontend::{
    Bind, Close, Describe, Execute, Flush, FunctionCall, Parse, Query, Sync, Target, Terminate,
};
use crate::wire::{Message, WireStr};

impl Conversation {
    /// Runs one or several statements by the simple protocol.
    ///
    /// Replies: for each statement its result, which is [`Reply::RowDescription`], any number of [`Reply::Rows`] and
    /// [`Reply::CommandComplete`], or CommandComplete alone, or [`Reply::EmptyQueryResponse`], or a COPY; then, where one
    /// failed, [`Reply::Error`]; and last [`Reply::ReadyForQuery`]. A statement that rules have made into several may give
    /// several RowDescriptions, each with its rows, before it completes.
    ///
    /// Nothing but Sync may be given behind a Query or an Execute that begins a COPY FROM STDIN until that has ended: the
    /// conversation then ends with [`ProtocolError::CommandsBehindCopy`](super::ProtocolError::CommandsBehindCopy).
    ///
    /// PostgreSQL manual: [Simple Query](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SIMPLE-QUERY).
    ///
    /// # Errors
    ///
    /// [`CommandError::SyncFirst`] inside a segment of the extended protocol; [`CommandError::CopyInProgress`],
    /// [`CommandError::Encode`], [`CommandError::Ended`].
    ///
    /// [`Reply::RowDescription`]: super::Reply::RowDescription
    /// [`Reply::Rows`]: super::Reply::Rows
    /// [`Reply::CommandComplete`]: super::Reply::CommandComplete
    /// [`Reply::EmptyQueryResponse`]: super::Reply::EmptyQueryResponse
    /// [`Reply::Error`]: super::Reply::Error
    /// [`Reply::ReadyForQuery`]: super::Reply::ReadyForQuery
    pub fn query<'q>(&mut self, query: impl Into<WireStr<'q>>) -> Result<CommandId, CommandError> {
        let query = Query { query: query.into() };
        self.check_unsynced(Query::NAME)?;
        self.append(&query)?;
        Ok(self.push(Awaits::Query(Stage::Start(Expected::NoRows))))
    }

    /// Prepares a statement. Extended protocol.
    ///
    /// Replies: [`Reply::ParseComplete`](super::Reply::ParseComplete); or, as for every command of the extended protocol,
    /// [`Reply::Error`](super::Reply::Error), or [`Reply::Skipped`](super::Reply::Skipped) behind one that failed.
    ///
    /// PostgreSQL manual: [Extended Query](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY).
    ///
    /// # Errors
    ///
    /// [`CommandError::CopyInProgress`], [`CommandError::Encode`], [`CommandError::Ended`].
    pub fn parse(&mut self, parse: &Parse<'_>) -> Result<CommandId, CommandError> {
        self.extended(parse, Awaits::ParseComplete)
    }

    /// Makes a portal from a prepared statement and values. Extended protocol.
    ///
    /// Replies: [`Reply::BindComplete`](super::Reply::BindComplete), or as for [`parse`](Self::parse).
    ///
    /// # Errors
    ///
    /// [`CommandError::CopyInProgress`], [`CommandError::Encode`], [`CommandError::Ended`].
    pub fn bind(&mut self, bind: &Bind<'_>) -> Result<CommandId, CommandError> {
        let id = self.extended(bind, Awaits::BindComplete)?;
        if self.is_described(bind.portal) {
            self.described_portal = None;
        }
        Ok(id)
    }

    /// Describes a prepared statement or a portal. Extended protocol.
    ///
    /// Replies: for a statement [`Reply::ParameterDescription`](super::Reply::ParameterDescription); then, for both,
    /// [`Reply::RowDescription`](super::Reply::RowDescription) or [`Reply::NoData`](super::Reply::NoData); or as for
    /// [`parse`](Self::parse).
    ///
    /// # Errors
    ///
    /// [`CommandError::CopyInProgress`], [`CommandError::Encode`], [`CommandError::Ended`].
    pub fn describe(&mut self, target: Target<'_>) -> Result<CommandId, CommandError> {
        let awaits = match target {
            Target::Statement(_) => Awaits::ParameterDescription,
            Target::Portal(_) => Awaits::RowDescription { portal: true },
        };
        let id = self.extended(&Describe { target }, awaits)?;
        if let Target::Portal(portal) = target {
            self.described_portal = Some((id, portal.into()));
        }
        Ok(id)
    }

    /// Runs a portal: all of it, or until it has given `max_rows` rows where that is not 0. Extended protocol.
    ///
    /// `columns` says which rows may come. Each is checked against it.
    ///
    /// Replies: any number of [`Reply::Rows`](super::Reply::Rows), then
    /// [`Reply::CommandComplete`](super::Reply::CommandComplete),
    /// [`Reply::EmptyQueryResponse`](super::Reply::EmptyQueryResponse) or, where rows are limited,
    /// [`Reply::PortalSuspended`](super::Reply::PortalSuspended); or a COPY; or as for [`parse`](Self::parse).
    ///
    /// # Errors
    ///
    /// [`CommandError::NotDescribed`] for [`ResultColumns::AsDescribed`] where the last Describe of a portal was not of this
    /// one, as it now is; [`CommandError::Encode`] also if `max_rows` is negative; [`CommandError::CopyInProgress`],
    /// [`CommandError::Ended`].
    pub fn execute<'p>(
        &mut self,
        portal: impl Into<WireStr<'p>>,
        max_rows: i32,
        columns: ResultColumns,
    ) -> Result<CommandId, CommandError> {
        self.check_ended()?;
        let portal = portal.into();
        let expected = match columns {
            ResultColumns::AsDescribed if !self.is_described(portal) => {
                return Err(CommandError::NotDescribed);
            }
            ResultColumns::AsDescribed => Expected::AsDescribed,
            ResultColumns::Known(columns) => Expected::Rows(columns),
            ResultColumns::None => Expected::NoRows,
        };
        let execute = Execute { portal, max_rows };
        let stage = Stage::Start(expected);
        let limited = max_rows > 0;
        self.extended(&execute, Awaits::Execute { stage, limited })
    }

    /// Closes a prepared statement or a portal; that it does not exist is no error. Extended protocol.
    ///
    /// Replies: [`Reply::CloseComplete`](super::Reply::CloseComplete), or as for [`parse`](Self::parse).
    ///
    /// # Errors
    ///
    /// [`CommandError::CopyInProgress`], [`CommandError::Encode`], [`CommandError::Ended`].
    pub fn close(&mut self, target: Target<'_>) -> Result<CommandId, CommandError> {
        self.extended(&Close { target }, Awaits::CloseComplete)
    }

    /// Ends a segment of the extended protocol.
    ///
    /// The server commits what the segment did, or rolls it back if a command in it failed, unless it stands in an explicit
    /// transaction block.
    ///
    /// Replies: [`Reply::ReadyForQuery`](super::Reply::ReadyForQuery), before it
    /// [`Reply::Error`](super::Reply::Error) if it was committing that failed.
    ///
    /// A Sync that follows an Execute or Query which turns out to be a COPY FROM STDIN is ignored by the server. It is sent
    /// again by [`copy_done`](Self::copy_done) and [`copy_fail`](Self::copy_fail), and answered as if it stood behind them.
    /// Where several follow, that is the last; the others are answered with [`Reply::Skipped`](super::Reply::Skipped).
    ///
    /// PostgreSQL manual: [Pipelining](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING).
    ///
    /// # Errors
    ///
    /// [`CommandError::CopyInProgress`], [`CommandError::Ended`].
    pub fn sync(&mut self) -> Result<CommandId, CommandError> {
        self.append(&Sync)?;
        self.unsynced = false;
        Ok(self.push(Awaits::ReadyForQuery { may_fail: true }))
    }

    /// Asks for the replies so far, which the server otherwise may keep until the next Sync. It is not answered itself.
    ///
    /// # Errors
    ///
    /// [`CommandError::CopyInProgress`], [`CommandError::Ended`].
    pub fn flush(&mut self) -> Result<(), CommandError> {
        self.append(&Flush)
    }

    /// Calls a function by its object identifier. The manual calls this obsolete.
    ///
    /// Replies: [`Reply::FunctionCallResponse`](super::Reply::FunctionCallResponse) or
    /// [`Reply::Error`](super::Reply::Error), or one after the other where committing fails; then
    /// [`Reply::ReadyForQuery`](super::Reply::ReadyForQuery).
    ///
    /// PostgreSQL manual: [Function Call](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-FUNCTION-CALL).
    ///
    /// # Errors
    ///
    /// [`CommandError::SyncFirst`] inside a segment of the extended protocol; [`CommandError::CopyInProgress`],
    /// [`CommandError::Encode`], [`CommandError::Ended`].
    pub fn function_call(&mut self, call: &FunctionCall<'_>) -> Result<CommandId, CommandError> {
        self.check_unsynced(FunctionCall::NAME)?;
        self.append(call)?;
        Ok(self.push(Awaits::FunctionCallResponse))
    }

    /// Says goodbye. Send what is [`outgoing`](Self::outgoing), then close the connection.
    ///
    /// No command is taken any more. What was given before is still done and answered, as long as somebody reads; but what
    /// has no Sync behind it is rolled back without an answer, and a COPY in progress fails.
    ///
    /// # Errors
    ///
    /// [`CommandError::Ended`] if the conversation is over already.
    pub fn terminate(&mut self) -> Result<(), CommandError> {
        self.check_ended()?;
        Terminate.encode(self.outgoing.end())?;
        self.ending = Some(Ending::Terminated);
        Ok(())
    }

    fn extended<'m, M: Message<'m>>(
        &mut self,
        message: &M,
        awaits: Awaits,
    ) -> Result<CommandId, CommandError> {
        self.append(message)?;
        self.unsynced = true;
        Ok(self.push(awaits))
    }

    fn is_described(&self, portal: WireStr<'_>) -> bool {
        let described = self.described_portal.as_ref();
        described.is_some_and(|(_, described)| described.as_wire_str() == portal)
    }

    fn check_unsynced(&self, command: &'static str) -> Result<(), CommandError> {
        self.check_ended()?;
        if self.unsynced {
            return Err(CommandError::SyncFirst { command });
        }
        Ok(())
    }

    /// Appends a message that is no part of a COPY.
    fn append<'m, M: Message<'m>>(&mut self, message: &M) -> Result<(), CommandError> {
        self.check_ended()?;
        let front = self.pending.front();
        let in_copy = match front.and_then(|front| front.awaits.stage()) {
            Some(Stage::CopyIn { done }) => !done || self.syncs_behind_copy > 0,
            Some(Stage::CopyBoth { done, .. }) => !done,
            _ => false,
        };
        if in_copy {
            return Err(CommandError::CopyInProgress { command: M::NAME });
        }
        message.encode(self.outgoing.end())?;
        Ok(())
    }
}
