//! `dblink demo`: every function of dblink, and what goes beyond them, at work between two databases.
//!
//! It is a self-test too: each step compares its answer with what it should be.

mod asynchronous;
mod autonomous;
mod builders;
mod connections;
mod copying;
mod cursors;
mod deadlines;
mod deadlock;
mod given;
mod notifications;
mod own;
mod queries;
mod relay;
mod scattering;
mod stage;
mod tables;
mod trace;
mod waiting;

use std::cell::RefCell;
use std::time::{Duration, Instant};

use dblink_engine::connection::{CancelHandle, Connection};
use dblink_engine::conninfo::Config;
use dblink_engine::session::Session;
use futures_util::future::join_all;

use crate::failure::Failure;
use crate::interrupt::{self, unless_interrupted};
use stage::Stage;

/// The two databases, and what may be done there.
struct Ends {
    north: Config,
    south: Config,
    /// They are of this demo alone: it may write, lock and notify.
    own: bool,
    /// What cancels the statements that may be running there.
    cancel: RefCell<Vec<CancelHandle>>,
}

/// How long a server has to take a request to cancel.
const CANCEL: Duration = Duration::from_secs(5);

/// Starts two servers, shows everything on them, and removes them.
pub(crate) async fn on_own_servers() -> Result<(), Failure> {
    let started = Instant::now();
    // From here on signals end it by what is said below, and are not lost in between.
    interrupt::keep();
    let mut stage = Stage::new();
    stage.note("Starting two PostgreSQL servers …")?;
    let servers = own::Servers::start().await?;
    stage.note(format_args!(
        "PostgreSQL {} in {} and {}, ready after {:.1} s.",
        servers.version(),
        servers.north.folder().display(),
        servers.south.folder().display(),
        started.elapsed().as_secs_f64()
    ))?;
    let ends = servers.ends()?;
    let shown = unless_interrupted(show(&ends, &mut stage)).await;
    // However it went.
    let left = servers.stop();
    shown?;
    if let Some(left) = left {
        return stage.fail(format_args!("{} is left", left.display()));
    }
    stage.note(format_args!(
        "\n{} steps, each with the answer that it should have. The servers and their folders are gone. {:.1} s.",
        stage.steps(),
        started.elapsed().as_secs_f64()
    ))
}

/// Shows what only reads on two databases of the user's.
pub(crate) async fn on_given(north: &str, south: &str) -> Result<(), Failure> {
    let started = Instant::now();
    let mut stage = Stage::new();
    let ends = given::ends(north, south)?;
    stage.note("Your databases are only read: each connection has default_transaction_read_only=on.")?;
    let shown = unless_interrupted(show(&ends, &mut stage)).await;
    if matches!(shown, Err(Failure::Interrupted | Failure::Terminated)) {
        // A server does not see that nobody waits for its statement. A second signal does not wait for it either.
        let handles = ends.cancel.take();
        let cancelling = join_all(handles.iter().map(|handle| handle.cancel(CANCEL)));
        let _ = unless_interrupted(async { Ok(cancelling.await) }).await;
    }
    shown?;
    stage.note(format_args!(
        "\n{} steps, each with the answer that it should have; {} skipped. {:.1} s.",
        stage.steps(),
        stage.skipped(),
        started.elapsed().as_secs_f64()
    ))
}

/// All of it. Dropping the future closes all connections, which ends what they run.
async fn show(ends: &Ends, stage: &mut Stage) -> Result<(), Failure> {
    let local = Connection::connect(&ends.north).await?;
    // The program is its own master: the rules on passwords are for those who call others' dblink.
    let mut session = Session::builder()
        .local(local)
        .privilege(dblink_engine::session::Privilege::Superuser)
        .build();
    connections::show(ends, &mut session, stage).await?;
    if ends.own {
        tables::show(&mut session, stage).await?;
    }
    queries::show(&mut session, stage).await?;
    cursors::show(&mut session, stage).await?;
    asynchronous::show(&mut session, stage).await?;
    notifications::show(ends, &mut session, stage).await?;
    builders::show(&mut session, stage).await?;
    stage.part("Beyond dblink")?;
    deadlines::show(&mut session, stage).await?;
    waiting::show(&mut session, stage).await?;
    scattering::show(&mut session, stage).await?;
    if ends.own {
        copying::transfer(&mut session, stage).await?;
        autonomous::show(&mut session, stage).await?;
        deadlock::show(ends, &mut session, stage).await?;
        trace::show(ends, stage).await?;
    } else {
        copying::out(&mut session, stage).await?;
        stage.skip("transfer", "it writes: rows were counted by COPY instead")?;
        stage.skip("autonomous", "it writes")?;
        stage.skip("self-deadlock", "it locks a row")?;
    }
    Ok(())
}
