//! What was given to a conversation, and what came back.

use dblink_protocol::backend::Severity;
use dblink_protocol::conversation::{CommandId, Event, Reply};

use crate::command::Command;

/// A book of the commands given and the replies to them. It panics at a reply that no command is owed.
#[derive(Debug, Default)]
pub struct Ledger {
    given: Vec<Entry>,
    /// How many of them were given up.
    abandoned: usize,
    /// Where in `given` the last reply belonged.
    last: usize,
    /// What the server has said of its end.
    end: End,
}

/// How far a server has come in saying that it closes the connection.
#[derive(Debug, Default, PartialEq, Eq)]
enum End {
    /// It has not.
    #[default]
    Open,
    /// A command failed with its reason.
    Failed,
    /// It said so, which is the last of all.
    Closing,
}

#[derive(Debug)]
struct Entry {
    id: CommandId,
    command: Command,
    /// How many last replies it got.
    answered: bool,
}

/// One event, with batches taken apart, so that how they were cut does not show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A row.
    Row(CommandId, Vec<Option<Vec<u8>>>),
    /// COPY data.
    Chunk(CommandId, Vec<u8>),
    /// Anything else.
    Other(String),
}

/// The lines of an event.
pub fn lines(event: &Event, lines: &mut Vec<Line>) {
    match event {
        Event::Reply {
            to,
            reply: Reply::Rows(rows),
        } => {
            assert!(!rows.is_empty() && rows.iter().count() == rows.len());
            lines.extend(rows.iter().map(|row| {
                assert_eq!(row.values().count(), row.len());
                Line::Row(*to, row.values().map(|value| value.map(<[u8]>::to_vec)).collect())
            }));
        }
        Event::Reply {
            to,
            reply: Reply::CopyData(chunks),
        } => {
            assert!(!chunks.is_empty() && chunks.iter().count() == chunks.len());
            lines.extend(chunks.iter().map(|chunk| Line::Chunk(*to, chunk.to_vec())));
        }
        event => lines.push(Line::Other(format!("{event:?}"))),
    }
}

impl Ledger {
    /// Enters a command that was taken.
    pub fn give(&mut self, command: &Command, id: Option<CommandId>) {
        if let Some(id) = id {
            assert!(self.given.last().is_none_or(|last| last.id < id), "ids grow");
            self.given.push(Entry {
                id,
                command: command.clone(),
                answered: false,
            });
        } else if *command == Command::Abandon {
            self.abandoned = self.given.len();
        }
    }

    /// Enters an event.
    pub fn take(&mut self, event: &Event) {
        let closing = matches!(event, Event::Closing(_));
        assert!(
            match self.end {
                End::Open => true,
                End::Failed => closing,
                End::Closing => false,
            },
            "an event behind the server's last word: {event:?}"
        );
        if closing {
            self.end = End::Closing;
        }
        let Event::Reply { to, reply } = event else {
            return;
        };
        let to = *to;
        if let Reply::Error(error) = reply
            && matches!(error.severity(), Severity::Fatal | Severity::Panic)
        {
            self.end = End::Failed;
        }
        let index = self.given.binary_search_by_key(&to, |entry| entry.id);
        let index = index.unwrap_or_else(|_| panic!("a reply to a command that nobody gave: {event:?}"));
        assert!(
            index >= self.abandoned,
            "a reply to a command that was given up: {event:?}"
        );
        assert!(index >= self.last, "a reply out of order: {event:?}");
        let Entry {
            command, answered, ..
        } = &mut self.given[index];
        assert!(
            !*answered,
            "a reply behind the last one to {command:?}: {reply:?}"
        );
        *answered = is_last(command, reply);
        // Replies come in order, so whatever precedes this one has had its last.
        for entry in &self.given[self.last.max(self.abandoned)..index] {
            assert!(
                entry.answered,
                "{reply:?} came before the last reply to {:?}",
                entry.command
            );
        }
        self.last = index;
    }

    /// Whether every command that was not given up got its last reply.
    pub fn is_settled(&self) -> bool {
        self.given[self.last.max(self.abandoned)..]
            .iter()
            .all(|entry| entry.answered)
    }

    /// The commands that wait for replies.
    pub fn unanswered(&self) -> impl Iterator<Item = &Command> {
        let entries = self.given[self.last.max(self.abandoned)..].iter();
        entries
            .filter(|entry| !entry.answered)
            .map(|entry| &entry.command)
    }
}

/// Whether `reply` is the last one to `command`; it panics if the command gets no such reply.
fn is_last(command: &Command, reply: &Reply) -> bool {
    let simple = matches!(command, Command::Query(_) | Command::FunctionCall | Command::Sync);
    match (command, reply) {
        (_, Reply::Skipped) => true,
        (_, Reply::Error(_)) => !simple,
        (Command::Query(_) | Command::FunctionCall | Command::Sync, Reply::ReadyForQuery(_))
        | (Command::Parse(..), Reply::ParseComplete)
        | (Command::Bind(..), Reply::BindComplete)
        | (Command::CloseStatement(_) | Command::ClosePortal(_), Reply::CloseComplete)
        | (
            Command::DescribeStatement(_) | Command::DescribePortal(_),
            Reply::RowDescription(_) | Reply::NoData,
        )
        | (Command::Execute(..), Reply::CommandComplete(_) | Reply::EmptyQueryResponse) => true,
        (Command::Execute(_, rows, _), Reply::PortalSuspended) if *rows > 0 => true,
        (Command::DescribeStatement(_), Reply::ParameterDescription(_))
        | (
            Command::Query(_),
            Reply::RowDescription(_) | Reply::CommandComplete(_) | Reply::EmptyQueryResponse,
        )
        | (
            Command::Query(_) | Command::Execute(..),
            Reply::Rows(_)
            | Reply::CopyInResponse(_)
            | Reply::CopyOutResponse(_)
            | Reply::CopyBothResponse(_)
            | Reply::CopyData(_)
            | Reply::CopyDone,
        )
        | (Command::FunctionCall, Reply::FunctionCallResponse(_)) => false,
        _ => panic!("{reply:?} is no reply to {command:?}"),
    }
}
