//! The simple protocol.

use super::*;

#[test]
fn each_statement_has_its_result() {
    let mut conversation = conversation(|c| {
        c.query("select; insert; ; begin").unwrap();
    });
    let Server(bytes) = server()
        .columns(&["a"])
        .row(&["1"])
        .complete("SELECT 1")
        .complete("INSERT 0 2")
        .bytes(b"I\0\0\0\x04")
        .complete("BEGIN")
        .ready(TransactionStatus::InTransaction);
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        [
            "0 columns a",
            "0 row 1",
            "0 SELECT 1",
            "0 INSERT 0 2",
            "0 EmptyQueryResponse",
            "0 BEGIN",
            "0 ready InTransaction"
        ]
    );
    assert_eq!(
        conversation.transaction_status(),
        TransactionStatus::InTransaction
    );
    assert!(conversation.is_idle());
}

#[test]
fn an_error_ends_the_statements() {
    let mut conversation = conversation(|c| {
        c.query("select 1; fail; select 2").unwrap();
        c.query("select 3").unwrap();
    });
    let Server(bytes) = server()
        .complete("SELECT 1")
        .error("ERROR", "22012")
        .ready(TransactionStatus::Failed)
        .complete("SELECT 3")
        .idle();
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        [
            "0 SELECT 1",
            "0 error 22012",
            "0 ready Failed",
            "1 SELECT 3",
            "1 ready Idle"
        ]
    );
}

#[test]
fn what_is_asynchronous_comes_between_anything() {
    let mut conversation = conversation(|c| {
        c.query("select").unwrap();
    });
    let asynchronous = |server: Server| server.notice("01000").notification("n").parameter("a", "b");
    let mut script = asynchronous(server()).columns(&["a"]);
    script = asynchronous(script).row(&["1"]);
    script = asynchronous(script).row(&["2"]);
    script = asynchronous(script).complete("SELECT 2");
    script = asynchronous(script).idle();
    script = asynchronous(script);
    let lines = receive(&mut conversation, &script.0).unwrap();
    let replies: Vec<_> = lines.iter().filter(|line| line.starts_with("0 ")).collect();
    assert_eq!(
        replies,
        ["0 columns a", "0 row 1", "0 row 2", "0 SELECT 2", "0 ready Idle"]
    );
    assert_eq!(lines.len(), 5 + 6 * 3);
    assert_eq!(conversation.parameters().get("a").unwrap(), "b");
}

/// `insert` into a table with rules `do also select 1` and `do also select 2, 3`.
#[test]
fn a_statement_may_have_several_results_and_complete_once() {
    let mut conversation = conversation(|c| {
        c.query("insert").unwrap();
    });
    let Server(bytes) = server()
        .columns(&["a"])
        .row(&["1"])
        .columns(&["b", "c"])
        .row(&["2", "3"])
        .complete("INSERT 0 1")
        .idle();
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        [
            "0 columns a",
            "0 row 1",
            "0 columns b,c",
            "0 row 2,3",
            "0 INSERT 0 1",
            "0 ready Idle"
        ]
    );
}

/// `BASE_BACKUP`: the tablespaces, the archive, and where the log ends.
#[test]
fn a_copy_out_of_a_walsender_may_be_followed_by_a_result() {
    let mut conversation = conversation(|c| {
        c.query("BASE_BACKUP").unwrap();
    });
    let Server(bytes) = server()
        .columns(&["recptr"])
        .row(&["0/1"])
        .complete("SELECT")
        .copy_out()
        .copy_data("base.tar")
        .bytes(b"c\0\0\0\x04")
        .copy_out()
        .copy_data("log.tar")
        .bytes(b"c\0\0\0\x04")
        .columns(&["recptr"])
        .row(&["0/2"])
        .complete("SELECT")
        .complete("BASE_BACKUP")
        .idle();
    let lines = receive(&mut conversation, &bytes).unwrap();
    assert_eq!(lines.last().unwrap(), "0 ready Idle");
    assert_eq!(lines.len(), 14);
}

#[test]
fn a_replication_command_may_complete_twice() {
    let mut conversation = conversation(|c| {
        c.query("START_REPLICATION").unwrap();
    });
    let Server(bytes) = server().bytes(b"W\0\0\0\x07\0\0\0").copy_data("w");
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        ["0 copy both", "0 data w"]
    );
    conversation.copy_data(b"r").unwrap();
    let Server(bytes) = server().copy_data("w2").bytes(b"c\0\0\0\x04");
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        ["0 data w2", "0 CopyDone"]
    );
    conversation.copy_done().unwrap();
    assert_eq!(send_all(&mut conversation), "dc");
    let Server(bytes) = server()
        .columns(&["next_tli"])
        .row(&["2"])
        .complete("START_STREAMING")
        .complete("START_REPLICATION")
        .idle();
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        [
            "0 columns next_tli",
            "0 row 2",
            "0 START_STREAMING",
            "0 START_REPLICATION",
            "0 ready Idle"
        ]
    );
}

#[test]
fn a_function_call_returns_a_value_or_fails() {
    use crate::frontend::FunctionCall;
    let call = FunctionCall {
        function_oid: 1,
        argument_formats: vec![],
        arguments: vec![],
        result_format: Format::Text,
    };
    let mut conversation = conversation(|c| {
        for _ in 0..4 {
            c.function_call(&call).unwrap();
        }
    });
    let Server(bytes) = server()
        .bytes(b"V\0\0\0\x0a\0\0\0\x02hi")
        .idle()
        .bytes(b"V\0\0\0\x08\xff\xff\xff\xff")
        .idle()
        .error("ERROR", "42883")
        .idle()
        .bytes(b"V\0\0\0\x08\xff\xff\xff\xff")
        .error("ERROR", "23505")
        .idle();
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        [
            "0 returned hi",
            "0 ready Idle",
            "1 returned null",
            "1 ready Idle",
            "2 error 42883",
            "2 ready Idle",
            "3 returned null",
            "3 error 23505",
            "3 ready Idle"
        ]
    );
}

/// Each is a server that tries to shift the answers by one, or to answer what was not asked.
#[test]
fn a_message_without_a_place_ends_the_conversation() {
    let cases: &[(&str, Server, &str)] = &[
        (
            "ReadyForQuery for nothing",
            server().complete("SELECT 0").idle().idle(),
            "unexpected ReadyForQuery message (type byte 0x5A) from the server while waiting for nothing in particular",
        ),
        (
            "ReadyForQuery without a result",
            server().idle(),
            "unexpected ReadyForQuery message (type byte 0x5A) from the server while waiting for the result of Query",
        ),
        (
            "ReadyForQuery within a result",
            server().columns(&["a"]).idle(),
            "unexpected ReadyForQuery message (type byte 0x5A) from the server while waiting for the result of Query",
        ),
        (
            "a row without columns",
            server().row(&["1"]),
            "server sent data (\"D\" message) without prior row description (\"T\" message)",
        ),
        (
            "a row after its result",
            server().columns(&["a"]).complete("SELECT 0").row(&["1"]),
            "server sent data (\"D\" message) without prior row description (\"T\" message)",
        ),
        (
            "COPY within a result",
            server().columns(&["a"]).copy_out(),
            "unexpected CopyOutResponse message (type byte 0x48) from the server while waiting for the result of Query",
        ),
        (
            "COPY data without COPY",
            server().copy_data("x"),
            "unexpected CopyData message (type byte 0x64) from the server while waiting for the result of Query",
        ),
        (
            "a result after an error",
            server().error("ERROR", "22012").complete("SELECT 1"),
            "unexpected CommandComplete message (type byte 0x43) from the server while waiting for ReadyForQuery",
        ),
        (
            "a second error",
            server().error("ERROR", "22012").error("ERROR", "22012"),
            "unexpected ErrorResponse message (type byte 0x45) from the server while waiting for ReadyForQuery",
        ),
        (
            "a suspended portal in the simple protocol",
            server().columns(&["a"]).bytes(b"s\0\0\0\x04"),
            "unexpected PortalSuspended message (type byte 0x73) from the server while waiting for the result of Query",
        ),
        (
            "the answer to another command",
            server().bytes(b"1\0\0\0\x04"),
            "unexpected ParseComplete message (type byte 0x31) from the server while waiting for the result of Query",
        ),
        (
            "an authentication request",
            server().bytes(b"R\0\0\0\x08\0\0\0\x03"),
            "unexpected Authentication message (type byte 0x52) from the server while waiting for the result of Query",
        ),
        (
            "the end of COPY while the server has not ended it",
            server().copy_out().complete("COPY 0"),
            "unexpected CommandComplete message (type byte 0x43) from the server while waiting for CopyData or CopyDone",
        ),
        (
            "the end of COPY while we have not ended it",
            server().copy_in().complete("COPY 0"),
            "unexpected CommandComplete message (type byte 0x43) from the server while waiting for COPY data",
        ),
        (
            "COPY data after its end",
            server().copy_out().bytes(b"c\0\0\0\x04").copy_data("x"),
            "unexpected CopyData message (type byte 0x64) from the server while waiting for CommandComplete of COPY",
        ),
        (
            "a second end of COPY",
            server().copy_out().bytes(b"c\0\0\0\x04c\0\0\0\x04"),
            "unexpected CopyDone message (type byte 0x63) from the server while waiting for CommandComplete of COPY",
        ),
        (
            "an unknown type",
            server().bytes(b"~\0\0\0\x04"),
            "unexpected unknown message (type byte 0x7E) from the server while waiting for the result of Query",
        ),
    ];
    for (what, Server(bytes), text) in cases {
        let mut conversation = conversation(|c| {
            c.query("select").unwrap();
        });
        let error = receive(&mut conversation, bytes).expect_err(what);
        assert_eq!(&error.to_string(), text, "{what}");
        assert_eq!(
            conversation.receive(&mut BytesMut::new()).expect_err(what),
            error,
            "{what}: it stays that way"
        );
        let ending = Ending::Protocol(error);
        assert_eq!(conversation.ending(), Some(&ending), "{what}");
        assert_eq!(
            conversation.query("select"),
            Err(CommandError::Ended(ending)),
            "{what}"
        );
    }
}

#[test]
fn a_row_with_a_wrong_field_count_ends_the_conversation_after_the_good_ones() {
    for row in [&[][..], &["1"], &["1", "2", "3"]] {
        let mut conversation = conversation(|c| {
            c.query("select").unwrap();
        });
        let Server(bytes) = server().columns(&["a", "b"]).row(&["1", "2"]).row(row);
        let mut input = BytesMut::from(&bytes[..]);
        assert!(matches!(
            conversation.receive(&mut input),
            Ok(Some(Event::Reply {
                reply: Reply::RowDescription(_),
                ..
            }))
        ));
        let Ok(Some(Event::Reply {
            reply: Reply::Rows(rows),
            ..
        })) = conversation.receive(&mut input)
        else {
            panic!("the good row comes first")
        };
        assert_eq!(rows.len(), 1);
        let error = conversation.receive(&mut input).unwrap_err();
        assert_eq!(
            error,
            ProtocolError::FieldCount {
                fields: row.len(),
                columns: 2
            }
        );
    }
}
