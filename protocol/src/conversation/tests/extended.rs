//! The extended protocol and its pipelines.

use super::*;

const PARSED_AND_BOUND: &[u8] = b"1\0\0\0\x042\0\0\0\x04";

#[test]
fn a_flight_is_one_segment() {
    let mut conversation = Conversation::new();
    flight(&mut conversation, "select");
    assert!(!conversation.is_idle());
    conversation.sync().unwrap();
    assert_eq!(send_all(&mut conversation), "PBDES");
    let Server(bytes) = server()
        .bytes(PARSED_AND_BOUND)
        .columns(&["a"])
        .row(&["1"])
        .complete("SELECT 1")
        .idle();
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        [
            "0 ParseComplete",
            "1 BindComplete",
            "2 columns a",
            "3 row 1",
            "3 SELECT 1",
            "4 ready Idle"
        ]
    );
    assert!(conversation.is_idle());
}

#[test]
fn a_statement_is_described_with_its_parameters() {
    let mut conversation = conversation(|c| {
        c.describe(Target::Statement("s".into())).unwrap();
        c.describe(Target::Statement("t".into())).unwrap();
        c.sync().unwrap();
    });
    let Server(bytes) = server()
        .bytes(b"t\0\0\0\x0a\0\x01\0\0\0\x17")
        .columns(&["a"])
        .bytes(b"t\0\0\0\x06\0\0n\0\0\0\x04")
        .idle();
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        [
            "0 ParameterDescription([23])",
            "0 columns a",
            "1 ParameterDescription([])",
            "1 NoData",
            "2 ready Idle"
        ]
    );
}

#[test]
fn a_failure_skips_what_precedes_the_sync() {
    let mut conversation = conversation(|c| {
        flight(c, "select");
        flight(c, "fail");
        flight(c, "select");
        c.sync().unwrap();
        c.close(Target::Statement("s".into())).unwrap();
        c.sync().unwrap();
    });
    let Server(bytes) = server()
        .bytes(PARSED_AND_BOUND)
        .columns(&["a"])
        .complete("SELECT 0")
        .error("ERROR", "42601")
        .idle()
        .bytes(b"3\0\0\0\x04")
        .idle();
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        [
            "0 ParseComplete",
            "1 BindComplete",
            "2 columns a",
            "3 SELECT 0",
            "4 error 42601",
            "5 Skipped",
            "6 Skipped",
            "7 Skipped",
            "8 Skipped",
            "9 Skipped",
            "10 Skipped",
            "11 Skipped",
            "12 ready Idle",
            "13 CloseComplete",
            "14 ready Idle"
        ]
    );
}

#[test]
fn commands_given_after_the_failure_was_received_are_skipped_too() {
    let mut conversation = conversation(|c| {
        c.parse(&unnamed_parse("fail")).unwrap();
        c.flush().unwrap();
    });
    let Server(bytes) = server().error("ERROR", "42601");
    assert_eq!(receive(&mut conversation, &bytes).unwrap(), ["0 error 42601"]);
    conversation.bind(&unnamed_bind()).unwrap();
    conversation.sync().unwrap();
    assert_eq!(receive(&mut conversation, b"").unwrap(), ["1 Skipped"]);
    let Server(bytes) = server().idle();
    assert_eq!(receive(&mut conversation, &bytes).unwrap(), ["2 ready Idle"]);
}

#[test]
fn a_sync_may_fail_to_commit() {
    let mut conversation = conversation(|c| {
        flight(c, "insert");
        c.sync().unwrap();
        flight(c, "select");
        c.sync().unwrap();
    });
    let Server(bytes) = server()
        .bytes(PARSED_AND_BOUND)
        .bytes(b"n\0\0\0\x04")
        .complete("INSERT 0 1")
        .error("ERROR", "23503")
        .idle()
        .bytes(PARSED_AND_BOUND)
        .columns(&["a"])
        .complete("SELECT 0")
        .idle();
    let lines = receive(&mut conversation, &bytes).unwrap();
    assert_eq!(
        lines[3..6],
        ["3 INSERT 0 1", "4 error 23503", "4 ready Idle"],
        "the error is the Sync's, and skips nothing"
    );
    assert_eq!(lines.len(), 6 + 5);
}

#[test]
fn a_portal_is_suspended_only_where_rows_are_limited() {
    let mut conversation = conversation(|c| {
        c.bind(&unnamed_bind()).unwrap();
        c.execute("", 2, ResultColumns::Known(columns(&["a"]))).unwrap();
        c.execute("", 2, ResultColumns::Known(columns(&["a"]))).unwrap();
        c.execute("", 0, ResultColumns::Known(columns(&["a"]))).unwrap();
    });
    let Server(bytes) = server()
        .bytes(b"2\0\0\0\x04")
        .row(&["1"])
        .row(&["2"])
        .bytes(b"s\0\0\0\x04")
        .row(&["3"])
        .complete("SELECT 1");
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        [
            "0 BindComplete",
            "1 row 1",
            "1 row 2",
            "1 PortalSuspended",
            "2 row 3",
            "2 SELECT 1"
        ]
    );
    assert!(receive(&mut conversation, b"s\0\0\0\x04").is_err());
}

#[test]
fn rows_need_columns() {
    let mut conversation = Conversation::new();
    assert_eq!(
        conversation.execute("", 0, ResultColumns::AsDescribed),
        Err(CommandError::NotDescribed)
    );
    assert!(conversation.is_idle());

    conversation.execute("", 0, ResultColumns::None).unwrap();
    let Server(bytes) = server().row(&["1"]);
    assert_eq!(
        receive(&mut conversation, &bytes),
        Err(ProtocolError::RowWithoutDescription)
    );
}

#[test]
fn what_has_no_columns_gives_no_rows() {
    let mut conversation = conversation(|c| flight(c, "insert"));
    let Server(bytes) = server().bytes(PARSED_AND_BOUND).bytes(b"n\0\0\0\x04").row(&["1"]);
    assert_eq!(
        receive(&mut conversation, &bytes),
        Err(ProtocolError::RowWithoutDescription)
    );
}

#[test]
fn columns_do_not_outlive_a_portal_without() {
    let mut conversation = conversation(|c| {
        flight(c, "select");
        flight(c, "insert");
    });
    let Server(bytes) = server()
        .bytes(PARSED_AND_BOUND)
        .columns(&["a"])
        .complete("SELECT 0")
        .bytes(PARSED_AND_BOUND)
        .bytes(b"n\0\0\0\x04")
        .row(&["1"]);
    assert_eq!(
        receive(&mut conversation, &bytes),
        Err(ProtocolError::RowWithoutDescription)
    );
}

/// Whoever forgets a Describe is told so, and does not get the columns of another portal.
#[test]
fn the_columns_are_those_of_the_same_portal_as_it_now_is() {
    let mut conversation = Conversation::new();
    let as_described =
        |conversation: &mut Conversation, portal| conversation.execute(portal, 0, ResultColumns::AsDescribed);
    flight(&mut conversation, "select");
    as_described(&mut conversation, "").unwrap();
    assert_eq!(
        as_described(&mut conversation, "other"),
        Err(CommandError::NotDescribed)
    );
    conversation.bind(&unnamed_bind()).unwrap();
    assert_eq!(
        as_described(&mut conversation, ""),
        Err(CommandError::NotDescribed)
    );
    conversation.describe(Target::Portal("other".into())).unwrap();
    as_described(&mut conversation, "other").unwrap();
    assert_eq!(
        as_described(&mut conversation, ""),
        Err(CommandError::NotDescribed)
    );
}

#[test]
fn a_result_does_not_begin_twice() {
    for again in [server().copy_out(), server().bytes(b"I\0\0\0\x04")] {
        let mut conversation = conversation(|c| flight(c, "select"));
        let Server(bytes) = server()
            .bytes(PARSED_AND_BOUND)
            .columns(&["a"])
            .row(&["1"])
            .bytes(&again.0);
        assert!(matches!(
            receive(&mut conversation, &bytes),
            Err(ProtocolError::Unexpected { .. })
        ));
    }
}

/// The columns of an earlier portal must not serve for one whose Describe failed.
#[test]
fn columns_do_not_outlive_their_portal() {
    let mut conversation = conversation(|c| {
        flight(c, "select");
        c.sync().unwrap();
        c.describe(Target::Portal("".into())).unwrap();
        c.sync().unwrap();
        c.execute("", 0, ResultColumns::AsDescribed).unwrap();
    });
    let Server(bytes) = server()
        .bytes(PARSED_AND_BOUND)
        .columns(&["a"])
        .complete("SELECT 0")
        .idle()
        .error("ERROR", "34000")
        .idle()
        .row(&["1"]);
    assert_eq!(
        receive(&mut conversation, &bytes),
        Err(ProtocolError::RowWithoutDescription)
    );
}

#[test]
fn the_simple_protocol_does_not_mix_into_a_segment() {
    let mut conversation = Conversation::new();
    flight(&mut conversation, "select");
    let before = conversation.outgoing().to_vec();
    assert_eq!(
        conversation.query("select"),
        Err(CommandError::SyncFirst { command: "Query" })
    );
    assert_eq!(conversation.outgoing(), before, "nothing was written");
    conversation.sync().unwrap();
    conversation.query("select").unwrap();
}

#[test]
fn a_value_that_cannot_be_sent_changes_nothing() {
    let mut conversation = Conversation::new();
    assert!(matches!(
        conversation.query("select '\0'"),
        Err(CommandError::Encode(_))
    ));
    assert!(matches!(
        conversation.parse(&unnamed_parse("\0")),
        Err(CommandError::Encode(_))
    ));
    assert!(conversation.outgoing().is_empty());
    assert!(conversation.is_idle());
}

/// A portal may outlive an error, as one WITH HOLD does; but nobody has described it.
#[test]
fn a_describe_that_was_skipped_describes_nothing() {
    let mut conversation = conversation(|c| {
        c.describe(Target::Portal("p".into())).unwrap();
        c.sync().unwrap();
        c.parse(&unnamed_parse("fail")).unwrap();
        c.describe(Target::Portal("p".into())).unwrap();
        c.sync().unwrap();
    });
    let Server(bytes) = server().columns(&["a"]).idle().error("ERROR", "42601").idle();
    receive(&mut conversation, &bytes).unwrap();
    assert_eq!(
        conversation.execute("p", 0, ResultColumns::AsDescribed),
        Err(CommandError::NotDescribed)
    );
}

#[test]
fn a_failed_describe_of_a_statement_leaves_a_portals_columns() {
    let mut conversation = conversation(|c| {
        c.describe(Target::Portal("p".into())).unwrap();
        c.sync().unwrap();
        c.describe(Target::Statement("nowhere".into())).unwrap();
        c.sync().unwrap();
        c.execute("p", 0, ResultColumns::AsDescribed).unwrap();
    });
    let Server(bytes) = server()
        .columns(&["a"])
        .idle()
        .error("ERROR", "26000")
        .idle()
        .row(&["1"]);
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap().last().unwrap(),
        "4 row 1"
    );
}

#[test]
fn a_describe_that_cannot_be_sent_changes_nothing() {
    let mut conversation = Conversation::new();
    conversation.describe(Target::Portal("p".into())).unwrap();
    assert!(conversation.describe(Target::Portal("\0".into())).is_err());
    conversation.execute("p", 0, ResultColumns::AsDescribed).unwrap();
}

/// Only a Query has several results, and describes them itself.
#[test]
fn an_execute_has_one_result() {
    for rest in [
        server().columns(&["a"]),
        server().copy_out().bytes(b"c\0\0\0\x04").copy_out(),
        server().copy_out().bytes(b"c\0\0\0\x04").columns(&["a"]),
    ] {
        let mut conversation = conversation(|c| flight(c, "select"));
        let Server(bytes) = server()
            .bytes(PARSED_AND_BOUND)
            .bytes(b"n\0\0\0\x04")
            .bytes(&rest.0);
        assert!(matches!(
            receive(&mut conversation, &bytes),
            Err(ProtocolError::Unexpected { .. })
        ));
    }
}
