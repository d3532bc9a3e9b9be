//! Whether what has arrived is what was sent.

use futures_util::future::try_join;

use super::checksum::{Checksum, compute, statement};
use super::plan::Plan;
use super::side::{BYTES, End, Time};
use super::{Side, TableName, TransferError};

/// What all other texts can be converted to.
const UTF8: &str = "UTF8";

/// What a value's text depends on, and a query's values.
const SETTINGS: [&str; 6] = [
    "DateStyle",
    "IntervalStyle",
    "TimeZone",
    "bytea_output",
    "extra_float_digits",
    "quote_all_identifiers",
];

/// Refuses a target that has rows.
pub(super) async fn check_empty(
    time: &Time,
    target: &mut End<'_>,
    into: &TableName,
) -> Result<(), TransferError> {
    let statement = format!("SELECT EXISTS (SELECT FROM {into})");
    let any = target.value(&statement, &[]).await;
    if any.map_err(|error| time.error(Side::Target, error))? {
        return Err(TransferError::NotEmpty {
            table: into.to_string(),
        });
    }
    Ok(())
}

/// Refuses a query that cannot be run for its checksum.
pub(super) async fn check_query(time: &Time, source: &mut End<'_>, plan: &Plan) -> Result<(), TransferError> {
    // In which encoding they are hashed does not matter to what it needs.
    let statement = statement(&plan.from, plan.columns.len(), UTF8);
    let described = source.columns_of(&statement).await;
    described.map_err(|error| time.error(Side::Source, error))?;
    Ok(())
}

/// Compares both sides, before the target commits.
///
/// The source's settings are those that it was copied with, since what a query gives may depend on them. The target takes them
/// over, so that the same value has the same text.
pub(super) async fn verify(
    time: &Time,
    source: &mut End<'_>,
    target: &mut End<'_>,
    plan: &Plan,
) -> Result<Checksum, TransferError> {
    let of_source = |error| time.error(Side::Source, error);
    let of_target = |error| time.error(Side::Target, error);
    if !target.is_savepoint() {
        // What a deferred trigger makes of the rows would otherwise come after.
        let connection = target.connection().map_err(of_target)?;
        let fired = connection.execute("SET CONSTRAINTS ALL IMMEDIATE", &[]);
        fired.await.map_err(of_target)?;
    }
    let values = source.settings(&SETTINGS).await.map_err(of_source)?;
    let values = values.iter().map(String::as_str);
    let settings: Vec<_> = SETTINGS.into_iter().zip(values).collect();
    target.set(&settings).await.map_err(of_target)?;

    let are_bytes = source.stores_bytes() && target.stores_bytes();
    let encoding = if are_bytes { BYTES } else { UTF8 };
    let [of_from, of_to] = [&plan.from, &plan.to].map(|query| statement(query, plan.columns.len(), encoding));
    let sending = async {
        compute(source, &of_from)
            .await
            .map_err(|error| (Side::Source, error))
    };
    let keeping = async {
        compute(target, &of_to)
            .await
            .map_err(|error| (Side::Target, error))
    };
    match try_join(sending, keeping).await {
        Ok((sent, kept)) if sent == kept => Ok(kept),
        Ok((sent, kept)) => Err(TransferError::Checksum { sent, kept }),
        Err((side, error)) => {
            // Nobody needs the other's any more.
            match side {
                Side::Source => target.stop().await,
                Side::Target => source.stop().await,
            }
            Err(time.error(side, error))
        }
    }
}
