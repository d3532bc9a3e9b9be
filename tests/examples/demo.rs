//! Starts a throwaway server, logs in with SCRAM, and shows a conversation with its trace. `./dev demo` runs it.

// A program for developers: it prints, and stops at what cannot be.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

use std::cell::RefCell;
use std::rc::Rc;

use dblink_protocol::Secret;
use dblink_protocol::auth::AuthConfig;
use dblink_protocol::conversation::{Event, Reply, ResultColumns};
use dblink_protocol::frontend::{Bind, Parse, Target};
use dblink_protocol::handshake::HandshakeConfig;
use dblink_protocol::trace::Tracer;
use dblink_protocol::wire::Format;
use dblink_tests::blocking::{Address, Client, Direction};
use dblink_tests::{Cluster, roles};

fn main() {
    println!("Starting a PostgreSQL server of our own ...");
    let cluster = Cluster::start();
    println!(
        "PostgreSQL {} listens on port {}.",
        cluster.version(),
        cluster.port()
    );

    println!(
        "\nLogging in with SCRAM-SHA-256. The trace is in the format of libpq's PQtrace, secrets are left out:\n"
    );
    let tracer = Rc::new(RefCell::new(Tracer::new()));
    let observer = Box::new(move |direction, bytes: &[u8]| {
        let mut lines = String::new();
        match direction {
            Direction::Frontend => tracer.borrow_mut().frontend(None, bytes, &mut lines),
            Direction::Backend => tracer.borrow_mut().backend(None, bytes, &mut lines),
        }
        print!("{lines}");
    });
    let mut auth = AuthConfig::new(roles::SCRAM_USER, *b"not a random nonce");
    auth.credentials.password = Some(Secret::from(roles::SCRAM_PASSWORD));
    let mut config = HandshakeConfig::new(auth);
    config.parameters.push(("database".into(), "postgres".into()));
    let socket = cluster.socket_dir().join(format!(".s.PGSQL.{}", cluster.port()));
    let mut client =
        Client::connect(&Address::Unix(socket), config, Some(observer)).expect("the server lets us in");

    println!("\nThree statements in one pipeline, the second of which fails:\n");
    let conversation = &mut client.conversation;
    for (query, parameter) in [
        ("select $1::int + 1", "41"),
        ("select 1 / $1::int", "0"),
        ("select 'never ' || $1", "seen"),
    ] {
        conversation
            .parse(&Parse {
                statement: "".into(),
                query: query.into(),
                parameter_types: vec![].into(),
            })
            .unwrap();
        conversation
            .bind(&Bind {
                portal: "".into(),
                statement: "".into(),
                parameter_formats: vec![Format::Text].into(),
                parameters: vec![Some(parameter.as_bytes())],
                result_formats: vec![Format::Text].into(),
            })
            .unwrap();
        conversation.describe(Target::Portal("".into())).unwrap();
        conversation.execute("", 0, ResultColumns::AsDescribed).unwrap();
    }
    let sync = conversation.sync().unwrap();
    let events = client.until_ready(sync).expect("the session goes on");

    println!("\nWhat the caller gets:\n");
    let mut skipped = 0;
    for event in events {
        match event {
            Event::Reply { reply, .. } => match reply {
                Reply::Rows(rows) => {
                    for row in &rows {
                        let value = String::from_utf8_lossy(row.get(0).flatten().unwrap_or_default());
                        println!("  a row: {value}");
                    }
                }
                Reply::Error(error) => println!("  {error}"),
                Reply::Skipped => skipped += 1,
                Reply::ReadyForQuery(status) => {
                    println!("  {skipped} commands skipped, then ready: {status:?}");
                }
                _ => {}
            },
            other => println!("  {other:?}"),
        }
    }
    println!("\nStopping the server and removing its folder.");
}
