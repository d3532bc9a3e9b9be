//! One statement on many databases at once.

mod decimal;
mod desk;
mod fit;
mod key;
mod merge;
mod moment;
mod order;
mod scattered;
mod unfit;
mod worker;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::IntoFuture;
use std::time::Duration;

use postgres_types::ToSql;

pub use order::{Order, OrderError};
pub use scattered::{Outcome, Scattered, ScatteredRow};
pub use unfit::Unfit;

use super::call::Call;
use super::connect::{Found, Trust, not_available};
use super::name::truncate;
use super::time::Time;
use super::{Destination, Error, Name, Session, Target};
use crate::conninfo::Config;
use desk::Desk;
use fit::Fit;
use merge::Merge;
use worker::{Job, Source, Worker};

/// What becomes of a scattered call when one of its targets has answered or failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ScatterPolicy {
    /// Each target has an outcome of its own, and is nothing to the others.
    #[default]
    Each,
    /// The first target that answers wins: the one whose first row comes first, or that is done without one. The others are
    /// cancelled. When none has answered, the call fails with the first failure.
    First,
    /// When one fails, the others are cancelled, and the call fails.
    AllOrError,
}

/// A statement that is to be run on many databases; see [`Session::scatter`].
#[derive(Debug)]
#[must_use = "a statement is scattered when this is awaited"]
pub struct Scatter<'s, 'a> {
    session: &'s mut Session,
    targets: Vec<Target<'a>>,
    sql: &'a str,
    parameters: Option<&'a [&'a (dyn ToSql + Sync)]>,
    text: bool,
    same_columns: bool,
    order: Option<Order>,
    policy: ScatterPolicy,
    width: usize,
    limit: Option<Duration>,
}

/// Where a target leads, once it was looked up.
enum Spot {
    Unnamed,
    Named(String),
    Own(Found),
    Nowhere(Error),
}

impl Session {
    /// Runs one statement on many databases at once, and gives their rows as they come, with what became of each.
    ///
    /// A target is what it is for [`query`](Self::query): the name of an open connection, or else where to connect to. For the
    /// latter a connection is made, and closed when its statement is over. A target that is not there, or cannot be connected
    /// to, has that as its [`Outcome`].
    ///
    /// The statement is sent as by `query`. Where several are sent, separated by semicolons, the rows of all of them are given.
    ///
    /// No task runs behind it: the targets go on while [`Scattered::next`] is awaited. Of each no more than a few rows are held
    /// that the caller has not taken; one that is slow holds up no other.
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// # let mut session = Session::new();
    /// use std::time::Duration;
    ///
    /// session.connect("north", &server).await?;
    /// session.connect("south", &server).await?;
    /// let targets = ["north", "south", &server, "host=/nowhere"];
    /// let mut rows = session.scatter(targets, "select current_database()").limit(8).within(Duration::from_secs(30)).await?;
    /// while let Some(row) = rows.next().await? {
    ///     println!("{}: {}", row.label, row.get::<&str>(0)?);
    /// }
    /// let failed: Vec<_> = rows.outcomes().filter(|outcome| outcome.result.is_err()).collect();
    /// assert_eq!(failed.len(), 1);
    /// println!("{} has failed: {:?}", failed[0].label, failed[0].result);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: nothing is sent before [`Scattered::next`] is awaited.
    ///
    /// # Errors
    ///
    /// [`Error::DuplicateName`] (SQLSTATE `42710`) if a connection is named twice; nothing is sent then.
    pub fn scatter<'s, 'a, T: Into<Target<'a>>>(
        &'s mut self,
        targets: impl IntoIterator<Item = T>,
        sql: &'a str,
    ) -> Scatter<'s, 'a> {
        Scatter {
            session: self,
            targets: targets.into_iter().map(Into::into).collect(),
            sql,
            parameters: None,
            text: false,
            same_columns: false,
            order: None,
            policy: ScatterPolicy::Each,
            width: usize::MAX,
            limit: None,
        }
    }
}

impl<'a> Scatter<'_, 'a> {
    /// Sets `$1`, `$2`, …; see [`Connection::query`](crate::connection::Connection::query). They are needed until all targets have begun.
    pub const fn params(mut self, parameters: &'a [&'a (dyn ToSql + Sync)]) -> Self {
        self.parameters = Some(parameters);
        self
    }

    /// Has the values come as text.
    pub const fn text(mut self) -> Self {
        self.text = true;
        self
    }

    /// Has a target stop whose rows have other columns, by name or type, than those that came first, of whichever target: its
    /// outcome is [`Error::Unfit`] (SQLSTATE `42804`), and it gives none of these rows. A type that is not built in is known by
    /// its name, or not at all where values come as text.
    pub const fn same_columns(mut self) -> Self {
        self.same_columns = true;
        self
    }

    /// Gives the rows in one order, where each target gives its rows in that order: the query needs the `ORDER BY` that says the
    /// same.
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// # let mut session = Session::new();
    /// use dblink_engine::session::Order;
    ///
    /// session.connect("north", &server).await?;
    /// session.connect("south", &server).await?;
    /// let sql = "select n from generate_series(1, 3) n order by n desc";
    /// let mut rows = session.scatter(["north", "south"], sql).ordered_by(Order::descending("n")).await?;
    /// let mut merged = Vec::new();
    /// while let Some(row) = rows.next().await? {
    ///     merged.push((row.get::<i32>("n")?, row.label.to_string()));
    /// }
    /// assert!(merged.is_sorted_by(|a, b| a.0 >= b.0));
    /// assert_eq!(merged[0], (3, "north".to_owned()));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Rows that are equal come in the order of the call. Of each target no more than a few rows are held. The next row is known
    /// when each target has given one, or has come to its end: so one that is slow holds up all others, and one that hangs does
    /// so until the deadline. All targets run at the same time, whatever the [`limit`](Self::limit) is, since none can wait
    /// until another has come to its end.
    ///
    /// The column can be of a type for whole or other numbers, `oid`, `bool`, `date`, `time`, `timestamp` with or without time
    /// zone, `uuid`, `bytea`, `text`, `varchar`, `char` or `name`. These types of whole numbers are comparable with each other,
    /// as are the two of floating-point numbers, and `text`, `varchar` and `name`.
    ///
    /// Texts are compared by their bytes: those of a database with another collation than `C` need an `ORDER BY … COLLATE "C"`.
    /// Dates and times that come as text need the `DateStyle` `ISO`, which is the usual one.
    ///
    /// A target whose rows are not in order, or have no such column, or one that cannot be compared, is stopped. Its outcome is
    /// [`Error::Unfit`], with the SQLSTATE of the [`Unfit`]; the rows that it gave before stay given.
    pub fn ordered_by(mut self, order: Order) -> Self {
        self.order = Some(order);
        self
    }

    /// On how many targets the statement is run at the same time, one at least; at first on all. The others wait.
    pub const fn limit(mut self, targets: usize) -> Self {
        self.width = if targets == 0 { 1 } else { targets };
        self
    }

    /// What becomes of the call when one target has answered or failed.
    pub const fn policy(mut self, policy: ScatterPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Limits the time of the call, from here to the last row, connecting included; instead of the session's
    /// [deadline](Session::set_deadline).
    ///
    /// What still runs when it has passed is cancelled at its server, and has [`Error::Deadline`] as its outcome. A server that
    /// does not end it is waited for no longer than a second.
    pub const fn within(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }
}

impl<'s: 'a, 'a> IntoFuture for Scatter<'s, 'a> {
    type Output = Result<Scattered<'a>, Error>;
    type IntoFuture = Call<'a, Scattered<'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<'s: 'a, 'a> Scatter<'s, 'a> {
    async fn run(self) -> Result<Scattered<'a>, Error> {
        let Self {
            session,
            targets,
            sql,
            parameters,
            text,
            same_columns,
            order,
            policy,
            width,
            limit,
        } = self;
        let time = Time::start(limit.or(session.deadline));
        let mut spots = Vec::new();
        let mut taken = BTreeSet::new();
        for target in targets {
            let (label, spot) = session.spot(target, time).await;
            if let Spot::Unnamed | Spot::Named(_) = &spot
                && !taken.insert(match &spot {
                    Spot::Named(name) => Some(name.clone()),
                    _ => None,
                })
            {
                return Err(Error::DuplicateName { name: label });
            }
            spots.push((label, spot));
        }
        let terms = session.terms();
        let reconnect = session.reconnect;
        let merge = order.clone().map(|order| Merge::new(order, spots.len()));
        // Rows are merged of all, or of none.
        let width = if merge.is_some() { usize::MAX } else { width };
        let desk = Desk::for_targets(spots.len(), Fit::new(same_columns, order));
        let mut unnamed = session.unnamed.as_mut();
        let mut named: BTreeMap<_, _> = session
            .named
            .iter_mut()
            .filter(|(name, _)| taken.contains(&Some((*name).clone())))
            .collect();
        let mut labels = Vec::new();
        let mut workers = VecDeque::new();
        for (number, (label, spot)) in spots.into_iter().enumerate() {
            let source = match spot {
                Spot::Unnamed => unnamed
                    .take()
                    .map_or_else(|| Source::Nowhere(not_available(Name::Unnamed)), Source::Open),
                Spot::Named(name) => named.remove(&name).map_or_else(
                    || Source::Nowhere(not_available(Name::Named(&name))),
                    Source::Open,
                ),
                Spot::Own(found) => Source::Own(found),
                Spot::Nowhere(error) => Source::Nowhere(error),
            };
            labels.push(label.into());
            let job = Job {
                number,
                sql,
                parameters,
                text,
                terms: terms.clone(),
                reconnect,
                desk: desk.clone(),
            };
            workers.push_back(Worker { source, job });
        }
        Ok(Scattered::new(workers, labels, desk, merge, policy, width, time))
    }
}

impl Session {
    /// Where a target leads, and what it is called where others read it.
    async fn spot(&mut self, target: Target<'_>, time: Time) -> (String, Spot) {
        let to = match target {
            Target::Unnamed => {
                let config = self.unnamed.as_ref().map(|link| &link.state.found.config);
                let label = config.map_or_else(|| "unnamed".to_owned(), |config| address(config));
                return (label, Spot::Unnamed);
            }
            Target::Named(name) => return (name.to_owned(), Spot::Named(truncate(name).to_owned())),
            Target::Text(name) if self.named.contains_key(truncate(name)) => {
                return (name.to_owned(), Spot::Named(truncate(name).to_owned()));
            }
            Target::Text(text) => Destination::Text(text),
            Target::To(to) => to,
        };
        let found = match self.seek(to, Trust::AsPrivileged, time).await {
            Ok(sought) => self.find(sought),
            Err(error) => Err(error),
        };
        match found {
            Ok(found) => (address(&found.config), Spot::Own(found)),
            Err(error) => {
                let label = match to {
                    Destination::ForeignServer(server) => server.to_owned(),
                    Destination::Config(config) => address(config),
                    // It may hold a password, whatever else is wrong with it.
                    Destination::Text(_) | Destination::Conninfo(_) => "connection string".to_owned(),
                };
                (label, Spot::Nowhere(error))
            }
        }
    }
}

/// Where a configuration leads: hosts with their ports, and the database.
fn address(config: &Config) -> String {
    let hosts: Vec<_> = config
        .hosts
        .iter()
        .map(|spec| {
            let host = spec.name();
            match &spec.port {
                Ok(port) => format!("{host}:{port}"),
                Err(_) => host.to_owned(),
            }
        })
        .collect();
    format!("{}/{}", hosts.join(","), config.dbname)
}
