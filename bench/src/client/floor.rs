//! No client: what reading the socket and walking from message to message costs.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};

use dblink_protocol::ProtocolVersion;
use dblink_protocol::frontend::{Bind, CopyData, CopyDone, Execute, Parse, Query, StartupMessage, Sync};
use dblink_protocol::wire::{Format, Message as _};
use dblink_tests::roles;

use super::{Answer, Result, Session};
use crate::copy_rows::CopyRows;
use crate::work::{COPIED, COPY_IN, ECHO, PIPELINE, Work};

/// How much is read at once: as much as the engine does.
const READ_BYTES: usize = 64 * 1024;

/// The type byte and the length.
const HEADER: usize = 5;

/// Where the parameter is in the Bind of [`Floor::calls`]: behind the header, the portal's empty name, the statement's
/// name `s`, and the numbers of formats, parameters and bytes.
const PARAMETER: std::ops::Range<usize> = 18..22;

pub(super) struct Floor {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// What of the buffer was read and not yet walked over.
    start: usize,
    end: usize,
}

impl Floor {
    pub(super) fn connect(port: u16) -> Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        let mut floor = Self {
            stream,
            buffer: vec![0; READ_BYTES],
            start: 0,
            end: 0,
        };
        let mut bytes = Vec::new();
        StartupMessage {
            protocol_version: ProtocolVersion::V3_0,
            parameters: vec![
                ("user".into(), roles::TRUST_USER.into()),
                ("database".into(), "postgres".into()),
            ],
        }
        .encode(&mut bytes)?;
        floor.stream.write_all(&bytes)?;
        floor.walk(b'Z', b'Z')?;
        Ok(floor)
    }

    /// Walks over messages up to one of the type `last`; gives how many of the type `counted` there were.
    fn walk(&mut self, last: u8, counted: u8) -> Result<u64> {
        let mut count = 0;
        loop {
            let read = self.buffer.get(self.start..self.end).unwrap_or_default();
            let Some((&[tag, a, b, c, d], _)) = read.split_first_chunk::<HEADER>() else {
                self.fill()?;
                continue;
            };
            let length = u32::from_be_bytes([a, b, c, d]) as usize;
            if tag == b'E' {
                return Err(String::from_utf8_lossy(read).into());
            }
            self.start += length + 1;
            count += u64::from(tag == counted);
            if tag == last {
                return Ok(count);
            }
        }
    }

    /// Reads more, behind the piece of a header that is left or, if the last message is not there to its end, up to that.
    fn fill(&mut self) -> Result<()> {
        let left = self.end.saturating_sub(self.start);
        let over = self.start.saturating_sub(self.end);
        self.buffer.copy_within(self.end - left..self.end, 0);
        let room = self.buffer.get_mut(left..).unwrap_or_default();
        let count = self.stream.read(room)?;
        if count == 0 {
            return Err("the server closed the connection".into());
        }
        self.start = over;
        self.end = left + count;
        Ok(())
    }

    /// Sends the messages, and walks over the answer up to the message `last`.
    fn ask(&mut self, messages: &[u8], last: u8, counted: u8) -> Result<u64> {
        self.stream.write_all(messages)?;
        self.walk(last, counted)
    }

    fn rows(&mut self, query: &str) -> Result<u64> {
        let mut bytes = parse("", query)?;
        bind("", &[]).encode(&mut bytes)?;
        execute(&mut bytes)?;
        Sync.encode(&mut bytes)?;
        self.ask(&bytes, b'Z', b'D')
    }

    fn simple(&mut self, query: &str, last: u8, counted: u8) -> Result<u64> {
        let mut bytes = Vec::new();
        Query { query: query.into() }.encode(&mut bytes)?;
        self.ask(&bytes, last, counted)
    }

    /// Calls a prepared statement, so many times to a Sync.
    fn calls(&mut self, count: u32, to_a_sync: u32) -> Result<u64> {
        let mut bytes = parse("s", ECHO)?;
        Sync.encode(&mut bytes)?;
        self.ask(&bytes, b'Z', b'Z')?;

        let mut call = Vec::new();
        bind("s", &[Some(&[0; 4])]).encode(&mut call)?;
        execute(&mut call)?;
        let mut sync = Vec::new();
        Sync.encode(&mut sync)?;
        let mut rows = 0;
        let mut flight = Vec::new();
        for number in 1..=count {
            if let Some(parameter) = call.get_mut(PARAMETER) {
                parameter.copy_from_slice(&number.to_be_bytes());
            }
            flight.extend_from_slice(&call);
            if number % to_a_sync == 0 || number == count {
                flight.extend_from_slice(&sync);
                rows += self.ask(&flight, b'Z', b'D')?;
                flight.clear();
            }
        }
        Ok(rows)
    }

    fn copy_in(&mut self, count: u32) -> Result<u64> {
        self.simple(COPIED, b'Z', b'Z')?;
        self.simple(COPY_IN, b'G', b'G')?;
        let mut rows = CopyRows::new(count);
        let mut bytes = Vec::new();
        while let Some(data) = rows.next_piece() {
            bytes.clear();
            CopyData { data }.encode(&mut bytes)?;
            self.stream.write_all(&bytes)?;
        }
        bytes.clear();
        CopyDone.encode(&mut bytes)?;
        self.ask(&bytes, b'Z', b'C')?;
        Ok(count.into())
    }
}

impl Session for Floor {
    fn run(&mut self, work: Work, count: u32) -> Result<Option<Answer>> {
        let count = match work {
            Work::Int4 | Work::Columns => self.rows(&work.query(count))?,
            Work::Text => self.simple(&work.query(count), b'Z', b'D')?,
            Work::CopyOut => self.simple(&work.query(count), b'Z', b'd')?,
            Work::RoundTrips => self.calls(count, 1)?,
            Work::Pipelined => self.calls(count, PIPELINE)?,
            Work::CopyIn => self.copy_in(count)?,
            Work::Transfer | Work::Csv => return Ok(None),
        };
        Ok(Some(Answer { count, sum: 0 }))
    }
}

fn parse(name: &str, query: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    Parse {
        statement: name.into(),
        query: query.into(),
        parameter_types: Vec::new().into(),
    }
    .encode(&mut bytes)?;
    Ok(bytes)
}

fn bind<'a>(statement: &'a str, parameters: &[Option<&'a [u8]>]) -> Bind<'a> {
    Bind {
        portal: "".into(),
        statement: statement.into(),
        parameter_formats: vec![Format::Binary].into(),
        parameters: parameters.to_vec(),
        result_formats: vec![Format::Binary].into(),
    }
}

fn execute(bytes: &mut Vec<u8>) -> Result<()> {
    Execute {
        portal: "".into(),
        max_rows: 0,
    }
    .encode(bytes)?;
    Ok(())
}
