//! COPY in both protocols.

use super::*;

const PARSED_AND_BOUND: &[u8] = b"1\0\0\0\x042\0\0\0\x04";

/// A COPY FROM STDIN by the extended protocol, sent with its Sync as every driver does, that the server has begun.
fn copying() -> Conversation {
    let mut conversation = conversation(|c| {
        flight(c, "copy");
        c.sync().unwrap();
    });
    let Server(bytes) = server().bytes(PARSED_AND_BOUND).bytes(b"n\0\0\0\x04").copy_in();
    let lines = receive(&mut conversation, &bytes).unwrap();
    assert_eq!(lines.last().unwrap(), "3 copy in");
    assert!(conversation.copy_in().is_some());
    conversation
}

#[test]
fn by_the_simple_protocol() {
    let mut conversation = conversation(|c| {
        c.query("copy").unwrap();
    });
    assert!(matches!(
        conversation.copy_data(b"early"),
        Err(CommandError::NoCopy { .. })
    ));
    receive(&mut conversation, &server().copy_in().0).unwrap();
    conversation.copy_data(b"1\n").unwrap();
    assert_eq!(
        conversation.query("select"),
        Err(CommandError::CopyInProgress { command: "Query" })
    );
    assert_eq!(
        conversation.sync(),
        Err(CommandError::CopyInProgress { command: "Sync" })
    );
    conversation.copy_done().unwrap();
    assert!(matches!(
        conversation.copy_data(b"late"),
        Err(CommandError::NoCopy { .. })
    ));
    assert_eq!(send_all(&mut conversation), "dc");
    assert_eq!(
        receive(&mut conversation, &server().complete("COPY 1").idle().0).unwrap(),
        ["0 COPY 1", "0 ready Idle"]
    );
}

#[test]
fn by_the_extended_protocol_the_sync_is_sent_again() {
    let mut conversation = copying();
    conversation.copy_data(b"1\n").unwrap();
    conversation.copy_done().unwrap();
    assert_eq!(send_all(&mut conversation), "dcS");
    assert_eq!(
        conversation.query("select"),
        Err(CommandError::CopyInProgress { command: "Query" }),
        "how many ReadyForQuery will come is not certain yet"
    );
    let Server(bytes) = server().complete("COPY 1").idle();
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        ["3 COPY 1", "4 ready Idle"]
    );
    assert!(conversation.is_idle());
    conversation.query("select").unwrap();
}

#[test]
fn a_sync_may_as_well_be_given_when_the_copy_is_done() {
    let mut conversation = conversation(|c| {
        flight(c, "copy");
        c.flush().unwrap();
    });
    let Server(bytes) = server().bytes(PARSED_AND_BOUND).bytes(b"n\0\0\0\x04").copy_in();
    receive(&mut conversation, &bytes).unwrap();
    conversation.copy_done().unwrap();
    conversation.sync().unwrap();
    assert_eq!(send_all(&mut conversation), "cS");
    let Server(bytes) = server().complete("COPY 0").idle();
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        ["3 COPY 0", "4 ready Idle"]
    );
}

/// The server fails while it takes data. Whether it has read the first Sync before cannot be known; both are played, and
/// each with the error received before and after we ended the COPY.
#[test]
fn a_failure_leaves_the_answers_in_step_whether_the_first_sync_was_read_or_not() {
    for ended in [false, true] {
        for sync_was_ignored in [false, true] {
            let mut conversation = copying();
            conversation.copy_data(b"1\n").unwrap();
            if ended {
                conversation.copy_done().unwrap();
                assert_eq!(send_all(&mut conversation), "dcS");
            } else {
                assert_eq!(send_all(&mut conversation), "d");
            }
            let Server(bytes) = server().error("ERROR", "57014");
            assert_eq!(receive(&mut conversation, &bytes).unwrap(), ["3 error 57014"]);
            assert_eq!(send_all(&mut conversation), if ended { "CS" } else { "SCS" });
            conversation.query("select").unwrap();

            let mut script = server();
            if !sync_was_ignored {
                script = script.idle();
            }
            let Server(bytes) = script
                .idle()
                .bytes(b"3\0\0\0\x04")
                .idle()
                .complete("SELECT 0")
                .idle();
            assert_eq!(
                receive(&mut conversation, &bytes).unwrap(),
                ["4 ready Idle", "5 SELECT 0", "5 ready Idle"],
                "ended: {ended}, ignored: {sync_was_ignored}"
            );
            assert!(conversation.is_idle());
        }
    }
}

#[test]
fn a_server_that_answers_a_sync_once_too_often_ends_the_conversation() {
    let mut conversation = copying();
    let Server(bytes) = server().error("ERROR", "57014").idle().idle().idle();
    assert!(matches!(
        receive(&mut conversation, &bytes),
        Err(ProtocolError::Unexpected { tag: b'Z', .. })
    ));
}

#[test]
fn the_close_between_the_syncs_is_answered_once() {
    let mut conversation = copying();
    let Server(bytes) = server()
        .error("ERROR", "57014")
        .idle()
        .bytes(b"3\0\0\0\x043\0\0\0\x04");
    assert!(matches!(
        receive(&mut conversation, &bytes),
        Err(ProtocolError::Unexpected { tag: b'3', .. })
    ));
}

/// The server takes them for data, or skips them: nobody can tell what it will answer.
#[test]
fn commands_behind_a_copy_in_end_the_conversation() {
    let mut conversation = conversation(|c| {
        c.query("copy").unwrap();
        c.query("select").unwrap();
    });
    assert_eq!(
        receive(&mut conversation, &server().copy_in().0),
        Err(ProtocolError::CommandsBehindCopy)
    );
}

#[test]
fn nothing_may_be_given_during_a_copy_both_ways() {
    let mut conversation = conversation(|c| {
        c.query("START_REPLICATION").unwrap();
    });
    receive(&mut conversation, b"W\0\0\0\x07\0\0\0").unwrap();
    assert_eq!(
        conversation.query("select"),
        Err(CommandError::CopyInProgress { command: "Query" })
    );
}

#[test]
fn of_several_syncs_behind_a_copy_the_last_is_answered() {
    let mut conversation = conversation(|c| {
        flight(c, "copy");
        for _ in 0..3 {
            c.sync().unwrap();
        }
    });
    let Server(bytes) = server().bytes(PARSED_AND_BOUND).bytes(b"n\0\0\0\x04").copy_in();
    receive(&mut conversation, &bytes).unwrap();
    conversation.copy_done().unwrap();
    assert_eq!(send_all(&mut conversation), "cS");
    let Server(bytes) = server().complete("COPY 0").idle();
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        ["3 COPY 0", "4 Skipped", "5 Skipped", "6 ready Idle"]
    );
}

/// The Sync that was sent again behind the first COPY is data of the second, and must be sent once more.
#[test]
fn of_several_syncs_behind_two_copies_of_one_query_the_last_is_answered() {
    let mut conversation = conversation(|c| {
        c.query("copy; copy").unwrap();
        c.sync().unwrap();
        c.sync().unwrap();
    });
    receive(&mut conversation, &server().copy_in().0).unwrap();
    conversation.copy_done().unwrap();
    assert_eq!(send_all(&mut conversation), "cS");
    receive(&mut conversation, &server().complete("COPY 0").copy_in().0).unwrap();
    conversation.copy_done().unwrap();
    assert_eq!(send_all(&mut conversation), "cS");
    let Server(bytes) = server().complete("COPY 0").idle().idle();
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        ["0 COPY 0", "0 ready Idle", "1 Skipped", "2 ready Idle"]
    );
    assert!(conversation.is_idle());
}

/// A walsender takes no CopyFail: it would end the session.
#[test]
fn a_copy_both_ways_cannot_be_failed() {
    let mut conversation = conversation(|c| {
        c.query("START_REPLICATION").unwrap();
    });
    receive(&mut conversation, b"W\0\0\0\x07\0\0\0").unwrap();
    assert_eq!(
        conversation.copy_fail("no"),
        Err(CommandError::NoCopy { command: "CopyFail" })
    );
    assert!(conversation.outgoing().is_empty());
    conversation.copy_done().unwrap();
}

#[test]
fn the_client_fails_a_copy() {
    let mut conversation = copying();
    conversation.copy_data(b"1\n").unwrap();
    conversation.copy_fail("changed my mind").unwrap();
    assert_eq!(send_all(&mut conversation), "dfS");
    let Server(bytes) = server()
        .error("ERROR", "57014")
        .idle()
        .bytes(b"3\0\0\0\x04")
        .idle();
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        ["3 error 57014", "4 ready Idle"]
    );
}

#[test]
fn copy_out_may_stand_in_a_pipeline() {
    let mut conversation = conversation(|c| {
        flight(c, "copy out");
        flight(c, "select");
        c.sync().unwrap();
    });
    let Server(bytes) = server()
        .bytes(PARSED_AND_BOUND)
        .bytes(b"n\0\0\0\x04")
        .copy_out()
        .copy_data("1\n")
        .bytes(b"c\0\0\0\x04")
        .complete("COPY 1")
        .bytes(PARSED_AND_BOUND)
        .columns(&["a"])
        .complete("SELECT 0")
        .idle();
    let lines = receive(&mut conversation, &bytes).unwrap();
    assert_eq!(
        lines[3..7],
        ["3 copy out", "3 data 1\n", "3 CopyDone", "3 COPY 1"]
    );
    assert_eq!(lines.last().unwrap(), "8 ready Idle");
}

#[test]
fn copy_out_may_fail_half_way() {
    let mut conversation = conversation(|c| {
        c.query("copy out").unwrap();
    });
    let Server(bytes) = server()
        .copy_out()
        .copy_data("1\n")
        .error("ERROR", "57014")
        .idle();
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        ["0 copy out", "0 data 1\n", "0 error 57014", "0 ready Idle"]
    );
}

/// A reason that is too long, or has a zero byte, must not end the COPY by half.
#[test]
fn a_reason_that_cannot_be_sent_changes_nothing() {
    let mut conversation = copying();
    for reason in ["\0", &"x".repeat(20_000)] {
        assert!(matches!(
            conversation.copy_fail(reason),
            Err(CommandError::Encode(_))
        ));
    }
    assert!(conversation.outgoing().is_empty());
    conversation.copy_data(b"1\n").unwrap();
}

/// What was said of one COPY does not count for the next.
#[test]
fn a_copy_both_ways_behind_a_copy_in_has_no_syncs() {
    let mut conversation = copying();
    conversation.copy_done().unwrap();
    let Server(bytes) = server().complete("COPY 0").idle();
    receive(&mut conversation, &bytes).unwrap();
    send_all(&mut conversation);
    conversation.query("START_REPLICATION").unwrap();
    receive(&mut conversation, b"W\0\0\0\x07\0\0\0").unwrap();
    conversation.copy_done().unwrap();
    assert_eq!(send_all(&mut conversation), "Qc");
}

/// Of the Syncs behind two COPYs of one Query only the last may be answered twice: the first COPY has eaten the others.
#[test]
fn syncs_that_an_earlier_copy_has_eaten_are_not_awaited() {
    let mut conversation = conversation(|c| {
        c.query("copy; copy").unwrap();
        c.sync().unwrap();
        c.sync().unwrap();
    });
    receive(&mut conversation, &server().copy_in().0).unwrap();
    conversation.copy_done().unwrap();
    receive(&mut conversation, &server().complete("COPY 0").copy_in().0).unwrap();
    let Server(bytes) = server().error("ERROR", "57014").idle().idle().idle().idle();
    assert!(matches!(
        receive(&mut conversation, &bytes),
        Err(ProtocolError::Unexpected { tag: b'Z', .. })
    ));
}

#[test]
fn no_error_comes_between_the_syncs() {
    let mut conversation = copying();
    let Server(bytes) = server().error("ERROR", "57014").error("ERROR", "57014");
    assert!(matches!(
        receive(&mut conversation, &bytes),
        Err(ProtocolError::Unexpected { tag: b'E', .. })
    ));
}
