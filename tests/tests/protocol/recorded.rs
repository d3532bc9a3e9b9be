//! What a real server sent, cut in every way.

use std::cell::RefCell;
use std::rc::Rc;

use bytes::BytesMut;
use dblink_protocol::conversation::{CommandId, Conversation, Event};
use dblink_tests::blocking::{Client, Direction};
use dblink_tests::{Cluster, roles};

use crate::support::{config, flight, lines, socket};

/// Commands that need no look at the replies, and make the server say nearly everything it can.
fn commands(conversation: &mut Conversation) -> CommandId {
    conversation
        .query(
            "select a, repeat('x', a) from generate_series(1, 20) a; create temp table t (a int primary key)",
        )
        .unwrap();
    conversation
        .query(
            "do $$ begin raise notice 'hm'; end $$; set timezone to 'UTC'; set timezone to 'Europe/Prague'",
        )
        .unwrap();
    conversation.query("listen c; notify c, 'p'").unwrap();
    flight(conversation, "insert into t values ($1::int)", &[Some(b"1")]);
    flight(conversation, "insert into t values ($1::int)", &[Some(b"1")]);
    flight(
        conversation,
        "copy (select generate_series(1, 20)) to stdout",
        &[],
    );
    flight(conversation, "select null, ''", &[]);
    conversation.query("").unwrap()
}

#[test]
fn whole_byte_by_byte_and_cut_at_every_position() {
    let recording = Rc::new(RefCell::new(Vec::new()));
    let recorder = {
        let recording = Rc::clone(&recording);
        Box::new(move |direction, bytes: &[u8]| {
            if direction == Direction::Backend {
                recording.borrow_mut().extend_from_slice(bytes);
            }
        })
    };
    let mut client = Client::connect(
        &socket(Cluster::shared()),
        config(roles::SUPERUSER, None),
        Some(recorder),
    )
    .unwrap();
    recording.borrow_mut().clear();
    let last = commands(&mut client.conversation);
    let live = lines(&client.until_ready(last).unwrap());
    assert!(live.len() > 70, "{live:#?}");
    let recording = recording.borrow();

    let replay = |chunks: &mut dyn Iterator<Item = &[u8]>| {
        let mut conversation = Conversation::new();
        commands(&mut conversation);
        let mut input = BytesMut::new();
        let mut events: Vec<Event> = Vec::new();
        for chunk in chunks {
            input.extend_from_slice(chunk);
            while let Some(event) = conversation.receive(&mut input).unwrap() {
                events.push(event);
            }
        }
        assert!(conversation.is_idle());
        lines(&events)
    };
    assert_eq!(replay(&mut [&recording[..]].into_iter()), live, "whole");
    assert_eq!(replay(&mut recording.chunks(1)), live, "byte by byte");
    for cut in 0..recording.len() {
        let (head, tail) = recording.split_at(cut);
        assert_eq!(replay(&mut [head, tail].into_iter()), live, "cut at {cut}");
    }
}
