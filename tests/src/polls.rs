//! Futures that are dropped half-way.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

/// Polls a future a number of times, and then stops.
pub struct Polls<F> {
    /// The future.
    pub future: F,
    /// How many times it is still polled.
    pub left: u32,
}

impl<F: Future + Unpin> Future for Polls<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        Pin::new(&mut self.future).poll(cx).map(Some)
    }
}

/// Polls a future at most so many times, and drops it; gives what it gave.
pub async fn polled<F: Future>(future: F, polls: u32) -> Option<F::Output> {
    let future = pin!(future);
    Polls { future, left: polls }.await
}
