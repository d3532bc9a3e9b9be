//! Which message answers which command.

use std::sync::Arc;

use super::pending::{Awaits, Stage};
use super::receive::{NOTHING, unexpected};
use super::{Columns, CompletedCommand, Conversation, Event, ProtocolError, Reply};
use crate::backend::{
    BindComplete, CloseComplete, CommandComplete, CopyBothResponse, CopyDone, CopyInResponse,
    CopyOutResponse, EmptyQueryResponse, FunctionCallResponse, NoData, ParameterDescription, ParseComplete,
    PortalSuspended, ReadyForQuery, RowDescription,
};
use crate::wire::Message;

impl Conversation {
    /// Takes a message that answers the oldest command, or nothing that was asked.
    pub(super) fn answer(&mut self, tag: u8, body: &[u8]) -> Result<Option<Event>, ProtocolError> {
        let Some(front) = self.pending.front_mut() else {
            return Err(unexpected(tag, NOTHING));
        };
        let id = front.id;
        let reply = match (&mut front.awaits, tag) {
            (Awaits::Query(Stage::Between) | Awaits::ReadyForQuery { .. } | Awaits::Resync { .. }, b'Z') => {
                return self.ready(body);
            }
            (Awaits::Query(_) | Awaits::Execute { .. }, tag) => return self.result(tag, body),
            (Awaits::ParseComplete, b'1') => {
                ParseComplete::decode(body)?;
                self.pending.pop_front();
                Reply::ParseComplete
            }
            (Awaits::BindComplete, b'2') => {
                BindComplete::decode(body)?;
                self.pending.pop_front();
                Reply::BindComplete
            }
            (Awaits::CloseComplete, b'3') => {
                CloseComplete::decode(body)?;
                self.pending.pop_front();
                Reply::CloseComplete
            }
            (Awaits::Resync { closed, .. }, b'3') if !*closed => {
                CloseComplete::decode(body)?;
                *closed = true;
                return Ok(None);
            }
            (Awaits::ParameterDescription, b't') => {
                let description = ParameterDescription::decode(body)?;
                front.awaits = Awaits::RowDescription { portal: false };
                Reply::ParameterDescription(description.type_oids)
            }
            (Awaits::RowDescription { portal }, b'T') => {
                let columns = Arc::new(Columns::from(&RowDescription::decode(body)?));
                if *portal {
                    self.described = Some(Arc::clone(&columns));
                }
                self.pending.pop_front();
                Reply::RowDescription(columns)
            }
            (Awaits::RowDescription { portal }, b'n') => {
                NoData::decode(body)?;
                if *portal {
                    self.described = None;
                }
                self.pending.pop_front();
                Reply::NoData
            }
            (Awaits::FunctionCallResponse, b'V') => {
                let response = FunctionCallResponse::decode(body)?;
                // What the function did is committed after this, which may fail.
                front.awaits = Awaits::ReadyForQuery { may_fail: true };
                Reply::FunctionCallResponse(response.value.map(<[u8]>::to_vec))
            }
            (awaits, tag) => return Err(unexpected(tag, awaits.name())),
        };
        Ok(self.reply(id, reply))
    }

    /// ReadyForQuery.
    fn ready(&mut self, body: &[u8]) -> Result<Option<Event>, ProtocolError> {
        let ReadyForQuery { status } = ReadyForQuery::decode(body)?;
        self.status = status;
        if let Some(front) = self.pending.front_mut()
            && let Awaits::Resync { ready, closed: false } = &mut front.awaits
        {
            *ready = ready
                .checked_sub(1)
                .ok_or_else(|| unexpected(b'Z', "CloseComplete"))?;
            return Ok(None);
        }
        self.aborted = false;
        let answered = self.pending.pop_front();
        Ok(answered.and_then(|command| self.reply(command.id, Reply::ReadyForQuery(status))))
    }

    /// A message within the results of the oldest command, a Query or an Execute.
    fn result(&mut self, tag: u8, body: &[u8]) -> Result<Option<Event>, ProtocolError> {
        let Some(front) = self.pending.front_mut() else {
            return Err(unexpected(tag, NOTHING));
        };
        let id = front.id;
        let awaited = front.awaits.name();
        let (simple, limited, stage) = match &mut front.awaits {
            Awaits::Query(stage) => (true, false, stage),
            Awaits::Execute { stage, limited } => (false, *limited, stage),
            _ => return Err(unexpected(tag, awaited)),
        };
        // Whether a result may begin here.
        let at_start = match stage {
            Stage::Start(_) | Stage::Between => true,
            // A walsender begins one without completing the COPY: with the next timeline after START_REPLICATION, with the
            // end of the log after BASE_BACKUP.
            Stage::CopyOut { done: true }
            | Stage::CopyBoth {
                done: true,
                server_done: true,
            } => simple,
            _ => false,
        };
        // A statement that a rule has made into several SELECTs describes each of their results, and completes once.
        let may_describe = simple && (at_start || matches!(stage, Stage::Rows(_)));
        let reply = match (tag, &mut *stage) {
            (b'T', _) if may_describe => {
                let columns = Arc::new(Columns::from(&RowDescription::decode(body)?));
                *stage = Stage::Rows(Arc::clone(&columns));
                Reply::RowDescription(columns)
            }
            (
                b'C',
                Stage::Start(_)
                | Stage::Rows(_)
                | Stage::Between
                | Stage::CopyIn { done: true }
                | Stage::CopyOut { done: true }
                | Stage::CopyBoth {
                    done: true,
                    server_done: true,
                },
            ) => {
                let complete = CommandComplete::decode(body)?;
                let reply = Reply::CommandComplete(CompletedCommand::new(complete.tag));
                self.end_result();
                reply
            }
            (b'I', _) if at_start => {
                EmptyQueryResponse::decode(body)?;
                self.end_result();
                Reply::EmptyQueryResponse
            }
            (b's', Stage::Start(_) | Stage::Rows(_)) if limited => {
                PortalSuspended::decode(body)?;
                self.end_result();
                Reply::PortalSuspended
            }
            (b'G', _) if at_start => {
                let message = CopyInResponse::decode(body)?;
                *stage = Stage::CopyIn { done: false };
                self.start_copy_in()?;
                self.end_abandoned_copy();
                Reply::CopyInResponse(message.format)
            }
            (b'H', _) if at_start => {
                let message = CopyOutResponse::decode(body)?;
                *stage = Stage::CopyOut { done: false };
                Reply::CopyOutResponse(message.format)
            }
            (b'W', _) if at_start => {
                let message = CopyBothResponse::decode(body)?;
                *stage = Stage::CopyBoth {
                    done: false,
                    server_done: false,
                };
                self.end_abandoned_copy();
                Reply::CopyBothResponse(message.format)
            }
            (
                b'c',
                Stage::CopyOut { done }
                | Stage::CopyBoth {
                    server_done: done, ..
                },
            ) if !*done => {
                CopyDone::decode(body)?;
                *done = true;
                Reply::CopyDone
            }
            (tag, _) => return Err(unexpected(tag, awaited)),
        };
        Ok(self.reply(id, reply))
    }

    /// A result of the oldest command is over: the whole command if it is an Execute, while a Query may have more.
    fn end_result(&mut self) {
        self.syncs_behind_copy = 0;
        if let Some(front) = self.pending.front_mut()
            && let Awaits::Query(stage) = &mut front.awaits
        {
            *stage = Stage::Between;
            return;
        }
        self.pending.pop_front();
    }
}
