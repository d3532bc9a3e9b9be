//! What the protocol costs, without a server and without a socket: time per row and per round trip, and the ratio to the
//! least that any client must do, which is to walk over the headers.
//!
//! `cargo bench -p dblink-protocol` prints the table. With the name of a piece of work and a number of repetitions
//! (`cargo bench -p dblink-protocol -- rows_int4 10`) it does only that, for a profiler or an instruction counter.

// A program for developers: it prints, and stops at what cannot be.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use dblink_protocol::backend::{
    BindComplete, CommandComplete, DataRow, FieldDescription, ReadyForQuery, RowDescription,
    TransactionStatus,
};
use dblink_protocol::conversation::{Columns, Conversation, Event, Reply, ResultColumns};
use dblink_protocol::frontend::Bind;
use dblink_protocol::oid;
use dblink_protocol::wire::{Format, Message};

const ROWS: u32 = 200_000;
const ROUND_TRIPS: u32 = 100_000;
/// What a socket gives at once.
const CHUNK: usize = 64 * 1024;

/// A piece of work: its name, how many units it has, and one pass over it.
struct Work {
    name: &'static str,
    units: u32,
    pass: Box<dyn Fn() -> u64>,
}

fn main() {
    let arguments: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let works = [
        work("floor_int4", ROWS, int4_stream(), floor),
        work("rows_int4", ROWS, int4_stream(), |stream| rows(stream, 1)),
        work("floor_five", ROWS, five_stream(), floor),
        work("rows_five", ROWS, five_stream(), |stream| rows(stream, 2)),
        Work {
            name: "round_trip",
            units: ROUND_TRIPS,
            pass: Box::new(round_trips),
        },
    ];
    if let [name, times] = &arguments[..] {
        let work = works
            .iter()
            .find(|work| work.name == name)
            .expect("the name of a piece of work");
        for _ in 0..times.parse().expect("a number of repetitions") {
            black_box((work.pass)());
        }
        return;
    }
    println!(
        "{:<12} {:>10} {:>14} {:>9}",
        "work", "units", "ns per unit", "ratio"
    );
    let mut floor = None;
    for work in &works {
        let time = best_of(9, || (work.pass)());
        let nanoseconds = time.as_secs_f64() * 1e9 / f64::from(work.units);
        let is_floor = work.name.starts_with("floor");
        let ratio = match floor {
            Some(floor) if !is_floor && work.name.starts_with("rows") => {
                format!("{:.1}", nanoseconds / floor)
            }
            _ => String::new(),
        };
        if is_floor {
            floor = Some(nanoseconds);
        }
        println!(
            "{:<12} {:>10} {nanoseconds:>14.1} {ratio:>9}",
            work.name, work.units
        );
    }
}

fn work(name: &'static str, units: u32, stream: Vec<u8>, pass: fn(&[u8]) -> u64) -> Work {
    Work {
        name,
        units,
        pass: Box::new(move || pass(&stream)),
    }
}

/// The fastest of some passes: the others were disturbed.
fn best_of(passes: u32, pass: impl Fn() -> u64) -> Duration {
    let times = (0..passes).map(|_| {
        let start = Instant::now();
        black_box(pass());
        start.elapsed()
    });
    times.min().unwrap_or_default()
}

/// Copies the stream to a buffer, as reading a socket does, and walks over the headers.
fn floor(stream: &[u8]) -> u64 {
    let mut buffer = Vec::with_capacity(2 * CHUNK);
    let mut messages = 0;
    for chunk in stream.chunks(CHUNK) {
        buffer.extend_from_slice(chunk);
        let mut rest = &buffer[..];
        while let Some(&[_, a, b, c, d]) = rest.first_chunk::<5>() {
            let frame = 1 + u32::from_be_bytes([a, b, c, d]) as usize;
            match rest.get(frame..) {
                Some(after) => rest = after,
                None => break,
            }
            messages += 1;
        }
        let left = rest.len();
        buffer.drain(..buffer.len() - left);
    }
    messages
}

/// Receives the result of a query, and reads the first `decoded` columns of each row.
fn rows(stream: &[u8], decoded: usize) -> u64 {
    let mut conversation = Conversation::new();
    conversation.query("select").unwrap();
    let mut input = BytesMut::new();
    let mut sum = 0_u64;
    for chunk in stream.chunks(CHUNK) {
        input.reserve(CHUNK);
        input.extend_from_slice(chunk);
        while let Some(event) = conversation.receive(&mut input).unwrap() {
            let Event::Reply {
                reply: Reply::Rows(rows),
                ..
            } = event
            else {
                continue;
            };
            for row in &rows {
                let mut values = row.values();
                if let Some(&value) = values.next().flatten().and_then(<[u8]>::first_chunk::<4>) {
                    sum = sum.wrapping_add(u64::from(u32::from_be_bytes(value)));
                }
                for value in values.take(decoded - 1).flatten() {
                    sum = sum.wrapping_add(std::str::from_utf8(value).unwrap().len() as u64);
                }
            }
        }
    }
    assert!(conversation.is_idle());
    sum
}

/// Bind, Execute and Sync of a prepared statement, and its answer.
fn round_trips() -> u64 {
    let columns = Arc::new(Columns::from(&description(&[oid::INT4])));
    let mut answer = Vec::new();
    BindComplete.encode(&mut answer).unwrap();
    DataRow {
        values: vec![Some(&7_i32.to_be_bytes())],
    }
    .encode(&mut answer)
    .unwrap();
    end(&mut answer, "SELECT 1");
    let mut conversation = Conversation::new();
    let mut input = BytesMut::new();
    let mut sum = 0;
    for index in 0..ROUND_TRIPS {
        conversation
            .bind(&Bind {
                portal: "".into(),
                statement: "s0".into(),
                parameter_formats: vec![Format::Binary].into(),
                parameters: vec![Some(&index.to_be_bytes())],
                result_formats: vec![Format::Binary].into(),
            })
            .unwrap();
        let columns = ResultColumns::Known(Arc::clone(&columns));
        conversation.execute("", 0, columns).unwrap();
        conversation.sync().unwrap();
        sum += conversation.outgoing().len() as u64;
        conversation.sent(conversation.outgoing().len());
        input.reserve(CHUNK);
        input.extend_from_slice(&answer);
        while let Some(event) = conversation.receive(&mut input).unwrap() {
            if let Event::Reply {
                reply: Reply::Rows(rows),
                ..
            } = event
            {
                sum += rows.iter().filter_map(|row| row.get(0).flatten()).count() as u64;
            }
        }
    }
    sum
}

fn int4_stream() -> Vec<u8> {
    let mut stream = Vec::new();
    description(&[oid::INT4]).encode(&mut stream).unwrap();
    for index in 0..ROWS {
        DataRow {
            values: vec![Some(&index.to_be_bytes())],
        }
        .encode(&mut stream)
        .unwrap();
    }
    end(&mut stream, "SELECT 200000");
    stream
}

/// An int4, a text, a numeric, a timestamptz and another text.
fn five_stream() -> Vec<u8> {
    let types = [oid::INT4, oid::TEXT, oid::NUMERIC, oid::TIMESTAMPTZ, oid::TEXT];
    let mut stream = Vec::new();
    description(&types).encode(&mut stream).unwrap();
    for index in 0..ROWS {
        let name = format!("name number {index}");
        DataRow {
            values: vec![
                Some(&index.to_be_bytes()),
                Some(name.as_bytes()),
                Some(b"\0\x02\0\0\0\0\0\x02\x04\xd2\x16\x2e"),
                Some(b"\0\x02\xa3\x0b\x5c\x1d\x40\0"),
                Some(b"a text of some forty characters, or less"),
            ],
        }
        .encode(&mut stream)
        .unwrap();
    }
    end(&mut stream, "SELECT 200000");
    stream
}

fn description(types: &[u32]) -> RowDescription<'static> {
    let field = |&type_oid| FieldDescription {
        name: "column".into(),
        table_oid: 0,
        column_number: 0,
        type_oid,
        type_size: -1,
        type_modifier: -1,
        format: Format::Binary,
    };
    RowDescription {
        fields: types.iter().map(field).collect(),
    }
}

fn end(stream: &mut Vec<u8>, tag: &str) {
    CommandComplete { tag: tag.into() }.encode(stream).unwrap();
    ReadyForQuery {
        status: TransactionStatus::Idle,
    }
    .encode(stream)
    .unwrap();
}
