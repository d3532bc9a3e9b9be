//! The data, from one side to the other.

use std::future::poll_fn;
use std::task::{Poll, ready};

use tokio::time::Instant;

use super::{OnProgress, Progress, Side, Stage};
use crate::connection::{CopyIn, CopyOut, Error};

/// How much was handed on, and who is told.
pub(super) struct Counted<'a> {
    begun: Instant,
    bytes: u64,
    /// Of a server that sends a row a message, as all do, and some others around them.
    messages: u64,
    /// How many others there may be.
    others: u64,
    on_progress: Option<OnProgress<'a>>,
}

impl<'a> Counted<'a> {
    pub(super) fn new(begun: Instant, others: u64, on_progress: Option<OnProgress<'a>>) -> Self {
        Self {
            begun,
            bytes: 0,
            messages: 0,
            others,
            on_progress,
        }
    }

    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    fn add(&mut self, messages: usize, bytes: usize) {
        self.messages = self.messages.saturating_add(messages as u64);
        self.bytes = self.bytes.saturating_add(bytes as u64);
        self.tell(self.messages.saturating_sub(self.others), Stage::Copying);
    }

    /// Tells how far it has come.
    pub(super) fn tell(&mut self, rows: u64, stage: Stage) {
        if let Some(on_progress) = &mut self.on_progress {
            on_progress(Progress {
                rows,
                bytes: self.bytes,
                elapsed: self.begun.elapsed(),
                stage,
            });
        }
    }
}

/// Hands all data on as it comes, and counts it. The source is not read while the target takes nothing, and what the target
/// says is read while the source gives nothing.
///
/// # Errors
///
/// With the side that failed. The data has then not come to its end.
pub(super) async fn relay(
    from: &mut CopyOut<'_>,
    to: &mut CopyIn<'_>,
    counted: &mut Counted<'_>,
) -> Result<(), (Side, Error)> {
    poll_fn(|cx| {
        loop {
            ready!(to.poll_ready(cx)).map_err(|error| (Side::Target, error))?;
            let batch = ready!(from.poll_next_batch(cx)).map_err(|error| (Side::Source, error))?;
            let Some(batch) = batch else {
                return Poll::Ready(Ok(()));
            };
            let bytes = to.add(&batch);
            counted.add(batch.len(), bytes);
        }
    })
    .await
}
