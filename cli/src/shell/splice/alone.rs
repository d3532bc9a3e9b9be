//! A statement that is one call, without a local server.

use dblink_engine::session::Session;
use dblink_protocol::SqlState;

use super::calls::{Calls, Projected, Stands};
use super::functions::{Gives, Kind};
use super::grid::Grid;
use super::literal::Argument;
use super::perform::{Gathered, Given, perform};
use crate::failure::Report;
use crate::output::Column;
use crate::shell::answer::{Answer, Failed, Front, Table};

const TEXT: u32 = 25;
const INT4: u32 = 23;
const TEXT_ARRAY: u32 = 1009;

/// Makes the call, and gives what the statement selects of it.
pub(super) async fn run(
    session: &mut Session,
    sql: &str,
    calls: &Calls,
    front: &mut dyn Front,
) -> Result<(), Failed> {
    let (Some(projection), [call]) = (&calls.alone, calls.calls.as_slice()) else {
        return Err(needs_local(
            "the statement is not one call alone, in SELECT or FROM",
        ));
    };
    let arguments: Option<Vec<_>> = call
        .arguments
        .iter()
        .map(|argument| argument.literal.clone())
        .collect();
    let Some(arguments) = arguments else {
        return Err(needs_local("an argument has to be computed"));
    };
    let given: Vec<_> = arguments.iter().map(|argument| argument.given).collect();
    let name = call.function.name;
    let Some(kinds) = call.function.overload(&given) else {
        return Err(Failed::Error(Report::own(
            SqlState::UNDEFINED_FUNCTION,
            format_args!("{name}() takes no such arguments"),
        )));
    };
    numbers(kinds, &arguments)?;
    let (definition, column) = match &call.stands {
        Stands::From(from) => (from.definition.as_ref(), from.name.as_str()),
        Stands::Value => (None, name),
        Stands::Rows { .. } => return Err(needs_local("rows are selected as values: call it in FROM")),
    };
    let names = definition.map(|definition| definition.names.as_slice());
    if let Some(names) = names {
        // Before the call is made.
        let columns = names.iter().map(|name| Column {
            name: name.clone(),
            type_oid: TEXT,
        });
        project(
            Table {
                columns: columns.collect(),
                rows: Vec::new(),
            },
            projection,
        )?;
    }
    let inside = definition.and_then(|definition| sql.get(definition.inside.clone()));
    let given = perform(session, call.function.verb, kinds, &arguments, inside, sql).await;
    let given = given.map_err(|error| Failed::Error(Report::session(&error)))?;
    let table = project(table(given, &call.function.gives, names, column), projection)?;
    let tag = format!("SELECT {}", table.rows.len());
    front.answer(Answer::Rows { table, tag }).map_err(Failed::Front)
}

/// Why a statement cannot be run here.
pub(crate) fn needs_local(reason: &str) -> Failed {
    Failed::Error(Report {
        hint: Some("Give a database to run statements on by --local or by \\c.".to_owned()),
        ..Report::own(
            SqlState::CONNECTION_DOES_NOT_EXIST,
            format_args!("there is no local server, and {reason}"),
        )
    })
}

/// Numbers are read here.
fn numbers(kinds: &[Kind], arguments: &[Argument]) -> Result<(), Failed> {
    for (kind, argument) in kinds.iter().zip(arguments) {
        if let (Kind::Int, Some(text)) = (kind, &argument.text)
            && text.trim().parse::<i32>().is_err()
        {
            return Err(Failed::Error(Report::own(
                SqlState::INVALID_TEXT_REPRESENTATION,
                format_args!("invalid input syntax for type integer: \"{text}\""),
            )));
        }
    }
    Ok(())
}

/// What a call gives, as a table.
fn table(given: Given, gives: &Gives, names: Option<&[String]>, column: &str) -> Table {
    let oid = |type_: &str| match type_ {
        "int4" => INT4,
        "text[]" => TEXT_ARRAY,
        _ => TEXT,
    };
    match (given, gives) {
        (Given::Value(value), gives) => Table {
            columns: vec![Column {
                name: column.to_owned(),
                type_oid: if let Gives::Value(type_) = gives {
                    oid(type_)
                } else {
                    TEXT
                },
            }],
            rows: vec![vec![value]],
        },
        (Given::Rows(Gathered { rows, .. }), Gives::Rows(columns)) => Table {
            columns: columns
                .iter()
                .map(|(name, type_)| Column {
                    name: (*name).to_owned(),
                    type_oid: oid(type_),
                })
                .collect(),
            rows: owned(&rows),
        },
        (Given::Rows(Gathered { columns, rows, .. }), _) => {
            let found = columns
                .iter()
                .map(|column| (column.name.as_str(), column.type_oid));
            let columns: Vec<_> = match names {
                Some(names) => {
                    // Without a result there are no types.
                    let types = columns
                        .iter()
                        .map(|column| column.type_oid)
                        .chain(std::iter::repeat(TEXT));
                    names.iter().map(String::as_str).zip(types).collect()
                }
                None => found.collect(),
            };
            let column = |(name, type_oid): &(&str, u32)| Column {
                name: (*name).to_owned(),
                type_oid: *type_oid,
            };
            Table {
                columns: columns.iter().map(column).collect(),
                rows: owned(&rows),
            }
        }
    }
}

fn owned(rows: &Grid) -> Vec<Vec<Option<String>>> {
    let row = |row: Vec<Option<&str>>| row.into_iter().map(|value| value.map(str::to_owned)).collect();
    rows.iter().map(row).collect()
}

/// The columns that are selected.
fn project(table: Table, projection: &[Projected]) -> Result<Table, Failed> {
    let mut places = Vec::new();
    let mut columns = Vec::new();
    for projected in projection {
        match projected {
            Projected::All => {
                places.extend(0..table.columns.len());
                columns.extend(table.columns.iter().cloned());
            }
            Projected::Value(name) => {
                places.push(0);
                columns.extend(table.columns.first().map(|column| Column {
                    name: name.clone(),
                    ..column.clone()
                }));
            }
            Projected::Column { name, as_ } => {
                let found = table
                    .columns
                    .iter()
                    .enumerate()
                    .find(|(_, column)| column.name == *name);
                let Some((place, column)) = found else {
                    return Err(Failed::Error(Report::own(
                        SqlState::UNDEFINED_COLUMN,
                        format_args!("column \"{name}\" does not exist"),
                    )));
                };
                places.push(place);
                columns.push(Column {
                    name: as_.clone(),
                    ..column.clone()
                });
            }
        }
    }
    let row = |row: &Vec<Option<String>>| {
        places
            .iter()
            .map(|place| row.get(*place).cloned().flatten())
            .collect()
    };
    Ok(Table {
        rows: table.rows.iter().map(row).collect(),
        columns,
    })
}
