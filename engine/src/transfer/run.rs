//! A transfer from its beginning to its end.

use tokio::time::Instant;

use super::plan::Plan;
use super::relay::{Counted, relay};
use super::side::{BYTES, End, Setting, Time};
use super::{Side, Stage, Transfer, TransferError, TransferFormat, Transferred, create, verify};
use crate::connection::Connection;

/// What makes the source's texts mean the same to every server, whatever settings the two have.
const SETTINGS_OF_TEXT: [Setting<'_>; 4] = [
    ("DateStyle", "ISO"),
    ("IntervalStyle", "postgres"),
    ("extra_float_digits", "3"),
    ("bytea_output", "hex"),
];

/// What is set besides where the texts of stored values are compared.
const SETTINGS_OF_STORED: [Setting<'_>; 1] = [("TimeZone", "UTC")];

/// How much of a failure's text the target is told. It takes no more than 10 000 bytes.
const REASON_CHARACTERS: usize = 1000;

impl Transfer<'_> {
    /// Copies, and commits when all rows are there: see [`Transfer`].
    ///
    /// Dropping the future leaves nothing in the target, unless the target was committing by then, which its server ends or
    /// not. Both connections can be used again; that the COPY has failed is sent to the target at once where the socket takes
    /// it.
    ///
    /// # Errors
    ///
    /// [`TransferError`] says which side failed, and its SQLSTATE: the server's own, such as `23505`;
    /// [`Deadline`](TransferError::Deadline) (`57014`); or that of what cannot be copied so.
    pub async fn run(self, from: &mut Connection, to: &mut Connection) -> Result<Transferred, TransferError> {
        let result = self.attempt(from, to).await;
        if result.is_err() {
            from.calm_down().await;
            to.calm_down().await;
        }
        result
    }

    async fn attempt(self, from: &mut Connection, to: &mut Connection) -> Result<Transferred, TransferError> {
        let begun = Instant::now();
        let time = Time::new(self.deadline);
        let of_source = |error| time.error(Side::Source, error);
        let of_target = |error| time.error(Side::Target, error);
        let into = self.target.map_err(|error| TransferError::Name {
            side: Side::Target,
            error,
        })?;
        let origin = self.origin.map_err(|error| TransferError::Name {
            side: Side::Source,
            error,
        })?;

        let mut source = End::begin(Side::Source, from, time, self.verify).await?;
        let mut target = End::begin(Side::Target, to, time, self.verify).await?;
        let (into, columns) = if self.create {
            let asked = self.columns;
            let created = create::create(&time, &mut source, &mut target, &origin, into, asked).await?;
            (created.name, Some(created.columns))
        } else {
            (into, self.columns)
        };
        let plan = Plan::make(
            &time,
            &mut source,
            &mut target,
            origin,
            &into,
            columns,
            self.format,
        )
        .await?;
        if self.verify {
            if !self.create {
                verify::check_empty(&time, &mut target, &into).await?;
            }
            verify::check_query(&time, &mut source, &plan).await?;
        }
        // A statement in UTF-8 means the same to these. Until here what was read were names, which are text.
        let are_bytes = source.stores_bytes() && target.stores_bytes();
        if are_bytes {
            let setting = [("client_encoding", BYTES)];
            source.set(&setting).await.map_err(of_source)?;
            target.set(&setting).await.map_err(of_target)?;
        }
        let compares_stored = self.verify && plan.is_stored;
        if plan.format == TransferFormat::Text || compares_stored {
            let others: &[_] = if compares_stored { &SETTINGS_OF_STORED } else { &[] };
            let settings = [&SETTINGS_OF_TEXT, others].concat();
            source.set(&settings).await.map_err(of_source)?;
        }
        // In binary format, what begins the data and what ends it may have messages of their own.
        let others = if plan.format == TransferFormat::Binary {
            2
        } else {
            0
        };
        let mut counted = Counted::new(begun, others, self.on_progress);
        let rows = copy(&time, &mut source, &mut target, &plan, &mut counted).await?;

        let checksum = if self.verify {
            counted.tell(rows, Stage::Verifying);
            Some(verify::verify(&time, &mut source, &mut target, &plan).await?)
        } else {
            None
        };
        source.give_back().await.map_err(of_source)?;
        target.give_back().await.map_err(of_target)?;
        target.commit().await.map_err(of_target)?;
        counted.tell(rows, Stage::Committed);
        let committed = source.commit().await;
        committed.map_err(|error| TransferError::SourceCommit { rows, error })?;
        Ok(Transferred {
            rows,
            bytes: counted.bytes(),
            format: plan.format,
            columns: plan.columns,
            checksum,
            elapsed: begun.elapsed(),
        })
    }
}

/// Copies all rows, which are then to be committed; gives how many they are.
async fn copy(
    time: &Time,
    source: &mut End<'_>,
    target: &mut End<'_>,
    plan: &Plan,
    counted: &mut Counted<'_>,
) -> Result<u64, TransferError> {
    let of_target = |error| time.error(Side::Target, error);
    let receiver = target.connection().map_err(of_target)?;
    let mut copy_in = receiver.copy_in(&plan.copy_in).await.map_err(of_target)?;
    let sent = async {
        let sender = source.connection().map_err(|error| (Side::Source, error))?;
        let begun = sender.copy_out(&plan.copy_out).await;
        let mut copy_out = begun.map_err(|error| (Side::Source, error))?;
        relay(&mut copy_out, &mut copy_in, counted).await?;
        Ok(copy_out.rows_affected())
    };
    match sent.await {
        Ok(sent) => {
            let taken = copy_in.finish().await.map_err(of_target)?;
            match sent {
                Some(sent) if sent != taken => Err(TransferError::RowCount { sent, taken }),
                _ => Ok(taken),
            }
        }
        Err((Side::Source, error)) => {
            let reason: String = format!("the source has failed: {error}")
                .chars()
                .take(REASON_CHARACTERS)
                .collect();
            // Why the source has failed is what there is to tell.
            drop(copy_in.fail(&reason).await);
            Err(time.error(Side::Source, error))
        }
        Err((Side::Target, error)) => {
            drop(copy_in);
            source.stop().await;
            Err(time.error(Side::Target, error))
        }
    }
}
