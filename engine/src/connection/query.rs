//! Queries with parameters, in one round trip.

use dblink_protocol::conversation::{Reply, ResultColumns};
use dblink_protocol::frontend::{Bind, Parse, Target};
use dblink_protocol::wire::Format;
use postgres_types::ToSql;

use super::parameter::Encoded;
use super::{Connection, Error, Rows};

impl Connection {
    /// Runs a statement with `$1`, `$2`, … set to `parameters`, and gives its rows as they come.
    ///
    /// It takes one round trip, with the unnamed statement, and so works behind poolers that change the server between
    /// transactions. The parameters' types are those that their Rust types stand for; a string is sent as text, and its type
    /// is what the server makes of it.
    ///
    /// Cancel-safe: see [`Connection`].
    ///
    /// # Errors
    ///
    /// [`Error::Server`] with the server's SQLSTATE; [`Error::Parameter`] (`22023`); [`Error::Closed`].
    pub async fn query(
        &mut self,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Rows<'_>, Error> {
        let encoded = Encoded::new(parameters)?;
        self.settle().await?;
        self.give(statement, &encoded)?;
        loop {
            match self.reply().await?.1 {
                Reply::ParseComplete | Reply::BindComplete => {}
                Reply::RowDescription(columns) => return Ok(Rows::new(self, Some(columns))),
                Reply::NoData => return Ok(Rows::new(self, None)),
                Reply::Error(error) => return Err(self.fail(error).await),
                // No other reply comes before these.
                _ => {}
            }
        }
    }

    /// Runs a statement as [`query`](Self::query) does, to its end; gives how many rows it concerned, where the server
    /// counts them.
    ///
    /// Cancel-safe: see [`Connection`].
    ///
    /// # Errors
    ///
    /// As [`query`](Self::query).
    pub async fn execute(
        &mut self,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, Error> {
        let mut rows = self.query(statement, parameters).await?;
        while rows.next().await?.is_some() {}
        Ok(rows.rows_affected().unwrap_or(0))
    }

    /// One flight: Parse, Bind, Describe, Execute, Sync.
    fn give(&mut self, statement: &str, parameters: &Encoded) -> Result<(), Error> {
        let conversation = &mut self.channel.conversation;
        let parse = Parse {
            statement: "".into(),
            query: statement.into(),
            parameter_types: parameters.types.clone(),
        };
        let bind = Bind {
            portal: "".into(),
            statement: "".into(),
            parameter_formats: parameters.formats.clone(),
            parameters: parameters.values(),
            result_formats: vec![Format::Binary],
        };
        let given = conversation
            .parse(&parse)
            .and_then(|_| conversation.bind(&bind))
            .and_then(|_| conversation.describe(Target::Portal("".into())))
            .and_then(|_| conversation.execute("", 0, ResultColumns::AsDescribed))
            .and_then(|_| conversation.sync());
        match given {
            Ok(_) => Ok(()),
            Err(error) => {
                // What was given before the failure is ended, and goes by with the next command.
                drop(conversation.abandon());
                Err(error.into())
            }
        }
    }
}
