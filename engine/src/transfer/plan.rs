//! What is copied where, and how.

use dblink_sqlgen::Quoted;
use postgres_types::Type;

use super::side::{End, Table, Time};
use super::types::{Binary, binary, holds_money};
use super::{Side, TableName, TransferError, TransferFormat, matching};
use crate::connection::Columns;

/// What is copied.
pub(super) enum Origin {
    Table(TableName),
    Query(String),
}

/// The two statements, and what they have in common.
pub(super) struct Plan {
    pub(super) copy_out: String,
    pub(super) copy_in: String,
    /// The queries for what is copied, of the source, and for what was, of the target.
    pub(super) from: String,
    pub(super) to: String,
    /// What is copied is what a table stores: it is the same whatever settings a session has.
    pub(super) is_stored: bool,
    pub(super) format: TransferFormat,
    /// The columns of the target.
    pub(super) columns: Vec<String>,
}

/// A column on both sides.
struct Pair {
    name: String,
    from: Type,
    to: Type,
}

impl Plan {
    /// Describes both sides, and finds out what goes where.
    pub(super) async fn make(
        time: &Time,
        source: &mut End<'_>,
        target: &mut End<'_>,
        origin: Origin,
        into: &TableName,
        asked: Option<Vec<String>>,
        format: TransferFormat,
    ) -> Result<Self, TransferError> {
        let of_source = |error| time.error(Side::Source, error);
        let of_target = |error| time.error(Side::Target, error);

        let is_stored;
        let (columns, copied, query, from) = match origin {
            Origin::Table(name) => {
                let table = source.table(&name).await.map_err(of_source)?;
                let columns =
                    matching::of_table(&table, &target.table(into).await.map_err(of_target)?, asked)?;
                let select = select(&columns, &name)?;
                let from = source.columns_of(&select).await.map_err(of_source)?;
                is_stored = is_read_by_copy(&table, &columns);
                let copied = if is_stored {
                    format!("{name} ({})", quote_list(&columns))
                } else {
                    format!("({select})")
                };
                (columns, copied, select, from)
            }
            Origin::Query(query) => {
                let from = source.columns_of(&query).await.map_err(of_source)?;
                let names = from.iter().flat_map(Columns::iter);
                let names: Vec<_> = names.map(|column| column.name().to_owned()).collect();
                if names.is_empty() {
                    return Err(TransferError::NoColumns);
                }
                let table = target.table(into).await.map_err(of_target)?;
                let columns = matching::of_query(&names, &table, asked)?;
                // A comment at its end must not swallow what follows.
                let query = format!("{}\n", query.trim_end().trim_end_matches(';'));
                is_stored = false;
                (columns, format!("({query})"), query, from)
            }
        };
        let to_query = select(&columns, into)?;
        let to = target.columns_of(&to_query).await.map_err(of_target)?;
        let pairs = pairs(&columns, from, to)?;
        if let Some(pair) = pairs
            .iter()
            .find(|pair| holds_money(&pair.from) && holds_money(&pair.to))
        {
            let source_locale = source.locale_of_money().await.map_err(of_source)?;
            let target_locale = target.locale_of_money().await.map_err(of_target)?;
            if source_locale != target_locale {
                return Err(TransferError::Money {
                    column: pair.name.clone(),
                    source_locale,
                    target_locale,
                });
            }
        }
        // A server before 10 may have built its times another way.
        let same_times = source.reported("integer_datetimes") == target.reported("integer_datetimes");
        let format = choose(format, &pairs, same_times)?;
        let option = match format {
            TransferFormat::Binary => "binary",
            _ => "text",
        };
        Ok(Self {
            copy_out: format!("COPY {copied} TO STDOUT (FORMAT {option})"),
            copy_in: format!(
                "COPY {into} ({}) FROM STDIN (FORMAT {option})",
                quote_list(&columns)
            ),
            from: query,
            to: to_query,
            is_stored,
            format,
            columns,
        })
    }
}

/// The names in quotes, with commas between them.
pub(super) fn quote_list(names: &[String]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| Quoted(name).to_string()).collect();
    quoted.join(", ")
}

/// The query for these columns of a table.
fn select(columns: &[String], table: &TableName) -> Result<String, TransferError> {
    if columns.is_empty() {
        return Err(TransferError::NoColumns);
    }
    Ok(format!("SELECT {} FROM {table}", quote_list(columns)))
}

/// Whether COPY reads the table without a query, which takes less. It would leave out what a table's children hold, and
/// refuses a view and a generated column.
fn is_read_by_copy(table: &Table, columns: &[String]) -> bool {
    table.is_plain && !columns.iter().any(|column| table.generated.contains(column))
}

fn pairs(names: &[String], from: Option<Columns>, to: Option<Columns>) -> Result<Vec<Pair>, TransferError> {
    let (Some(from), Some(to)) = (from, to) else {
        return Err(TransferError::NoColumns);
    };
    let types = from.iter().zip(to.iter());
    let pairs = names.iter().zip(types).map(|(name, (from, to))| Pair {
        name: name.clone(),
        from: from.type_().clone(),
        to: to.type_().clone(),
    });
    Ok(pairs.collect())
}

/// The format in which all columns can be copied.
fn choose(asked: TransferFormat, pairs: &[Pair], same_times: bool) -> Result<TransferFormat, TransferError> {
    let good_enough = match asked {
        TransferFormat::Text => return Ok(TransferFormat::Text),
        TransferFormat::Auto => Binary::Same,
        TransferFormat::Binary => Binary::SameIfNamesTell,
    };
    let different = pairs
        .iter()
        .find(|pair| !same_times || binary(&pair.from, &pair.to) > good_enough);
    match different {
        None => Ok(TransferFormat::Binary),
        Some(_) if asked == TransferFormat::Auto => Ok(TransferFormat::Text),
        Some(pair) => Err(TransferError::NotBinary {
            column: pair.name.clone(),
            source_type: pair.from.to_string(),
            target_type: pair.to.to_string(),
        }),
    }
}
