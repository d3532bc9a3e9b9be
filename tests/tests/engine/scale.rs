//! Much at once.

use std::time::{Duration, Instant};

use dblink_engine::connection::Connection;
use futures_util::future::try_join_all;

use crate::support::{session, value};

/// The server sends results while we still send statements: whoever does one after the other hangs as soon as both sides'
/// buffers are full.
#[tokio::test]
async fn sixty_four_mebibytes_each_way_at_the_same_time() {
    let mut connection = session().await;
    let value = "x".repeat(1 << 20);
    let statement = connection.prepare("select $1::text || $2").await.unwrap();
    let mut pipeline = connection.pipeline();
    let queued: Vec<_> = (0..64)
        .map(|number| {
            let number = number.to_string();
            pipeline.query_prepared(&statement, &[&value, &number]).unwrap()
        })
        .collect();
    let mut results = pipeline.run().await.unwrap();
    for (number, queued) in queued.into_iter().enumerate() {
        let rows = results.take(queued).unwrap();
        let row = rows.iter().next().unwrap();
        let got: &str = row.get(0).unwrap();
        assert_eq!(
            got.strip_prefix(value.as_str()),
            Some(number.to_string().as_str())
        );
    }
}

/// One task waits for all of them: it takes as long as one.
#[tokio::test]
async fn thirty_two_connections_in_one_task() {
    let mut connections = Vec::new();
    for _ in 0..32 {
        connections.push(session().await);
    }
    let start = Instant::now();
    let queries =
        connections
            .iter_mut()
            .zip(0..)
            .map(async |(connection, number): (&mut Connection, i32)| {
                connection.execute("select pg_sleep(1)", &[]).await?;
                value(connection, &format!("select {number}")).await
            });
    let answers = try_join_all(queries).await.unwrap();
    assert_eq!(answers, (0..32).collect::<Vec<_>>());
    let took = start.elapsed();
    assert!(
        took < Duration::from_secs(16),
        "{took:?}, as if one after the other"
    );
}
