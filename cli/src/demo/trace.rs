//! What client and server say to each other.

use dblink_engine::connection::Connection;
use dblink_engine::conninfo::{Conninfo, Keyword, ProcessEnvironment};
use tokio::net::UnixListener;

use super::Ends;
use super::relay::relay;
use super::stage::{Stage, call};
use crate::failure::Failure;

/// What the messages are of a query with a parameter: those of the client, and those of the server.
const MESSAGES: [&str; 12] = [
    "Parse",
    "Bind",
    "Describe",
    "Execute",
    "Sync",
    "ParseComplete",
    "BindComplete",
    "RowDescription",
    "DataRow",
    "CommandComplete",
    "ReadyForQuery",
    "Terminate",
];

pub(super) async fn show(ends: &Ends, stage: &mut Stage) -> Result<(), Failure> {
    let folder = tempfile::tempdir().map_err(|error| Failure::io("make a folder", &error))?;
    let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432"))
        .map_err(|error| Failure::io("listen on a socket", &error))?;
    let Some(host) = ends.north.hosts.first() else {
        return stage.fail("north has no host");
    };
    let server = std::path::Path::new(&host.host).join(".s.PGSQL.5432");
    let config = Conninfo::new()
        .set(Keyword::Host, folder.path().to_string_lossy().as_ref())
        .set(Keyword::Port, "5432")
        .set(Keyword::User, ends.north.user.as_str())
        .set(Keyword::Dbname, ends.north.dbname.as_str())
        .resolve(&ProcessEnvironment)?;
    let client = async {
        let mut connection = Connection::connect(&config).await?;
        let row = call!(
            stage,
            "protocol",
            connection.query_one("select $1::int + 1", &[&41])
        )
        .await;
        let value = row.and_then(|row| row.get::<i32>(0));
        let value = value.map_err(|error| Failure::connection(&error, None))?;
        let closed = connection.close().await;
        closed.map_err(|error| Failure::connection(&error, None))?;
        Ok::<_, Failure>(value)
    };
    let passing = async {
        let passed = relay(&listener, &server).await;
        passed.map_err(|error| Failure::io("pass on what a client says", &error))
    };
    let (value, trace) = tokio::try_join!(client, passing)?;
    // What is behind the login.
    let lines: Vec<_> = trace
        .lines()
        .skip_while(|line| !line.contains("ReadyForQuery"))
        .skip(1)
        .map(|line| line.replace('\t', " "))
        .collect();
    stage.answer(lines.join("\n"))?;
    for message in MESSAGES {
        if !lines.iter().any(|line| line.contains(message)) {
            return stage.fail(format_args!("there is no {message}"));
        }
    }
    stage.expect(value, 42)
}
