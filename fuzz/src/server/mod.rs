//! A small honest server: it reads what a client sends and answers as PostgreSQL does.
//!
//! Statements are letters, of which a Query may have several:
//!
//! | letter | statement                                        |
//! |--------|--------------------------------------------------|
//! | `s`    | a SELECT of three rows                           |
//! | `z`    | a SELECT of no rows                              |
//! | `u`    | a command without rows                           |
//! | `b`    | BEGIN                                            |
//! | `c`    | COMMIT                                           |
//! | `g`    | COPY FROM STDIN                                  |
//! | `h`    | COPY TO STDOUT                                   |
//! | `w`    | START_REPLICATION, where it stands alone         |
//! | `x`    | a syntax error                                   |
//!
//! What may go wrong in a server, and when it speaks unasked, is drawn by lot: see [`Lot`].

mod copy;
mod extended;
mod simple;

use std::collections::BTreeMap;

use dblink_protocol::backend::{
    CommandComplete, CopyFormat, CopyInResponse, Diagnostic, ErrorResponse, FieldCode, NoticeResponse,
    NotificationResponse, ParameterStatus, ReadyForQuery, TransactionStatus,
};
use dblink_protocol::frontend::FrontendMessage;
use dblink_protocol::wire::{Format, Header, Message};

use crate::talk::say;
use copy::Copy;
use extended::Portal;

/// The letters that statements have.
pub const STATEMENTS: &[u8] = b"szubcghwx";

/// A server with one session.
#[derive(Debug)]
pub struct Server {
    /// What was received and not read yet.
    received: Vec<u8>,
    /// What is to be sent.
    outgoing: Vec<u8>,
    status: TransactionStatus,
    /// An error in the extended protocol: everything is skipped up to the next Sync.
    skipping: bool,
    /// Something ran since the last Sync outside a transaction block, so that the Sync has to commit.
    uncommitted: bool,
    statements: BTreeMap<Vec<u8>, Option<u8>>,
    portals: BTreeMap<Vec<u8>, Portal>,
    copy: Option<Copy>,
    over: Option<Over>,
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The client said Terminate.
    Terminated,
    /// An administrator ended it.
    Shutdown,
    /// The client sent what has no place in a COPY.
    Violated,
}

/// What happens while one message is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lot(pub u8);

impl Lot {
    /// Whether what the message asks for fails before it does anything; of several statements, the one at `index`.
    const fn fails(self, index: u8) -> bool {
        self.0 & 15 == 6 && self.0 >> 4 == index
    }

    /// Whether it fails half-way.
    const fn fails_half_way(self, index: u8) -> bool {
        self.0 & 15 == 5 && self.0 >> 4 == index
    }

    /// Whether a commit fails.
    const fn fails_to_commit(self) -> bool {
        self.0 & 15 == 3
    }

    /// Whether a COPY fails before the message is read.
    const fn fails_copy_early(self) -> bool {
        self.0 & 15 == 7
    }

    /// Whether the server does more than it must in a COPY both ways, or returns another timeline.
    const fn is_talkative(self) -> bool {
        self.0 & 15 == 8
    }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            received: Vec::new(),
            outgoing: Vec::new(),
            status: TransactionStatus::Idle,
            skipping: false,
            uncommitted: false,
            statements: BTreeMap::new(),
            portals: BTreeMap::new(),
            copy: None,
            over: None,
        }
    }
}

impl Server {
    /// Takes bytes from the client.
    pub fn receive(&mut self, bytes: &[u8]) {
        self.received.extend_from_slice(bytes);
    }

    /// The bytes for the client.
    pub const fn outgoing(&mut self) -> &mut Vec<u8> {
        &mut self.outgoing
    }

    /// Why the session is over, if it is.
    pub const fn over(&self) -> Option<Over> {
        self.over
    }

    /// The status as the next ReadyForQuery would tell it.
    pub const fn status(&self) -> TransactionStatus {
        self.status
    }

    /// Whether the server waits for a command, and nothing else.
    pub fn is_idle(&self) -> bool {
        self.received.is_empty() && !self.skipping && self.copy.is_none()
    }

    /// Reads the next message, or lets happen what `lot` says without one; tells whether it did anything.
    pub fn serve(&mut self, lot: Lot) -> bool {
        if self.over.is_some() {
            return false;
        }
        if self.say_unasked(lot) {
            return true;
        }
        if lot.fails_copy_early() && self.copy.is_some() {
            say(format_args!("  server: the COPY fails by itself"));
            self.fail_copy();
            return true;
        }
        if self.copy_both_goes_on(lot) {
            return true;
        }
        let header = Header::peek(&self.received, |_| 0x4000_0000, |_| "unknown").expect("a sound length");
        let Some(header) = header.filter(|header| header.frame_bytes() <= self.received.len()) else {
            return false;
        };
        let message: Vec<u8> = self.received.drain(..header.frame_bytes()).collect();
        let message = FrontendMessage::decode(header.tag, &message[5..]).expect("a sound message");
        say(format_args!("  server: reads {message:?} with {lot:?}"));
        if self.copy.is_some() {
            self.copy_message(&message, lot);
        } else {
            self.message(&message, lot);
        }
        true
    }

    fn message(&mut self, message: &FrontendMessage<'_>, lot: Lot) {
        match message {
            FrontendMessage::Terminate(_) => self.over = Some(Over::Terminated),
            FrontendMessage::Sync(_) => self.sync(lot),
            _ if self.skipping => {}
            FrontendMessage::Query(query) => self.query(query.query.as_bytes(), lot),
            FrontendMessage::FunctionCall(_) => {
                if lot.fails(0) || self.status == TransactionStatus::Failed {
                    self.error("22023");
                } else {
                    self.raw(b"V\0\0\0\x0a\0\0\0\x02ok");
                }
                self.ready();
            }
            FrontendMessage::Flush(_) => {}
            // What a client sent before it knew that its COPY had failed.
            FrontendMessage::CopyData(_) | FrontendMessage::CopyDone(_) | FrontendMessage::CopyFail(_) => {}
            message => {
                if self.extended(message, lot).is_err() {
                    self.skipping = true;
                }
            }
        }
    }

    fn sync(&mut self, lot: Lot) {
        self.skipping = false;
        if std::mem::take(&mut self.uncommitted) && lot.fails_to_commit() {
            self.error("23503");
        }
        self.ready();
    }

    /// What may come at any time.
    fn say_unasked(&mut self, lot: Lot) -> bool {
        match lot.0 {
            0xf4 => {
                self.fatal("57P01");
                self.over = Some(Over::Shutdown);
            }
            0xfd => {
                let notice = diagnostic("NOTICE", "00000");
                self.says(&NoticeResponse {
                    fields: notice.fields(),
                });
            }
            0xfe => self.says(&NotificationResponse {
                process_id: 7,
                channel: "jobs".into(),
                payload: "42".into(),
            }),
            0xff => self.says(&ParameterStatus {
                name: "TimeZone".into(),
                value: "UTC".into(),
            }),
            _ => return false,
        }
        true
    }

    fn ready(&mut self) {
        if self.status == TransactionStatus::Idle {
            self.end_transaction();
        }
        let status = self.status;
        self.says(&ReadyForQuery { status });
    }

    fn end_transaction(&mut self) {
        self.portals.clear();
        self.uncommitted = false;
    }

    /// Something failed, and the transaction with it.
    fn error(&mut self, code: &str) {
        let error = diagnostic("ERROR", code);
        self.says(&ErrorResponse {
            fields: error.fields(),
        });
        self.end_transaction();
        if self.status == TransactionStatus::InTransaction {
            self.status = TransactionStatus::Failed;
        }
    }

    fn fatal(&mut self, code: &str) {
        let error = diagnostic("FATAL", code);
        self.says(&ErrorResponse {
            fields: error.fields(),
        });
    }

    fn complete(&mut self, tag: &str) {
        self.says(&CommandComplete { tag: tag.into() });
    }

    fn says<'m>(&mut self, message: &impl Message<'m>) {
        message
            .encode(&mut self.outgoing)
            .expect("the message can be sent");
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.outgoing.extend_from_slice(bytes);
    }

    /// Begins to take COPY data.
    fn start_copy_in(&mut self, copy: Copy) {
        self.says(&CopyInResponse {
            format: copy_format(),
        });
        self.copy = Some(copy);
    }

    /// A whole COPY TO STDOUT.
    fn copy_out(&mut self, half: bool) -> Result<(), Failed> {
        self.raw(b"H\0\0\0\x09\0\0\x01\0\0");
        self.raw(b"d\0\0\0\x06a\n");
        if half {
            return self.fail("57014");
        }
        self.raw(b"d\0\0\0\x06b\nc\0\0\0\x04");
        self.complete("COPY 2");
        Ok(())
    }

    fn fail(&mut self, code: &str) -> Result<(), Failed> {
        self.error(code);
        Err(Failed)
    }
}

/// The ErrorResponse was sent.
#[derive(Debug)]
struct Failed;

fn copy_format() -> CopyFormat {
    CopyFormat {
        overall: Format::Text,
        columns: vec![Format::Text],
    }
}

fn diagnostic(severity: &str, code: &str) -> Diagnostic {
    let fields = [
        (FieldCode::SEVERITY, severity.into()),
        (FieldCode::SEVERITY_NOT_LOCALIZED, severity.into()),
        (FieldCode::CODE, code.into()),
    ];
    Diagnostic::new(fields).expect("the fields can be sent")
}
