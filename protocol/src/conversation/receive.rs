//! The server's messages.

use std::sync::Arc;

use bytes::{Buf, BytesMut};

use super::pending::{Awaits, Expected};
use super::{
    Columns, CommandId, Conversation, CopyBatch, Ending, Event, Notification, PARAMETER_STATUS,
    ProtocolError, Reply, RowBatch, SHORT_MESSAGE, Stage, rows,
};
use crate::SqlState;
use crate::backend::{
    self, Diagnostic, ErrorResponse, NoticeResponse, NotificationResponse, ParameterStatus, Severity,
};
use crate::wire::{DecodeError, HEADER_BYTES, Header, Message};

/// The notices after which a server closes.
const LAST_NOTICES: [SqlState; 2] = [SqlState::CRASH_SHUTDOWN, SqlState::ADMIN_SHUTDOWN];

/// The name of the message with this type byte.
pub(super) fn name(tag: u8) -> &'static str {
    backend::name(tag).unwrap_or("unknown")
}

impl Conversation {
    /// Takes messages from the front of `input`, up to the first that makes an event, and gives that event; none when it
    /// needs more bytes than are there.
    ///
    /// A message that has not wholly arrived stays in `input`. Rows and COPY data that have arrived together are given
    /// together, and share the buffer: `input` loses them without a copy.
    ///
    /// # Errors
    ///
    /// [`ProtocolError`] (SQLSTATE `08P01`) if the server breaks the protocol. The conversation is then over, and every
    /// later call gives the same error.
    pub fn receive(&mut self, input: &mut BytesMut) -> Result<Option<Event>, ProtocolError> {
        match self.next_event(input) {
            Err(error) => Err(self.broken(error)),
            event => event,
        }
    }

    #[cold]
    fn broken(&mut self, error: ProtocolError) -> ProtocolError {
        self.ending = Some(Ending::Protocol(error.clone()));
        error
    }

    #[inline(always)]
    fn next_event(&mut self, input: &mut BytesMut) -> Result<Option<Event>, ProtocolError> {
        loop {
            match &self.ending {
                None | Some(Ending::Terminated) => {}
                Some(Ending::Protocol(error)) => return Err(error.clone()),
                Some(Ending::Server(_) | Ending::Closed) => {
                    // What follows the server's last word means nothing.
                    input.clear();
                    return Ok(self.closing.take().map(Event::Closing));
                }
            }
            if let Some(id) = self.take_skipped() {
                match self.reply(id, Reply::Skipped) {
                    Some(event) => return Ok(Some(event)),
                    None => continue,
                }
            }
            let Some(header) = self.peek(input)? else {
                return Ok(None);
            };
            let Some(body) = input.get(HEADER_BYTES..header.frame_bytes()) else {
                return Ok(None);
            };
            let event = match header.tag {
                b'D' => self.take_rows(input)?,
                b'd' => self.take_copy_data(input)?,
                tag => {
                    let event = self.message(tag, body)?;
                    input.advance(header.frame_bytes());
                    event
                }
            };
            if event.is_some() {
                return Ok(event);
            }
        }
    }

    fn message(&mut self, tag: u8, body: &[u8]) -> Result<Option<Event>, ProtocolError> {
        Ok(match tag {
            b'N' => Some(self.notice(NoticeResponse::decode(body)?.into())),
            b'A' => {
                let notification = NotificationResponse::decode(body)?;
                Some(Event::Notification(Notification {
                    process_id: notification.process_id,
                    channel: notification.channel.into(),
                    payload: notification.payload.into(),
                }))
            }
            b'S' => {
                let ParameterStatus { name, value } = ParameterStatus::decode(body)?;
                self.parameters.set(name, value)?;
                Some(Event::ParameterStatus {
                    name: name.into(),
                    value: value.into(),
                })
            }
            b'E' => self.error(ErrorResponse::decode(body)?.into())?,
            tag => self.answer(tag, body)?,
        })
    }

    #[inline]
    fn peek(&self, input: &[u8]) -> Result<Option<Header>, DecodeError> {
        let limit = |tag| match tag {
            b'D' | b'd' | b'T' | b't' | b'E' | b'N' | b'A' | b'V' => self.longest,
            b'S' => PARAMETER_STATUS.min(self.longest),
            _ => SHORT_MESSAGE.min(self.longest),
        };
        Header::peek(input, limit, name)
    }

    /// Takes the messages of type `tag` that have wholly arrived, as far as they pass `check`; gives their bytes and how
    /// many there are.
    ///
    /// A bad one behind good ones stays, and is met again when they have been dealt with.
    #[inline]
    fn run_of(
        &self,
        tag: u8,
        input: &[u8],
        check: impl Fn(&[u8]) -> Result<(), ProtocolError>,
    ) -> Result<(usize, usize), ProtocolError> {
        let mut bytes = 0;
        let mut count = 0;
        while let Some(rest) = input.get(bytes..) {
            let Some(&[other, a, b, c, d]) = rest.first_chunk::<HEADER_BYTES>() else {
                break;
            };
            let length = u32::from_be_bytes([a, b, c, d]);
            // One of a wrong length behind good ones is met again as the first, which has been looked at.
            if other != tag || length > self.longest {
                break;
            }
            let Some(body) = rest.get(HEADER_BYTES..length as usize + 1) else {
                break;
            };
            match check(body) {
                Ok(()) => {}
                Err(error) if count == 0 => return Err(error),
                Err(_) => break,
            }
            bytes += HEADER_BYTES + body.len();
            count += 1;
        }
        Ok((bytes, count))
    }

    fn take_rows(&mut self, input: &mut BytesMut) -> Result<Option<Event>, ProtocolError> {
        let (id, columns) = self.awaited_columns()?;
        let (bytes, count) = self.run_of(b'D', input, |body| rows::check(body, columns.len()))?;
        if id < self.abandoned {
            input.advance(bytes);
            return Ok(None);
        }
        let data = input.split_to(bytes).freeze();
        Ok(self.reply(id, Reply::Rows(RowBatch::new(data, count, columns))))
    }

    fn take_copy_data(&mut self, input: &mut BytesMut) -> Result<Option<Event>, ProtocolError> {
        let Some(front) = self.pending.front() else {
            return Err(unexpected(b'd', NOTHING));
        };
        match front.awaits.stage() {
            Some(
                Stage::CopyOut { done: false }
                | Stage::CopyBoth {
                    server_done: false, ..
                },
            ) => {}
            _ => return Err(unexpected(b'd', front.awaits.name())),
        }
        let id = front.id;
        let (bytes, count) = self.run_of(b'd', input, |_| Ok(()))?;
        if id < self.abandoned {
            input.advance(bytes);
            return Ok(None);
        }
        let data = input.split_to(bytes).freeze();
        Ok(self.reply(id, Reply::CopyData(CopyBatch::new(data, count))))
    }

    /// The command that rows belong to now, and their columns.
    fn awaited_columns(&mut self) -> Result<(CommandId, Arc<Columns>), ProtocolError> {
        let Some(front) = self.pending.front_mut() else {
            return Err(unexpected(b'D', NOTHING));
        };
        let awaited = front.awaits.name();
        let stage = front.awaits.stage_mut();
        let columns = match &stage {
            Some(Stage::Rows(columns) | Stage::Start(Expected::Rows(columns))) => Some(columns),
            Some(Stage::Start(Expected::AsDescribed)) => self.described.as_ref(),
            Some(Stage::Start(Expected::NoRows) | Stage::Between) => None,
            _ => return Err(unexpected(b'D', awaited)),
        };
        let columns = columns.cloned().ok_or(ProtocolError::RowWithoutDescription)?;
        if let Some(stage @ Stage::Start(_)) = stage {
            *stage = Stage::Rows(Arc::clone(&columns));
        }
        Ok((front.id, columns))
    }

    /// An error, which fails the oldest command, or else announces the end of the session.
    fn error(&mut self, diagnostic: Diagnostic) -> Result<Option<Event>, ProtocolError> {
        let fatal = matches!(diagnostic.severity(), Severity::Fatal | Severity::Panic);
        let front = self.pending.front_mut();
        let Some(front) = front.filter(|_| !fatal) else {
            // An error that no command asked for is an end, too, whatever its severity: a server has nothing else to tell.
            let id = self.pending.front().map(|front| front.id);
            self.ending = Some(Ending::Server(diagnostic.clone()));
            self.closing = Some(diagnostic.clone());
            return Ok(id.and_then(|id| self.reply(id, Reply::Error(diagnostic))));
        };
        let id = front.id;
        let copy_in = match front.awaits.stage() {
            Some(Stage::CopyIn { done }) => Some(*done),
            _ => None,
        };
        match &mut front.awaits {
            Awaits::Query(_) | Awaits::FunctionCallResponse | Awaits::ReadyForQuery { may_fail: true } => {
                front.awaits = Awaits::ReadyForQuery { may_fail: false };
            }
            Awaits::ReadyForQuery { may_fail: false } | Awaits::Resync { .. } | Awaits::Ignored => {
                return Err(unexpected(b'E', front.awaits.name()));
            }
            _ => {
                self.aborted = true;
                self.drop_front();
            }
        }
        if let Some(done) = copy_in {
            self.fail_copy_in(done);
        }
        Ok(self.reply(id, Reply::Error(diagnostic)))
    }

    /// A notice. One that tells of the server's end is kept: after a crash of another process the server says no more than
    /// this before it closes.
    fn notice(&mut self, notice: Diagnostic) -> Event {
        let tells_of_end = notice
            .sqlstate()
            .is_some_and(|state| LAST_NOTICES.contains(&state));
        if tells_of_end {
            self.last_notice = Some(notice.clone());
        }
        Event::Notice(notice)
    }

    /// Takes the next command that the server does not look at, if the oldest is one.
    fn take_skipped(&mut self) -> Option<CommandId> {
        let front = self.pending.front()?;
        let skipped = match front.awaits {
            Awaits::Ignored => true,
            Awaits::ReadyForQuery { .. } | Awaits::Resync { .. } => false,
            _ => self.aborted,
        };
        let id = front.id;
        skipped.then(|| {
            self.drop_front();
            id
        })
    }

    /// Forgets the oldest command, which failed or was skipped. If it was to describe a portal, nobody has.
    fn drop_front(&mut self) {
        let Some(dropped) = self.pending.pop_front() else {
            return;
        };
        if matches!(dropped.awaits, Awaits::RowDescription { portal: true }) {
            self.described = None;
            self.described_portal.take_if(|(by, _)| *by == dropped.id);
        }
    }

    /// The event for a reply, unless nobody wants it.
    pub(super) fn reply(&self, to: CommandId, reply: Reply) -> Option<Event> {
        (to >= self.abandoned).then_some(Event::Reply { to, reply })
    }
}

/// What a conversation without open commands waits for.
pub(super) const NOTHING: &str = "nothing in particular";

#[cold]
pub(super) fn unexpected(tag: u8, awaited: &'static str) -> ProtocolError {
    ProtocolError::Unexpected {
        message: name(tag),
        tag,
        awaited,
    }
}
