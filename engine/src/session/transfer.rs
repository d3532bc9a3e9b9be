//! Tables and results copied from one connection to another.

use super::link::Link;
use super::time::Time;
use super::{Doing, End, Error, Session, Target};
use crate::transfer::{Transfer, Transferred};

impl Session {
    /// Copies a table, or the rows of a query, from one database into a table of another, by COPY through this process: all of it
    /// or nothing. [`Transfer`] says what is copied where, and how.
    ///
    /// Each of the two targets is the name of an open connection, or else where to connect to for this call alone. In an open
    /// transaction of a connection, what is copied is a part of that.
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// use dblink_engine::transfer::Transfer;
    ///
    /// # let mut session = Session::new();
    /// session.connect("north", &server).await?;
    /// session.connect("south", &server).await?;
    /// session.exec("south", "create temp table types (oid oid, typname name)").await?;
    /// let transfer = Transfer::query("select oid, typname from pg_type").into("types");
    /// let done = session.transfer("north", "south", transfer).await?;
    /// println!("{} rows, {} bytes", done.rows, done.bytes);
    /// # assert!(done.rows > 100);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Dropping the future leaves nothing in the target, unless that was committing by then; see [`Transfer::run`].
    ///
    /// # Errors
    ///
    /// [`Error::Transfer`] with the SQLSTATE of the side that failed; [`Error::SameConnection`] (SQLSTATE `22023`);
    /// [`Error::NotAvailable`] (`08003`), [`Error::Busy`] (`08006`); what [`connect`](Self::connect) fails with.
    pub async fn transfer<'a>(
        &mut self,
        from: impl Into<Target<'a>>,
        to: impl Into<Target<'a>>,
        transfer: Transfer<'_>,
    ) -> Result<Transferred, Error> {
        let (from, to) = (from.into(), to.into());
        let time = Time::start(self.deadline);
        let mut source = self.ready_end(from, time).await?;
        let mut target = self.ready_end(to, time).await?;
        let transfer = match time.left() {
            Some(left) => transfer.deadline_at_most(left),
            None => transfer,
        };
        let (source, target) = self.both(&mut source, &mut target)?;
        let done = transfer.run(&mut source.connection, &mut target.connection).await;
        source.state.copied(&source.connection, done.as_ref().ok());
        target.state.copied(&target.connection, done.as_ref().ok());
        done.map_err(|error| Error::Transfer(Box::new(error)))
    }

    /// The connection that a target is, ready for a command.
    async fn ready_end(&mut self, target: Target<'_>, time: Time) -> Result<End, Error> {
        let end = self.end(target, time).await?;
        if let End::Open(place) = &end {
            self.ready(place, &Doing::Command, time).await?;
        }
        Ok(end)
    }

    /// Both ends at once.
    fn both<'s>(
        &'s mut self,
        source: &'s mut End,
        target: &'s mut End,
    ) -> Result<(&'s mut Link, &'s mut Link), Error> {
        let (mut from, mut to) = (None, None);
        if let (End::Open(source), End::Open(target)) = (&*source, &*target)
            && source.key() == target.key()
        {
            return Err(Error::SameConnection);
        }
        let key = |end: &End| match end {
            End::Open(place) => Some(place.key().map(str::to_owned)),
            End::Own(_) => None,
        };
        let (source_key, target_key) = (key(source), key(target));
        let unnamed = self.unnamed.as_mut().map(|link| (None, link));
        let named = self
            .named
            .iter_mut()
            .map(|(name, link)| (Some(name.clone()), link));
        for (name, link) in unnamed.into_iter().chain(named) {
            if source_key.as_ref() == Some(&name) {
                from = Some(link);
            } else if target_key.as_ref() == Some(&name) {
                to = Some(link);
            }
        }
        if let End::Own(link) = source {
            from = Some(link);
        }
        if let End::Own(link) = target {
            to = Some(link);
        }
        from.zip(to).ok_or(Error::NotAvailable { name: None })
    }
}
