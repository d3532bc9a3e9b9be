//! `dblink pkey`.

use dblink_engine::session::Session;

use crate::failure::Failure;
use crate::interrupt::until_ctrl_c;
use crate::{destination, listing};

/// Print the columns of a table's primary key, in its order
///
/// As a table on a terminal, else as CSV, with the columns position and colname: dblink_get_pkey. A table without a primary
/// key gives no rows, and that is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to connect to
    pub(crate) conn: String,
    /// The table, as in SQL: orders, sales.orders, "Odd Name"
    pub(crate) relation: String,
}

/// Runs it.
pub(crate) async fn run(args: Args) -> Result<(), Failure> {
    let connection = destination::connect(&args.conn).await?;
    let cancel = connection.cancel_handle();
    let mut session = Session::builder().local(connection).build();
    let columns = until_ctrl_c(cancel.as_slice(), async {
        Ok(session.get_pkey(&args.relation).await?)
    })
    .await?;
    let rows: Vec<_> = columns
        .iter()
        .map(|column| [column.position.to_string(), column.name.clone()])
        .collect();
    listing::write_rows(["position", "colname"], &rows)?;
    if rows.is_empty() {
        listing::remark(format_args!("{} has no primary key", args.relation));
    }
    Ok(())
}
