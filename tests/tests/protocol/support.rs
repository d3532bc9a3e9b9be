//! What the tests share.

use std::net::{Ipv4Addr, SocketAddr};

use dblink_protocol::Secret;
use dblink_protocol::auth::AuthConfig;
use dblink_protocol::backend::Diagnostic;
use dblink_protocol::conversation::{CommandId, Conversation, Event, Reply, ResultColumns};
use dblink_protocol::frontend::{Bind, Parse, Target};
use dblink_protocol::handshake::HandshakeConfig;
use dblink_protocol::wire::Format;
use dblink_tests::blocking::{Address, Client, Error};
use dblink_tests::{Cluster, roles};

/// The nonce of all tests: traces must not differ from run to run.
pub(crate) const NONCE: [u8; 18] = *b"not a random nonce";

pub(crate) fn socket(cluster: &Cluster) -> Address {
    Address::Unix(cluster.socket_dir().join(format!(".s.PGSQL.{}", cluster.port())))
}

pub(crate) fn tcp(cluster: &Cluster) -> Address {
    Address::Tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, cluster.port())), None)
}

pub(crate) fn config(user: &str, password: Option<&str>) -> HandshakeConfig {
    let mut auth = AuthConfig::new(user, NONCE);
    auth.credentials.password = password.map(Secret::from);
    let mut config = HandshakeConfig::new(auth);
    config
        .parameters
        .push(("database".to_owned(), "postgres".to_owned()));
    config
}

pub(crate) fn connect(cluster: &Cluster) -> Client {
    Client::connect(&socket(cluster), config(roles::SUPERUSER, None), None).unwrap()
}

/// A session on the shared server.
pub(crate) fn session() -> Client {
    connect(Cluster::shared())
}

/// Gives Parse, Bind, Describe, Execute and Sync for `query`, with parameters and results in text.
pub(crate) fn flight(
    conversation: &mut Conversation,
    query: &str,
    parameters: &[Option<&[u8]>],
) -> CommandId {
    conversation.parse(&parse("", query)).unwrap();
    conversation
        .bind(&Bind {
            parameters: parameters.to_vec(),
            ..bind("", "")
        })
        .unwrap();
    conversation.describe(Target::Portal("".into())).unwrap();
    conversation.execute("", 0, ResultColumns::AsDescribed).unwrap();
    conversation.sync().unwrap()
}

pub(crate) fn parse<'a>(statement: &'a str, query: &'a str) -> Parse<'a> {
    Parse {
        statement: statement.into(),
        query: query.into(),
        parameter_types: vec![].into(),
    }
}

pub(crate) fn bind<'a>(portal: &'a str, statement: &'a str) -> Bind<'a> {
    Bind {
        portal: portal.into(),
        statement: statement.into(),
        parameter_formats: vec![Format::Text].into(),
        parameters: vec![],
        result_formats: vec![Format::Text].into(),
    }
}

/// One line for each reply, each row and each piece of COPY data.
pub(crate) fn lines(events: &[Event]) -> Vec<String> {
    let mut lines = Vec::new();
    for event in events {
        match event {
            Event::Reply { reply, .. } => reply_lines(reply, &mut lines),
            Event::Notice(notice) => lines.push(format!("notice {}", message(notice))),
            Event::Notification(n) => lines.push(format!("notification {} {}", n.channel, n.payload)),
            Event::ParameterStatus { name, value } => lines.push(format!("{name}={value}")),
            other => lines.push(format!("{other:?}")),
        }
    }
    lines
}

fn reply_lines(reply: &Reply, lines: &mut Vec<String>) {
    let text = |value: Option<&[u8]>| String::from_utf8_lossy(value.unwrap_or(b"null")).into_owned();
    lines.push(match reply {
        Reply::RowDescription(columns) => {
            let names: Vec<_> = columns.iter().map(|column| column.name.to_string()).collect();
            format!("columns {}", names.join(","))
        }
        Reply::Rows(rows) => {
            return lines.extend(
                rows.iter()
                    .map(|row| row.values().map(text).collect::<Vec<_>>().join("|")),
            );
        }
        Reply::CopyData(chunks) => return lines.extend(chunks.iter().map(|chunk| text(Some(chunk)))),
        Reply::CommandComplete(command) => command.as_wire_str().to_string(),
        Reply::Error(error) => format!("error {}", message(error)),
        Reply::ReadyForQuery(status) => format!("ready {status:?}"),
        Reply::CopyInResponse(_) => "copy in".to_owned(),
        Reply::CopyOutResponse(_) => "copy out".to_owned(),
        other => format!("{other:?}"),
    });
}

fn message(diagnostic: &Diagnostic) -> String {
    format!(
        "{} {}",
        diagnostic.sqlstate().unwrap(),
        diagnostic.message().unwrap()
    )
}

/// The rows of a query's only result.
pub(crate) fn rows(client: &mut Client, sql: &str) -> Vec<String> {
    let events = client.query(sql).unwrap();
    let mut rows = Vec::new();
    for event in &events {
        if let Event::Reply {
            reply: reply @ Reply::Rows(_),
            ..
        } = event
        {
            reply_lines(reply, &mut rows);
        }
    }
    rows
}

/// The server's refusal to let someone in.
#[track_caller]
pub(crate) fn refusal(result: Result<Client, Error>) -> String {
    match result {
        Ok(_) => panic!("the server let us in"),
        Err(Error::Handshake(error)) => format!("{} {error}", error.sqlstate()),
        Err(other) => panic!("{other:?}"),
    }
}
