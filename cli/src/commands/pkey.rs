//! `dblink pkey`.

use dblink_engine::postgres_types::Type;
use dblink_engine::session::Session;

use crate::failure::Failure;
use crate::interrupt::until_ctrl_c;
use crate::output::{Column, Format, Sink, Writer};
use crate::{destination, listing};

/// Print the columns of a table's primary key, in its order
///
/// The columns printed are position and colname, as with dblink_get_pkey. A table without a primary key gives no rows, and that
/// is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to connect to
    pub(crate) conn: String,
    /// The table, as in SQL: orders, sales.orders, "Odd Name"
    pub(crate) relation: String,
    /// How the columns are printed [default: table on a terminal, else csv]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) format: Option<Format>,
}

/// Runs it.
pub(crate) async fn run(args: Args) -> Result<(), Failure> {
    let connection = destination::connect_in_utf8(&args.conn).await?;
    let cancel = connection.cancel_handle();
    let mut session = Session::builder().local(connection).build();
    let key = until_ctrl_c(cancel.as_slice(), async {
        Ok(session.get_pkey(&args.relation).await?)
    })
    .await?;
    let sink = Sink::stdout()?;
    let mut writer = Writer::new(Format::or_usual(args.format, &sink), sink);
    let columns = [("position", Type::INT4), ("colname", Type::TEXT)];
    writer.begin(
        columns
            .map(|(name, r#type)| Column {
                name: name.to_owned(),
                type_oid: r#type.oid(),
            })
            .to_vec(),
    );
    for column in &key {
        let position = column.position.to_string();
        writer.row([Some(position.as_bytes()), Some(column.name.as_bytes())].into_iter());
    }
    writer.end();
    writer.finish().await?;
    if key.is_empty() {
        listing::remark(format_args!("{} has no primary key", args.relation));
    }
    Ok(())
}
