//! [`sqlx`](https://docs.rs/sqlx).

use std::pin::pin;

use ::sqlx::postgres::{PgConnectOptions, PgConnection, PgRow, PgSslMode};
use ::sqlx::{AssertSqlSafe, ConnectOptions as _, Row as _};
use dblink_tests::roles;
use futures_util::TryStreamExt as _;
use tokio::runtime::{Builder, Runtime};

use super::{Answer, Result, Session};
use crate::copy_rows::CopyRows;
use crate::work::{COPIED, COPY_IN, ECHO, Work};

pub(super) struct Sqlx {
    runtime: Runtime,
    connection: PgConnection,
}

impl Sqlx {
    pub(super) fn connect(port: u16) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let options = PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(port)
            .database("postgres")
            .username(roles::TRUST_USER)
            .ssl_mode(PgSslMode::Disable)
            .disable_statement_logging();
        let connection = runtime.block_on(options.connect())?;
        Ok(Self { runtime, connection })
    }
}

impl Session for Sqlx {
    fn run(&mut self, work: Work, count: u32) -> Result<Option<Answer>> {
        let connection = &mut self.connection;
        self.runtime.block_on(async {
            Ok(Some(match work {
                Work::Int4 => rows(connection, work.query(count), int4).await?,
                Work::Columns => rows(connection, work.query(count), columns).await?,
                Work::Text => text(connection, work.query(count)).await?,
                Work::RoundTrips => round_trips(connection, count).await?,
                Work::CopyOut => copy_out(connection, &work.query(count)).await?,
                Work::CopyIn => copy_in(connection, count).await?,
                Work::Pipelined | Work::Transfer | Work::Csv => return Ok(None),
            }))
        })
    }
}

async fn rows(
    connection: &mut PgConnection,
    query: String,
    add: fn(&mut Answer, &PgRow) -> Result<()>,
) -> Result<Answer> {
    let mut answer = Answer::default();
    let mut rows = ::sqlx::query(AssertSqlSafe(query)).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        add(&mut answer, &row)?;
    }
    Ok(answer)
}

fn int4(answer: &mut Answer, row: &PgRow) -> Result<()> {
    answer.add(row.try_get(0)?);
    Ok(())
}

fn columns(answer: &mut Answer, row: &PgRow) -> Result<()> {
    answer.add_with(row.try_get(0)?, row.try_get::<&str, _>(1)?.len());
    Ok(())
}

async fn text(connection: &mut PgConnection, query: String) -> Result<Answer> {
    let mut answer = Answer::default();
    let mut rows = ::sqlx::raw_sql(AssertSqlSafe(query)).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        columns(&mut answer, &row)?;
    }
    Ok(answer)
}

/// It keeps the statement prepared.
async fn round_trips(connection: &mut PgConnection, count: u32) -> Result<Answer> {
    let mut answer = Answer::default();
    for number in 1..=count.cast_signed() {
        let row = ::sqlx::query(ECHO)
            .bind(number)
            .fetch_one(&mut *connection)
            .await?;
        int4(&mut answer, &row)?;
    }
    Ok(answer)
}

async fn copy_out(connection: &mut PgConnection, statement: &str) -> Result<Answer> {
    let mut answer = Answer::default();
    let mut pieces = pin!(connection.copy_out_raw(statement).await?);
    while let Some(piece) = pieces.try_next().await? {
        answer.add_with(0, piece.len());
    }
    Ok(answer)
}

async fn copy_in(connection: &mut PgConnection, count: u32) -> Result<Answer> {
    ::sqlx::raw_sql(COPIED).execute(&mut *connection).await?;
    let mut copy = connection.copy_in_raw(COPY_IN).await?;
    let mut rows = CopyRows::new(count);
    while let Some(piece) = rows.next_piece() {
        copy.send(piece).await?;
    }
    let count = copy.finish().await?;
    Ok(Answer { count, sum: 0 })
}
