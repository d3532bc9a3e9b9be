//! This project.

use dblink_engine::connection::Connection;
use dblink_engine::conninfo::{Conninfo, ProcessEnvironment};
use dblink_engine::transfer::Transfer;
use postgres_types::Type;
use tokio::runtime::{Builder, Runtime};

use super::{Answer, Result, Session, conninfo};
use crate::work::{COPIED, COPIED_NAME, COPY_IN, ECHO, PIPELINE, TRANSFER_EMPTY, Work};

pub(super) struct Dblink {
    runtime: Runtime,
    connection: Connection,
    port: u16,
}

impl Dblink {
    pub(super) fn connect(port: u16) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let connection = runtime.block_on(open(port))?;
        Ok(Self {
            runtime,
            connection,
            port,
        })
    }
}

async fn open(port: u16) -> Result<Connection> {
    let config = Conninfo::parse(conninfo(port))?.resolve(&ProcessEnvironment)?;
    Ok(Connection::connect(&config).await?)
}

impl Session for Dblink {
    fn run(&mut self, work: Work, count: u32) -> Result<Option<Answer>> {
        let port = self.port;
        let connection = &mut self.connection;
        self.runtime.block_on(async {
            Ok(Some(match work {
                Work::Int4 => int4(connection, &work.query(count)).await?,
                Work::Columns => columns(connection, &work.query(count)).await?,
                Work::Text => text(connection, &work.query(count)).await?,
                Work::RoundTrips => round_trips(connection, count).await?,
                Work::Pipelined => pipelined(connection, count).await?,
                Work::CopyOut => copy_out(connection, &work.query(count)).await?,
                Work::CopyIn => copy_in(connection, count).await?,
                Work::Transfer => transfer(connection, port, count).await?,
                Work::Csv => return Ok(None),
            }))
        })
    }
}

async fn int4(connection: &mut Connection, query: &str) -> Result<Answer> {
    let mut answer = Answer::default();
    let mut rows = connection.query(query, &[]).await?;
    while let Some(row) = rows.next().await? {
        answer.add(row.get(0)?);
    }
    Ok(answer)
}

async fn columns(connection: &mut Connection, query: &str) -> Result<Answer> {
    let mut answer = Answer::default();
    let mut rows = connection.query(query, &[]).await?;
    while let Some(row) = rows.next().await? {
        answer.add_with(row.get(0)?, row.get::<&str>(1)?.len());
    }
    Ok(answer)
}

async fn text(connection: &mut Connection, query: &str) -> Result<Answer> {
    let mut answer = Answer::default();
    let mut results = connection.simple_query(query).await?;
    while let Some(result) = results.next().await? {
        for row in result.rows() {
            let number = row.parse(0)?.unwrap_or_default();
            answer.add_with(number, row.text(1)?.unwrap_or_default().len());
        }
    }
    Ok(answer)
}

async fn round_trips(connection: &mut Connection, count: u32) -> Result<Answer> {
    let mut answer = Answer::default();
    let statement = connection.prepare(ECHO).await?;
    for number in 1..=count.cast_signed() {
        let mut rows = connection.query_prepared(&statement, &[&number]).await?;
        while let Some(row) = rows.next().await? {
            answer.add(row.get(0)?);
        }
    }
    Ok(answer)
}

async fn pipelined(connection: &mut Connection, count: u32) -> Result<Answer> {
    let mut answer = Answer::default();
    let statement = connection.prepare(ECHO).await?;
    let numbers: Vec<_> = (1..=count.cast_signed()).collect();
    for numbers in numbers.chunks(PIPELINE as usize) {
        let mut pipeline = connection.pipeline();
        let queued = numbers
            .iter()
            .map(|number| pipeline.query_prepared(&statement, &[number]));
        let queued = queued.collect::<std::result::Result<Vec<_>, _>>()?;
        let mut results = pipeline.run().await?;
        for queued in queued {
            for row in results.take(queued)?.iter() {
                answer.add(row.get(0)?);
            }
        }
    }
    Ok(answer)
}

async fn copy_out(connection: &mut Connection, statement: &str) -> Result<Answer> {
    let mut answer = Answer::default();
    let mut copy = connection.copy_out(statement).await?;
    while let Some(batch) = copy.next_batch().await? {
        for piece in &batch {
            answer.add_with(0, piece.len());
        }
    }
    Ok(answer)
}

async fn copy_in(connection: &mut Connection, count: u32) -> Result<Answer> {
    connection.execute(COPIED, &[]).await?;
    let copy = connection.copy_in(COPY_IN).await?;
    let mut rows = copy.binary(&[Type::INT4, Type::TEXT])?;
    for number in 1..=count.cast_signed() {
        rows.send(&[&number, &COPIED_NAME]).await?;
    }
    let count = rows.finish().await?;
    Ok(Answer { count, sum: 0 })
}

async fn transfer(from: &mut Connection, port: u16, count: u32) -> Result<Answer> {
    let mut to = open(port).await?;
    to.execute(TRANSFER_EMPTY, &[]).await?;
    let query = format!("select * from items limit {count}");
    let done = Transfer::query(query)
        .into("transferred")
        .run(from, &mut to)
        .await?;
    Ok(Answer {
        count: done.rows,
        sum: 0,
    })
}
