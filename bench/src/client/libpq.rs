//! libpq 18, built from source.
//!
//! PostgreSQL manual: [libpq](https://www.postgresql.org/docs/current/libpq.html).

use std::ffi::{CStr, CString, c_char, c_int};
use std::{ptr, slice, str};

use pq_sys::{ConnStatusType, ExecStatusType, PGconn, PGresult};

use super::{Answer, Result, Session, conninfo};
use crate::copy_rows::CopyRows;
use crate::work::{COPIED, COPY_IN, ECHO, PIPELINE, Work};

const STATEMENT: &CStr = c"s";
static BINARY: c_int = 1;

/// How rows are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// A result when all its rows are there.
    Whole,
    /// A result for each row.
    Rows,
}

pub(super) struct Libpq {
    connection: *mut PGconn,
    mode: Mode,
}

impl Drop for Libpq {
    fn drop(&mut self) {
        // SAFETY: libpq made the object, and nobody uses it any more.
        unsafe { pq_sys::PQfinish(self.connection) };
    }
}

impl Libpq {
    pub(super) fn connect(port: u16, mode: Mode) -> Result<Self> {
        let conninfo = CString::new(conninfo(port))?;
        // SAFETY: the string ends with a zero byte.
        let connection = unsafe { pq_sys::PQconnectdb(conninfo.as_ptr()) };
        let libpq = Self { connection, mode };
        // SAFETY: this takes a null pointer too.
        libpq.check(unsafe { pq_sys::PQstatus(connection) } == ConnStatusType::CONNECTION_OK)?;
        Ok(libpq)
    }

    /// libpq's message, if something is not as it should be.
    fn check(&self, is_well: bool) -> Result<()> {
        if is_well {
            return Ok(());
        }
        // SAFETY: this takes a null pointer too; the string is copied before anything else is called.
        let message = unsafe { CStr::from_ptr(pq_sys::PQerrorMessage(self.connection)) };
        Err(message.to_string_lossy().into())
    }

    /// The next result of what was sent; none at its end.
    fn result(&self) -> Option<Outcome> {
        // SAFETY: the connection is open.
        Outcome::new(unsafe { pq_sys::PQgetResult(self.connection) })
    }

    fn execute(&self, statement: &str, expected: ExecStatusType) -> Result<()> {
        let statement = CString::new(statement)?;
        // SAFETY: the connection is open, and the string ends with a zero byte.
        let outcome = Outcome::new(unsafe { pq_sys::PQexec(self.connection, statement.as_ptr()) });
        self.check(outcome.is_some_and(|outcome| outcome.status() == expected))
    }

    /// The rows of a query, by the extended protocol in binary, or by the simple one in text.
    fn rows(
        &self,
        query: &str,
        binary: bool,
        add: fn(&mut Answer, &Outcome, c_int) -> Result<()>,
    ) -> Result<Answer> {
        let query = CString::new(query)?;
        // SAFETY: the connection is open, the string ends with a zero byte, and there are no parameters.
        let is_sent = unsafe {
            if binary {
                let (types, values, lengths, formats) = (ptr::null(), ptr::null(), ptr::null(), ptr::null());
                pq_sys::PQsendQueryParams(
                    self.connection,
                    query.as_ptr(),
                    0,
                    types,
                    values,
                    lengths,
                    formats,
                    BINARY,
                )
            } else {
                pq_sys::PQsendQuery(self.connection, query.as_ptr())
            }
        };
        self.check(is_sent == 1)?;
        if self.mode == Mode::Rows {
            // SAFETY: a query was just sent.
            self.check(unsafe { pq_sys::PQsetSingleRowMode(self.connection) } == 1)?;
        }
        let mut answer = Answer::default();
        while let Some(outcome) = self.result() {
            let status = outcome.status();
            self.check(
                status == ExecStatusType::PGRES_TUPLES_OK || status == ExecStatusType::PGRES_SINGLE_TUPLE,
            )?;
            for row in 0..outcome.rows() {
                add(&mut answer, &outcome, row)?;
            }
        }
        Ok(answer)
    }

    fn prepare(&self) -> Result<()> {
        let query = CString::new(ECHO)?;
        // SAFETY: the connection is open, the strings end with a zero byte, and no types are given.
        let outcome = Outcome::new(unsafe {
            pq_sys::PQprepare(
                self.connection,
                STATEMENT.as_ptr(),
                query.as_ptr(),
                0,
                ptr::null(),
            )
        });
        self.check(outcome.is_some_and(|outcome| outcome.status() == ExecStatusType::PGRES_COMMAND_OK))
    }

    fn round_trips(&self, count: u32) -> Result<Answer> {
        self.prepare()?;
        let mut answer = Answer::default();
        for number in 1..=count {
            let (value, length) = (number.to_be_bytes(), 4);
            // SAFETY: the connection is open, the name ends with a zero byte; each array has one element, and the value as
            // many bytes as is said.
            let outcome = Outcome::new(unsafe {
                pq_sys::PQexecPrepared(
                    self.connection,
                    STATEMENT.as_ptr(),
                    1,
                    &value.as_ptr().cast(),
                    &raw const length,
                    &raw const BINARY,
                    BINARY,
                )
            });
            self.check(outcome.as_ref().is_some_and(Outcome::has_rows))?;
            if let Some(outcome) = outcome {
                int4(&mut answer, &outcome, 0)?;
            }
        }
        Ok(answer)
    }

    /// A flight's answers are small enough for the sockets to hold them until all of it is sent.
    fn pipelined(&self, count: u32) -> Result<Answer> {
        self.prepare()?;
        // SAFETY: the connection is open and idle.
        self.check(unsafe { pq_sys::PQenterPipelineMode(self.connection) } == 1)?;
        let mut answer = Answer::default();
        let mut waiting = 0;
        for number in 1..=count {
            let (value, length) = (number.to_be_bytes(), 4);
            // SAFETY: as in `round_trips`.
            let is_sent = unsafe {
                pq_sys::PQsendQueryPrepared(
                    self.connection,
                    STATEMENT.as_ptr(),
                    1,
                    &value.as_ptr().cast(),
                    &raw const length,
                    &raw const BINARY,
                    BINARY,
                )
            };
            self.check(is_sent == 1)?;
            waiting += 1;
            if waiting == PIPELINE || number == count {
                // SAFETY: the connection is in pipeline mode.
                self.check(unsafe { pq_sys::PQpipelineSync(self.connection) } == 1)?;
                for _ in 0..waiting {
                    while let Some(outcome) = self.result() {
                        self.check(outcome.has_rows())?;
                        int4(&mut answer, &outcome, 0)?;
                    }
                }
                let sync = self.result();
                self.check(sync.is_some_and(|sync| sync.status() == ExecStatusType::PGRES_PIPELINE_SYNC))?;
                waiting = 0;
            }
        }
        Ok(answer)
    }

    fn copy_out(&self, statement: &str) -> Result<Answer> {
        self.execute(statement, ExecStatusType::PGRES_COPY_OUT)?;
        let mut answer = Answer::default();
        loop {
            let mut piece: *mut c_char = ptr::null_mut();
            // SAFETY: a COPY is under way; libpq writes a pointer to `piece`.
            let length = unsafe { pq_sys::PQgetCopyData(self.connection, &raw mut piece, 0) };
            let Ok(length) = usize::try_from(length) else {
                break;
            };
            answer.add_with(0, length);
            // SAFETY: libpq allocated it, and nobody uses it any more.
            unsafe { pq_sys::PQfreemem(piece.cast()) };
        }
        self.finish_copy()?;
        Ok(answer)
    }

    fn copy_in(&self, count: u32) -> Result<Answer> {
        self.execute(COPIED, ExecStatusType::PGRES_COMMAND_OK)?;
        self.execute(COPY_IN, ExecStatusType::PGRES_COPY_IN)?;
        let mut rows = CopyRows::new(count);
        while let Some(piece) = rows.next_piece() {
            let length = c_int::try_from(piece.len())?;
            // SAFETY: a COPY is under way, and the piece has as many bytes as is said.
            let is_sent = unsafe { pq_sys::PQputCopyData(self.connection, piece.as_ptr().cast(), length) };
            self.check(is_sent == 1)?;
        }
        // SAFETY: a COPY is under way.
        self.check(unsafe { pq_sys::PQputCopyEnd(self.connection, ptr::null()) } == 1)?;
        let count = self.finish_copy()?;
        Ok(Answer { count, sum: 0 })
    }

    /// What ends a COPY: how many rows it had.
    fn finish_copy(&self) -> Result<u64> {
        let mut rows = 0;
        while let Some(outcome) = self.result() {
            self.check(outcome.status() == ExecStatusType::PGRES_COMMAND_OK)?;
            rows = outcome.affected()?;
        }
        Ok(rows)
    }
}

impl Session for Libpq {
    fn run(&mut self, work: Work, count: u32) -> Result<Option<Answer>> {
        let is_query = matches!(work, Work::Int4 | Work::Columns | Work::Text);
        if self.mode == Mode::Rows && !is_query {
            return Ok(None);
        }
        Ok(Some(match work {
            Work::Int4 => self.rows(&work.query(count), true, int4)?,
            Work::Columns => self.rows(&work.query(count), true, columns)?,
            Work::Text => self.rows(&work.query(count), false, text)?,
            Work::RoundTrips => self.round_trips(count)?,
            Work::Pipelined => self.pipelined(count)?,
            Work::CopyOut => self.copy_out(&work.query(count))?,
            Work::CopyIn => self.copy_in(count)?,
            Work::Transfer | Work::Csv => return Ok(None),
        }))
    }
}

/// A result of libpq.
struct Outcome(*mut PGresult);

impl Drop for Outcome {
    fn drop(&mut self) {
        // SAFETY: libpq made it, and nobody uses it any more.
        unsafe { pq_sys::PQclear(self.0) };
    }
}

impl Outcome {
    fn new(result: *mut PGresult) -> Option<Self> {
        (!result.is_null()).then_some(Self(result))
    }

    fn status(&self) -> ExecStatusType {
        // SAFETY: the result is there until it is dropped.
        unsafe { pq_sys::PQresultStatus(self.0) }
    }

    fn has_rows(&self) -> bool {
        self.status() == ExecStatusType::PGRES_TUPLES_OK
    }

    fn rows(&self) -> c_int {
        // SAFETY: the result is there until it is dropped.
        unsafe { pq_sys::PQntuples(self.0) }
    }

    fn value(&self, row: c_int, column: c_int) -> Result<&[u8]> {
        // SAFETY: the result is there until it is dropped, and so are its values. For columns that are not there, libpq
        // gives a null pointer and no length.
        unsafe {
            let length = usize::try_from(pq_sys::PQgetlength(self.0, row, column))?;
            let value: *const u8 = pq_sys::PQgetvalue(self.0, row, column).cast();
            if value.is_null() {
                return Err("there is no such column".into());
            }
            Ok(slice::from_raw_parts(value, length))
        }
    }

    fn affected(&self) -> Result<u64> {
        // SAFETY: the result is there until it is dropped, and with it this string, which ends with a zero byte.
        let text = unsafe { CStr::from_ptr(pq_sys::PQcmdTuples(self.0)) };
        Ok(text.to_str()?.parse()?)
    }
}

fn int4(answer: &mut Answer, outcome: &Outcome, row: c_int) -> Result<()> {
    answer.add(i32::from_be_bytes(outcome.value(row, 0)?.try_into()?));
    Ok(())
}

fn columns(answer: &mut Answer, outcome: &Outcome, row: c_int) -> Result<()> {
    let number = i32::from_be_bytes(outcome.value(row, 0)?.try_into()?);
    let name = str::from_utf8(outcome.value(row, 1)?)?;
    answer.add_with(number, name.len());
    Ok(())
}

fn text(answer: &mut Answer, outcome: &Outcome, row: c_int) -> Result<()> {
    let number = str::from_utf8(outcome.value(row, 0)?)?.parse()?;
    let name = str::from_utf8(outcome.value(row, 1)?)?;
    answer.add_with(number, name.len());
    Ok(())
}
