//! What nobody wants any more.

use super::*;

const PARSED_AND_BOUND: &[u8] = b"1\0\0\0\x042\0\0\0\x04";

#[test]
fn an_abandoned_result_goes_by_unseen() {
    let mut conversation = conversation(|c| {
        c.query("select").unwrap();
    });
    let Server(bytes) = server().columns(&["a"]).row(&["1"]);
    receive(&mut conversation, &bytes).unwrap();
    conversation.abandon().unwrap();
    assert!(conversation.is_draining());
    let Server(bytes) = server()
        .row(&["2"])
        .notice("01000")
        .row(&["3"])
        .parameter("a", "b")
        .notification("n");
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        ["notice 01000", "a=b", "notification c n"],
        "what is asynchronous is still told"
    );
    assert!(conversation.is_draining());
    let Server(bytes) = server()
        .complete("SELECT 3")
        .ready(TransactionStatus::InTransaction);
    assert_eq!(receive(&mut conversation, &bytes).unwrap(), [""; 0]);
    assert!(!conversation.is_draining() && conversation.is_idle());
    assert_eq!(
        conversation.transaction_status(),
        TransactionStatus::InTransaction
    );
}

#[test]
fn the_next_command_gets_its_own_answers() {
    let mut conversation = conversation(|c| {
        flight(c, "select 1");
        flight(c, "select 2");
        c.sync().unwrap();
    });
    conversation.abandon().unwrap();
    let next = conversation.query("select 3").unwrap();
    let Server(bytes) = server()
        .bytes(PARSED_AND_BOUND)
        .columns(&["a"])
        .row(&["1"])
        .complete("SELECT 1")
        .error("ERROR", "22012")
        .idle()
        .columns(&["a"])
        .row(&["3"])
        .complete("SELECT 1")
        .idle();
    assert_eq!(next.0, 9);
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        ["9 columns a", "9 row 3", "9 SELECT 1", "9 ready Idle"]
    );
}

#[test]
fn an_open_segment_is_ended() {
    let mut conversation = Conversation::new();
    flight(&mut conversation, "select");
    conversation.abandon().unwrap();
    assert_eq!(send_all(&mut conversation), "PBDES");
    let Server(bytes) = server().error("ERROR", "42601").idle();
    assert_eq!(receive(&mut conversation, &bytes).unwrap(), [""; 0]);
    assert!(conversation.is_idle());
}

#[test]
fn a_copy_in_is_failed_whenever_it_is_given_up() {
    for extended in [false, true] {
        for begun in [false, true] {
            let mut conversation = conversation(|c| {
                if extended {
                    flight(c, "copy");
                    c.sync().unwrap();
                } else {
                    c.query("copy").unwrap();
                }
            });
            let mut script = server();
            if extended {
                script = script.bytes(PARSED_AND_BOUND).bytes(b"n\0\0\0\x04");
            }
            let Server(bytes) = script.copy_in();
            if begun {
                receive(&mut conversation, &bytes).unwrap();
                conversation.copy_data(b"1\n").unwrap();
                conversation.abandon().unwrap();
                assert_eq!(send_all(&mut conversation), if extended { "dfS" } else { "df" });
            } else {
                conversation.abandon().unwrap();
                assert_eq!(receive(&mut conversation, &bytes).unwrap(), [""; 0]);
                assert_eq!(send_all(&mut conversation), if extended { "fS" } else { "f" });
            }
            let mut script = server().error("ERROR", "57014").idle();
            if extended {
                script = script.bytes(b"3\0\0\0\x04").idle();
            }
            assert_eq!(receive(&mut conversation, &script.0).unwrap(), [""; 0]);
            assert!(conversation.is_idle(), "extended: {extended}, begun: {begun}");
        }
    }
}

#[test]
fn a_copy_out_goes_by() {
    let mut conversation = conversation(|c| {
        c.query("copy").unwrap();
    });
    conversation.abandon().unwrap();
    let Server(bytes) = server()
        .copy_out()
        .copy_data("1\n")
        .copy_data("2\n")
        .bytes(b"c\0\0\0\x04")
        .complete("COPY 2")
        .idle();
    assert_eq!(receive(&mut conversation, &bytes).unwrap(), [""; 0]);
    assert!(conversation.is_idle());
}

#[test]
fn a_copy_both_is_ended_on_our_side() {
    let mut conversation = conversation(|c| {
        c.query("START_REPLICATION").unwrap();
    });
    conversation.abandon().unwrap();
    receive(&mut conversation, b"W\0\0\0\x07\0\0\0").unwrap();
    assert_eq!(send_all(&mut conversation), "c");
    let Server(bytes) = server()
        .copy_data("w")
        .bytes(b"c\0\0\0\x04")
        .complete("COPY 0")
        .idle();
    assert_eq!(receive(&mut conversation, &bytes).unwrap(), [""; 0]);
    assert!(conversation.is_idle());
}

#[test]
fn a_malformed_row_is_not_overlooked() {
    let mut conversation = conversation(|c| {
        c.query("select").unwrap();
    });
    conversation.abandon().unwrap();
    let Server(bytes) = server().columns(&["a"]).row(&["1", "2"]);
    assert!(matches!(
        receive(&mut conversation, &bytes),
        Err(ProtocolError::FieldCount { .. })
    ));
}

#[test]
fn nothing_to_abandon_is_no_draining() {
    let mut conversation = Conversation::new();
    conversation.abandon().unwrap();
    assert!(!conversation.is_draining());
    assert!(conversation.outgoing().is_empty());
}
