//! [`tokio-postgres`](https://docs.rs/tokio-postgres).

use std::pin::pin;

use ::tokio_postgres::binary_copy::BinaryCopyInWriter;
use ::tokio_postgres::{Client, Config, NoTls, Row, SimpleQueryMessage};
use dblink_tests::roles;
use futures_util::{SinkExt as _, StreamExt as _, TryStreamExt as _, stream};
use postgres_types::{ToSql, Type};
use tokio::runtime::{Builder, Runtime};

use super::{Answer, Result, Session};
use crate::work::{COPIED, COPIED_NAME, COPY_IN, ECHO, PIPELINE, TRANSFER_EMPTY, TRANSFER_IN, Work};

pub(super) struct TokioPostgres {
    runtime: Runtime,
    client: Client,
    port: u16,
}

impl TokioPostgres {
    pub(super) fn connect(port: u16) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let client = runtime.block_on(open(port))?;
        Ok(Self {
            runtime,
            client,
            port,
        })
    }
}

async fn open(port: u16) -> Result<Client> {
    let mut config = Config::new();
    config
        .host("127.0.0.1")
        .port(port)
        .dbname("postgres")
        .user(roles::TRUST_USER);
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

impl Session for TokioPostgres {
    fn run(&mut self, work: Work, count: u32) -> Result<Option<Answer>> {
        let (client, port) = (&self.client, self.port);
        self.runtime.block_on(async {
            Ok(Some(match work {
                Work::Int4 => rows(client, &work.query(count), int4).await?,
                Work::Columns => rows(client, &work.query(count), columns).await?,
                Work::Text => text(client, &work.query(count)).await?,
                Work::RoundTrips => round_trips(client, count).await?,
                Work::Pipelined => pipelined(client, count).await?,
                Work::CopyOut => copy_out(client, &work.query(count)).await?,
                Work::CopyIn => copy_in(client, count).await?,
                Work::Transfer => transfer(client, port, &work.query(count)).await?,
                Work::Csv => return Ok(None),
            }))
        })
    }
}

async fn rows(client: &Client, query: &str, add: fn(&mut Answer, &Row) -> Result<()>) -> Result<Answer> {
    let mut answer = Answer::default();
    let mut rows = pin!(client.query_raw(query, [0_i32; 0]).await?);
    while let Some(row) = rows.try_next().await? {
        add(&mut answer, &row)?;
    }
    Ok(answer)
}

fn int4(answer: &mut Answer, row: &Row) -> Result<()> {
    answer.add(row.try_get(0)?);
    Ok(())
}

fn columns(answer: &mut Answer, row: &Row) -> Result<()> {
    answer.add_with(row.try_get(0)?, row.try_get::<_, &str>(1)?.len());
    Ok(())
}

async fn text(client: &Client, query: &str) -> Result<Answer> {
    let mut answer = Answer::default();
    let mut messages = pin!(client.simple_query_raw(query).await?);
    while let Some(message) = messages.try_next().await? {
        if let SimpleQueryMessage::Row(row) = message {
            let number = row.try_get(0)?.unwrap_or_default().parse()?;
            answer.add_with(number, row.try_get(1)?.unwrap_or_default().len());
        }
    }
    Ok(answer)
}

async fn round_trips(client: &Client, count: u32) -> Result<Answer> {
    let mut answer = Answer::default();
    let statement = client.prepare(ECHO).await?;
    for number in 1..=count.cast_signed() {
        let row = client.query_one(&statement, &[&number]).await?;
        int4(&mut answer, &row)?;
    }
    Ok(answer)
}

/// It sends a Sync with each.
async fn pipelined(client: &Client, count: u32) -> Result<Answer> {
    let mut answer = Answer::default();
    let statement = &client.prepare(ECHO).await?;
    let calls = stream::iter(1..=count.cast_signed())
        .map(async |number| client.query_one(statement, &[&number]).await)
        .buffered(PIPELINE as usize);
    let mut calls = pin!(calls);
    while let Some(row) = calls.try_next().await? {
        int4(&mut answer, &row)?;
    }
    Ok(answer)
}

async fn copy_out(client: &Client, statement: &str) -> Result<Answer> {
    let mut answer = Answer::default();
    let mut pieces = pin!(client.copy_out(statement).await?);
    while let Some(piece) = pieces.try_next().await? {
        answer.add_with(0, piece.len());
    }
    Ok(answer)
}

async fn copy_in(client: &Client, count: u32) -> Result<Answer> {
    client.batch_execute(COPIED).await?;
    let sink = client.copy_in(COPY_IN).await?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &[Type::INT4, Type::TEXT]));
    for number in 1..=count.cast_signed() {
        let row: [&(dyn ToSql + Sync); 2] = [&number, &COPIED_NAME];
        writer.as_mut().write(&row).await?;
    }
    let count = writer.finish().await?;
    Ok(Answer { count, sum: 0 })
}

async fn transfer(from: &Client, port: u16, query: &str) -> Result<Answer> {
    let to = open(port).await?;
    to.batch_execute(TRANSFER_EMPTY).await?;
    let mut pieces = pin!(from.copy_out(query).await?);
    let mut sink = pin!(to.copy_in(TRANSFER_IN).await?);
    sink.send_all(&mut pieces).await?;
    let count = sink.finish().await?;
    Ok(Answer { count, sum: 0 })
}
