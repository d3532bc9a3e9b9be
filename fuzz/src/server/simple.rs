//! Query.

use dblink_protocol::backend::{CopyBothResponse, DataRow, TransactionStatus};

use super::copy::{Copy, Rest};
use super::{Failed, Lot, Server, copy_format};
use crate::command::row_description;

impl Server {
    pub(super) fn query(&mut self, statements: &[u8], lot: Lot) {
        // A Query takes the unnamed statement and portal for itself.
        self.statements.remove(&b""[..]);
        self.portals.remove(&b""[..]);
        // The text is parsed as a whole before anything of it runs.
        if statements.contains(&b'x') {
            self.error("42601");
            return self.ready();
        }
        if statements.is_empty() {
            self.raw(b"I\0\0\0\x04");
            return self.ready();
        }
        if statements == b"w" {
            self.says(&CopyBothResponse {
                format: copy_format(),
            });
            self.copy = Some(Copy::Both { server_done: false });
            return;
        }
        self.run_statements(statements, lot);
    }

    /// Runs statements up to a COPY FROM STDIN, an error, or the end.
    pub(super) fn run_statements(&mut self, mut statements: &[u8], lot: Lot) {
        let mut index = 0;
        while let Some((&statement, rest)) = statements.split_first() {
            statements = rest;
            if self.run_statement(statement, rest, lot, index).is_err() {
                break;
            }
            if self.copy.is_some() {
                return;
            }
            index += 1;
        }
        self.ready();
    }

    fn run_statement(&mut self, statement: u8, rest: &[u8], lot: Lot, index: u8) -> Result<(), Failed> {
        if self.status == TransactionStatus::Failed && statement != b'c' {
            return self.fail("25P02");
        }
        if lot.fails(index) {
            return self.fail("22012");
        }
        match statement {
            b's' | b'z' => {
                self.says(&row_description());
                let rows = if statement == b's' { 3 } else { 0 };
                for row in 0..rows {
                    if row == 1 && lot.fails_half_way(index) {
                        return self.fail("22012");
                    }
                    self.row();
                }
                self.complete(&format!("SELECT {rows}"));
                Ok(())
            }
            b'g' => {
                self.start_copy_in(Copy::In(Rest::Query(rest.to_vec())));
                Ok(())
            }
            b'h' => self.copy_out(lot.fails_half_way(index)),
            statement => self.run_utility(statement, lot),
        }
    }

    /// A statement without rows.
    pub(super) fn run_utility(&mut self, statement: u8, lot: Lot) -> Result<(), Failed> {
        match statement {
            b'b' => {
                self.status = TransactionStatus::InTransaction;
                self.complete("BEGIN");
            }
            b'c' => {
                let was = std::mem::replace(&mut self.status, TransactionStatus::Idle);
                if was == TransactionStatus::InTransaction && lot.fails_to_commit() {
                    return self.fail("23503");
                }
                self.end_transaction();
                self.complete(if was == TransactionStatus::Failed {
                    "ROLLBACK"
                } else {
                    "COMMIT"
                });
            }
            _ => self.complete("CREATE TABLE"),
        }
        Ok(())
    }

    pub(super) fn row(&mut self) {
        self.says(&DataRow {
            values: vec![Some(b"1"), None],
        });
    }
}
