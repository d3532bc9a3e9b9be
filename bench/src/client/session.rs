//! This project's dblink: the same calls as those of PostgreSQL's own module.

use dblink_engine::session;
use tokio::runtime::{Builder, Runtime};

use super::{Answer, Result, Session, conninfo};
use crate::work::{ECHO, Work};

/// The connection's name.
const NAME: &str = "bench";

pub(super) struct Dblink {
    runtime: Runtime,
    session: session::Session,
}

impl Dblink {
    pub(super) fn connect(port: u16) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let mut session = session::Session::new();
        runtime.block_on(session.connect(NAME, &conninfo(port)))?;
        Ok(Self { runtime, session })
    }
}

impl Session for Dblink {
    fn run(&mut self, work: Work, count: u32) -> Result<Option<Answer>> {
        let session = &mut self.session;
        self.runtime.block_on(async {
            let mut answer = Answer::default();
            match work {
                Work::Int4 | Work::Columns => {
                    let query = work.query(count);
                    let mut rows = session.query(NAME, &query).await?;
                    while let Some(row) = rows.next().await? {
                        if work == Work::Int4 {
                            answer.add(row.get(0)?);
                        } else {
                            answer.add_with(row.get(0)?, row.get::<&str>(1)?.len());
                        }
                    }
                }
                Work::RoundTrips => {
                    for number in 1..=count.cast_signed() {
                        let mut rows = session.query(NAME, ECHO).params(&[&number]).await?;
                        while let Some(row) = rows.next().await? {
                            answer.add(row.get(0)?);
                        }
                    }
                }
                _ => return Ok(None),
            }
            Ok(Some(answer))
        })
    }
}
