//! Behind PgBouncer, which gives a client a server's session for one transaction.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dblink_engine::connection::{Closed, Connection, Error, SimpleResult};
use dblink_engine::net::Stream;
use dblink_protocol::conversation::Ending;
use dblink_tests::{Cluster, PgBouncer, roles};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::conninfo::resolve;
use crate::support::{config, value};

/// A statement that tells by a notice that it runs, and then goes on.
const RUNNING: &str = "do $$ begin raise notice 'running'; perform pg_sleep(3600); end $$";

/// One whose clients all share so many sessions of the shared server.
fn pooler(sessions: u32) -> PgBouncer {
    PgBouncer::builder()
        .conf("default_pool_size", &sessions.to_string())
        .start(Cluster::shared())
}

/// A client, over TCP.
async fn client(pooler: &PgBouncer) -> Connection {
    let conninfo = format!(
        "host={} port={} dbname=postgres user={} sslmode=disable",
        pooler.host(),
        pooler.port(),
        roles::TRUST_USER
    );
    Connection::connect(&resolve(&conninfo)).await.unwrap()
}

/// What is closed when the connection's first notice comes.
fn first_notice(connection: &mut Connection) -> oneshot::Receiver<()> {
    let (running, runs) = oneshot::channel();
    let mut running = Some(running);
    connection.on_notice(move |_| drop(running.take()));
    runs
}

/// Over TCP and the Unix socket, with every way to log in.
#[tokio::test]
async fn everybody_logs_in_as_to_a_server() {
    let pooler = pooler(1);
    for host in [pooler.host(), pooler.socket_dir().to_str().unwrap()] {
        for (user, password) in [
            (roles::TRUST_USER, ""),
            (roles::MD5_USER, roles::MD5_PASSWORD),
            (roles::SCRAM_USER, roles::SCRAM_PASSWORD),
            (roles::CLEARTEXT_USER, roles::CLEARTEXT_PASSWORD),
        ] {
            let conninfo = format!(
                "host={host} port={} dbname=postgres user={user} password='{password}' sslmode=disable",
                pooler.port()
            );
            let mut connection = Connection::connect(&resolve(&conninfo)).await.unwrap();
            let query = format!("select (current_user = '{user}')::int");
            assert_eq!(value(&mut connection, &query).await.unwrap(), 1, "{user}");
            connection.close().await.unwrap();
        }
    }
}

/// Asks its own questions, fails now and then, and gives the server processes that answered.
async fn asks(mut connection: Connection, client: i32) -> BTreeSet<i32> {
    let mut processes = BTreeSet::new();
    for question in 0..50 {
        let text = format!("client {client}, question {question}");
        let mut rows = connection
            .query(
                "select $1::text, $2::int + g, pg_backend_pid() from generate_series(1, 10) g",
                &[&text, &question],
            )
            .await
            .unwrap();
        for number in 1..=10 {
            let row = rows.next().await.unwrap().unwrap();
            assert_eq!(row.get::<&str>(0).unwrap(), text);
            assert_eq!(row.get::<i32>(1).unwrap(), question + number);
            processes.insert(row.get(2).unwrap());
        }
        assert!(rows.next().await.unwrap().is_none());

        let message = format!("no answer to {text}");
        let failure = format!("do $$ begin raise exception '{message}'; end $$");
        let error = connection.execute(&failure, &[]).await.unwrap_err();
        assert_eq!(
            error
                .server()
                .unwrap()
                .message()
                .map(|text| text.to_string())
                .as_deref(),
            Some(message.as_str())
        );
    }
    processes
}

#[tokio::test]
async fn no_client_gets_anothers_answer() {
    for sessions in [1, 2] {
        let pooler = pooler(sessions);
        let mut clients = JoinSet::new();
        for number in 0..16 {
            clients.spawn(asks(client(&pooler).await, number));
        }
        let processes: BTreeSet<i32> = clients.join_all().await.into_iter().flatten().collect();
        assert_eq!(processes.len(), sessions as usize);
    }
}

#[tokio::test]
async fn a_transaction_keeps_its_session() {
    let pooler = pooler(2);
    let (mut one, mut two) = (client(&pooler).await, client(&pooler).await);
    one.execute("begin", &[]).await.unwrap();
    one.execute("create temp table t on commit drop as select 7 as a", &[])
        .await
        .unwrap();
    for _ in 0..10 {
        let error = value(&mut two, "select a from t").await.unwrap_err();
        assert_eq!(error.sqlstate().as_str(), "42P01", "{error}");
        assert_eq!(value(&mut one, "select a from t").await.unwrap(), 7);
    }
    one.execute("commit", &[]).await.unwrap();
}

#[tokio::test]
async fn a_running_query_is_cancelled() {
    let pooler = pooler(1);
    let mut connection = client(&pooler).await;
    let handle = connection.cancel_handle().unwrap();
    let runs = first_notice(&mut connection);
    let cancel = async {
        runs.await.unwrap_err();
        handle.cancel(Duration::from_secs(10)).await.unwrap();
    };
    let (result, ()) = tokio::join!(connection.execute(RUNNING, &[]), cancel);
    assert_eq!(result.unwrap_err().sqlstate().as_str(), "57014");
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
}

#[tokio::test]
async fn several_statements_and_their_notices() {
    let pooler = pooler(1);
    let (mut connection, mut other) = (client(&pooler).await, client(&pooler).await);
    let notices = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&notices);
    connection.on_notice(move |notice| heard.lock().unwrap().push(notice.to_string()));
    other.on_notice(|notice| panic!("it is not for this client: {notice}"));

    let mut results = connection
        .simple_query("select 1; do $$ begin raise notice 'here'; end $$; select 2")
        .await
        .unwrap();
    let mut values = Vec::new();
    while let Some(result) = results.next().await.unwrap() {
        for row in result.rows() {
            values.push(row.raw(0).unwrap().unwrap().to_vec());
        }
        assert!(!matches!(result, SimpleResult::Empty));
    }
    assert_eq!(values, [b"1", b"2"]);
    assert_eq!(value(&mut other, "select 3").await.unwrap(), 3);
    let notices = notices.lock().unwrap();
    assert_eq!(notices.len(), 1);
    assert!(notices[0].contains("here"), "{notices:?}");
}

/// The rest of the answer goes by, and the session is free for others again.
#[tokio::test]
async fn a_query_that_is_dropped_half_way() {
    let pooler = pooler(1);
    let (mut one, mut two) = (client(&pooler).await, client(&pooler).await);
    for _ in 0..5 {
        let mut rows = one
            .query("select g from generate_series(1, 200000) g", &[])
            .await
            .unwrap();
        assert_eq!(rows.next().await.unwrap().unwrap().get::<i32>(0).unwrap(), 1);
        drop(rows);
        // One is still to be answered to its end, and then it is the other's turn.
        let (mine, other) = tokio::join!(value(&mut one, "select -1"), value(&mut two, "select -2"));
        assert_eq!((mine.unwrap(), other.unwrap()), (-1, -2));
    }
}

#[tokio::test]
async fn a_parameter_that_it_refuses_is_named() {
    let pooler = pooler(1);
    for name in ["extra_float_digits", "options"] {
        let stream = TcpStream::connect((pooler.host(), pooler.port())).await.unwrap();
        let mut config = config(roles::TRUST_USER, None);
        config.parameters.push((name.to_owned(), "1".to_owned()));
        let error = Connection::open(Stream::Tcp(stream), config, None)
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("FATAL: unsupported startup parameter: {name} (SQLSTATE 08P01)")
        );
    }

    let conninfo = format!(
        "host={} port={} dbname=postgres user={} options='-c geqo=off' sslmode=disable",
        pooler.host(),
        pooler.port(),
        roles::TRUST_USER
    );
    let error = Connection::connect(&resolve(&conninfo)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "connection to server at \"127.0.0.1\", port {} failed: FATAL: unsupported startup parameter: options \
             (SQLSTATE 08P01)",
            pooler.port()
        )
    );
}

#[tokio::test]
async fn waiting_too_long_for_a_session_ends_the_connection_with_the_reason() {
    let pooler = PgBouncer::builder()
        .conf("default_pool_size", "1")
        .conf("query_wait_timeout", "1")
        .start(Cluster::shared());
    let (mut one, mut two) = (client(&pooler).await, client(&pooler).await);
    one.execute("begin", &[]).await.unwrap();
    let error = value(&mut two, "select 1").await.unwrap_err();
    assert_eq!(error.to_string(), "FATAL: query_wait_timeout (SQLSTATE 08P01)");
    let error = value(&mut two, "select 1").await.unwrap_err();
    assert!(matches!(error, Error::Closed(_)), "{error:?}");
    assert!(two.is_closed());

    one.execute("commit", &[]).await.unwrap();
    assert_eq!(value(&mut one, "select 1").await.unwrap(), 1);
}

#[tokio::test]
async fn when_it_is_killed_the_connection_is_closed() {
    let pooler = pooler(2);
    let (mut busy, mut idle) = (client(&pooler).await, client(&pooler).await);
    let runs = first_notice(&mut busy);
    let kill = async {
        runs.await.unwrap_err();
        drop(pooler);
    };
    let (running, ()) = tokio::join!(busy.execute(RUNNING, &[]), kill);
    let next = idle.execute("select 1", &[]).await;
    for (connection, result) in [(&busy, running), (&idle, next)] {
        let error = result.unwrap_err();
        assert!(
            matches!(error, Error::Closed(Closed::Ended(Ending::Closed))),
            "{error:?}"
        );
        assert!(connection.is_closed());
    }
}

/// What was prepared is in another session when the pooler changes it: it is prepared again where it is run.
#[tokio::test]
async fn prepared_statements_follow_the_server() {
    let pooler = pooler(2);
    let mut connection = client(&pooler).await;
    let mut other = client(&pooler).await;
    let statement = connection.prepare("select pg_backend_pid()").await.unwrap();
    let run = async |connection: &mut Connection| {
        let mut rows = connection.query_prepared(&statement, &[]).await.unwrap();
        rows.next().await.unwrap().unwrap().get::<i32>(0).unwrap()
    };
    let first = run(&mut connection).await;
    // The only session that there is goes to another client, and stays with it.
    let mut transaction = other.transaction().await.unwrap();
    let taken = value(&mut transaction, "select pg_backend_pid()").await.unwrap();
    assert_eq!(taken, first);
    for _ in 0..2 {
        assert_ne!(run(&mut connection).await, first);
    }
    transaction.commit().await.unwrap();
}

/// Many at once, with as many sessions as the pooler likes.
#[tokio::test]
async fn prepared_statements_of_many_clients() {
    let pooler = pooler(2);
    let mut clients = JoinSet::new();
    for number in 0..6 {
        let mut connection = client(&pooler).await;
        clients.spawn(async move {
            let query = format!("select $1::int4 + {number}");
            let statement = connection.prepare(&query).await.unwrap();
            for round in 0..50 {
                let mut rows = connection.query_prepared(&statement, &[&round]).await.unwrap();
                let row = rows.next().await.unwrap().unwrap();
                assert_eq!(row.get::<i32>(0).unwrap(), round + number);
            }
        });
    }
    clients.join_all().await;
}

#[tokio::test]
async fn a_statement_is_cancelled_at_its_deadline() {
    let pooler = pooler(1);
    let mut connection = client(&pooler).await;
    let limit = Duration::from_millis(200);
    let error = connection
        .within(limit)
        .execute("select pg_sleep(3600)", &[])
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Deadline { .. }), "{error}");
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
}

/// A type that is not built in takes two round trips, which may be two servers'.
#[tokio::test]
async fn types_are_looked_up_at_whatever_server() {
    let pooler = pooler(2);
    Cluster::shared().psql("create type engine_pooled as enum ('a', 'b')");
    for _ in 0..3 {
        let mut connection = client(&pooler).await;
        let mut pipeline = connection.pipeline();
        let queued = pipeline.query("select 'a'::engine_pooled", &[]).unwrap();
        let rows = pipeline.run().await.unwrap().take(queued).unwrap();
        let type_ = rows.columns().unwrap().get(0).unwrap().type_().clone();
        assert_eq!(type_.name(), "engine_pooled");
    }
}
