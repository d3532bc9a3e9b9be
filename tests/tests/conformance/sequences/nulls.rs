//! NULL in the place of each argument.

use crate::call::{Key, Null, Unnamed};
use crate::place::REMOTE;
use crate::sequence::*;

pub(crate) fn sequences() -> Vec<Sequence> {
    let no_key = |numbers: Option<&[i16]>, count| Key {
        numbers: numbers.map(<[i16]>::to_vec),
        count,
    };
    vec![
        sequence!["NULL for a connection";
            connect(Unnamed, Null),
            connect(Null, REMOTE),
            connect("n", Null),
            connect_u(Unnamed, Null),
            connect_u(Null, REMOTE),
            connect_u("n", Null),
            get_connections(),
            disconnect(Null),
        ],
        sequence!["NULL for a statement or a connection's name";
            connect(Unnamed, REMOTE),
            connect("n", REMOTE),
            query(Unnamed, Null).columns("a int"),
            query(Null, "create table t(a int)").columns("a text"),
            query("n", Null).columns("a int"),
            query("n", "create table t(a int)").columns("a text").fail_null(),
            query(Unnamed, "create table t(a int)").columns("a text").fail_null(),
            exec(Unnamed, Null),
            exec(Null, "create table t(a int)"),
            exec("n", Null),
            exec("n", "create table t(a int)").fail_null(),
            exec(Unnamed, "create table t(a int)").fail_null(),
            bystander("select to_regclass('t')"),
            send_query(Null, "create table t(a int)"),
            send_query("n", Null),
            is_busy(Null),
            is_busy("n"),
            get_result(Null).columns("a int"),
            get_result("n").columns("a int").fail_null(),
            cancel_query(Null),
            error_message(Null),
            get_notify(Null),
        ],
        sequence!["NULL for a cursor";
            connect(Unnamed, REMOTE),
            connect("n", REMOTE),
            open(Unnamed, Null, "select 1"),
            open(Unnamed, "c", Null),
            open(Null, "c", "select 1"),
            open("n", Null, "select 1"),
            open("n", "c", Null),
            open("n", "c", "select 1").fail_null(),
            open(Unnamed, "c", "select 1").fail_null(),
            fetch(Unnamed, Null, 1).columns("a int"),
            fetch(Unnamed, "c", None).columns("a int"),
            fetch(Null, "c", 1).columns("a int"),
            fetch("n", Null, 1).columns("a int"),
            fetch("n", "c", None).columns("a int"),
            fetch("n", "c", 1).columns("a int").fail_null(),
            fetch(Unnamed, "c", 1).columns("a int").fail_null(),
            close(Unnamed, Null),
            close(Null, "c"),
            close("n", Null),
            close("n", "c").fail_null(),
            close(Unnamed, "c").fail_null(),
            remote_states(),
        ],
        sequence!["NULL for a relation, a key or values";
            get_pkey(Null),
            build_sql_insert(Null, key(&[1]), values(&["1"]), values(&["1"])),
            build_sql_insert("t", no_key(None, Some(1)), values(&["1"]), values(&["1"])),
            build_sql_insert("t", no_key(Some(&[1]), None), values(&["1"]), values(&["1"])),
            build_sql_insert("t", key(&[1]), None, values(&["1"])),
            build_sql_insert("t", key(&[1]), values(&["1"]), None),
            build_sql_delete(Null, key(&[1]), values(&["1"])),
            build_sql_delete("t", no_key(None, Some(1)), values(&["1"])),
            build_sql_delete("t", no_key(Some(&[1]), None), values(&["1"])),
            build_sql_delete("t", key(&[1]), None),
            build_sql_update(Null, key(&[1]), values(&["1"]), values(&["1"])),
            build_sql_update("t", no_key(None, Some(1)), values(&["1"]), values(&["1"])),
            build_sql_update("t", no_key(Some(&[1]), None), values(&["1"]), values(&["1"])),
            build_sql_update("t", key(&[1]), None, values(&["1"])),
            build_sql_update("t", key(&[1]), values(&["1"]), None),
        ]
        .setup("create table t(a int primary key)")
        .setup("insert into t values (1)"),
    ]
}
