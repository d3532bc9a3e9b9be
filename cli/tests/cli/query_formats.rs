//! `dblink query`: what rows look like.

use dblink_tests::Cluster;

use crate::support::{Said, conn, database, dblink, psql_csv, run};

/// Values that some format has to take care of.
const VALUES: &str = r#"values
    (1, 'plain', null::text), (2, '', ''), (3, 'a,b', 'a"b'), (4, '"', E'line\nfeed'), (5, E'carriage\rreturn', E'\r\n'),
    (6, '\.', '\.x'), (7, '\', '\N'), (8, E'tab\tbed', E'\v\f\b\x01'), (9, 'ünïcödé 日本', '🐘'), (10, ' spaces ', ';'),
    (11, repeat('long', 5000), repeat('"', 100))
    union all select i, chr(i), 'a' || chr(i) || 'z' from generate_series(1, 160) as i"#;

#[track_caller]
fn query(format: &str, sql: &str) -> String {
    let said = run(["query", &conn(), sql, "--format", format]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{sql}");
    said.out
}

#[test]
fn csv_has_the_same_bytes_as_psqls() {
    let queries = [
        VALUES,
        "select",
        "select from generate_series(1, 3)",
        "select 1 where false",
        "select 1 as a, 2 as b where false",
        "select ''",
        "select null",
        r"select '\.'",
        "select 1 as \"a,b\", 2 as \"c\nd\", 3 as \"e\"\"f\", 4 as \"\\.\", 5 as \"é\"",
        "select true, 1::int2, -1::int8, 1.50, 'NaN'::float8, '-Infinity'::float4, 1e300::float8, '$1,000'::money",
        "select '2026-01-02'::date, '2026-01-02 03:04:05.678+09'::timestamptz, '1 day 2 hours'::interval, 'infinity'::date",
        r#"select '\x00ff'::bytea, B'101', '{1,NULL,3}'::int[], array['a,b', 'c""d', null], row(1, 'x y', null)"#,
        r#"select '{"a": [1, null]}'::jsonb, '{"a":  1}'::json, '<a>b</a>'::xml, '(1,2)'::point, '[1,5)'::int4range"#,
        "select '192.168.0.1/24'::inet, 'a b'::tsvector, '00000000-0000-0000-0000-000000000001'::uuid, 'x'::\"char\"",
        "select * from pg_type order by oid",
        "select * from pg_proc order by oid",
        "select 1 as a; select 2 as b; select 3 as c where false; select",
        "create temp table n (a int); insert into n values (1), (null) returning a, a + 1 as b",
        "explain (costs off) select 1",
        "show server_version",
        "",
        ";",
    ];
    for sql in queries {
        let said = run(["query", &conn(), sql]);
        assert_eq!(said.code, Some(0), "{sql}\n{}", said.err);
        assert!(said.out == psql_csv(sql), "{sql}\n{}", said.out);
    }
}

#[test]
fn tsv_has_the_same_bytes_as_copy_writes() {
    for sql in [
        VALUES,
        "select 1 as \"a\tb\", 2 as \"\\\"",
        "select 1 as a where false",
        "select from generate_series(1, 2)",
    ] {
        let copied = Cluster::shared()
            .psql_command()
            .args(["--command", &format!("copy ({sql}) to stdout with (header)")])
            .output()
            .unwrap();
        assert_eq!(query("tsv", sql), Said::from(copied).out, "{sql}");
    }
}

#[test]
fn a_line_of_jsonl_is_what_the_server_reads_as_json() {
    // The server compares, value by value, what its own functions make of the row and what was printed.
    let sql = format!(
        "select v.*, v.column1 > 3 as b, jsonb_build_object('k', v.column2) as j, v.column1 / 7::numeric as n from ({VALUES}) as v"
    );
    let name = database("jsonl_read");
    let said = run(["query", &name, &sql, "--format", "jsonl"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert_eq!(said.out.lines().count(), 171);
    let lines: Vec<_> = said.out.lines().map(|line| line.replace('\'', "''")).collect();
    let lines = lines.join("'), ('");
    let same = format!(
        "select count(*) from (select to_jsonb(r) from ({sql}) as r intersect select l::jsonb from (values ('{lines}')) as t (l)) as s"
    );
    assert_eq!(Cluster::shared().psql(&same), "171");
}

#[test]
fn jsonl_writes_json_for_what_is_json() {
    let sql = r#"select 1 as int, -1.50 as numeric, 1e-7::float8 as float, 'NaN'::numeric as nan, '-Infinity'::float8 as inf,
        true as yes, false as no, null::int as null, '{"a":
            [1, null]}'::json as json, '{"b":{}}'::jsonb as jsonb, 'null'::jsonb as jnull,
        'a"b\c' as text, '{1,2}'::int[] as array, '1 day'::interval as interval, '\x00'::bytea as bytea"#;
    insta::assert_snapshot!(query("jsonl", sql), @r#"{"int":1,"numeric":-1.50,"float":1e-07,"nan":"NaN","inf":"-Infinity","yes":true,"no":false,"null":null,"json":{"a":             [1, null]},"jsonb":{"b": {}},"jnull":null,"text":"a\"b\\c","array":"{1,2}","interval":"1 day","bytea":"\\x00"}"#);
}

#[test]
fn a_name_is_once_in_an_object() {
    let sql = "select 1 as a, 2 as a, 3 as a_2, 4 as a, 5 as \"q\"\"\"";
    insta::assert_snapshot!(query("jsonl", sql), @r#"{"a":1,"a_3":2,"a_2":3,"a_4":4,"q\"":5}"#);
    assert_eq!(query("jsonl", "select from generate_series(1, 2)"), "{}\n{}\n");
    assert_eq!(query("jsonl", "select 1 where false"), "");
}

#[test]
fn a_table_is_for_people() {
    let sql = r"select 1 as id, 'Köln' as name, 1084831 as people, 2.5 as n union all
        select 20, '京都市', null, -10 union all select 300, E'two\nlines', 0, 0 union all select 4, '', 1, null
        union all select 5, E'\x1b[31m\t', 1, 1";
    insta::assert_snapshot!(query("table", sql), @r"
      id |       name       |  people |   n
    -----+------------------+---------+------
       1 | Köln             | 1084831 |  2.5
      20 | 京都市           |    NULL |  -10
     300 | two              |       0 |    0
         | lines            |         |
       4 |                  |       1 | NULL
       5 | \x1B[31m         |       1 |    1
    (5 rows)
    ");
}

#[test]
fn a_table_of_nothing() {
    insta::assert_snapshot!(query("table", "select 1 as a, 2 as b where false"), @r"
     a | b
    ---+---
    (0 rows)
    ");
    insta::assert_snapshot!(query("table", "select from generate_series(1, 3)"), @"(3 rows)");
    insta::assert_snapshot!(query("table", "select 1 as a; select 2 as b"), @r"
     a
    ---
     1
    (1 row)

     b
    ---
     2
    (1 row)
    ");
}

/// The first rows say how wide the columns are; what is wider is broken.
#[test]
fn a_long_table_keeps_its_widths() {
    let table = query(
        "table",
        "select i, case when i = 5000 then repeat('word ', 8) else 'some text' end as t from generate_series(1, 5000) i",
    );
    let lines: Vec<_> = table.lines().collect();
    insta::assert_snapshot!(lines[..4].join("\n"), @r"
       i  |     t
    ------+-----------
        1 | some text
        2 | some text
    ");
    insta::assert_snapshot!(lines[4998..].join("\n"), @r"
     4997 | some text
     4998 | some text
     4999 | some text
     5000 | word word
          | word word
          | word word
          | word word
    (5000 rows)
    ");
}

#[test]
fn the_format_may_be_any_of_four() {
    let said = run(["query", &conn(), "select 1", "--format", "xml"]);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    insta::assert_snapshot!(said.err, @r"
    dblink: invalid value 'xml' for '--format <FORMAT>'
      [possible values: table, csv, tsv, jsonl]

    For more information, try '--help'.
    ");
}

/// Other encodings are for those formats that pass values on as they are.
#[test]
fn another_encoding_is_kept_where_values_are_not_looked_into() {
    let said = |format: &str| {
        let mut command = dblink();
        command.env("PGCLIENTENCODING", "LATIN1");
        command.args(["query", &conn(), "select chr(228) as a", "--format", format]);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{format}");
        output.stdout
    };
    assert_eq!(said("jsonl"), "{\"a\":\"ä\"}\n".as_bytes());
    assert_eq!(said("table"), " a\n---\n ä\n(1 row)\n\n".as_bytes());
    assert_eq!(said("csv"), b"a\n\xe4\n");
    assert_eq!(said("tsv"), b"a\n\xe4\n");
}
