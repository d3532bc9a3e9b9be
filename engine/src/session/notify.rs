//! `dblink_get_notify`: what the connections were told by NOTIFY.

use std::time::Duration;

use dblink_protocol::conversation::Notification;
use tokio::time::Instant;

use super::{Error, Name, Session};

impl Session {
    /// `dblink_get_notify`: the notifications that have come for a connection, oldest first. It waits for none; see
    /// [`wait_notify`](Self::wait_notify).
    ///
    /// Those that come behind results of an asynchronous query are given when these are taken. Without an unnamed connection
    /// there are none for it, which is no error.
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// # let mut session = Session::new();
    /// session.connect("sales", &server).await?;
    /// session.exec("sales", "listen orders_of_get_notify").await?;
    /// session.exec("sales", "notify orders_of_get_notify, 'one more'").await?;
    /// for notification in session.get_notify("sales").await? {
    ///     println!("{} from {}: {}", notification.channel, notification.process_id, notification.payload);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: no notification is lost.
    ///
    /// PostgreSQL manual: [dblink_get_notify](https://www.postgresql.org/docs/current/contrib-dblink-get-notify.html).
    ///
    /// # Errors
    ///
    /// [`Error::NotAvailable`] (SQLSTATE `08003`) for a name that no connection has.
    pub async fn get_notify(&mut self, name: impl Into<Name<'_>>) -> Result<Vec<Notification>, Error> {
        let name = name.into();
        let link = match self.link(name) {
            Ok(link) => link,
            Err(_) if name == Name::Unnamed => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        // The runtime has its turn, to see what has come.
        tokio::task::yield_now().await;
        link.look();
        Ok(link.connection.notifications().collect())
    }

    /// The notifications that have come for a connection, oldest first; if none have, it waits for one, but no longer than
    /// `limit`.
    ///
    /// Cancel-safe: no notification is lost.
    ///
    /// # Errors
    ///
    /// [`Error::NotAvailable`] (SQLSTATE `08003`); [`Error::Busy`] (`08006`) while results of an asynchronous query are to be
    /// taken; [`Error::Remote`] (`08006`) when the connection ends.
    pub async fn wait_notify(
        &mut self,
        name: impl Into<Name<'_>>,
        limit: Duration,
    ) -> Result<Vec<Notification>, Error> {
        let time = super::Time::start(None);
        let link = self.usable(name.into(), &super::Doing::Command, time).await?;
        // A limit that no clock can reach is none.
        let deadline = Instant::now().checked_add(limit);
        let first = link.connection.wait_for_notification(deadline).await;
        let first = first.map_err(|cause| link.remote(cause, super::Doing::Command, time))?;
        Ok(first.into_iter().chain(link.connection.notifications()).collect())
    }
}
