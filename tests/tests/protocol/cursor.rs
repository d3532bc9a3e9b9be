//! Portals that give their rows in portions.

use dblink_protocol::conversation::{Event, Reply, ResultColumns};
use dblink_protocol::frontend::Target;

use crate::golden;
use crate::support::{bind, lines, parse};

#[test]
fn a_portal_is_suspended_and_goes_on() {
    let (mut client, golden) = golden::session();
    client.query("begin").unwrap();
    let conversation = &mut client.conversation;
    conversation
        .parse(&parse("", "select generate_series(1, 25)"))
        .unwrap();
    conversation.bind(&bind("cursor", "")).unwrap();
    conversation.describe(Target::Portal("cursor".into())).unwrap();
    let sync = conversation.sync().unwrap();
    let events = client.until_ready(sync).unwrap();
    let Event::Reply {
        reply: Reply::RowDescription(columns),
        ..
    } = &events[2]
    else {
        panic!("{:?}", events[2])
    };

    let mut portions = Vec::new();
    loop {
        let conversation = &mut client.conversation;
        conversation
            .execute("cursor", 10, ResultColumns::Known(columns.clone()))
            .unwrap();
        let sync = conversation.sync().unwrap();
        let mut portion = lines(&client.until_ready(sync).unwrap());
        assert_eq!(portion.pop().unwrap(), "ready InTransaction");
        let end = portion.pop().unwrap();
        portions.push(portion.len());
        if end != "PortalSuspended" {
            assert_eq!(end, "SELECT 5");
            break;
        }
    }
    assert_eq!(portions, [10, 10, 5]);

    let conversation = &mut client.conversation;
    conversation.close(Target::Portal("cursor".into())).unwrap();
    let sync = conversation.sync().unwrap();
    assert_eq!(
        lines(&client.until_ready(sync).unwrap()),
        ["CloseComplete", "ready InTransaction"]
    );
    golden.check("portal_suspended");
}
