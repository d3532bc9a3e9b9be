//! CancelRequest.

use dblink_protocol::conversation::Event;
use dblink_protocol::frontend::CancelRequest;
use dblink_tests::Cluster;
use dblink_tests::blocking::Client;

use crate::golden;
use crate::support::{lines, rows, session, socket};

#[test]
fn a_running_query_is_cancelled() {
    let (mut client, golden) = golden::session();
    let id = client.conversation.query("select pg_sleep(3600)").unwrap();
    client.flush().unwrap();
    // The server tells when it sleeps: cancelled on its way there, it would say another thing.
    let process = client.conversation.process_id().unwrap();
    Cluster::shared().psql(&format!(
        "do $$ begin \
           while not exists (select from pg_stat_activity where pid = {process} and wait_event = 'PgSleep') loop \
             perform pg_stat_clear_snapshot(); \
           end loop; \
         end $$"
    ));
    let request = client.conversation.cancel_key().unwrap().request();
    Client::cancel(&socket(Cluster::shared()), &request).unwrap();
    assert_eq!(
        lines(&client.until_ready(id).unwrap()),
        [
            "columns pg_sleep",
            "error 57014 canceling statement due to user request",
            "ready Idle"
        ]
    );
    assert_eq!(rows(&mut client, "select 'still there'"), ["still there"]);
    golden.check("cancelled");
}

/// The query waits for a lock, so that it runs for certain when the request comes, and for certain still when it is done.
#[test]
fn a_wrong_key_cancels_nothing() {
    let mut holder = session();
    holder.query("select pg_advisory_lock(1)").unwrap();

    let mut client = session();
    let request = client.conversation.cancel_key().unwrap().request();
    let mut key = request.secret_key.as_bytes().to_vec();
    key[0] ^= 1;
    let wrong = CancelRequest {
        process_id: request.process_id,
        secret_key: key.as_slice().into(),
    };
    let id = client
        .conversation
        .query("do $$ begin raise notice 'running'; perform pg_advisory_lock(1); end $$")
        .unwrap();
    let Event::Notice(_) = client.event().unwrap() else {
        panic!("no notice")
    };
    Client::cancel(&socket(Cluster::shared()), &wrong).unwrap();
    holder.query("select pg_advisory_unlock(1)").unwrap();
    assert_eq!(lines(&client.until_ready(id).unwrap()), ["DO", "ready Idle"]);
}
