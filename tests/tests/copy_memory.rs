//! What a COPY of a million rows allocates: no more than one of a few.

// Tests report by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

use dblink_engine::connection::Connection;
use dblink_engine::conninfo::{Conninfo, ProcessEnvironment};
use dblink_tests::{Cluster, roles};
use postgres_types::Type;

const ROWS: i32 = 1_000_000;
const MIB: u64 = 1 << 20;

/// The most that was allocated at once while `work` went on.
fn peak(runtime: &tokio::runtime::Runtime, work: impl Future<Output = ()>) -> u64 {
    allocation_counter::measure(|| runtime.block_on(work)).bytes_max
}

#[test]
fn a_million_rows_each_way() {
    let cluster = Cluster::shared();
    let config = Conninfo::parse(format!(
        "host={} port={} user={} dbname=postgres",
        cluster.socket_dir().display(),
        cluster.port(),
        roles::SUPERUSER
    ))
    .unwrap()
    .resolve(&ProcessEnvironment)
    .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut connection = runtime.block_on(Connection::connect(&config)).unwrap();
    runtime
        .block_on(connection.execute("create temp table t (a int, b text)", &[]))
        .unwrap();

    let peaks = [
        peak(&runtime, async {
            let mut copy = connection.copy_in("copy t from stdin").await.unwrap();
            for number in 0..ROWS {
                copy.send(format!("{number}\tsome text\n").as_bytes())
                    .await
                    .unwrap();
            }
            assert_eq!(copy.finish().await.unwrap(), 1_000_000);
        }),
        peak(&runtime, async {
            let mut copy = connection.copy_out("copy t to stdout").await.unwrap();
            let mut rows = 0;
            while let Some(batch) = copy.next_batch().await.unwrap() {
                rows += batch.len();
            }
            assert_eq!(rows, 1_000_000);
        }),
        peak(&runtime, async {
            connection.execute("truncate t", &[]).await.unwrap();
            let copy = connection
                .copy_in("copy t from stdin (format binary)")
                .await
                .unwrap();
            let mut rows = copy.binary(&[Type::INT4, Type::TEXT]).unwrap();
            for number in 0..ROWS {
                rows.send(&[&number, &"some text"]).await.unwrap();
            }
            assert_eq!(rows.finish().await.unwrap(), 1_000_000);
        }),
        peak(&runtime, async {
            let copy = connection
                .copy_out("copy t to stdout (format binary)")
                .await
                .unwrap();
            let mut rows = copy.binary(&[Type::INT4, Type::TEXT]).unwrap();
            let mut sum = 0;
            while let Some(row) = rows.next().await.unwrap() {
                sum += i64::from(row.get::<i32>(0).unwrap());
            }
            assert_eq!(sum, i64::from(ROWS) * i64::from(ROWS - 1) / 2);
        }),
    ];
    assert!(peaks.iter().all(|peak| *peak < MIB), "{peaks:?}");
}
