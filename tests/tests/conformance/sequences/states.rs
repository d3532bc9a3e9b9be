//! Every call in every state that a connection can be in.

use crate::call::{Call, Step, Text, Unnamed};
use crate::place::REMOTE;
use crate::sequence::*;

/// A state, and how a connection gets there.
struct State {
    name: &'static str,
    /// After it was connected.
    steps: fn(&Text) -> Vec<Step>,
    /// Whether the unnamed connection can get there.
    unnamed: bool,
    /// Calls by which the C module would hang.
    hangs: &'static [&'static str],
}

/// Two results.
const TWO: &str = "select 7; select 8";

/// The name of the state in which the bystander holds what the query waits for.
const RUNNING: &str = "with a query that runs";

const STATES: [State; 13] = [
    State {
        name: "missing",
        steps: |name| vec![disconnect(name).into()],
        unnamed: true,
        hangs: &[],
    },
    State {
        name: "idle",
        steps: |_| Vec::new(),
        unnamed: true,
        hangs: &[],
    },
    State {
        name: "in a transaction",
        steps: |name| vec![exec(name, "begin").into()],
        unnamed: true,
        hangs: &[],
    },
    State {
        name: "with an open cursor",
        steps: |name| vec![open(name, "c", "select generate_series(1, 3)").into()],
        unnamed: true,
        hangs: &[],
    },
    State {
        name: "in a failed transaction",
        steps: |name| {
            vec![
                exec(name, "begin").into(),
                exec(name, "drop table nowhere").fail(false).into(),
            ]
        },
        unnamed: true,
        hangs: &[],
    },
    State {
        name: "with a cursor in a failed transaction",
        steps: |name| {
            vec![
                open(name, "c", "select generate_series(1, 3)").into(),
                exec(name, "drop table nowhere").fail(false).into(),
            ]
        },
        unnamed: true,
        hangs: &[],
    },
    State {
        name: "with a result that waits",
        steps: |name| vec![send_query(name, TWO).into(), until_answered(TWO)],
        unnamed: false,
        hangs: &[],
    },
    State {
        name: RUNNING,
        steps: |name| vec![hold_lock(), send_query(name, WAITS).into(), until_waits()],
        unnamed: false,
        hangs: &[],
    },
    State {
        name: "with a cursor and a result that waits",
        steps: |name| {
            vec![
                open(name, "c", "select generate_series(1, 3)").into(),
                send_query(name, TWO).into(),
                until_answered(TWO),
            ]
        },
        unnamed: false,
        hangs: &[],
    },
    State {
        name: "with the end of results that waits",
        steps: |name| {
            vec![
                send_query(name, "select 7").into(),
                until_answered("select 7"),
                get_result(name).columns("a int").into(),
            ]
        },
        unnamed: false,
        hangs: &[],
    },
    State {
        name: "in COPY FROM STDIN",
        steps: |name| vec![exec(name, "copy t from stdin").into()],
        unnamed: true,
        hangs: &["query", "get_result"],
    },
    State {
        name: "in COPY TO STDOUT",
        steps: |name| vec![exec(name, "copy t to stdout").into()],
        unnamed: true,
        hangs: &["query", "get_result"],
    },
    State {
        name: "dead",
        steps: |_| vec![terminate(), until_sessions(0)],
        unnamed: true,
        hangs: &[],
    },
];

/// All calls on a connection, by name.
fn calls(name: &Text) -> Vec<(&'static str, Call)> {
    let statement = "create table made(a int)";
    let mut calls = vec![
        ("query", query(name, "select 1").columns("a int")),
        (
            "query, false",
            query(name, "select 1").columns("a int").fail(false),
        ),
        ("exec", exec(name, statement)),
        ("exec, false", exec(name, statement).fail(false)),
        ("exec rollback", exec(name, "rollback")),
        ("exec commit", exec(name, "commit")),
        ("open", open(name, "d", "select 1")),
        ("open, false", open(name, "d", "select 1").fail(false)),
        ("fetch", fetch(name, "c", 1).columns("a int")),
        ("fetch, false", fetch(name, "c", 1).columns("a int").fail(false)),
        ("close", close(name, "c")),
        ("close, false", close(name, "c").fail(false)),
        ("get_notify", get_notify(name)),
        ("disconnect", disconnect(name)),
        ("get_connections", get_connections()),
        ("connect", connect(name, REMOTE)),
    ];
    if *name != Text::Omitted {
        calls.extend([
            ("send_query", send_query(name, "select 1")),
            ("is_busy", is_busy(name)),
            ("get_result", get_result(name).columns("a int")),
            ("get_result, false", get_result(name).columns("a int").fail(false)),
            ("cancel_query", cancel_query(name)),
            ("error_message", error_message(name)),
        ]);
    }
    calls
}

/// What shows in what state a call left the connection. No call among them waits for ever.
fn afterwards(name: &Text, state: &State, what: &str) -> Vec<Step> {
    let mut steps = vec![exec(name, "set work_mem = '1MB'").into()];
    if *name != Text::Omitted {
        steps.push(error_message(name).into());
        // Whether it is busy with what has just been sent, nobody knows.
        if what != "send_query" || is_free(state) {
            steps.push(is_busy(name).into());
        }
        if state.hangs.is_empty() {
            steps.extend((0..3).map(|_| get_result(name).columns("a int").fail(false).into()));
        }
    }
    if state.hangs.is_empty() {
        steps.extend([until_sessions(sessions(name, state, what)), remote_states()]);
    }
    steps.extend([
        disconnect(name).into(),
        get_connections().into(),
        bystander("select to_regclass('made')"),
    ]);
    steps
}

/// Whether a query can be sent.
fn is_free(state: &State) -> bool {
    let others = state.hangs.is_empty() && !["missing", "dead"].contains(&state.name);
    // A result that waits can wait for named connections only.
    others && state.unnamed
}

/// A call while a query runs, and then the end of that query.
fn while_running(what: &str, call: Call) -> Vec<Step> {
    // These take the query's results, and wait for them.
    if what.starts_with("query") || what.starts_with("get_result") {
        return vec![call.until_bystander(RELEASE), until_answered(WAITS)];
    }
    let mut steps = vec![call.into(), bystander(RELEASE)];
    if what != "disconnect" {
        steps.push(until_answered(WAITS));
    }
    steps
}

/// How many remote sessions there are after a call.
fn sessions(name: &Text, state: &State, what: &str) -> usize {
    let connected = !["missing", "dead"].contains(&state.name);
    match what {
        "disconnect" => 0,
        // A name that is dead is still taken.
        "connect" => usize::from(*name == Text::Omitted || state.name != "dead"),
        _ => usize::from(connected),
    }
}

pub(crate) fn sequences() -> Vec<Sequence> {
    let mut sequences = Vec::new();
    for state in &STATES {
        for name in [Text::from("n"), Text::from(Unnamed)] {
            if name == Text::Omitted && !state.unnamed {
                continue;
            }
            for (what, call) in calls(&name) {
                if state.hangs.iter().any(|hangs| what.starts_with(hangs)) {
                    continue;
                }
                let mut steps = vec![connect(&name, REMOTE).into()];
                steps.extend((state.steps)(&name));
                if state.name == RUNNING {
                    steps.extend(while_running(what, call));
                } else {
                    steps.push(call.into());
                    if what == "send_query" && is_free(state) {
                        steps.push(until_answered("select 1"));
                    }
                }
                steps.extend(afterwards(&name, state, what));
                let whose = if name == Text::Omitted { "unnamed" } else { "named" };
                let name = format!("{whose} connection {}: {what}", state.name);
                sequences.push(Sequence::new(name, steps).setup("create table t(a int)"));
            }
        }
    }
    sequences
}
