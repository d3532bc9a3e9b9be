//! What the session was told by NOTIFY.

use std::future::poll_fn;
use std::task::{Poll, ready};

use dblink_protocol::conversation::{Event, Notification};
use tokio::time::{Instant, timeout_at};

use super::{Connection, Error};

impl Connection {
    /// The notifications that have come and were not taken yet, oldest first. They are taken as they are iterated over.
    ///
    /// They come with the answers to commands; [`wait_for_notification`](Self::wait_for_notification) waits for more.
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut connection = Connection::connect(&server).await?;
    /// connection.execute("listen orders", &[]).await?;
    /// connection.execute("notify orders, 'one more'", &[]).await?;
    /// for notification in connection.notifications() {
    ///     println!("{}: {}", notification.channel, notification.payload);
    /// }
    /// # connection.execute("notify orders, 'one more'", &[]).await?;
    /// # assert_eq!(connection.notifications().count(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// PostgreSQL manual: [NOTIFY](https://www.postgresql.org/docs/current/sql-notify.html).
    pub fn notifications(&mut self) -> impl Iterator<Item = Notification> {
        std::iter::from_fn(|| self.notifications.pop_front())
    }

    /// Waits for the next notification until `deadline`, or without one for as long as it takes; none if none came by then.
    ///
    /// One that has come before is given at once. The connection's own [deadline](Self::set_deadline) does not apply: waiting
    /// is what this is for.
    ///
    /// Cancel-safe: no notification is lost.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] (SQLSTATE `08006`, or the server's own). What came before it is given first.
    pub async fn wait_for_notification(
        &mut self,
        deadline: Option<Instant>,
    ) -> Result<Option<Notification>, Error> {
        // No limit of another call's applies here, nor one of this to the next.
        self.clock.stop();
        if let Some(notification) = self.notifications.pop_front() {
            return Ok(Some(notification));
        }
        match deadline {
            None => self.next_notification(None).await,
            Some(deadline) => match timeout_at(deadline, self.next_notification(Some(deadline))).await {
                Ok(notification) => notification,
                Err(_) => Ok(None),
            },
        }
    }

    async fn next_notification(&mut self, deadline: Option<Instant>) -> Result<Option<Notification>, Error> {
        self.settle().await?;
        poll_fn(|cx| {
            loop {
                if let Some(notification) = self.notifications.pop_front() {
                    return Poll::Ready(Ok(Some(notification)));
                }
                let event = ready!(self.poll_event(cx))?;
                // No command is open, so that nothing but what is asynchronous comes.
                let notification = matches!(event, Event::Notification(_));
                self.route(event);
                // Where a server only ever talks, no wait is there to be interrupted.
                if !notification && deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                    return Poll::Ready(Ok(None));
                }
            }
        })
        .await
    }
}
