//! The arguments of calls, which the local server computes, and what else it is asked.

use std::ops::Range;

use dblink_engine::connection::{Connection, Error, SimpleResult};

use super::calls::{Call, FOR_EACH_ROW, Refused, SELECT_FIRST};
use super::functions::{Given, Kind};
use super::literal::Argument;
use super::refusals::{failed, in_arguments};
use super::statement::Run;
use super::text::Spliced;
use crate::shell::answer::Failed;
use crate::shell::interpreter::texts;

impl Run<'_> {
    /// The values of a call's arguments; those that are no constants are computed by the local server, all at once.
    pub(super) async fn arguments(&mut self, call: &Call) -> Result<Vec<Argument>, Failed> {
        let computed: Vec<_> = call
            .arguments
            .iter()
            .filter(|argument| argument.literal.is_none())
            .collect();
        let expressions = computed
            .iter()
            .map(|argument| (argument.place.clone(), String::new()));
        let mut values = self.compute(call, expressions.collect()).await?.into_iter();
        let arguments = call.arguments.iter().map(|argument| match &argument.literal {
            Some(literal) => Some(literal.clone()),
            None => values.next(),
        });
        Ok(arguments.flatten().collect())
    }

    /// The types of a call's arguments, without their values.
    pub(super) async fn types(&mut self, call: &Call) -> Result<Vec<Argument>, Failed> {
        let expressions = call
            .arguments
            .iter()
            .map(|argument| (argument.place.clone(), String::new()));
        let select = self.selected(call, expressions);
        let (sql, name) = (self.sql, call.function.name);
        let prepared = self.local()?.prepare(select.text()).await;
        let prepared = prepared.map_err(|error| in_arguments(&error, &select, sql, name))?;
        let columns = prepared.columns();
        let given = columns
            .iter()
            .flat_map(|columns| columns.iter())
            .zip(&call.arguments)
            .map(|(column, argument)| {
                let given = argument
                    .literal
                    .as_ref()
                    .map_or_else(|| Given::Type(column.type_().oid()), |literal| literal.given);
                Argument { given, text: None }
            });
        Ok(given.collect())
    }

    /// Has constants without a type read by the server as what they are to be, so that it refuses those that are not.
    pub(super) async fn cast(
        &mut self,
        call: &Call,
        kinds: &[Kind],
        arguments: &mut [Argument],
    ) -> Result<(), Failed> {
        let mut casts = Vec::new();
        for ((given, argument), kind) in call.arguments.iter().zip(arguments.iter()).zip(kinds) {
            if argument.needs_cast(*kind) {
                casts.push((given.place.clone(), format!("::{}", kind.sql())));
            }
        }
        let mut values = self.compute(call, casts).await?.into_iter();
        for (argument, kind) in arguments.iter_mut().zip(kinds) {
            if argument.needs_cast(*kind)
                && let Some(value) = values.next()
            {
                *argument = value;
            }
        }
        Ok(())
    }

    /// Computes expressions of the statement, each with what is asked of it.
    pub(super) async fn compute(
        &mut self,
        call: &Call,
        expressions: Vec<(Range<usize>, String)>,
    ) -> Result<Vec<Argument>, Failed> {
        if expressions.is_empty() {
            return Ok(Vec::new());
        }
        let select = self.selected(call, expressions);
        let (sql, name) = (self.sql, call.function.name);
        let (columns, mut rows) = table(self.local()?, select.text())
            .await
            .map_err(|error| in_arguments(&error, &select, sql, name))?;
        let (Some(row), true) = (rows.pop(), rows.is_empty()) else {
            return Err(Refused {
                detail: Some("It depends on an expression that gives other than one row.".to_owned()),
                ..call.not_here(FOR_EACH_ROW, SELECT_FIRST)
            }
            .failed(sql));
        };
        let argument = |(type_oid, text): (u32, Option<String>)| Argument {
            given: Given::Type(type_oid),
            text,
        };
        Ok(columns.into_iter().zip(row).map(argument).collect())
    }

    /// A `SELECT` of expressions of the statement.
    fn selected(
        &self,
        call: &Call,
        expressions: impl IntoIterator<Item = (Range<usize>, String)>,
    ) -> Spliced {
        let mut select = Spliced::default();
        select.put("SELECT ", call.place.start);
        for (number, (place, asked)) in expressions.into_iter().enumerate() {
            let comma = if number > 0 { ", " } else { "" };
            select.put(&format!("{comma}("), place.start);
            let end = place.end;
            select.append(self.spliced(place));
            select.put(&format!("){asked}"), end);
        }
        select
    }

    /// What a query of the shell's own gives.
    pub(super) async fn look_up(&mut self, query: &str) -> Result<Vec<Vec<Option<String>>>, Failed> {
        let found = table(self.local()?, query).await;
        found.map(|(_, rows)| rows).map_err(|error| failed(&error))
    }
}

/// A result of one statement: the types of its columns, and its rows.
type Found = (Vec<u32>, Vec<Vec<Option<String>>>);

pub(super) async fn table(local: &mut Connection, query: &str) -> Result<Found, Error> {
    let mut found = Found::default();
    let mut results = local.simple_query(query).await?;
    while let Some(result) = results.next().await? {
        if let SimpleResult::Columns(columns) = &result {
            found.0 = columns.iter().map(|column| column.type_().oid()).collect();
        }
        for row in result.rows() {
            found.1.push(texts(&row));
        }
    }
    Ok(found)
}
