//! What a server, or a caller, may do that nobody expects.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use dblink_engine::connection::{Connection, Error, Rows, SimpleResults};
use dblink_engine::net::Stream;
use dblink_protocol::backend::TransactionStatus;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex};
use tokio::time::{Instant, sleep};

use crate::conninfo::resolve;
use crate::script::{fatal, message};
use crate::support::{WELCOME, config, session, value};

const LIMIT: Duration = Duration::from_secs(30);

const INT4: u32 = 23;
/// That of no built-in type.
const UNKNOWN: u32 = 99_999;

/// ParseComplete, BindComplete, and RowDescription of one column in binary format.
fn described(type_oid: u32) -> Vec<u8> {
    let field = [
        &b"\0\x01n\0\0\0\0\0\0\0"[..],
        &type_oid.to_be_bytes(),
        b"\xff\xff\xff\xff\xff\xff\0\x01",
    ];
    [&b"1\0\0\0\x042\0\0\0\x04"[..], &message(b'T', &field.concat())].concat()
}

/// DataRow of one value.
const ROW: &[u8] = b"D\0\0\0\x0e\0\x01\0\0\0\x04\0\0\0\x07";

/// CommandComplete and ReadyForQuery.
fn done(tag: &str, status: u8) -> Vec<u8> {
    [
        message(b'C', &[tag.as_bytes(), b"\0"].concat()),
        message(b'Z', &[status]),
    ]
    .concat()
}

/// ErrorResponse and ReadyForQuery.
fn refusal(sqlstate: &str) -> Vec<u8> {
    [
        message(b'E', format!("SERROR\0VERROR\0C{sqlstate}\0Mno\0\0").as_bytes()),
        message(b'Z', b"I"),
    ]
    .concat()
}

/// A session with a server that does what `server` does, once it has said its welcome.
async fn with<F>(buffer: usize, server: impl FnOnce(DuplexStream) -> F) -> Connection
where
    F: Future<Output = ()> + Send + 'static,
{
    let (ours, mut theirs) = duplex(buffer);
    let mut startup = config("u", None);
    startup.parameters.clear();
    let opening = Connection::open(Stream::Other(Box::new(ours)), startup, None);
    let welcoming = async {
        assert!(theirs.read(&mut [0; 4096]).await.unwrap() > 0);
        theirs.write_all(WELCOME).await.unwrap();
    };
    let (connection, ()) = tokio::join!(opening, welcoming);
    tokio::spawn(server(theirs));
    connection.unwrap()
}

/// A session with a server that answers whatever it hears, one after the other, and then is silent.
async fn answered(answers: Vec<Vec<u8>>) -> Connection {
    with(1 << 20, async |mut theirs| {
        let mut request = [0; 1 << 16];
        for answer in answers {
            if theirs.read(&mut request).await.unwrap() == 0 {
                return;
            }
            theirs.write_all(&answer).await.unwrap();
        }
        drop(tokio::io::copy(&mut theirs, &mut tokio::io::sink()).await);
    })
    .await
}

async fn to_the_end(rows: &mut Rows<'_>) -> Result<(), Error> {
    while rows.next().await?.is_some() {}
    Ok(())
}

async fn all_results(results: &mut SimpleResults<'_>) -> Result<(), Error> {
    while results.next().await?.is_some() {}
    Ok(())
}

/// Whoever asks again must not be told that the result was complete.
#[tokio::test]
async fn a_failure_is_told_whenever_it_is_asked_for() {
    let mut connection = session().await;
    let failing = "select 1 / (3 - g) from generate_series(1, 5) g";
    let mut rows = connection.query(failing, &[]).await.unwrap();
    for _ in 0..3 {
        let error = to_the_end(&mut rows).await.unwrap_err();
        assert_eq!(error.sqlstate().as_str(), "22012", "{error}");
    }
    let mut results = connection.simple_query(failing).await.unwrap();
    for _ in 0..3 {
        let error = all_results(&mut results).await.unwrap_err();
        assert_eq!(error.sqlstate().as_str(), "22012", "{error}");
    }
    let copy = "copy pg_class to stdout";
    let mut rows = connection.query(copy, &[]).await.unwrap();
    for _ in 0..3 {
        let refused = to_the_end(&mut rows).await;
        assert!(matches!(refused, Err(Error::UnexpectedCopy)), "{refused:?}");
    }
    let mut results = connection.simple_query(copy).await.unwrap();
    for _ in 0..3 {
        let refused = all_results(&mut results).await;
        assert!(matches!(refused, Err(Error::UnexpectedCopy)), "{refused:?}");
    }
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
}

/// A statement that was run to its end is not reported as cancelled only because nobody wants its rows.
#[tokio::test(start_paused = true)]
async fn what_is_done_after_its_deadline_is_done() {
    let mut connection = with(1 << 20, async |mut theirs| {
        assert!(theirs.read(&mut [0; 4096]).await.unwrap() > 0);
        sleep(LIMIT + Duration::from_millis(1)).await;
        let answer = [described(INT4), ROW.to_vec(), done("INSERT 0 1", b'I')].concat();
        theirs.write_all(&answer).await.unwrap();
        drop(tokio::io::copy(&mut theirs, &mut tokio::io::sink()).await);
    })
    .await;
    let inserted = connection
        .within(LIMIT)
        .execute("insert into t values (7) returning a", &[])
        .await;
    assert_eq!(inserted.unwrap(), 1);
}

/// The statement was done, and its result is there: that the question behind it fails is another matter.
#[tokio::test]
async fn a_failed_look_up_does_not_hide_a_result() {
    let result = || [described(UNKNOWN), ROW.to_vec(), done("INSERT 0 1", b'I')].concat();
    let mut connection = answered(vec![result(), refusal("53200")]).await;
    let mut rows = connection.query("insert into t returning a", &[]).await.unwrap();
    let row = rows.next().await.unwrap().unwrap();
    assert_eq!(row.raw(0).unwrap(), Some(&[0, 0, 0, 7][..]));
    assert!(rows.next().await.unwrap().is_none());

    let mut connection = answered(vec![result(), refusal("53200")]).await;
    let mut pipeline = connection.pipeline();
    let queued = pipeline.query("insert into t returning a", &[]).unwrap();
    let mut results = pipeline.run().await.unwrap();
    assert_eq!(results.take(queued).unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn nor_does_one_that_takes_too_long() {
    let result = [described(UNKNOWN), ROW.to_vec(), done("INSERT 0 1", b'I')].concat();
    let mut connection = answered(vec![result]).await;
    let mut rows = connection
        .within(LIMIT)
        .query("insert into t returning a", &[])
        .await
        .unwrap();
    rows.next().await.unwrap().unwrap();
    assert!(rows.next().await.unwrap().is_none());
    // Of the connection the next call tells.
    assert!(connection.is_closed());
}

/// A catalog that is another one than PostgreSQL's costs the types, and no more.
#[tokio::test]
async fn an_odd_catalog_is_not_asked_for_ever() {
    let result = |oid| [described(oid), ROW.to_vec(), done("SELECT 1", b'I')].concat();
    let odd = [described(INT4), ROW.repeat(3), done("SELECT 3", b'I')].concat();
    let mut connection = answered(vec![result(UNKNOWN), odd, result(UNKNOWN), result(INT4)]).await;
    for _ in 0..2 {
        let mut rows = connection.query("select a from t", &[]).await.unwrap();
        let row = rows.next().await.unwrap().unwrap();
        assert_eq!(row.raw(0).unwrap(), Some(&[0, 0, 0, 7][..]));
        assert!(rows.next().await.unwrap().is_none());
    }
    assert_eq!(value(&mut connection, "select 7").await.unwrap(), 7);
}

/// The limit of one call is never another's.
#[tokio::test]
async fn a_limit_is_not_left_to_another_call() {
    let mut connection = session().await;
    connection.execute("listen engine_limit", &[]).await.unwrap();
    connection.execute("notify engine_limit", &[]).await.unwrap();
    let slow = "select pg_sleep(0.1)";
    connection
        .within(Duration::ZERO)
        .wait_for_notification(None)
        .await
        .unwrap()
        .unwrap();
    connection.execute(slow, &[]).await.expect("after a notification");
    drop(connection.within(Duration::ZERO).pipeline());
    connection.execute(slow, &[]).await.expect("after a pipeline");
    drop(connection.within(Duration::ZERO).build_transaction());
    connection.execute(slow, &[]).await.expect("after a transaction");
    connection
        .within(Duration::ZERO)
        .change_password("nobody", "")
        .await
        .unwrap_err();
    connection.execute(slow, &[]).await.expect("after a password");
    connection.prepare(slow).await.unwrap();
    let statement = connection.within(Duration::ZERO).prepare(slow).await.unwrap();
    connection
        .execute_prepared(&statement, &[])
        .await
        .expect("after the cache");

    // Where it belongs it is kept.
    let mut pipeline = connection.within(Duration::ZERO).pipeline();
    let queued = pipeline.execute("select pg_sleep(60)", &[]).unwrap();
    let error = match pipeline.run().await {
        Ok(mut results) => results.take(queued).unwrap_err(),
        Err(error) => error,
    };
    assert!(matches!(error, Error::Deadline { .. }), "{error}");
}

/// A call whose time is spent on what another has left does nothing any more.
#[tokio::test(start_paused = true)]
async fn nothing_is_run_after_its_deadline() {
    let heard = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&heard);
    let mut connection = with(1 << 20, async move |mut theirs| {
        let mut request = [0; 4096];
        for pause in [LIMIT + Duration::from_secs(4), Duration::ZERO] {
            if theirs.read(&mut request).await.unwrap() == 0 {
                return;
            }
            count.fetch_add(1, Ordering::SeqCst);
            sleep(pause).await;
            let answer = [described(INT4), ROW.to_vec(), done("SELECT 1", b'I')].concat();
            theirs.write_all(&answer).await.unwrap();
        }
        drop(tokio::io::copy(&mut theirs, &mut tokio::io::sink()).await);
    })
    .await;
    let first = tokio::time::timeout(Duration::ZERO, connection.execute("select 1", &[]));
    first.await.unwrap_err();
    let late = connection
        .within(LIMIT)
        .execute("insert into t values (1)", &[])
        .await;
    assert!(matches!(late, Err(Error::Deadline { limit: LIMIT })), "{late:?}");
    assert_eq!(heard.load(Ordering::SeqCst), 1);
    assert_eq!(connection.execute("select 1", &[]).await.unwrap(), 1);
}

/// What the server said last is not lost to the end of the socket, though nobody has taken it by then.
#[tokio::test]
async fn why_a_large_text_was_not_taken_is_told() {
    let mut connection = with(1024, async |mut theirs| {
        assert!(theirs.read(&mut [0; 100]).await.unwrap() > 0);
        theirs.write_all(&fatal("57P01", "goodbye")).await.unwrap();
    })
    .await;
    let text = "x".repeat(1 << 20);
    let error = match connection.simple_query(&text).await {
        Ok(mut results) => all_results(&mut results).await.unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.sqlstate().as_str(), "57P01", "{error}");
    assert_eq!(connection.closed().unwrap().sqlstate().as_str(), "57P01");
}

/// A commit that commits nothing is none.
#[tokio::test]
async fn a_transaction_that_is_not_there_cannot_be_committed() {
    let mut connection = session().await;
    let mut transaction = connection.transaction().await.unwrap();
    transaction.execute("rollback", &[]).await.unwrap();
    let error = transaction.commit().await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "25P01", "{error}");
    assert_eq!(connection.transaction_status(), TransactionStatus::Idle);
    connection.transaction().await.unwrap().commit().await.unwrap();
}

#[tokio::test]
async fn what_was_ended_by_hand_can_be_begun_again() {
    let mut connection = session().await;
    std::mem::forget(connection.transaction().await.unwrap());
    connection.execute("rollback", &[]).await.unwrap();
    let mut transaction = connection.transaction().await.unwrap();
    assert_eq!(transaction.transaction_status(), TransactionStatus::InTransaction);
    transaction.execute("select 1", &[]).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(connection.transaction_status(), TransactionStatus::Idle);

    let mut outer = connection.transaction().await.unwrap();
    outer.execute("commit", &[]).await.unwrap();
    drop(outer.transaction().await.unwrap());
    outer.execute("select 1", &[]).await.unwrap();
    assert_eq!(outer.transaction_status(), TransactionStatus::Idle);
}

/// A guard ends nothing of a connection that was put into the place of its own.
#[tokio::test]
async fn a_guard_with_another_connection_commits_nothing() {
    let (mut one, mut other) = (session().await, session().await);
    other.execute("begin", &[]).await.unwrap();
    let mut transaction = one.transaction().await.unwrap();
    std::mem::swap(&mut *transaction, &mut other);
    let error = transaction.commit().await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "25P01", "{error}");
    assert_eq!(one.transaction_status(), TransactionStatus::InTransaction);
    one.execute("select 1", &[]).await.unwrap();
    assert_eq!(one.transaction_status(), TransactionStatus::InTransaction);
}

/// Only COMMIT says that it is committed.
#[tokio::test]
async fn an_odd_answer_to_commit_is_no_success() {
    for tag in ["ROLLBACK", "SELECT 1", "COMMITTED", ""] {
        let mut connection = answered(vec![done("BEGIN", b'T'), done(tag, b'I')]).await;
        let transaction = connection.transaction().await.unwrap();
        let error = transaction.commit().await.unwrap_err();
        assert!(matches!(error, Error::RolledBack), "{tag}: {error}");
    }
}

/// Whoever begins the transaction again does not meet the same failure for ever.
#[tokio::test]
async fn a_statement_lost_inside_a_transaction_heals_in_the_next() {
    let mut connection = session().await;
    let statement = connection.prepare("select $1::int").await.unwrap();
    connection.execute("deallocate all", &[]).await.unwrap();
    let mut transaction = connection.transaction().await.unwrap();
    let error = transaction.execute_prepared(&statement, &[&1]).await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "26000", "{error}");
    drop(transaction);
    let mut transaction = connection.transaction().await.unwrap();
    for _ in 0..2 {
        assert_eq!(transaction.execute_prepared(&statement, &[&1]).await.unwrap(), 1);
    }
    transaction.commit().await.unwrap();
}

/// There is always another notice to read, and never a reason to wait.
#[tokio::test]
async fn waiting_for_a_notification_ends_in_time() {
    struct Chatter {
        welcome: &'static [u8],
    }
    impl AsyncRead for Chatter {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<std::io::Result<()>> {
            if self.welcome.is_empty() {
                buffer.put_slice(b"N\0\0\0\x05\0");
            } else {
                buffer.put_slice(std::mem::take(&mut self.welcome));
            }
            Poll::Ready(Ok(()))
        }
    }
    impl AsyncWrite for Chatter {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            data: &[u8],
        ) -> Poll<std::io::Result<usize>> {
            Poll::Ready(Ok(data.len()))
        }
        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
            Poll::Ready(Ok(()))
        }
        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }
    let stream = Stream::Other(Box::new(Chatter { welcome: WELCOME }));
    let mut connection = Connection::open(stream, config("u", None), None).await.unwrap();
    let deadline = Instant::now() + Duration::from_millis(50);
    let none = connection.wait_for_notification(Some(deadline)).await.unwrap();
    assert_eq!(none, None);
}

/// A COPY both ways, which no session but a walsender's has.
#[tokio::test]
async fn a_pipeline_takes_no_copy() {
    let begun = [
        &b"1\0\0\0\x042\0\0\0\x04n\0\0\0\x04"[..],
        &message(b'W', b"\0\0\0"),
    ];
    let ended = [b"c\0\0\0\x04".to_vec(), done("COPY 0", b'I')];
    let mut connection = answered(vec![begun.concat(), ended.concat(), done("SELECT 1", b'I')]).await;
    let mut pipeline = connection.pipeline();
    let queued = pipeline
        .execute("start_replication slot s logical 0/0", &[])
        .unwrap();
    let refused = pipeline.run().await.unwrap().take(queued);
    assert!(matches!(refused, Err(Error::UnexpectedCopy)), "{refused:?}");
}

/// A server that accepts a session, with a key to cancel, and then does what `serve` does with the session's socket and what
/// it listens at.
async fn over_tcp(serve: impl FnOnce(TcpStream, TcpListener) + Send + 'static) -> Connection {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut socket = listener.accept().unwrap().0;
        assert!(socket.read(&mut [0; 4096]).unwrap() > 0);
        let key = message(b'K', &[1; 8]);
        let ready = WELCOME.split_at(9);
        socket.write_all(&[ready.0, &key, ready.1].concat()).unwrap();
        serve(socket, listener);
    });
    let conninfo = format!("host=127.0.0.1 port={port} user=u dbname=d sslmode=disable gssencmode=disable");
    Connection::connect(&resolve(&conninfo)).await.unwrap()
}

/// It ends with the statement that is cancelled: the reader never waits for the server, and must cancel all the same.
#[tokio::test]
async fn a_server_faster_than_its_reader_is_cancelled() {
    let connect = || {
        over_tcp(|mut socket, listener| {
            assert!(socket.read(&mut [0; 4096]).unwrap() > 0);
            let cancelled = Arc::new(AtomicBool::new(false));
            let cancel = Arc::clone(&cancelled);
            std::thread::spawn(move || {
                let mut request = [0; 16];
                let mut socket = listener.accept().unwrap().0;
                socket.read_exact(&mut request).unwrap();
                cancel.store(true, Ordering::SeqCst);
            });
            let mut columns = described(INT4);
            columns.truncate(10);
            columns.extend(message(b'T', b"\0\0"));
            socket.write_all(&columns).unwrap();
            let rows = message(b'D', b"\0\0").repeat(1 << 14);
            while !cancelled.load(Ordering::SeqCst) {
                if socket.write_all(&rows).is_err() {
                    return;
                }
            }
            socket.write_all(&refusal("57014")).unwrap();
            if socket.read(&mut [0; 4096]).unwrap() > 0 {
                socket.write_all(&message(b'Z', b"I")).unwrap();
            }
            drop(std::io::copy(&mut socket, &mut std::io::sink()));
        })
    };
    let mut connection = connect().await;
    let error = connection
        .within(Duration::from_millis(100))
        .execute("select from generate_series(1, 1e20)", &[])
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Deadline { .. }), "{error}");
    assert!(!connection.is_closed());

    let mut connection = connect().await;
    drop(
        connection
            .query("select from generate_series(1, 1e20)", &[])
            .await
            .unwrap(),
    );
    connection.within(LIMIT).ping().await.unwrap();
}

/// A request to cancel that has met one segment is not the last, though it ends after the next has begun.
#[tokio::test]
async fn each_segment_is_cancelled_though_the_requests_are_slow() {
    let (tell, told) = std::sync::mpsc::channel();
    let mut connection = over_tcp(move |mut socket, listener| {
        assert!(socket.read(&mut [0; 4096]).unwrap() > 0);
        for _ in 0..4 {
            let mut cancel = listener.accept().unwrap().0;
            cancel.read_exact(&mut [0; 16]).unwrap();
            // The notice comes behind the ReadyForQuery.
            let notice = message(b'N', b"SNOTICE\0C00000\0Mnext\0\0");
            socket.write_all(&[refusal("57014"), notice].concat()).unwrap();
            told.recv().unwrap();
        }
        drop(std::io::copy(&mut socket, &mut std::io::sink()));
    })
    .await;
    connection.on_notice(move |_| tell.send(()).unwrap());
    connection.set_grace(8 * LIMIT);
    let start = Instant::now();
    let mut pipeline = connection.within(Duration::from_millis(100)).pipeline();
    let mut queued = Vec::new();
    for _ in 0..4 {
        queued.push(pipeline.execute("select pg_sleep(60)", &[]).unwrap());
        pipeline.sync();
    }
    let mut results = pipeline.run().await.unwrap();
    for queued in queued {
        let error = results.take(queued).unwrap_err();
        assert!(matches!(error, Error::Deadline { .. }), "{error}");
    }
    assert!(start.elapsed() < LIMIT);
}

/// A server that does not heed a request to cancel is not flooded with them.
#[tokio::test]
async fn what_is_drained_is_not_cancelled_all_the_time() {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    let mut connection = over_tcp(move |mut socket, listener| {
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for cancel in listener.incoming() {
                drop(cancel.unwrap().read_exact(&mut [0; 16]));
                count.fetch_add(1, Ordering::SeqCst);
                tell.send(()).unwrap();
            }
        });
        assert!(socket.read(&mut [0; 4096]).unwrap() > 0);
        socket.write_all(&described(INT4)).unwrap();
        // More than what is read before it is cancelled, and less than twice that.
        socket.write_all(&ROW.repeat((3 << 19) / ROW.len())).unwrap();
        told.recv().unwrap();
        // There is time for another.
        let _ = told.recv_timeout(Duration::from_millis(500));
        socket.write_all(&done("SELECT 1", b'I')).unwrap();
        assert!(socket.read(&mut [0; 4096]).unwrap() > 0);
        socket.write_all(&message(b'Z', b"I")).unwrap();
        drop(std::io::copy(&mut socket, &mut std::io::sink()));
    })
    .await;
    drop(connection.query("select 1", &[]).await.unwrap());
    connection.ping().await.unwrap();
    assert_eq!(requests.load(Ordering::SeqCst), 1);
}

/// Nobody has to hold what runs by itself on one thread.
#[tokio::test]
async fn everything_can_be_sent_to_another_thread() {
    fn sent<T: Send>(value: T) -> T {
        value
    }
    fn shared<T: Sync>(_: &T) {}
    let mut connection = sent(session().await);
    shared(&connection);
    let statement = sent(connection.prepare("select 1")).await.unwrap();
    shared(&statement);
    drop(sent(sent(connection.query("select 1", &[&1])).await));
    drop(sent(sent(connection.simple_query("select 1")).await));
    sent(connection.execute_prepared(&statement, &[])).await.unwrap();
    let mut transaction = sent(sent(connection.transaction()).await.unwrap());
    let portal = sent(transaction.bind("select 1", &[])).await.unwrap();
    drop(sent(sent(transaction.fetch(&portal, 1)).await));
    sent(transaction.commit()).await.unwrap();
    let pipeline = connection.pipeline();
    drop(sent(sent(pipeline.run()).await));
    drop(sent(sent(connection.copy_in("copy nothing from stdin")).await));
    drop(sent(sent(connection.copy_out("copy pg_class to stdout")).await));
    drop(sent(connection.wait_for_notification(None)));
    sent(connection.close()).await.unwrap();
}
