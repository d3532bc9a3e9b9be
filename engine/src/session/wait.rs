//! Waiting for the results of several asynchronous queries at once.

use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;

use super::time::Time;
use super::{Error, Name, Session};

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    One,
    All,
}

impl Session {
    /// The connections with an asynchronous query whose results are still to be taken: the unnamed one first, if it is one of
    /// them, then the others in alphabetical order. They can be given to [`wait_any`](Self::wait_any) as they are.
    pub fn pending(&self) -> Vec<Option<String>> {
        let unnamed = self.unnamed.iter().map(|link| (None, link));
        let named = self.named.iter().map(|(name, link)| (Some(name.clone()), link));
        let pending = unnamed.chain(named).filter(|(_, link)| link.is_pending());
        pending.map(|(name, _)| name).collect()
    }

    /// Waits until [`get_result`](Self::get_result) would not wait on one of these connections at least, and gives all of which
    /// that is so, in the order of `names`; none when `timeout` has passed, or if there are no names.
    ///
    /// It would not wait where a result has begun to come, where no more results come, where the connection has broken, and
    /// where there was no asynchronous query. What was not read of a result that was taken goes by.
    ///
    /// Nothing is cancelled when the time has passed: the queries go on, and may be waited for again. Without a `timeout` it
    /// waits as long as it takes; the session's [deadline](Self::set_deadline) is not looked at.
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// # let mut session = Session::new();
    /// for name in ["north", "south"] {
    ///     session.connect(name, &server).await?;
    ///     session.send_query(name, "select count(*) from pg_class").await?;
    /// }
    /// loop {
    ///     let pending = session.pending();
    ///     if pending.is_empty() {
    ///         break;
    ///     }
    ///     for name in session.wait_any(&pending, None).await? {
    ///         if let Some(rows) = session.get_result(name).await? {
    ///             println!("{name:?}: {} row", rows.collect().await?.len());
    ///         }
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: nothing is lost.
    ///
    /// # Errors
    ///
    /// [`Error::NotAvailable`] (SQLSTATE `08003`). A query that has failed is no error here: `get_result` tells it.
    pub async fn wait_any<'a, N: Into<Name<'a>>>(
        &mut self,
        names: impl IntoIterator<Item = N>,
        timeout: Option<Duration>,
    ) -> Result<Vec<Name<'a>>, Error> {
        let names = names.into_iter().map(Into::into).collect();
        self.wait(names, Wanted::One, timeout).await
    }

    /// Waits until [`get_result`](Self::get_result) would not wait on any of these connections, and gives them; when `timeout`
    /// has passed, those of which that is so by then. For all else see [`wait_any`](Self::wait_any).
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// # let mut session = Session::new();
    /// use std::time::Duration;
    ///
    /// use dblink_engine::session::Name;
    ///
    /// for (name, sql) in [("quick", "select 1"), ("slow", "select pg_sleep(60)")] {
    ///     session.connect(name, &server).await?;
    ///     session.send_query(name, sql).await?;
    /// }
    /// let ready = session.wait_all(["quick", "slow"], Some(Duration::from_millis(200))).await?;
    /// assert_eq!(ready, [Name::Named("quick")]);
    /// session.cancel_query("slow").await?;
    /// assert_eq!(session.wait_all(["quick", "slow"], None).await?.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: nothing is lost.
    ///
    /// # Errors
    ///
    /// As [`wait_any`](Self::wait_any).
    pub async fn wait_all<'a, N: Into<Name<'a>>>(
        &mut self,
        names: impl IntoIterator<Item = N>,
        timeout: Option<Duration>,
    ) -> Result<Vec<Name<'a>>, Error> {
        let names = names.into_iter().map(Into::into).collect();
        self.wait(names, Wanted::All, timeout).await
    }

    async fn wait<'a>(
        &mut self,
        names: Vec<Name<'a>>,
        wanted: Wanted,
        timeout: Option<Duration>,
    ) -> Result<Vec<Name<'a>>, Error> {
        let time = Time::start(timeout);
        for name in &names {
            // The limit of an earlier call is none of this one.
            self.link(*name)?.connection.resume(None);
        }
        // The runtime has its turn, to see what has come: there may be no time for another.
        tokio::task::yield_now().await;
        let enough = |ready: &[Name<'_>]| match wanted {
            Wanted::One => names.is_empty() || !ready.is_empty(),
            Wanted::All => ready.len() == names.len(),
        };
        let waiting = poll_fn(|cx| {
            let ready = self.ready_of(&names, cx)?;
            if enough(&ready) {
                Poll::Ready(Ok(ready))
            } else {
                Poll::Pending
            }
        });
        match time.limit(waiting).await {
            Some(ready) => ready,
            None => poll_fn(|cx| Poll::Ready(self.ready_of(&names, cx))).await,
        }
    }

    /// On which of these connections a result can be taken without waiting. The others wake whoever asks.
    fn ready_of<'a>(&mut self, names: &[Name<'a>], cx: &mut Context<'_>) -> Result<Vec<Name<'a>>, Error> {
        let mut ready = Vec::new();
        for name in names {
            if self.link(*name)?.poll_next(cx).is_ready() {
                ready.push(*name);
            }
        }
        Ok(ready)
    }
}
