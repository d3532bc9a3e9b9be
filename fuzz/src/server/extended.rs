//! Parse, Bind, Describe, Execute and Close.

use dblink_protocol::backend::{ParameterDescription, TransactionStatus};
use dblink_protocol::frontend::{FrontendMessage, Target};

use super::copy::{Copy, Rest};
use super::{Failed, Lot, Server};
use crate::command::row_description;

/// A portal.
#[derive(Debug, Clone)]
pub(super) struct Portal {
    /// None for an empty statement.
    statement: Option<u8>,
    /// The rows that it has not given.
    rows: i32,
    /// It has run to its end.
    done: bool,
}

impl Server {
    pub(super) fn extended(&mut self, message: &FrontendMessage<'_>, lot: Lot) -> Result<(), Failed> {
        if let FrontendMessage::Close(close) = message {
            // Closing what is not there is no error, and neither is closing in a failed transaction.
            match close.target {
                Target::Statement(name) => drop(self.statements.remove(name.as_bytes())),
                Target::Portal(name) => drop(self.portals.remove(name.as_bytes())),
            }
            self.raw(b"3\0\0\0\x04");
            return Ok(());
        }
        if lot.fails(0) {
            return self.fail("57014");
        }
        self.uncommitted = self.status == TransactionStatus::Idle;
        match message {
            FrontendMessage::Parse(parse) => self.parse(parse.statement.as_bytes(), parse.query.as_bytes()),
            FrontendMessage::Bind(bind) => self.bind(bind.portal.as_bytes(), bind.statement.as_bytes()),
            FrontendMessage::Describe(describe) => self.describe(describe.target),
            FrontendMessage::Execute(execute) => {
                self.execute(execute.portal.as_bytes(), execute.max_rows, lot)
            }
            message => unreachable!("{message:?}"),
        }
    }

    fn parse(&mut self, name: &[u8], text: &[u8]) -> Result<(), Failed> {
        // The unnamed statement is gone even if its successor turns out to be bad.
        self.statements.remove(&b""[..]);
        let statement = match text {
            [] => None,
            [b'x'] => return self.fail("42601"),
            [statement] => Some(*statement),
            _ => return self.fail("42601"),
        };
        self.check_transaction(statement)?;
        if self.statements.contains_key(name) {
            return self.fail("42P05");
        }
        self.statements.insert(name.to_vec(), statement);
        self.raw(b"1\0\0\0\x04");
        Ok(())
    }

    fn bind(&mut self, name: &[u8], statement: &[u8]) -> Result<(), Failed> {
        let Some(&statement) = self.statements.get(statement) else {
            return self.fail("26000");
        };
        self.check_transaction(statement)?;
        if !name.is_empty() && self.portals.contains_key(name) {
            return self.fail("42P03");
        }
        let portal = Portal {
            statement,
            rows: if statement == Some(b's') { 3 } else { 0 },
            done: false,
        };
        self.portals.insert(name.to_vec(), portal);
        self.raw(b"2\0\0\0\x04");
        Ok(())
    }

    fn describe(&mut self, target: Target<'_>) -> Result<(), Failed> {
        let (statement, is_portal) = match target {
            Target::Statement(name) => (self.statements.get(name.as_bytes()).copied(), false),
            Target::Portal(name) => (
                self.portals.get(name.as_bytes()).map(|portal| portal.statement),
                true,
            ),
        };
        let Some(statement) = statement else {
            return self.fail(if is_portal { "34000" } else { "26000" });
        };
        let has_rows = matches!(statement, Some(b's' | b'z'));
        if has_rows {
            self.check_transaction(statement)?;
        }
        if !is_portal {
            self.says(&ParameterDescription { type_oids: vec![23] });
        }
        if has_rows {
            self.says(&row_description());
        } else {
            self.raw(b"n\0\0\0\x04");
        }
        Ok(())
    }

    fn execute(&mut self, name: &[u8], max_rows: i32, lot: Lot) -> Result<(), Failed> {
        let Some(portal) = self.portals.get(name).cloned() else {
            return self.fail("34000");
        };
        let Some(statement) = portal.statement else {
            self.raw(b"I\0\0\0\x04");
            return Ok(());
        };
        self.check_transaction(Some(statement))?;
        if !matches!(statement, b's' | b'z') {
            if portal.done {
                return self.fail("55000");
            }
            if let Some(portal) = self.portals.get_mut(name) {
                portal.done = true;
            }
            return match statement {
                b'g' => {
                    self.start_copy_in(Copy::In(Rest::Execute));
                    Ok(())
                }
                b'h' => self.copy_out(lot.fails_half_way(0)),
                statement => self.run_utility(statement, lot),
            };
        }
        // A portal notices that it is at its end only when it is asked for more rows than it has.
        let is_suspended = max_rows > 0 && max_rows <= portal.rows;
        let rows = if is_suspended { max_rows } else { portal.rows };
        for row in 0..rows {
            if row == 1 && lot.fails_half_way(0) {
                return self.fail("22012");
            }
            self.row();
        }
        if let Some(portal) = self.portals.get_mut(name) {
            portal.rows -= rows;
        }
        if is_suspended {
            self.raw(b"s\0\0\0\x04");
        } else {
            self.complete(&format!("SELECT {rows}"));
        }
        Ok(())
    }

    /// A failed transaction takes nothing but its end.
    fn check_transaction(&mut self, statement: Option<u8>) -> Result<(), Failed> {
        let is_refused = self.status == TransactionStatus::Failed && !matches!(statement, None | Some(b'c'));
        if is_refused { self.fail("25P02") } else { Ok(()) }
    }
}
