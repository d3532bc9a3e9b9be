//! The input is a sequence of commands, of bytes from a server which may be any or good messages, and of all else that
//! may happen to a conversation.
//!
//! Two conversations get the same, but one its bytes whole and the other in pieces; both must do the same. Replies
//! answer commands that were given and not given up, in order, and each command gets one last reply. What is outgoing is
//! always whole messages. A command that is refused changes nothing, and a protocol error is the end. Nothing is kept in
//! the input that could have been taken.

use bytes::BytesMut;
use dblink_protocol::conversation::{CommandError, Conversation, Ending, ProtocolError};
use dblink_protocol::wire::Header;

use crate::command::{COMMANDS, Command};
use crate::input::{Input, put_bytes};
use crate::ledger::{Ledger, lines};
use crate::outbox::Outbox;
use crate::replies::REPLIES;
use crate::talk::say;

/// Something that happens to a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A command is given.
    Give(Command),
    /// So many bytes are sent.
    Sent(u8),
    /// A message of [`REPLIES`] comes, in pieces of this length.
    Reply(u8, u8),
    /// Any bytes come, in pieces of this length.
    Bytes(u8, Vec<u8>),
    /// The connection ends.
    Eof,
}

impl Step {
    fn read(input: &mut Input<'_>) -> Self {
        match input.byte() {
            code if code < COMMANDS => Self::Give(Command::read(code, input)),
            15 => Self::Sent(input.byte()),
            16 => Self::Bytes(input.byte(), input.bytes().to_vec()),
            17 => Self::Eof,
            // Most of what happens is that the server says something that it might.
            code => Self::Reply(code - 18, input.byte()),
        }
    }

    /// Writes the step as [`check`] reads it.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Give(command) => command.write(out),
            Self::Sent(count) => out.extend([15, *count]),
            Self::Bytes(cut, bytes) => {
                out.extend([16, *cut]);
                put_bytes(out, bytes);
            }
            Self::Eof => out.push(17),
            Self::Reply(reply, cut) => out.extend([18 + reply, *cut]),
        }
    }
}

/// Checks one input.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let mut pair = Pair::default();
    while !input.is_empty() {
        let step = Step::read(&mut input);
        say(format_args!("{step:?}"));
        pair.step(&step);
        pair.compare();
    }
}

/// The same conversation twice.
#[derive(Default)]
struct Pair {
    whole: Conversation,
    cut: Conversation,
    whole_input: BytesMut,
    cut_input: BytesMut,
    ledger: Ledger,
    outbox: Outbox,
    error: Option<ProtocolError>,
}

impl Pair {
    fn step(&mut self, step: &Step) {
        match step {
            Step::Give(command) => self.give(command),
            Step::Sent(count) => {
                let count = usize::from(*count);
                self.outbox.sent(count.min(self.whole.outgoing().len()));
                self.whole.sent(count);
                self.cut.sent(count);
            }
            Step::Reply(reply, cut) => {
                self.receive(REPLIES[usize::from(*reply) % REPLIES.len()], (*cut).into());
            }
            Step::Bytes(cut, bytes) => self.receive(bytes, (*cut).into()),
            Step::Eof => {
                let before = self.whole.ending().cloned();
                let ending = self.whole.handle_eof().clone();
                assert_eq!(*self.cut.handle_eof(), ending);
                assert_eq!(ending, before.unwrap_or(Ending::Closed));
            }
        }
    }

    fn give(&mut self, command: &Command) {
        let outgoing = self.whole.outgoing().to_vec();
        let ended = self.whole.ending().cloned();
        let copy_in = self.whole.copy_in();
        let given = command.give(&mut self.whole);
        assert_eq!(command.give(&mut self.cut), given);
        match given {
            Ok(id) => {
                assert_eq!(ended, None, "{command:?} was taken");
                if matches!(
                    command,
                    Command::CopyData(_) | Command::CopyDone | Command::CopyFail(_)
                ) {
                    assert!(copy_in.is_some(), "{command:?} was taken");
                }
                self.ledger.give(command, id);
            }
            Err(error) => {
                say(format_args!("  refused: {error}"));
                assert_eq!(
                    self.whole.outgoing(),
                    outgoing,
                    "{command:?} was refused, but sent"
                );
                if let Some(ending) = ended {
                    assert_eq!(error, CommandError::Ended(ending));
                }
            }
        }
    }

    fn receive(&mut self, bytes: &[u8], cut: usize) {
        let outgoing = self.error.is_some().then(|| self.whole.outgoing().to_vec());
        self.whole_input.extend_from_slice(bytes);
        let mut events = Vec::new();
        let result = drain(&mut self.whole, &mut self.whole_input, |event| {
            self.ledger.take(event);
            lines(event, &mut events);
        });
        for event in &events {
            say(format_args!("  {event:?}"));
        }

        let mut cut_events = Vec::new();
        let mut cut_result = Ok(());
        for piece in bytes.chunks(if cut == 0 { bytes.len().max(1) } else { cut }) {
            self.cut_input.extend_from_slice(piece);
            cut_result = drain(&mut self.cut, &mut self.cut_input, |event| {
                lines(event, &mut cut_events);
            });
        }
        if bytes.is_empty() {
            cut_result = drain(&mut self.cut, &mut self.cut_input, |event| {
                lines(event, &mut cut_events);
            });
        }
        assert_eq!(cut_events, events);
        assert_eq!(cut_result, result);
        if let Some(error) = &self.error {
            assert_eq!(result.as_ref(), Err(error), "the error changes");
            assert!(events.is_empty(), "events behind an error: {events:?}");
            assert_eq!(self.whole.outgoing(), outgoing.unwrap_or_default());
        }
        match result {
            Ok(()) => {
                assert_eq!(self.whole_input, self.cut_input);
                assert!(is_incomplete(&self.whole_input));
            }
            Err(error) => {
                say(format_args!("  {error}"));
                assert_eq!(self.whole.ending(), Some(&Ending::Protocol(error.clone())));
                self.error = Some(error);
            }
        }
    }

    fn compare(&mut self) {
        let (one, other) = (&self.whole, &self.cut);
        assert_eq!(one.outgoing(), other.outgoing());
        assert_eq!(one.ending(), other.ending());
        assert_eq!(one.copy_in(), other.copy_in());
        assert_eq!(one.transaction_status(), other.transaction_status());
        assert_eq!(one.parameters(), other.parameters());
        assert_eq!(
            (one.is_idle(), one.is_draining()),
            (other.is_idle(), other.is_draining())
        );
        assert!(!(one.is_idle() && one.is_draining()));
        if one.is_idle() && one.ending().is_none() {
            assert!(
                self.ledger.is_settled(),
                "idle, but {:?}",
                self.ledger.unanswered().next()
            );
        }
        self.outbox.check(one.outgoing());
    }
}

/// Takes all events that there are.
fn drain(
    conversation: &mut Conversation,
    input: &mut BytesMut,
    mut take: impl FnMut(&dblink_protocol::conversation::Event),
) -> Result<(), ProtocolError> {
    while let Some(event) = conversation.receive(input)? {
        take(&event);
    }
    Ok(())
}

/// Whether these bytes are less than a message.
fn is_incomplete(bytes: &[u8]) -> bool {
    match Header::peek(bytes, |_| u32::MAX, |_| "unknown") {
        Ok(Some(header)) => header.frame_bytes() > bytes.len(),
        Ok(None) => true,
        Err(_) => false,
    }
}
