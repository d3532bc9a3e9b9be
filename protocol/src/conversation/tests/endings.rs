//! How conversations end.

use super::*;
use crate::SqlState;

#[test]
fn a_fatal_error_is_the_commands_and_the_reason() {
    let mut conversation = conversation(|c| {
        c.query("select").unwrap();
    });
    let Server(bytes) = server().error("FATAL", "57P01").idle();
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        ["0 error 57P01", "closing 57P01"]
    );
    assert_eq!(
        conversation.query("select").unwrap_err().to_string(),
        "the server closes the connection: FATAL: oops (SQLSTATE 57P01)"
    );
    let ending = conversation.handle_eof().clone();
    assert_eq!(ending, Ending::Server(diagnostic("FATAL", "57P01")));
    assert_eq!(ending.sqlstate(), SqlState::ADMIN_SHUTDOWN);
}

#[test]
fn an_error_while_idle_is_the_reason() {
    for severity in ["FATAL", "PANIC", "ERROR"] {
        let mut conversation = Conversation::new();
        let Server(bytes) = server().notice("01000").error(severity, "25P03");
        assert_eq!(
            receive(&mut conversation, &bytes).unwrap(),
            ["notice 01000", "closing 25P03"]
        );
        assert_eq!(
            conversation.handle_eof().sqlstate(),
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
        );
    }
}

#[test]
fn a_fatal_error_for_an_abandoned_command_is_still_told() {
    let mut conversation = conversation(|c| {
        c.query("select").unwrap();
    });
    conversation.abandon().unwrap();
    let Server(bytes) = server().error("FATAL", "57P01");
    assert_eq!(receive(&mut conversation, &bytes).unwrap(), ["closing 57P01"]);
    assert!(!conversation.is_draining(), "nothing is to come any more");
    assert!(matches!(conversation.abandon(), Err(CommandError::Ended(_))));
}

/// When another process of the server has crashed, a notice is all that its sessions are told.
#[test]
fn the_notice_of_a_crash_is_the_reason() {
    for state in [SqlState::CRASH_SHUTDOWN, SqlState::ADMIN_SHUTDOWN] {
        let mut conversation = Conversation::new();
        receive(&mut conversation, &server().notice(state.as_str()).0).unwrap();
        conversation.query("select").unwrap();
        assert_eq!(conversation.handle_eof().sqlstate(), state);
    }
}

#[test]
fn nothing_can_be_copied_after_the_end() {
    let mut conversation = conversation(|c| {
        c.query("copy").unwrap();
    });
    receive(&mut conversation, &server().copy_in().0).unwrap();
    conversation.terminate().unwrap();
    assert_eq!(conversation.copy_in(), None);
    assert!(conversation.copy_data(b"x").is_err());
}

#[test]
fn a_close_without_a_word() {
    let mut conversation = conversation(|c| {
        c.query("select").unwrap();
    });
    receive(&mut conversation, &server().columns(&["a"]).0).unwrap();
    assert_eq!(conversation.handle_eof(), &Ending::Closed);
    assert_eq!(conversation.handle_eof().sqlstate(), SqlState::CONNECTION_FAILURE);
    assert_eq!(
        conversation.query("select"),
        Err(CommandError::Ended(Ending::Closed))
    );
}

#[test]
fn after_terminate_no_command_is_taken_but_answers_are() {
    let mut conversation = Conversation::new();
    conversation.query("select").unwrap();
    conversation.terminate().unwrap();
    assert_eq!(send_all(&mut conversation), "QX");
    assert_eq!(
        conversation.query("select"),
        Err(CommandError::Ended(Ending::Terminated))
    );
    let Server(bytes) = server().complete("SELECT 0").idle();
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        ["0 SELECT 0", "0 ready Idle"]
    );
    assert_eq!(conversation.handle_eof(), &Ending::Terminated);
}

#[test]
fn after_terminate_a_fatal_error_is_the_last_word() {
    let mut conversation = conversation(|c| {
        c.query("select").unwrap();
        c.terminate().unwrap();
    });
    let Server(bytes) = server().error("FATAL", "57P01").complete("SELECT 0").idle();
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        ["0 error 57P01", "closing 57P01"]
    );
    assert_eq!(conversation.handle_eof().sqlstate(), SqlState::ADMIN_SHUTDOWN);
}

/// Whatever else is wrong with a command, that the conversation is over comes first.
#[test]
fn an_ending_is_told_before_any_other_mistake() {
    let mut conversation = Conversation::new();
    conversation.parse(&unnamed_parse("select")).unwrap();
    conversation.handle_eof();
    let ended = Err(CommandError::Ended(Ending::Closed));
    assert_eq!(conversation.query("select"), ended);
    assert_eq!(conversation.execute("", 0, ResultColumns::AsDescribed), ended);
}

#[test]
fn a_panic_is_fatal() {
    let mut conversation = conversation(|c| {
        c.query("select").unwrap();
    });
    let Server(bytes) = server().error("PANIC", "XX001");
    assert_eq!(
        receive(&mut conversation, &bytes).unwrap(),
        ["0 error XX001", "closing XX001"]
    );
}
