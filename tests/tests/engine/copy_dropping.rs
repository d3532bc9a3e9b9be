//! Every future of a COPY dropped at every poll: the table holds none of its rows, or all.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use dblink_engine::connection::{Connection, Error};
use dblink_engine::net::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::copy::{count, with_table};
use crate::polls::{Polls, drop_at_every_poll, drop_at_every_poll_and};
use crate::support::{WELCOME, config, value};

/// More than the socket takes at once, so that there is something to wait for.
const ROWS: i32 = 200_000;

/// Lines of numbers.
fn rows() -> String {
    (0..ROWS).map(|number| format!("{number}\n")).collect()
}

/// The table holds none of the rows, or all, which are then taken away.
async fn none_or_all(connection: &mut Connection, finished: bool) {
    let count = count(connection).await;
    assert!(count == ROWS || count == 0 && !finished, "{count} rows");
    connection.execute("truncate t", &[]).await.unwrap();
}

#[tokio::test]
async fn a_copy_in() {
    let rows = rows();
    drop_at_every_poll_and(
        async |connection| {
            let mut copy = connection.copy_in("copy t from stdin").await?;
            for piece in rows.as_bytes().chunks(100_000) {
                copy.send(piece).await?;
            }
            assert_eq!(copy.finish().await?, u64::from(ROWS.unsigned_abs()));
            Ok(())
        },
        none_or_all,
    )
    .await;
}

#[tokio::test]
async fn a_copy_in_of_one_piece() {
    let rows = rows();
    drop_at_every_poll_and(
        async |connection| {
            let mut copy = connection.copy_in("copy t from stdin").await?;
            copy.send(rows.as_bytes()).await?;
            copy.finish().await?;
            Ok(())
        },
        none_or_all,
    )
    .await;
}

#[tokio::test]
async fn a_copy_in_as_a_stream() {
    let rows = rows();
    drop_at_every_poll_and(
        async |connection| {
            let mut copy = connection.copy_in("copy t from stdin").await?;
            copy.write_all(rows.as_bytes()).await.unwrap();
            copy.flush().await.unwrap();
            copy.shutdown().await.unwrap();
            copy.finish().await?;
            Ok(())
        },
        none_or_all,
    )
    .await;
}

/// Whatever happens to it, it is never kept.
#[tokio::test]
async fn a_copy_in_that_is_failed() {
    let rows = rows();
    drop_at_every_poll_and(
        async |connection| {
            let mut copy = connection.copy_in("copy t from stdin").await?;
            copy.send(rows.as_bytes()).await?;
            copy.fail("enough").await
        },
        async |connection, _| assert_eq!(count(connection).await, 0),
    )
    .await;
}

#[tokio::test]
async fn a_copy_in_that_is_refused() {
    let rows = rows() + "x\n" + &rows();
    drop_at_every_poll_and(
        async |connection| {
            let mut copy = connection.copy_in("copy t from stdin").await?;
            let error = match copy.send(rows.as_bytes()).await {
                Ok(()) => copy.finish().await.unwrap_err(),
                Err(error) => error,
            };
            assert_eq!(error.sqlstate().as_str(), "22P02", "{error}");
            Ok(())
        },
        async |connection, _| assert_eq!(count(connection).await, 0),
    )
    .await;
}

#[tokio::test]
async fn a_copy_out() {
    drop_at_every_poll(async |connection| {
        let mut copy = connection
            .copy_out("copy (select generate_series(1, 20000)) to stdout")
            .await?;
        while copy.next().await?.is_some() {}
        let mut copy = connection
            .copy_out("copy (select generate_series(1, 20000)) to stdout")
            .await?;
        let mut text = String::new();
        copy.read_to_string(&mut text).await.unwrap();
        assert_eq!(text.lines().count(), 20_000);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_copy_of_the_wrong_direction() {
    drop_at_every_poll(async |connection| {
        let refused = connection.copy_in("copy t to stdout").await.err();
        assert!(matches!(refused, Some(Error::NoCopy { .. })));
        let refused = connection.copy_out("copy t from stdin").await;
        assert!(matches!(refused, Err(Error::NoCopy { .. })));
        Ok(())
    })
    .await;
}

/// Every send is dropped after one poll, and its data is a part of the COPY all the same.
#[tokio::test]
async fn a_send_that_was_dropped_has_sent() {
    let mut connection = with_table().await;
    let rows = rows();
    let mut copy = connection.copy_in("copy t from stdin").await.unwrap();
    let mut dropped = 0;
    for piece in rows.as_bytes().chunks(200_000) {
        let future = pin!(copy.send(piece));
        match (Polls { future, left: 1 }).await {
            Some(result) => result.unwrap(),
            None => dropped += 1,
        }
    }
    assert!(dropped > 0);
    assert_eq!(copy.finish().await.unwrap(), 200_000);
    let right = "select (count(*) = 200000 and min(a) = 0 and max(a) = 199999)::int from t";
    assert_eq!(value(&mut connection, right).await.unwrap(), 1);
}

/// Polled once, it is finished, though most of the data still waits to be sent.
#[tokio::test]
async fn a_finish_that_was_dropped_has_finished() {
    let (ours, mut theirs) = tokio::io::duplex(1024);
    let (drop_it, dropped) = tokio::sync::oneshot::channel();
    let server = async {
        let mut startup = [0; 16];
        theirs.read_exact(&mut startup).await.unwrap();
        theirs.write_all(WELCOME).await.unwrap();
        let mut query = [0; 9];
        theirs.read_exact(&mut query).await.unwrap();
        theirs.write_all(b"G\0\0\0\x07\0\0\0").await.unwrap();
        dropped.await.unwrap();
        // Seven messages of data, and the end of it.
        let mut data = vec![0; 200_000 + 8 * 5];
        theirs.read_exact(&mut data).await.unwrap();
        assert_eq!(data[data.len() - 5..], *b"c\0\0\0\x04");
        theirs
            .write_all(b"C\0\0\0\x0bCOPY 1\0Z\0\0\0\x05I")
            .await
            .unwrap();
        let mut sync = [0; 5];
        theirs.read_exact(&mut sync).await.unwrap();
        theirs.write_all(b"Z\0\0\0\x05I").await.unwrap();
    };
    let client = async {
        let mut startup = config("u", None);
        startup.parameters.clear();
        let mut connection = Connection::open(Stream::Other(Box::new(ours)), startup, None)
            .await
            .unwrap();
        let mut copy = connection.copy_in("COP").await.unwrap();
        let mut context = Context::from_waker(Waker::noop());
        assert!(pin!(copy.send(&[b'x'; 200_000])).poll(&mut context).is_pending());
        assert!(pin!(copy.finish()).poll(&mut context).is_pending());
        drop_it.send(()).unwrap();
        connection.ping().await.unwrap();
    };
    tokio::join!(server, client);
}

/// Not polled at all, it is failed.
#[tokio::test]
async fn a_finish_that_was_not_polled_fails_it() {
    let mut connection = with_table().await;
    let mut copy = connection.copy_in("copy t from stdin").await.unwrap();
    copy.send(b"1\n").await.unwrap();
    drop(copy.finish());
    assert_eq!(count(&mut connection).await, 0);
}

/// What is left in the buffer was not sent.
#[tokio::test]
async fn a_buffer_tells_what_was_sent() {
    let mut connection = with_table().await;
    let rows = rows();
    let mut left = rows.as_bytes();
    let mut copy = connection.copy_in("copy t from stdin").await.unwrap();
    let mut dropped = 0;
    loop {
        let future = pin!(copy.send_buf(&mut left));
        match (Polls { future, left: 1 }).await {
            Some(result) => break result.unwrap(),
            None => dropped += 1,
        }
        tokio::task::yield_now().await;
    }
    assert!(dropped > 0);
    assert_eq!(copy.finish().await.unwrap(), 200_000);
}

/// A part of the data would be missing.
#[tokio::test]
async fn a_large_send_that_was_dropped_fails_it() {
    let mut connection = with_table().await;
    let rows = rows();
    let mut copy = connection.copy_in("copy t from stdin").await.unwrap();
    {
        let future = pin!(copy.send(rows.as_bytes()));
        assert!((Polls { future, left: 1 }).await.is_none());
    }
    for _ in 0..2 {
        let error = copy.send(b"1\n").await.unwrap_err();
        assert!(matches!(error, Error::TornCopy), "{error}");
        assert_eq!(error.sqlstate().as_str(), "57014");
    }
    let mut none = &b""[..];
    assert!(matches!(copy.send_buf(&mut none).await, Err(Error::TornCopy)));
    assert!(copy.write_all(b"1\n").await.is_err());
    assert!(matches!(copy.finish().await, Err(Error::TornCopy)));
    assert_eq!(count(&mut connection).await, 0);
}
