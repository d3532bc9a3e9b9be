//! A server that goes silent in the middle of anything.

use std::time::Duration;

use dblink_engine::connection::{Closed, Connection, Error};
use dblink_engine::net::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::Instant;

use crate::support::{WELCOME, config};

const LIMIT: Duration = Duration::from_secs(30);

/// What a server says to one Parse, Bind, Describe, Execute and Sync that gives a row.
const QUERY: &[u8] = b"1\0\0\0\x042\0\0\0\x04\
    T\0\0\0\x1a\0\x01n\0\0\0\0\0\0\0\0\0\0\x17\0\x04\xff\xff\xff\xff\0\x01\
    D\0\0\0\x0e\0\x01\0\0\0\x04\0\0\0\x07C\0\0\0\x0dSELECT 1\0Z\0\0\0\x05I";

/// What it says to a Parse and Describe of `select 7` and a Sync.
const PREPARE: &[u8] = b"1\0\0\0\x04t\0\0\0\x06\0\0\
    T\0\0\0\x1a\0\x01n\0\0\0\0\0\0\0\0\0\0\x17\0\x04\xff\xff\xff\xff\0\0Z\0\0\0\x05I";

/// What it says to a Query `select 7`.
const SIMPLE: &[u8] = b"T\0\0\0\x1a\0\x01n\0\0\0\0\0\0\0\0\0\0\x17\0\x04\xff\xff\xff\xff\0\0\
    D\0\0\0\x0b\0\x01\0\0\0\x017C\0\0\0\x0dSELECT 1\0Z\0\0\0\x05I";

/// A session with a server that answers whatever is asked first with `answer`, and says nothing more.
async fn answered(answer: &[u8]) -> Connection {
    let (ours, mut theirs) = duplex(1 << 20);
    let answer = answer.to_vec();
    tokio::spawn(async move {
        let mut request = [0; 4096];
        for bytes in [WELCOME, &answer] {
            assert!(theirs.read(&mut request).await.unwrap() > 0);
            theirs.write_all(bytes).await.unwrap();
        }
        // It stays open until we close it.
        drop(tokio::io::copy(&mut theirs, &mut tokio::io::sink()).await);
    });
    let mut startup = config("u", None);
    startup.parameters.clear();
    let stream = Stream::Other(Box::new(ours));
    Connection::open(stream, startup, None).await.unwrap()
}

/// Runs `operation` with servers that say the whole of `answer`, or only a part of it: it succeeds with the whole alone, and
/// ends within the deadline and the grace, whatever is missing.
async fn every_part_of<F>(answer: &[u8], operation: F)
where
    F: AsyncFn(&mut Connection) -> Result<(), Error>,
{
    for said in 0..=answer.len() {
        let mut connection = answered(&answer[..said]).await;
        connection.set_deadline(Some(LIMIT));
        connection.set_grace(LIMIT);
        let start = Instant::now();
        let result = operation(&mut connection).await;
        if said == answer.len() {
            result.unwrap();
            continue;
        }
        let error = result.unwrap_err();
        assert!(
            matches!(error, Error::Closed(Closed::Unresponsive { limit: LIMIT, .. })),
            "after {said} bytes: {error}"
        );
        assert!(connection.is_closed());
        assert!(start.elapsed() < 3 * LIMIT, "{:?}", start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_query() {
    every_part_of(QUERY, async |connection| {
        let mut rows = connection.query("select 7", &[]).await?;
        while rows.next().await?.is_some() {}
        Ok(())
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_pipeline() {
    every_part_of(QUERY, async |connection| {
        let mut pipeline = connection.pipeline();
        let queued = pipeline.query("select 7", &[])?;
        let mut results = pipeline.run().await?;
        assert_eq!(results.take(queued)?.len(), 1);
        Ok(())
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn preparing() {
    every_part_of(PREPARE, async |connection| {
        connection.prepare("select 7").await.map(drop)
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_simple_query() {
    every_part_of(SIMPLE, async |connection| {
        let mut results = connection.simple_query("select 7").await?;
        while results.next().await?.is_some() {}
        Ok(())
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn beginning_a_transaction() {
    every_part_of(b"C\0\0\0\x0aBEGIN\0Z\0\0\0\x05T", async |connection| {
        connection.transaction().await.map(drop)
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_ping() {
    every_part_of(b"Z\0\0\0\x05I", Connection::ping).await;
}

/// Waiting is what it is for: no notification by then is no failure.
#[tokio::test(start_paused = true)]
async fn waiting_for_a_notification() {
    let mut connection = answered(b"").await;
    connection.set_deadline(Some(LIMIT));
    let start = Instant::now();
    let none = connection
        .wait_for_notification(Some(start + 10 * LIMIT))
        .await
        .unwrap();
    assert_eq!(none, None);
    assert_eq!(start.elapsed(), 10 * LIMIT);
    assert!(!connection.is_closed());
}

/// What it says to `copy t to stdout`.
const COPY_OUT: &[u8] = b"H\0\0\0\x09\0\0\x01\0\0d\0\0\0\x061\nc\0\0\0\x04C\0\0\0\x0bCOPY 1\0Z\0\0\0\x05I";

#[tokio::test(start_paused = true)]
async fn a_copy_out() {
    every_part_of(COPY_OUT, async |connection| {
        let mut copy = connection.copy_out("copy t to stdout").await?;
        while copy.next().await?.is_some() {}
        Ok(())
    })
    .await;
}

/// It takes no data, and says nothing to its end.
#[tokio::test(start_paused = true)]
async fn a_copy_in() {
    for bytes in [1, 1 << 10, 8 << 20] {
        let mut connection = answered(b"G\0\0\0\x09\0\0\x01\0\0").await;
        connection.set_deadline(Some(LIMIT));
        connection.set_grace(LIMIT);
        let start = Instant::now();
        let mut copy = connection.copy_in("copy t from stdin").await.unwrap();
        let result = match copy.send(&vec![b'x'; bytes]).await {
            Ok(()) => copy.finish().await.map(drop),
            Err(error) => Err(error),
        };
        let error = result.unwrap_err();
        assert!(
            matches!(error, Error::Closed(Closed::Unresponsive { limit: LIMIT, .. })),
            "{bytes} bytes: {error}"
        );
        assert!(start.elapsed() < 3 * LIMIT, "{:?}", start.elapsed());
    }
}
