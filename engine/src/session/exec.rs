//! `dblink_exec`: a command.

use super::call::{Options, call};
use super::query::is_single;
use super::{Compat, Doing, End, Error, Session, Target};
use crate::connection::Head;

/// A command that is to be run; see [`Session::exec`]. It is run when it is awaited.
#[derive(Debug)]
#[must_use = "a command is run when it is awaited"]
pub struct Exec<'s, 'a> {
    session: &'s mut Session,
    target: Target<'a>,
    sql: &'a str,
    options: Options<'a>,
}

/// What a command gives that has failed, where that was told as a notice.
const FAILED: &str = "ERROR";

/// Words that a statement begins with which may give rows.
const WITH_ROWS: [&str; 10] = [
    "select", "values", "table", "with", "show", "explain", "fetch", "execute", "call", "(",
];

call!(Exec gives String, with params, fail, within);

impl Session {
    /// `dblink_exec`: runs a command on another database, or several, and gives the tag of the last, such as `INSERT 0 5`; with
    /// [`Fail::Notice`](super::Fail::Notice), `ERROR` if one has failed.
    ///
    /// A statement that gives rows is none for this. Where that can be known, it is refused before it has run; with
    /// [`Compat::Exact`], after.
    ///
    /// ```
    /// # use dblink_engine::session::{Fail, Session};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// # let mut session = Session::new();
    /// session.connect("sales", &server).await?;
    /// session.exec("sales", "create temp table city (name text, people int)").await?;
    /// let tag = session.exec("sales", "insert into city values ($1, $2)").params(&[&"Paris", &2_103_778]).await?;
    /// assert_eq!(tag, "INSERT 0 1");
    /// assert_eq!(session.exec("sales", "drop table atlantis").fail(Fail::Notice).await?, "ERROR");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: the command may have been run.
    ///
    /// PostgreSQL manual: [dblink_exec](https://www.postgresql.org/docs/current/contrib-dblink-exec.html).
    ///
    /// # Errors
    ///
    /// [`Error::NotAvailable`] (SQLSTATE `08003`); what [`connect`](Self::connect) fails with; [`Error::Remote`] with the
    /// server's SQLSTATE, or `08006`; [`Error::Busy`], [`Error::Empty`] (`08006`); [`Error::ResultsNotAllowed`] (`2F003`);
    /// [`Error::Deadline`] (`57014`).
    pub fn exec<'s, 'a>(&'s mut self, target: impl Into<Target<'a>>, sql: &'a str) -> Exec<'s, 'a> {
        Exec {
            session: self,
            target: target.into(),
            sql,
            options: Options::default(),
        }
    }
}

impl Exec<'_, '_> {
    async fn run(self) -> Result<String, Error> {
        let Self {
            session,
            target,
            sql,
            options,
        } = self;
        let time = options.start(session);
        let mended = session.compat == Compat::Mended;
        // One that is for this call alone is closed with it, also if its future is dropped.
        let mut end = session.end(target, time).await?;
        let told = options.told(session, Doing::Command, time);
        let way = options.way_of_command();
        let result = async {
            let link = match &mut end {
                End::Own(link) => link,
                End::Open(place) => session.ready(place, &Doing::Command, time).await?,
            };
            let run = async {
                let ask = mended && may_give_rows(sql) && is_single(&link.connection, sql);
                if ask && link.gives_rows(sql, time).await? {
                    return Ok(None);
                }
                link.send(way, sql, options.parameters.unwrap_or_default(), time)
                    .await?;
                link.last_head().await.map(Some)
            };
            let head = match run.await {
                Ok(Some(head)) => Ok(head),
                Ok(None) => return Err(Error::ResultsNotAllowed),
                Err(cause) => Err(cause),
            };
            match link.done(head, &Doing::Command, time)? {
                Head::Completed(completed) => Ok(completed.as_wire_str().to_string()),
                _ => Err(Error::ResultsNotAllowed),
            }
        }
        .await;
        if let End::Own(own) = &mut end {
            own.connection.leave().await;
        }
        match result {
            Err(error) => told.tell(error).map(|()| FAILED.to_owned()),
            Ok(tag) => Ok(tag),
        }
    }
}

/// Whether a statement may give rows, so that the server is better asked before it is run.
fn may_give_rows(sql: &str) -> bool {
    let sql = sql.trim_start();
    let begins = |word: &&str| {
        sql.get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    WITH_ROWS.iter().any(begins) || sql.to_ascii_lowercase().contains("returning")
}
