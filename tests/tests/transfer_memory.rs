//! What a transfer allocates does not depend on how much it copies, nor on how fast the target is.

// Tests report by panicking.
#![allow(clippy::unwrap_used)]

use dblink_engine::connection::Connection;
use dblink_engine::conninfo::{Conninfo, ProcessEnvironment};
use dblink_engine::transfer::{Transfer, TransferFormat};
use dblink_tests::Cluster;

/// Of 1 KiB each.
const ROWS: u64 = 110_000;
const MIB: u64 = 1 << 20;

#[test]
fn a_slow_target_holds_the_source_back() {
    let cluster = Cluster::shared();
    // Each row costs the target much more than the source.
    cluster.psql(
        "create table slow (a int, b text); \
         create function work() returns trigger language plpgsql as \
             $$ begin perform length(repeat(md5(new.b), 100)); return new; end $$; \
         create trigger work before insert on slow for each row execute function work()",
    );
    let config = Conninfo::parse(cluster.conninfo())
        .unwrap()
        .resolve(&ProcessEnvironment)
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let connect = || runtime.block_on(Connection::connect(&config)).unwrap();
    let (mut from, mut to) = (connect(), connect());
    for format in [TransferFormat::Binary, TransferFormat::Text] {
        let query = format!("select generate_series(1, {ROWS}) as a, repeat('x', 1024) as b");
        let transfer = Transfer::query(query).into("slow").format(format);
        let mut copied = None;
        let peak = allocation_counter::measure(|| {
            copied = Some(runtime.block_on(transfer.run(&mut from, &mut to)).unwrap());
        })
        .bytes_max;
        let copied = copied.unwrap();
        assert_eq!(copied.rows, ROWS);
        assert!(copied.bytes > 100 * MIB, "{copied:?}");
        assert!(peak < 2 * MIB, "{peak} bytes in {format:?}");
    }
}
