//! Cancelling the calls of a session from outside.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures_util::future::join_all;

use super::Session;
use crate::connection::{CancelError, CancelHandle, Connection};

/// Cancels what the connections of a session run, while one of its calls is awaited. Made by [`Session::canceller`].
#[derive(Debug, Clone, Default)]
pub struct Canceller(Arc<Mutex<Vec<Weak<CancelHandle>>>>);

impl Session {
    /// What cancels whatever this session's connections run, also those that are opened later, and those that a call opens for
    /// itself alone: for who has to stop a call that is awaited elsewhere.
    ///
    /// ```
    /// use std::time::Duration;
    /// use dblink_engine::session::Session;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// let mut session = Session::new();
    /// session.connect("slow", &server).await?;
    /// let canceller = session.canceller();
    /// let call = session.exec("slow", "do $$ begin perform pg_sleep(3600); end $$").into_future();
    /// let stop = async {
    ///     // Here one would wait for a signal, say.
    ///     tokio::time::sleep(Duration::from_millis(100)).await;
    ///     canceller.cancel(Duration::from_secs(5)).await
    /// };
    /// let (stopped, asked) = tokio::join!(call, stop);
    /// assert!(asked.is_ok());
    /// assert_eq!(stopped.unwrap_err().sqlstate().to_string(), "57014");
    /// # Ok(())
    /// # }
    /// ```
    pub fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }
}

impl Canceller {
    /// Asks the servers to cancel what all of these connections run, the local one and those with asynchronous queries included,
    /// and waits until they have been told: at most for `limit`.
    ///
    /// What was cancelled fails with SQLSTATE `57014`. To a connection that runs nothing it does nothing.
    ///
    /// Dropping the future leaves open which servers have got the request.
    ///
    /// PostgreSQL manual:
    /// [Canceling Requests in Progress](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS).
    ///
    /// # Errors
    ///
    /// [`CancelError`], the first one, if a request did not get through; the others were sent all the same. It has no SQLSTATE:
    /// no server said anything.
    pub async fn cancel(&self, limit: Duration) -> Result<(), CancelError> {
        let handles: Vec<_> = self.handles().iter().filter_map(Weak::upgrade).collect();
        let asked = join_all(handles.iter().map(|handle| handle.cancel(limit))).await;
        asked.into_iter().collect()
    }

    /// Takes in a connection, for as long as somebody holds what this gives. None if it cannot be cancelled.
    pub(super) fn join(&self, connection: &Connection) -> Option<Arc<CancelHandle>> {
        let handle = Arc::new(connection.cancel_handle()?);
        let mut handles = self.handles();
        handles.retain(|handle| handle.strong_count() > 0);
        handles.push(Arc::downgrade(&handle));
        Some(handle)
    }

    fn handles(&self) -> std::sync::MutexGuard<'_, Vec<Weak<CancelHandle>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
