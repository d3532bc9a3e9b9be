//! How sessions end.

use dblink_protocol::conversation::{Ending, Event};
use dblink_tests::Cluster;
use dblink_tests::blocking::{Client, Error};

use crate::support::{lines, session};

fn ending(client: &mut Client) -> Ending {
    match client.event() {
        Err(Error::Ended(ending)) => ending,
        other => panic!("the session goes on: {:?}", other.map(|event| lines(&[event]))),
    }
}

#[test]
fn an_administrators_command_while_idle_is_the_reason() {
    let mut client = session();
    let process = client.conversation.process_id().unwrap();
    Cluster::shared().psql(&format!("select pg_terminate_backend({process})"));
    let Event::Closing(reason) = client.event().unwrap() else {
        panic!("no reason")
    };
    assert_eq!(
        reason.to_string(),
        "FATAL: terminating connection due to administrator command (SQLSTATE 57P01)"
    );
    assert_eq!(ending(&mut client), Ending::Server(reason));
}

#[test]
fn an_administrators_command_during_a_query_is_its_error_and_the_reason() {
    let mut client = session();
    client
        .conversation
        .query("do $$ begin raise notice 'running'; perform pg_sleep(3600); end $$")
        .unwrap();
    let Event::Notice(_) = client.event().unwrap() else {
        panic!("no notice")
    };
    let process = client.conversation.process_id().unwrap();
    Cluster::shared().psql(&format!("select pg_terminate_backend({process})"));
    assert_eq!(
        lines(&[client.event().unwrap()]),
        ["error 57P01 terminating connection due to administrator command"]
    );
    assert!(matches!(client.event().unwrap(), Event::Closing(_)));
    assert_eq!(ending(&mut client).sqlstate().as_str(), "57P01");
}

#[test]
fn terminate_is_followed_by_the_servers_close() {
    let mut client = session();
    client.conversation.terminate().unwrap();
    assert_eq!(ending(&mut client), Ending::Terminated);
}

#[test]
fn a_kill_is_a_close_without_a_word() {
    let cluster = Cluster::start();
    let mut client = crate::support::connect(&cluster);
    drop(cluster);
    // An immediate shutdown may still say why; if not, there is no reason.
    let ending = loop {
        match client.event() {
            Ok(_) => {}
            Err(Error::Ended(ending)) => break ending,
            Err(other) => panic!("{other:?}"),
        }
    };
    assert!(matches!(ending, Ending::Server(_) | Ending::Closed), "{ending}");
}

/// A server in which a process has crashed ends all others with a warning.
#[test]
fn a_crash_of_another_process_is_the_reason() {
    let cluster = Cluster::start();
    let mut client = crate::support::connect(&cluster);
    let mut victim = crate::support::connect(&cluster);
    let process = victim.conversation.process_id().unwrap();
    cluster.kill(process);
    assert!(matches!(victim.event(), Err(Error::Ended(_))));
    let Event::Notice(notice) = client.event().unwrap() else {
        panic!("no notice")
    };
    assert_eq!(ending(&mut client), Ending::Server(notice));
}

/// What a function call does is committed after its result was told.
#[test]
fn a_function_call_may_fail_after_its_result() {
    use dblink_protocol::frontend::FunctionCall;
    use dblink_protocol::wire::Format;

    let mut client = session();
    client
        .query(
            "create temp table t (a int unique deferrable initially deferred); \
             create function pg_temp.twice() returns int language sql as 'insert into t values (1), (1); select 1'",
        )
        .unwrap();
    let oid = crate::support::rows(&mut client, "select 'pg_temp.twice'::regproc::oid");
    let call = client
        .conversation
        .function_call(&FunctionCall {
            function_oid: oid[0].parse().unwrap(),
            argument_formats: vec![],
            arguments: vec![],
            result_format: Format::Text,
        })
        .unwrap();
    let lines = lines(&client.until_ready(call).unwrap());
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].starts_with("FunctionCallResponse"));
    assert!(lines[1].starts_with("error 23505"));
    assert_eq!(lines[2], "ready Idle");
}
