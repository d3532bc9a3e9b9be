//! Large values.

use dblink_protocol::conversation::{Event, Reply};
use dblink_tests::Cluster;

use crate::golden;
use crate::support::{flight, lines, session};

const MIB_64: usize = 64 << 20;

#[test]
fn a_value_of_64_mib_each_way() {
    let (mut client, golden) = golden::session();
    let value = vec![b'x'; MIB_64];
    let sync = flight(
        &mut client.conversation,
        "select length($1::text), $1::text || 'y'",
        &[Some(&value)],
    );
    let events = client.until_ready(sync).unwrap();
    let Event::Reply {
        reply: Reply::Rows(rows),
        ..
    } = &events[3]
    else {
        panic!("{:?}", lines(&events[..3]))
    };
    let row = rows.iter().next().unwrap();
    assert_eq!(row.get(0).flatten().unwrap(), MIB_64.to_string().as_bytes());
    let returned = row.get(1).flatten().unwrap();
    assert_eq!(returned.len(), MIB_64 + 1);
    assert!(returned[..MIB_64] == value && returned[MIB_64] == b'y');
    golden.check("large_value");
}

/// Longer than libpq takes: above 30 000 bytes it gives up the connection. Servers report `search_path` since 18; of what
/// older ones report nothing can be long.
#[test]
fn a_parameter_status_of_100_000_bytes() {
    if Cluster::shared().version() < 18 {
        return;
    }
    let mut client = session();
    let names = vec!["a"; 50_000].join(", ");
    client.query(&format!("set search_path to {names}")).unwrap();
    let path = client.conversation.parameters().get("search_path").unwrap();
    assert!(path.as_bytes().len() > 100_000, "{} bytes", path.as_bytes().len());
}
