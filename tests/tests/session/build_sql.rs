//! `get_pkey` and the statement builders, compared with PostgreSQL's own on tables that dice have made up.

use dblink_engine::session::{Attnums, Error, Session, Texts};
use dblink_tests::{Cluster, roles};

use crate::samples::{BUILT_IN, CITEXT, Dice, HSTORE, PREPARE, Sample};
use crate::support::{local_to, text_rows};
use crate::tables::{Kind, Names, Table, quoted};

/// A row's values as the server writes them.
type Row = Vec<Option<String>>;

/// What the three builders are called with.
#[derive(Debug, Clone)]
struct Call {
    attnums: Vec<i16>,
    n: i32,
    src: Row,
    tgt: Row,
}

/// Calls PostgreSQL's own functions, and tells an error as we tell ours.
const THEIRS: &str = "
    create function pg_temp.built(what text, rel text, attnums int2vector, n int, src text[], tgt text[])
        returns text language plpgsql as $$
    begin
        return case what
            when 'insert' then dblink_build_sql_insert(rel, attnums, n, src, tgt)
            when 'update' then dblink_build_sql_update(rel, attnums, n, src, tgt)
            else dblink_build_sql_delete(rel, attnums, n, tgt)
        end;
    exception when others then return sqlstate || ' ' || sqlerrm;
    end $$;
    create function pg_temp.pkey(rel text) returns text language plpgsql as $$
    begin
        return (select coalesce(string_agg(position || ' ' || colname, ',' order by position), '')
            from dblink_get_pkey(rel));
    exception when others then return sqlstate || ' ' || sqlerrm;
    end $$";

/// A session whose local database is a new one, with PostgreSQL's own module in it.
async fn beside_the_module(database: &str) -> Session {
    Cluster::shared().psql(&format!("create database {database}"));
    let mut session = Session::builder().local(local_to(database).await).build();
    let local = session.local().unwrap();
    for prepare in ["create extension dblink", THEIRS, PREPARE] {
        local.batch_execute(prepare).await.unwrap();
    }
    session
}

/// The types that this server has, and values of them.
async fn samples(session: &mut Session) -> Vec<Sample> {
    let local = session.local().unwrap();
    let mut samples = BUILT_IN.to_vec();
    for sample in [HSTORE, CITEXT] {
        let create = format!("create extension {}", sample.type_name);
        match local.batch_execute(&create).await {
            Ok(()) => samples.push(sample),
            // It is not installed.
            Err(error) => assert!(["58P01", "0A000"].contains(&error.sqlstate().as_str()), "{error}"),
        }
    }
    if let Err(error) = local.batch_execute("select '<a/>'::xml").await {
        assert_eq!(
            error.sqlstate().as_str(),
            "0A000",
            "it was built without XML: {error}"
        );
        samples.retain(|sample| sample.type_name != "xml");
    }
    samples
}

fn told(built: Result<String, Error>) -> String {
    built.unwrap_or_else(|error| format!("{} {}", error.sqlstate(), error.message()))
}

/// What PostgreSQL's own functions give, all at once: for each call the INSERT, the UPDATE and the DELETE.
async fn theirs(session: &mut Session, relation: &str, calls: &[Call]) -> Vec<Row> {
    let local = session.local().unwrap();
    let texts = |text: fn(&Call) -> String| calls.iter().map(text).collect::<Vec<_>>();
    let attnums = texts(|call| vector(&call.attnums));
    let n: Vec<_> = calls.iter().map(|call| call.n).collect();
    let (src, tgt) = (texts(|call| array(&call.src)), texts(|call| array(&call.tgt)));
    let sql = "
        select pg_temp.built('insert', $1, a::int2vector, n, src::text[], tgt::text[]),
            pg_temp.built('update', $1, a::int2vector, n, src::text[], tgt::text[]),
            pg_temp.built('delete', $1, a::int2vector, n, src::text[], tgt::text[])
        from unnest($2::text[], $3::int[], $4::text[], $5::text[]) with ordinality as c(a, n, src, tgt, number)
        order by number";
    let rows = local
        .query_all(sql, &[&relation, &attnums, &n, &src, &tgt])
        .await
        .unwrap();
    rows.iter()
        .map(|row| (0..3).map(|column| row.get(column).unwrap()).collect())
        .collect()
}

/// What ours give.
async fn ours(session: &mut Session, relation: &str, call: &Call, spelled: bool) -> Row {
    let Call { attnums, n, src, tgt } = call;
    let (src, tgt): (Vec<_>, Vec<_>) = (
        src.iter().map(Option::as_deref).collect(),
        tgt.iter().map(Option::as_deref).collect(),
    );
    let spellings = (vector(attnums), array(&call.src), array(&call.tgt));
    let (attnums, src, tgt) = if spelled {
        (
            Attnums::Text(&spellings.0),
            Texts::Literal(&spellings.1),
            Texts::Literal(&spellings.2),
        )
    } else {
        (
            Attnums::Numbers(attnums),
            Texts::Values(&src),
            Texts::Values(&tgt),
        )
    };
    let insert = session.build_sql_insert(relation, attnums, *n, src, tgt).await;
    let update = session.build_sql_update(relation, attnums, *n, src, tgt).await;
    let delete = session.build_sql_delete(relation, attnums, *n, tgt).await;
    [insert, update, delete].map(|built| Some(told(built))).into()
}

/// Compares both, and gives the statements.
async fn compare(session: &mut Session, relation: &str, calls: &[Call]) -> Vec<Row> {
    let theirs = theirs(session, relation, calls).await;
    for ((number, call), theirs) in calls.iter().enumerate().zip(&theirs) {
        let ours = ours(session, relation, call, number % 2 == 0).await;
        assert_eq!(&ours, theirs, "{relation} {call:?}");
    }
    theirs
}

/// As the server reads an `int2vector`.
fn vector(numbers: &[i16]) -> String {
    numbers.iter().map(i16::to_string).collect::<Vec<_>>().join(" ")
}

/// As the server reads a `text[]`.
fn array(values: &[Option<String>]) -> String {
    let elements = values.iter().map(|value| match value {
        Some(value) => format!("\"{}\"", value.replace('\\', r"\\").replace('"', "\\\"")),
        None => "NULL".to_owned(),
    });
    format!("{{{}}}", elements.collect::<Vec<_>>().join(","))
}

/// The values of these columns.
fn picked(row: &[Option<String>], attnums: &[i16]) -> Row {
    attnums
        .iter()
        .map(|number| row[usize::try_from(*number).unwrap() - 1].clone())
        .collect()
}

/// All rows of a table, each as a text.
async fn contents(session: &mut Session, table: &str) -> Vec<Row> {
    let sql = format!("select t::text from {table} as t order by t::text collate \"C\"");
    text_rows(session.local().unwrap(), &sql).await
}

async fn run(session: &mut Session, sql: &str) {
    session
        .local()
        .unwrap()
        .batch_execute(sql)
        .await
        .unwrap_or_else(|error| panic!("{error}: {sql}"));
}

/// Executes what was built for each row, with its own key, on the table's empty copy.
async fn replay(session: &mut Session, table: &Table, built: &[Row]) {
    let relation = &table.relation;
    let column = |at: usize| {
        built
            .iter()
            .map(|row| row[at].clone().unwrap())
            .collect::<Vec<_>>()
            .join(";")
    };
    let (here, there) = (format!("here.{relation}"), format!("there.{relation}"));
    run(session, "set search_path to there, public").await;
    if table.is_made() {
        let error = session
            .local()
            .unwrap()
            .batch_execute(&column(0))
            .await
            .unwrap_err();
        assert_eq!(error.sqlstate().as_str(), "428C9", "{error}");
    } else {
        run(session, &column(0)).await;
        assert_eq!(contents(session, &there).await, contents(session, &here).await);
        let others = (1..)
            .zip(&table.columns)
            .filter(|(number, _)| !table.key.contains(number));
        let nulls: Vec<_> = others
            .filter(|(_, column)| matches!(column.kind, Kind::Of(_) | Kind::ArrayOf(_)))
            .map(|(_, column)| format!("{} = null", quoted(&column.name)))
            .collect();
        run(session, &format!("update {there} set {}", nulls.join(", "))).await;
        run(session, &column(1)).await;
        assert_eq!(contents(session, &there).await, contents(session, &here).await);
        run(session, &column(2)).await;
        assert!(contents(session, &there).await.is_empty());
    }
    run(session, "set search_path to here, public").await;
}

/// Tables of every type, with thousands of rows.
#[tokio::test]
async fn what_is_built_is_what_the_module_builds() {
    let mut session = beside_the_module("generated").await;
    let samples = samples(&mut session).await;
    run(
        &mut session,
        "create schema here; create schema there; set search_path to here, public",
    )
    .await;
    let mut names = Names::new(&mut session).await;
    let mut dice = Dice::new(20_261_122);
    let (mut rows_seen, mut statements, mut errors) = (0, 0, 0);
    for round in 0..4 {
        for of in samples.chunks(7) {
            // The shape of a value in text depends on these.
            let setting = [
                "bytea_output to escape",
                "datestyle to 'SQL, DMY'",
                "standard_conforming_strings to off",
            ][round % 3];
            run(
                &mut session,
                &format!(
                    "reset bytea_output; reset datestyle; reset standard_conforming_strings; set escape_string_warning to off;
                    set {setting}"
                ),
            )
            .await;
            let table = Table::make(&mut session, &mut names, &mut dice, of, 40).await;
            let relation = &table.relation;
            let pkey = told_pkey(&mut session, relation).await;
            assert_eq!(pkey.0, pkey.1, "{relation}");

            let local = session.local().unwrap();
            let rows = text_rows(local, &format!("select * from {relation}")).await;
            let n = i32::try_from(table.key.len()).unwrap();
            let itself = |row: &Row| Call {
                attnums: table.key.clone(),
                n,
                src: picked(row, &table.key),
                tgt: picked(row, &table.key),
            };
            let own: Vec<_> = rows.iter().map(itself).collect();
            let built = compare(&mut session, relation, &own).await;
            replay(&mut session, &table, &built).await;

            let any = rows.iter().map(|row| {
                let attnums: Vec<_> = (0..=dice.below(3))
                    .map(|_| i16::try_from(1 + dice.below(row.len())).unwrap())
                    .collect();
                Call {
                    n: i32::try_from(attnums.len() + dice.below(3)).unwrap(),
                    src: picked(row, &attnums),
                    tgt: attnums
                        .iter()
                        .map(|_| Some(dice.word()).filter(|_| dice.below(4) > 0))
                        .collect(),
                    attnums,
                }
            });
            let any: Vec<_> = any.collect();
            let built_too = compare(&mut session, &format!("here.{relation}"), &any).await;

            rows_seen += rows.len();
            for text in built.into_iter().chain(built_too).flatten().flatten() {
                let built = ["INSERT ", "UPDATE ", "DELETE "]
                    .iter()
                    .any(|word| text.starts_with(word));
                statements += usize::from(built);
                errors += usize::from(!built);
            }
        }
    }
    println!("{rows_seen} rows, {statements} statements, {errors} errors");
    assert!(
        rows_seen > 2000 && statements > 10_000 && errors > 1000,
        "{rows_seen} {statements} {errors}"
    );
}

/// Both keys, told alike.
async fn told_pkey(session: &mut Session, relation: &str) -> (String, String) {
    let ours = session.get_pkey(relation).await.map(|columns| {
        let texts = columns
            .iter()
            .map(|column| format!("{} {}", column.position, column.name));
        texts.collect::<Vec<_>>().join(",")
    });
    let local = session.local().unwrap();
    let theirs = local
        .query_one("select pg_temp.pkey($1)", &[&relation])
        .await
        .unwrap();
    (told(ours), theirs.get(0).unwrap())
}

/// A type that is not in the list would be one that nobody has compared.
#[tokio::test]
async fn no_type_is_forgotten() {
    let mut session = beside_the_module("types").await;
    let samples = samples(&mut session).await;
    let names: Vec<_> = samples.iter().map(|sample| sample.type_name).collect();
    // Types that have no literals, and that of indexes.
    let sql = "
        select t.typname::text from pg_type t
        where t.typtype in ('b', 'r', 'm') and t.typnamespace = 'pg_catalog'::regnamespace and t.typelem = 0
            and t.typname not in ('pg_node_tree', 'pg_ndistinct', 'pg_dependencies', 'pg_mcv_list', 'gtsvector',
                'pg_brin_bloom_summary', 'pg_brin_minmax_multi_summary')
            and (t.typname <> 'xml' or 'xml' = any ($1))
            and not exists (select from unnest($1::text[]) as s where to_regtype(s) = t.oid)";
    let rows = session.local().unwrap().query_all(sql, &[&names]).await.unwrap();
    let forgotten: Vec<String> = rows.iter().map(|row| row.get(0).unwrap()).collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}

/// Names as nobody should write them, and what is no table.
#[tokio::test]
async fn relations_are_found_as_the_module_finds_them() {
    let mut session = beside_the_module("relations").await;
    let long = "é".repeat(40);
    run(
        &mut session,
        &format!(
            "create table t (a int primary key, b text); create table \"T\" (b int, a int, primary key (a, b));
            insert into t values (1, 'x'); insert into \"T\" values (1, 2);
            create table \"a.b\" (a int); create table \"1\" (a int); create table \"-\" (a int);
            create table \"{long}\" (a int primary key);
            create index i on t (b); create view v as select * from t; create materialized view m as select * from t;
            create sequence s; create type c as (a int); create table p (a int primary key) partition by range (a);
            create table p1 partition of p default; insert into p values (1); create index pi on p (a);
            create foreign data wrapper w; create server f foreign data wrapper w;
            create foreign table ft (a int) server f; create temp table tt (a int, primary key (a));
            create unlogged table u (a int); create table nothing (); create table child (d int) inherits (t);
            create schema \"{long}\"; create schema far create table t (z int primary key) create table away (z int primary key);
            insert into far.t values (1)"
        ),
    )
    .await;
    let names = [
        "t",
        " t ",
        "T",
        "\"T\"",
        "\"t\"",
        "public.t",
        "PUBLIC.\"T\"",
        " public . t ",
        "far.t",
        "far.away",
        "away",
        "relations.public.t",
        "postgres.public.t",
        "a.b.c.d",
        "a.b.c.d.e",
        "nowhere.t",
        "nowhere.nothing",
        "public.none",
        "none",
        "",
        " ",
        "\"",
        "\"\"",
        "t\"",
        "\"t",
        "t.",
        ".t",
        "t..t",
        "a b",
        "t;",
        "t--",
        "\"a.b\"",
        "a.b",
        "1",
        "\"1\"",
        " 1 ",
        "1a",
        "-",
        "\"-\"",
        "+",
        "1.5",
        "0",
        "1259",
        "pg_class",
        "pg_catalog.pg_class",
        "information_schema.tables",
        "i",
        "pi",
        "v",
        "m",
        "s",
        "c",
        "p",
        "p1",
        "ft",
        "tt",
        "pg_temp.tt",
        "pg_temp.t",
        "u",
        "nothing",
        "child",
        "é",
        "\"é\"",
        "U&\"t\"",
        "E't'",
        "'t'",
        "$1",
        "t_pkey",
        "public.i",
        "pg_toast.pg_toast_1255",
        &long,
        &format!("{long}.none"),
        &format!("\"{long}\".none"),
        &format!("{long}nowhere.none"),
        &format!("n{long}.none"),
        "pg_temp.none",
        "pg_temp_1.none",
        &format!("{long}x"),
        &format!("\"{long}\""),
        "t\n",
        "\tt",
        "t\u{a0}",
        "public.\"t\"",
        "public\".t",
        "public.t.a",
        "*",
        "(t)",
    ];
    let call = Call {
        attnums: vec![1],
        n: 1,
        src: vec![Some("1".to_owned())],
        tgt: vec![Some("2".to_owned())],
    };
    let mut differences = Vec::new();
    for role in [roles::SUPERUSER, roles::TRUST_USER] {
        run(&mut session, &format!("set role {role}")).await;
        for name in names {
            let (mut ours_told, mut theirs_told) = (vec![], vec![]);
            let (pkey, theirs_pkey) = told_pkey(&mut session, name).await;
            ours_told.push(Some(pkey));
            theirs_told.push(Some(theirs_pkey));
            ours_told.extend(ours(&mut session, name, &call, false).await);
            theirs_told.extend(
                theirs(&mut session, name, std::slice::from_ref(&call))
                    .await
                    .remove(0),
            );
            if ours_told != theirs_told {
                differences.push(format!(
                    "{name:?} as {role}: {ours_told:?}, and theirs {theirs_told:?}"
                ));
            }
        }
    }
    assert!(differences.is_empty(), "{differences:#?}");
}
