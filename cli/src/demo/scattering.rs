//! One statement on many databases.

use dblink_engine::session::Session;

use super::stage::{Stage, call, number, text};
use crate::failure::Failure;

pub(super) async fn show(session: &mut Session, stage: &mut Stage) -> Result<(), Failure> {
    // The third is not there, and the others do not mind.
    let mut rows = call!(
        stage,
        "scatter",
        session.scatter(
            ["north", "south", "host=/nowhere user=nobody"],
            "select split_part(version(), ' ', 2), count(*) from pg_class"
        )
    )
    .await?;
    let mut shown = Vec::new();
    while let Some(row) = rows.next().await? {
        let server = format!("PostgreSQL {}", text(&row, 0)?);
        let relations = format!("{} relations", number(&row, 1)?);
        shown.push(vec![row.label.to_string(), server, relations]);
    }
    // Whichever was first.
    shown.sort();
    let labels: Vec<_> = shown.iter().filter_map(|row| row.first().cloned()).collect();
    let outcomes = rows.into_outcomes();
    for outcome in &outcomes {
        if let Err(error) = &outcome.result {
            let label = outcome.label.to_string();
            shown.push(vec![label, error.sqlstate().to_string(), error.message()]);
        }
    }
    stage.rows(&shown)?;
    stage.expect(labels, ["north", "south"])?;
    let failed = outcomes.iter().filter(|outcome| outcome.result.is_err());
    stage.expect(failed.count(), 1)
}
