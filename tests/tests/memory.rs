//! What the protocol crate and the engine allocate.

// Tests report by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

use bytes::BytesMut;
use dblink_engine::connection::Connection;
use dblink_engine::conninfo::{Conninfo, ProcessEnvironment};
use dblink_protocol::auth::AuthConfig;
use dblink_protocol::backend::{
    CommandComplete, DataRow, FieldDescription, ReadyForQuery, RowDescription, TransactionStatus,
};
use dblink_protocol::conversation::{Conversation, Event, Reply};
use dblink_protocol::handshake::{Handshake, HandshakeConfig};
use dblink_protocol::oid;
use dblink_protocol::trace::Tracer;
use dblink_protocol::wire::{Format, Message};
use dblink_tests::{Cluster, roles};
use tokio::runtime::Builder;

const MIB: u64 = 1 << 20;

/// 2 GiB announced, ten bytes sent.
fn announcement(tag: u8) -> Vec<u8> {
    let mut bytes = vec![tag];
    bytes.extend(i32::MAX.to_be_bytes());
    bytes.extend(b"0123456789");
    bytes
}

#[test]
fn two_gib_announced_and_ten_bytes_sent_cost_less_than_a_mib() {
    for tag in 0..=u8::MAX {
        let measured = allocation_counter::measure(|| {
            let mut conversation = Conversation::new();
            conversation.query("select").unwrap();
            // Also with the limit that is as high as it can be, so that the message is waited for.
            conversation.set_longest_message(u32::MAX);
            let mut input = BytesMut::from(&announcement(tag)[..]);
            drop(conversation.receive(&mut input));

            let mut handshake = Handshake::new(HandshakeConfig::new(AuthConfig::new("u", [0; 18]))).unwrap();
            let mut input = BytesMut::from(&announcement(tag)[..]);
            drop(handshake.receive(&mut input));

            let mut trace = String::new();
            Tracer::for_session().backend(None, &announcement(tag), &mut trace);
            Tracer::for_session().frontend(None, &announcement(tag), &mut trace);
        });
        assert!(measured.bytes_max < MIB, "{}: {measured:?}", tag.escape_ascii());
    }
}

#[test]
fn no_allocation_a_row() {
    const ROWS: u64 = 100_000;
    let mut stream = Vec::new();
    let field = FieldDescription {
        name: "a".into(),
        table_oid: 0,
        column_number: 0,
        type_oid: oid::TEXT,
        type_size: -1,
        type_modifier: -1,
        format: Format::Text,
    };
    RowDescription {
        fields: vec![field; 3],
    }
    .encode(&mut stream)
    .unwrap();
    for _ in 0..ROWS {
        DataRow {
            values: vec![Some(b"some text"), None, Some(b"x")],
        }
        .encode(&mut stream)
        .unwrap();
    }
    CommandComplete {
        tag: "SELECT 100000".into(),
    }
    .encode(&mut stream)
    .unwrap();
    ReadyForQuery {
        status: TransactionStatus::Idle,
    }
    .encode(&mut stream)
    .unwrap();

    let mut conversation = Conversation::new();
    conversation.query("select").unwrap();
    let mut rows = 0;
    let mut batches = 0;
    let measured = allocation_counter::measure(|| {
        let mut input = BytesMut::with_capacity(64 * 1024);
        for chunk in stream.chunks(16 * 1024) {
            input.reserve(chunk.len());
            input.extend_from_slice(chunk);
            while let Some(event) = conversation.receive(&mut input).unwrap() {
                if let Event::Reply {
                    reply: Reply::Rows(batch),
                    ..
                } = event
                {
                    batches += 1;
                    rows += batch
                        .iter()
                        .filter(|row| row.values().flatten().count() == 2)
                        .count() as u64;
                }
            }
        }
    });
    assert_eq!(rows, ROWS);
    assert!(conversation.is_idle());
    assert!(
        measured.count_total <= 2 * batches + 20,
        "{batches} batches: {measured:?}"
    );
    assert!(
        measured.bytes_max < MIB / 2,
        "it stays flat: {measured:?}, of {} bytes received",
        stream.len()
    );
}

/// Ten million rows through a session, each read: no more memory than a few of them take.
#[test]
fn ten_million_rows_in_flat_memory() {
    const ROWS: i32 = 10_000_000;
    let cluster = Cluster::shared();
    let conninfo = format!(
        "host=127.0.0.1 port={} dbname=postgres user={}",
        cluster.port(),
        roles::TRUST_USER
    );
    let config = Conninfo::parse(&conninfo)
        .unwrap()
        .resolve(&ProcessEnvironment)
        .unwrap();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let mut connection = runtime.block_on(Connection::connect(&config)).unwrap();
    let measured = allocation_counter::measure(|| {
        runtime.block_on(async {
            let query = format!("select g, 'row ' || g from generate_series(1, {ROWS}) g");
            let mut rows = connection.query(&query, &[]).await.unwrap();
            let mut count = 0;
            while let Some(row) = rows.next().await.unwrap() {
                count += 1;
                assert_eq!(row.get::<i32>(0).unwrap(), count);
            }
            assert_eq!(count, ROWS);
        });
    });
    println!("{measured:?}");
    assert!(measured.bytes_max < MIB, "{measured:?}");
}
