//! NOTIFY.

use dblink_protocol::conversation::Event;
use dblink_tests::Cluster;

use crate::golden;
use crate::support::{lines, session};

#[test]
fn while_idle() {
    let (mut client, golden) = golden::session();
    client.query("listen c_idle").unwrap();
    Cluster::shared().psql("notify c_idle, 'from afar'");
    assert_eq!(
        lines(&[client.event().unwrap()]),
        ["notification c_idle from afar"]
    );
    assert!(client.conversation.is_idle());
    golden.check("notification_while_idle");
}

/// A session hears its own notifications when its transaction ends, before ReadyForQuery; those of others when its own
/// transaction is over. Here they come in the middle of a pipeline.
#[test]
fn during_queries() {
    let (mut client, golden) = golden::session();
    client.query("listen c_busy").unwrap();
    let conversation = &mut client.conversation;
    conversation.query("notify c_busy, 'own'").unwrap();
    let last = conversation.query("select 1").unwrap();
    assert_eq!(
        lines(&client.until_ready(last).unwrap()),
        [
            "NOTIFY",
            "notification c_busy own",
            "ready Idle",
            "columns ?column?",
            "1",
            "SELECT 1",
            "ready Idle"
        ]
    );

    let process = client.conversation.process_id().unwrap();
    client.conversation.query("notify c_busy").unwrap();
    let notification = loop {
        if let Event::Notification(notification) = client.event().unwrap() {
            break notification;
        }
    };
    assert_eq!(
        (notification.process_id, notification.payload),
        (process, "".into())
    );
    golden.check("notification_during_queries");
}

/// What another session notifies while a query runs is told when the query is over, before ReadyForQuery.
#[test]
fn from_another_session_during_a_query() {
    let mut holder = session();
    holder.query("select pg_advisory_lock(2)").unwrap();

    let mut client = session();
    client.query("listen c_other").unwrap();
    let id = client
        .conversation
        .query("do $$ begin raise notice 'running'; perform pg_advisory_lock(2); end $$")
        .unwrap();
    let Event::Notice(_) = client.event().unwrap() else {
        panic!("no notice")
    };
    // Committed, and so told, before the lock is let go.
    holder.query("notify c_other, 'from afar'").unwrap();
    holder.query("select pg_advisory_unlock(2)").unwrap();
    assert_eq!(
        lines(&client.until_ready(id).unwrap()),
        ["DO", "notification c_other from afar", "ready Idle"]
    );
}
