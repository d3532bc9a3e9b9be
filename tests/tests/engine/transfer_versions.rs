//! Transfers between servers of different versions.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use dblink_engine::connection::Connection;
use dblink_engine::transfer::{Transfer, TransferFormat};
use dblink_tests::Cluster;

use crate::conninfo::resolve;
use crate::transfer::{run, session_in, text};

/// A server of another version, in a process of its own.
struct Other {
    process: Child,
    conninfo: String,
}

impl Other {
    fn start(programs: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_throwaway"))
            .env("DBLINK_PG_BINDIR", programs)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut conninfo = String::new();
        let output = process.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut conninfo).unwrap();
        Self { process, conninfo }
    }
}

/// It stops its server at the end of its input.
impl Drop for Other {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().unwrap();
    }
}

/// The servers that `./dev servers` has fetched, where it has.
fn others() -> Vec<PathBuf> {
    let fetched = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/servers");
    let folders = [16, 17, 18].map(|version| fetched.join(version.to_string()).join("bin"));
    folders
        .into_iter()
        .filter(|folder| folder.join("postgres").is_file())
        .collect()
}

/// Of all types that go in binary format.
const TABLE: &str = "create table t as select g as i, g::int2 as s, g::int8 as l, 'x' || g as t, g / 7.0 as n, 'c'::\"char\" as c, \
        timestamptz '2000-01-01 00:00:00.5+00' + g * interval '1 hour' as z, date '2000-01-01' + g as d, make_interval(g, g, 0, g) as v, \
        time '01:02:03' as k, timetz '01:02:03+04' as tz, jsonb_build_object('g', g) as j, '{\"a\": 1}'::json as js, \
        decode(md5(g::text), 'hex') as b, array[g, null] as ia, array['x', null] as ta, g / 3.0::float8 as f, g::float4 as r, \
        g % 2 = 0 as o, md5(g::text)::uuid as u, inet '10.0.0.1/8' + g as a, cidr '10.0.0.0/8' as ci, macaddr '08:00:2b:01:02:03' as m, \
        macaddr8 '08:00:2b:01:02:03:04:05' as m8, point(g, g) as p, box(point(g, 0), point(0, g)) as bx, path '((1,2),(3,4))' as pa, \
        polygon '((1,2),(3,4))' as po, circle(point(g, 0), 1) as cr, lseg '[(1,2),(3,4)]' as ls, line '{1,2,3}' as li, \
        g::bit(8) as bi, B'101' as vb, to_tsvector('simple', 'word' || g) as tv, 'a & b'::tsquery as tq, '$.a[*]'::jsonpath as jp, \
        pg_lsn '16/B374D848' as ln, int4range(1, g + 1) as ir, tstzrange('2000-01-01', null) as tr, '{[1,3),[5,8)}'::int4multirange as mr, \
        'b'::char(4) as ch, 'n'::name as na, 7::oid as oi, '7'::xid8 as x8, '10:20:10,14'::pg_snapshot as sn \
    from generate_series(1, ROWS) g";

const CHECKSUM: &str = "select md5(string_agg(t::text, E'\\n' order by i)) || count(*) from t";

#[tokio::test]
async fn all_built_in_types_are_the_same_in_all_versions() {
    let mut here = session_in(Cluster::shared(), "postgres").await;
    run(&mut here, &TABLE.replace("ROWS", "5000")).await;
    let sum = text(&mut here, CHECKSUM).await;
    for programs in others() {
        let other = Other::start(&programs);
        let mut there = Connection::connect(&resolve(&other.conninfo)).await.unwrap();
        run(&mut there, &TABLE.replace("ROWS", "0")).await;
        for format in [TransferFormat::Auto, TransferFormat::Text] {
            let done = Transfer::table("t")
                .into("t")
                .format(format)
                .run(&mut here, &mut there)
                .await
                .unwrap();
            assert_eq!(done.rows, 5000);
            assert_eq!(
                done.format == TransferFormat::Binary,
                format == TransferFormat::Auto
            );
            assert_eq!(text(&mut there, CHECKSUM).await, sum, "to {}", programs.display());
            run(&mut here, "truncate t").await;
            Transfer::table("t")
                .into("t")
                .format(format)
                .run(&mut there, &mut here)
                .await
                .unwrap();
            assert_eq!(
                text(&mut here, CHECKSUM).await,
                sum,
                "from {}",
                programs.display()
            );
            run(&mut there, "truncate t").await;
        }
    }
}

#[tokio::test]
async fn tables_are_created_and_verified_between_all_versions() {
    let mut here = session_in(Cluster::shared(), "postgres").await;
    let table = TABLE.replace("table t as", "table versions_t as");
    run(&mut here, &table.replace("ROWS", "5000")).await;
    run(
        &mut here,
        "alter table versions_t add primary key (l, i), alter t set not null; set timezone = 'Asia/Kolkata'; \
         set intervalstyle = 'sql_standard'",
    )
    .await;
    for programs in others() {
        let other = Other::start(&programs);
        let mut there = Connection::connect(&resolve(&other.conninfo)).await.unwrap();
        for format in [TransferFormat::Auto, TransferFormat::Text] {
            let create =
                |from: &str, into: &str| Transfer::table(from).into(into).format(format).create().verify();
            let done = create("versions_t", "t")
                .run(&mut here, &mut there)
                .await
                .unwrap();
            let back = create("t", "versions_u")
                .run(&mut there, &mut here)
                .await
                .unwrap();
            assert_eq!(done.rows, 5000);
            assert_eq!(done.checksum, back.checksum, "{}", programs.display());
            for (connection, table) in [(&mut there, "t"), (&mut here, "versions_u")] {
                let key = format!(
                    "select pg_get_constraintdef(oid) from pg_constraint where conrelid = '{table}'::regclass and contype = 'p'"
                );
                assert_eq!(text(connection, &key).await, "PRIMARY KEY (l, i)");
                run(connection, &format!("drop table {table}")).await;
            }
        }
    }
    run(&mut here, "drop table versions_t").await;
}
