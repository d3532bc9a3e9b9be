//! Which failures lead to another kind of encryption, to another host, or to the end: as with libpq.

use dblink_engine::connection::Connection;
use dblink_engine::net::ConnectError;
use dblink_tests::Files;

use crate::conninfo::resolve;
use crate::script::{Act, Server, authentication, fatal, message};
use crate::support::WELCOME;

fn say(text: &[u8]) -> Act {
    Act::Say(text.to_vec())
}

/// A server that lets everybody in, and reports what it is.
fn good(parameters: &[(&str, &str)]) -> Server {
    let mut welcome = authentication(0, b"");
    for (name, value) in parameters {
        welcome.extend(message(b'S', format!("{name}\0{value}\0").as_bytes()));
    }
    welcome.extend(message(b'Z', b"I"));
    Server::start(&[Act::Hear, Act::Say(welcome)])
}

async fn connect(first: &Server, second: &Server, options: &str) -> Result<Connection, ConnectError> {
    let config = resolve(&format!(
        "host=127.0.0.1,127.0.0.1 port={},{} user=u {options}",
        first.port, second.port
    ));
    Connection::connect(&config).await
}

#[tokio::test]
async fn a_server_that_starts_is_passed_over() {
    for (options, script) in [
        (
            "sslmode=disable",
            vec![Act::Hear, Act::Say(fatal("57P03", "starting up"))],
        ),
        (
            "sslmode=prefer",
            vec![
                Act::Hear,
                say(b"N"),
                Act::Hear,
                Act::Say(fatal("57P03", "starting up")),
            ],
        ),
        // No other kind of encryption is tried.
        (
            "sslmode=allow",
            vec![Act::Hear, Act::Say(fatal("57P03", "starting up"))],
        ),
    ] {
        let (first, second) = (Server::start(&script), Server::start(&[Act::Close]));
        drop(connect(&first, &second, options).await);
        assert_eq!((first.connections(), second.connections()), (1, 1), "{options}");
    }
}

/// What the first server does, and what is told of it at the end, after one connection.
#[tokio::test]
async fn other_failures_are_the_end() {
    let closed = "server closed the connection unexpectedly";
    let reset = "could not receive data from server: Connection reset by peer";
    let reset_in_tls = "SSL SYSCALL error: Connection reset by peer";
    let startup = |act| vec![Act::Hear, act];
    let after_no = |act| vec![Act::Hear, say(b"N"), Act::Hear, act];
    let after_ok = |act| vec![Act::Hear, Act::Say(authentication(0, b"")), act];
    let refusal = || Act::Say(fatal("53300", "too many"));
    for (options, script, told) in [
        ("disable", startup(refusal()), "too many"),
        ("disable", startup(Act::Close), closed),
        ("disable", vec![Act::Reset], reset),
        ("disable", startup(say(b"Eout of memory\n\0")), "out of memory"),
        (
            "disable",
            startup(say(b"HTTP/1.1 400 Bad Request\r\n")),
            "expected authentication request from server, but received H",
        ),
        ("disable", after_ok(refusal()), "too many"),
        (
            "disable",
            after_ok(Act::Say(fatal("57P03", "too late"))),
            "too late",
        ),
        ("disable", after_ok(Act::Close), closed),
        // Neither plain text nor TLS is left to be tried.
        ("prefer", after_no(refusal()), "too many"),
        ("prefer", after_no(Act::Close), closed),
        // A server that answers a request for TLS with something odd is not tried in plain text.
        (
            "prefer",
            startup(Act::Say(fatal("53300", "too many"))),
            "server sent an error response during SSL exchange",
        ),
        (
            "prefer",
            startup(say(b"x")),
            "received invalid response to SSL negotiation: x",
        ),
        (
            "prefer",
            startup(say(b"Sx")),
            "received unencrypted data after SSL response",
        ),
        ("prefer", startup(Act::Close), closed),
        ("prefer", vec![Act::Reset], reset),
        (
            "require",
            startup(say(b"N")),
            "server does not support SSL, but SSL was required",
        ),
        (
            "require",
            vec![Act::Hear, say(b"S"), Act::Hear, Act::Close],
            "SSL SYSCALL error: EOF detected",
        ),
        ("require", vec![Act::Hear, say(b"S"), Act::Reset], reset_in_tls),
    ] {
        let (first, second) = (Server::start(&script), good(&[]));
        let error = connect(&first, &second, &format!("sslmode={options}"))
            .await
            .unwrap_err();
        assert!(error.to_string().contains(told), "{told}: {error}");
        assert_eq!(error.attempts.len(), 1, "{error}");
        assert_eq!(
            (first.connections(), second.connections()),
            (1, 0),
            "{options}: {error}"
        );
    }
}

#[tokio::test]
async fn a_refusal_leads_to_the_other_encryption_and_no_further() {
    // Plain text first, and then there is no TLS.
    let refusal = [Act::Hear, Act::Say(fatal("28000", "not like this"))];
    let first = Server::start_with(&[&refusal, &[Act::Hear, say(b"N")]]);
    let second = good(&[]);
    let error = connect(&first, &second, "sslmode=allow").await.unwrap_err();
    assert_eq!((first.connections(), second.connections()), (2, 0), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("not like this") && text.contains("does not support SSL"),
        "{text}"
    );

    // TLS first, which breaks, and then plain text.
    let first = Server::start_with(&[
        &[Act::Hear, say(b"S"), Act::Hear, Act::Close],
        &[Act::Hear, say(WELCOME)],
    ]);
    connect(&first, &second, "sslmode=prefer").await.unwrap();
    assert_eq!((first.connections(), second.connections()), (2, 0));
}

#[tokio::test]
async fn without_a_standby_the_first_that_answered_will_do() {
    let options = "sslmode=disable target_session_attrs=prefer-standby";
    let starting = Server::start(&[Act::Hear, Act::Say(fatal("57P03", "starting up"))]);
    let primary = good(&[("in_hot_standby", "off")]);
    let connection = connect(&primary, &starting, options).await.unwrap();
    assert_eq!(connection.parameters().get("in_hot_standby").unwrap(), "off");
    // It is not dialled again.
    assert_eq!((primary.connections(), starting.connections()), (1, 1));
    drop(connection);

    // What is the end is the end of this, too.
    let refusing = Server::start(&[Act::Hear, Act::Say(fatal("28000", "no"))]);
    let error = connect(&primary, &refusing, options).await.unwrap_err();
    assert_eq!(error.attempts.len(), 2, "{error}");
    assert_eq!(error.sqlstate().as_str(), "28000");
}

/// DataRow with one column.
fn row(value: &str) -> Vec<u8> {
    let length = u32::try_from(value.len()).unwrap();
    message(
        b'D',
        &[b"\0\x01", &length.to_be_bytes()[..], value.as_bytes()].concat(),
    )
}

/// The answer to a statement with one column.
fn answer(rows: &[Vec<u8>]) -> Vec<u8> {
    let columns = message(
        b'T',
        b"\0\x01c\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0",
    );
    let end = [message(b'C', b"SHOW\0"), message(b'Z', b"I")].concat();
    [columns, rows.concat(), end].concat()
}

#[tokio::test]
async fn what_a_session_is_takes_one_answer() {
    let null = message(b'D', b"\0\x01\xff\xff\xff\xff");
    let error = message(b'E', b"SERROR\0VERROR\0C42501\0Mnot for you\0\0");
    let not_one = "\"SHOW transaction_read_only\" failed: the server did not give one row with one value";
    for (said, told) in [
        (answer(&[]), not_one),
        (answer(&[row("off"), row("off")]), not_one),
        (answer(&[null]), not_one),
        ([message(b'I', b""), message(b'Z', b"I")].concat(), not_one),
        (
            [error, message(b'Z', b"I")].concat(),
            "\"SHOW transaction_read_only\" failed: ERROR: not for you (SQLSTATE 42501)",
        ),
    ] {
        let first = Server::start(&[Act::Hear, say(WELCOME), Act::Hear, Act::Say(said)]);
        let second = Server::start(&[Act::Hear, say(WELCOME), Act::Hear, Act::Say(answer(&[row("on")]))]);
        let options = "sslmode=disable target_session_attrs=read-write";
        let error = connect(&first, &second, options).await.unwrap_err();
        let text = error.to_string();
        assert!(text.lines().next().unwrap().ends_with(told), "{text}");
        assert!(text.ends_with("failed: session is read-only"), "{text}");
    }
    // A last word is an answer, and a connection that breaks is the end.
    let first = Server::start(&[
        Act::Hear,
        say(WELCOME),
        Act::Hear,
        Act::Say(fatal("57P01", "not now")),
        Act::Close,
    ]);
    let second = Server::start(&[
        Act::Hear,
        say(WELCOME),
        Act::Hear,
        Act::Say(answer(&[row("off")])),
    ]);
    let options = "sslmode=disable target_session_attrs=read-write";
    connect(&first, &second, options).await.unwrap();
    let first = Server::start(&[Act::Hear, say(WELCOME), Act::Hear, Act::Close]);
    let second = Server::start(&[Act::Close]);
    let error = connect(&first, &second, options).await.unwrap_err();
    assert_eq!(second.connections(), 0, "{error}");
}

/// Nothing of a host is left for the next one: each gets its own password, as the file of passwords has it.
#[tokio::test]
async fn each_host_gets_its_own_password() {
    let ask = |password: &[u8], then: Vec<u8>| {
        let password = [password, b"\0"].concat();
        let request = Act::Say(authentication(3, b""));
        Server::start(&[Act::Hear, request, Act::Expect(password), Act::Say(then)])
    };
    let first = ask(b"one", fatal("57P03", "starting up"));
    let second = ask(b"two", WELCOME.to_vec());
    let files = Files::new();
    let lines = format!(
        "127.0.0.1:{}:*:u:one\n127.0.0.1:{}:*:u:two\n",
        first.port, second.port
    );
    let options = format!(
        "sslmode=disable passfile={}",
        files.write("passwords", &lines, 0o600)
    );
    connect(&first, &second, &options).await.unwrap();
    assert_eq!(first.connections(), 1);

    // A host without a password has none, also behind one that has.
    let lines = format!("127.0.0.1:{}:*:u:one\n", first.port);
    files.write("passwords", &lines, 0o600);
    let error = connect(&first, &second, &options).await.unwrap_err();
    let causes: Vec<_> = error
        .attempts
        .iter()
        .map(|attempt| attempt.cause.to_string())
        .collect();
    assert_eq!(
        causes,
        [
            "FATAL: starting up (SQLSTATE 57P03)",
            "fe_sendauth: no password supplied"
        ]
    );
}
