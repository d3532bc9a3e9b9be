//! Ctrl-C, and SIGTERM: what runs is cancelled at its server.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use dblink_engine::connection::{CancelHandle, Connection};
use futures_util::future::join_all;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::coop::unconstrained;
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::failure::Failure;

/// How long a server has to take a request to cancel, and to end what it cancels.
const LIMIT: Duration = Duration::from_secs(5);

/// Runs `work` to its end, or until the user presses Ctrl-C. Then the servers are asked to cancel what these connections run,
/// and get a moment to do so; a second Ctrl-C does not wait for that.
///
/// # Errors
///
/// The work's own; [`Failure::Interrupted`].
pub(crate) async fn until_ctrl_c<T>(
    cancel: &[CancelHandle],
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let mut work = pin!(work);
    tokio::select! {
        // What is done is done, also if Ctrl-C comes at the same time.
        biased;
        done = &mut work => return done,
        () = told(SignalKind::interrupt()) => {}
    }
    let end = async {
        let _ = join_all(cancel.iter().map(|handle| handle.cancel(LIMIT))).await;
        // The statement ends with an error, which nobody needs to be told.
        if !cancel.is_empty() {
            let _ = timeout(LIMIT, work).await;
        }
    };
    tokio::select! {
        () = end => {}
        () = told(SignalKind::interrupt()) => {}
    }
    Err(Failure::Interrupted)
}

/// Runs `work` to its end, or until the user presses Ctrl-C or SIGTERM comes. Then it is dropped, and whoever called this has to
/// [stop] what it has left.
///
/// From then on SIGTERM ends the program only in here and in [`stop`]: everything that waits has to be in one of them. A hang-up
/// is not waited for: `nohup` has it ignored, which would be undone.
///
/// # Errors
///
/// The work's own; [`Failure::Interrupted`]; [`Failure::Terminated`].
pub(crate) async fn unless_interrupted<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::select! {
        biased;
        done = work => done,
        why = interrupted() => Err(why),
    }
}

/// Cancels at the server what a connection runs, and that nobody waits for any more; waits until it has ended. Ctrl-C does not
/// wait for that.
///
/// What still comes is read and thrown away: a server that cannot send does not look at requests to cancel.
pub(crate) async fn stop(connection: &mut Connection) {
    connection.set_grace(LIMIT);
    tokio::select! {
        // A call without any time cancels what an earlier one has left. That it does nothing else is no failure.
        _ = connection.within(Duration::ZERO).ping() => {}
        _ = interrupted() => {}
    }
}

/// From now on Ctrl-C and SIGTERM are heard by whoever waits next, here and in [`stop`], and end nothing by themselves.
pub(crate) fn keep() {
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        with_signal(kind, |_| ());
    }
}

/// Waits until the user presses Ctrl-C, or has done so since somebody last waited for it, or asked.
pub(crate) async fn pressed() {
    told(SignalKind::interrupt()).await;
}

/// Whether the user has pressed Ctrl-C since somebody last waited for it, or asked.
pub(crate) async fn was_pressed() -> bool {
    // What has come is seen when the program looks for anything that has.
    yield_now().await;
    let mut pressed = pin!(pressed());
    poll_fn(|cx| Poll::Ready(pressed.as_mut().poll(cx).is_ready())).await
}

/// Waits until the user presses Ctrl-C, or SIGTERM comes.
async fn interrupted() -> Failure {
    // `select!` looks at the budget, too.
    unconstrained(async {
        tokio::select! {
            () = told(SignalKind::interrupt()) => Failure::Interrupted,
            () = told(SignalKind::terminate()) => Failure::Terminated,
        }
    })
    .await
}

thread_local! {
    /// From the first time that they are waited for: what comes while nobody waits is heard by whoever waits next.
    static INTERRUPT: RefCell<Option<Signal>> = const { RefCell::new(None) };
    static TERMINATE: RefCell<Option<Signal>> = const { RefCell::new(None) };
}

/// Waits for a signal.
///
/// Work that has always something to do stops only when tokio has it give way, and would then leave no budget to look for signals
/// with.
async fn told(kind: SignalKind) {
    unconstrained(poll_fn(|cx| {
        match with_signal(kind, |signals| signals.poll_recv(cx)) {
            Some(Poll::Ready(Some(()))) => Poll::Ready(()),
            // None comes, or there is no such signal here.
            _ => Poll::Pending,
        }
    }))
    .await;
}

/// Does something with the signals of this kind, which are kept from the first time on.
fn with_signal<T>(kind: SignalKind, work: impl FnOnce(&mut Signal) -> T) -> Option<T> {
    let signals = if kind == SignalKind::interrupt() {
        &INTERRUPT
    } else {
        &TERMINATE
    };
    signals.with_borrow_mut(|signals| {
        if signals.is_none() {
            *signals = signal(kind).ok();
        }
        signals.as_mut().map(work)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use rustix::process::{Signal, getpid, kill_process};
    use tokio::task::coop::consume_budget;
    use tokio::task::yield_now;

    use super::*;

    /// Sends this signal, and has always something more to do, as while rows come without a pause.
    async fn busy(signal: Signal) -> Result<(), Failure> {
        // By then it is waited for.
        yield_now().await;
        kill_process(getpid(), signal).unwrap();
        let since = Instant::now();
        while since.elapsed() < Duration::from_secs(10) {
            consume_budget().await;
        }
        Ok(())
    }

    /// In one test: a signal is everybody's in the process.
    #[tokio::test]
    async fn signals_are_heard() {
        // Though there is always something to do.
        let done = unless_interrupted(busy(Signal::INT)).await;
        assert!(matches!(done, Err(Failure::Interrupted)));
        let done = unless_interrupted(busy(Signal::TERM)).await;
        assert!(matches!(done, Err(Failure::Terminated)));
        let done = until_ctrl_c(&[], busy(Signal::INT)).await;
        assert!(matches!(done, Err(Failure::Interrupted)));

        // One that comes as work ends is heard by what follows.
        let ends = async {
            yield_now().await;
            kill_process(getpid(), Signal::INT).unwrap();
            Ok(())
        };
        let () = unless_interrupted(ends).await.unwrap();
        let next = timeout(
            LIMIT,
            unless_interrupted(std::future::pending::<Result<(), Failure>>()),
        );
        assert!(matches!(next.await, Ok(Err(Failure::Interrupted))));
    }
}
