//! Statements that are built from rows, and the keys they are found by.

use dblink_tests::roles::TRUST_USER;

use crate::call::{Key, Values};
use crate::sequence::*;

fn counted(numbers: &[i16], count: i32) -> Key {
    Key {
        numbers: Some(numbers.to_vec()),
        count: Some(count),
    }
}

fn all(relation: &str, key: &Key, source: &Values, target: &Values) -> Vec<crate::call::Step> {
    vec![
        build_sql_insert(relation, key.clone(), source.clone(), target.clone()).into(),
        build_sql_delete(relation, key.clone(), target.clone()).into(),
        build_sql_update(relation, key.clone(), source.clone(), target.clone()).into(),
    ]
}

fn with_tables(name: impl Into<String>, steps: Vec<crate::call::Step>) -> Sequence {
    Sequence::new(name, steps)
        .setup("create table t(a int, b text, c text, primary key (b, a))")
        .setup(r"insert into t values (1, 'x', E'back\\slash ''quoted'''), (2, 'y', null), (3, E'\\', ''), (4, 'q', E'two\nlines')")
        .setup("create table single(id int primary key, v numeric, d date)")
        .setup("insert into single values (1, 1.50, '2020-02-01'), (2, null, null)")
        .setup("create table dropped(a int, gone int, b int, c text, primary key (b))")
        .setup("insert into dropped values (1, 2, 3, 'c')")
        .setup("alter table dropped drop column gone")
        .setup("create table generated(a int primary key, twice int generated always as (a * 2) stored, i int generated always as identity)")
        .setup("insert into generated values (1)")
        .setup("create table included(a int, b int, c int, primary key (a) include (b))")
        .setup("create table keyless(a int, b text)")
        .setup("insert into keyless values (1, 'x'), (1, 'y'), (null, 'z')")
        .setup("create view v as select a, b from keyless where a is null")
        .setup("create materialized view mv as select 1 as a")
        .setup("create schema other create table hidden(\"Odd name\" int primary key, \"it's\" text) create table single(x int primary key)")
        .setup("insert into other.hidden values (1, 'x')")
        .setup("create table \"Odd Table\"(a int primary key)")
        .setup("insert into \"Odd Table\" values (1)")
        .setup("create table secret(a int primary key)")
        .setup("create table empty()")
        .setup("create sequence seq")
        .setup("create table parted(a int, b int, primary key (a)) partition by list (a)")
        .setup("create table no_rows(a int, b text)")
        .setup("create unique index uniq on keyless(b)")
}

pub(crate) fn sequences() -> Vec<Sequence> {
    let relations = [
        "t",
        "single",
        "dropped",
        "generated",
        "included",
        "keyless",
        "v",
        "mv",
        "other.hidden",
        "other.single",
        "hidden",
        "\"Odd Table\"",
        "Odd Table",
        "T",
        "public.t",
        "<database>.public.t",
        "elsewhere.public.t",
        "a.b.c.d",
        "nowhere",
        "nowhere.t",
        "t_pkey",
        "seq",
        "empty",
        "parted",
        "",
        " ",
        ".",
        "t.",
        "\"",
        "pg_class",
        "it's",
        "no_rows",
    ];
    let mut sequences = vec![with_tables(
        "get_pkey",
        relations.map(get_pkey_of).into_iter().collect(),
    )];
    for relation in relations {
        let (source, target) = (values(&["1"]), values(&["9"]));
        sequences.push(with_tables(
            format!("statements for {relation:?}"),
            all(relation, &key(&[1]), &source, &target),
        ));
    }
    let null: Values = Some(vec![None]);
    let cases: Vec<(&str, &str, Key, Values, Values)> = vec![
        (
            "two attributes",
            "t",
            key(&[1, 2]),
            values(&["1", "x"]),
            values(&["9", "z"]),
        ),
        (
            "two attributes the other way round",
            "t",
            key(&[2, 1]),
            values(&["x", "1"]),
            values(&["z", "9"]),
        ),
        (
            "values to quote",
            "t",
            key(&[1]),
            values(&["1"]),
            values(&[r"it's a \"]),
        ),
        ("a key to quote", "t", key(&[2]), values(&["\\"]), values(&["\\"])),
        ("NULL in the row", "t", key(&[1]), values(&["2"]), values(&["2"])),
        (
            "an empty text in the row",
            "t",
            key(&[1]),
            values(&["3"]),
            values(&["3"]),
        ),
        ("two lines", "t", key(&[1]), values(&["4"]), values(&["4"])),
        ("a target of NULL", "t", key(&[1]), values(&["1"]), null.clone()),
        (
            "a source of NULL",
            "keyless",
            key(&[1]),
            null.clone(),
            values(&["1"]),
        ),
        ("no source row", "t", key(&[1]), values(&["77"]), values(&["9"])),
        (
            "two source rows",
            "keyless",
            key(&[1]),
            values(&["1"]),
            values(&["9"]),
        ),
        (
            "a source of another type",
            "t",
            key(&[1]),
            values(&["x"]),
            values(&["9"]),
        ),
        (
            "a target of another type",
            "t",
            key(&[1]),
            values(&["1"]),
            values(&["x"]),
        ),
        (
            "a count too large",
            "t",
            counted(&[1], 5),
            values(&["1"]),
            values(&["9"]),
        ),
        (
            "a count too small",
            "t",
            counted(&[1, 2], 1),
            values(&["1"]),
            values(&["9"]),
        ),
        (
            "a count of zero",
            "t",
            counted(&[1], 0),
            values(&["1"]),
            values(&["9"]),
        ),
        (
            "a negative count",
            "t",
            counted(&[1], -1),
            values(&["1"]),
            values(&["9"]),
        ),
        ("no attributes", "t", counted(&[], 1), values(&[]), values(&[])),
        ("attribute 0", "t", key(&[0]), values(&["1"]), values(&["9"])),
        (
            "a negative attribute",
            "t",
            key(&[-1]),
            values(&["1"]),
            values(&["9"]),
        ),
        (
            "an attribute too large",
            "t",
            key(&[4]),
            values(&["1"]),
            values(&["9"]),
        ),
        (
            "the same attribute twice",
            "t",
            key(&[1, 1]),
            values(&["1", "1"]),
            values(&["9", "8"]),
        ),
        (
            "too few sources",
            "t",
            key(&[1, 2]),
            values(&["1"]),
            values(&["9", "z"]),
        ),
        (
            "too many sources",
            "t",
            key(&[1]),
            values(&["1", "x"]),
            values(&["9"]),
        ),
        (
            "too few targets",
            "t",
            key(&[1, 2]),
            values(&["1", "x"]),
            values(&["9"]),
        ),
        (
            "too many targets",
            "t",
            key(&[1]),
            values(&["1"]),
            values(&["9", "z"]),
        ),
        ("empty arrays", "t", key(&[1]), values(&[]), values(&[])),
        (
            "an attribute behind a dropped one",
            "dropped",
            key(&[2]),
            values(&["3"]),
            values(&["9"]),
        ),
        (
            "an attribute behind the last one left",
            "dropped",
            key(&[4]),
            values(&["3"]),
            values(&["9"]),
        ),
        (
            "the attribute before a dropped one",
            "dropped",
            key(&[1]),
            values(&["1"]),
            values(&["9"]),
        ),
        (
            "a generated attribute",
            "generated",
            key(&[2]),
            values(&["2"]),
            values(&["9"]),
        ),
        (
            "a table without columns",
            "empty",
            key(&[1]),
            values(&["1"]),
            values(&["9"]),
        ),
        ("a view's row", "v", key(&[2]), values(&["z"]), values(&["9"])),
        (
            "all attributes of a row",
            "single",
            key(&[1, 2, 3]),
            values(&["1", "1.5", "2020-02-01"]),
            values(&["1", "2", "3"]),
        ),
        (
            "a hidden table's odd names",
            "other.hidden",
            key(&[2]),
            values(&["x"]),
            values(&["y"]),
        ),
    ];
    for (name, relation, key, source, target) in cases {
        sequences.push(with_tables(
            format!("statements with {name}"),
            all(relation, &key, &source, &target),
        ));
    }
    let mut steps = vec![get_pkey("secret").into(), get_pkey("t").into()];
    for relation in ["secret", "t", "other.hidden", "nowhere"] {
        steps.extend(all(relation, &key(&[1]), &values(&["1"]), &values(&["9"])));
    }
    sequences.push(
        with_tables("tables of somebody else, as an ordinary role", steps)
            .by(TRUST_USER)
            .setup("grant select on t to public"),
    );
    sequences
}

fn get_pkey_of(relation: &str) -> crate::call::Step {
    get_pkey(relation).into()
}
