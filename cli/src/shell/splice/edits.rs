//! What stands in a statement's text for a call.

use std::ops::Range;

use dblink_engine::sqlgen::Quoted;

use super::calls::{Call, DefinitionList, Stands};
use super::grid::Grid;
use super::rows::quoted;

/// What stands for a call.
#[derive(Debug, Clone)]
pub(super) enum Replaced {
    /// An expression.
    Expression(String),
    /// Something in `FROM` whose columns are already what the definition list says.
    Relation(String),
    /// Something in `FROM` to which the definition list belongs.
    Defined(String),
}

impl Call {
    /// What is changed in the statement's text so that the server looks at it, and at the arguments that are to be computed: they
    /// are selected by what stands for the call.
    pub(super) fn checked(&self, head: String, tail: &str) -> Vec<(Range<usize>, String)> {
        let mut edits = self.edits(&Replaced::Relation(String::new()));
        let Some(whole) = edits
            .iter()
            .position(|(place, _)| place.start == self.place.start)
        else {
            return edits;
        };
        let (place, alias) = edits.swap_remove(whole);
        let computed = self
            .arguments
            .iter()
            .filter(|argument| argument.literal.is_none());
        let mut text = head;
        let mut start = place.start;
        let mut word = match self.stands {
            Stands::Value => " FROM (SELECT (",
            _ => ", (SELECT (",
        };
        for argument in computed {
            text.push_str(word);
            edits.push((start..argument.place.start, std::mem::take(&mut text)));
            start = argument.place.end;
            word = "), (";
        }
        if start > place.start {
            text.push_str(")) AS e");
        }
        text.push_str(tail);
        text.push_str(&alias);
        edits.push((start..place.end, text));
        edits
    }

    /// What is changed in the statement's text so that this stands for the call.
    pub(super) fn edits(&self, replaced: &Replaced) -> Vec<(Range<usize>, String)> {
        let mut edits = Vec::new();
        let Stands::From(from) = &self.stands else {
            let (Replaced::Expression(text) | Replaced::Relation(text) | Replaced::Defined(text)) = replaced;
            return vec![(self.place.clone(), text.clone())];
        };
        // Tables are never lateral.
        edits.extend(from.lateral.clone().map(|place| (place, String::new())));
        match (replaced, &from.definition) {
            (Replaced::Relation(text), Some(list)) if !from.aliased => {
                edits.push((
                    self.place.start..list.place.end,
                    format!("{text} AS {}", Quoted(&from.name)),
                ));
            }
            (Replaced::Relation(text), list) => {
                let alias = match from.aliased {
                    true => String::new(),
                    false => format!(" AS {}", Quoted(&from.name)),
                };
                edits.push((self.place.start..from.end, format!("{text}{alias}")));
                edits.extend(list.as_ref().map(|list| (list.place.clone(), String::new())));
            }
            (Replaced::Expression(text) | Replaced::Defined(text), _) => {
                edits.push((self.place.clone(), text.clone()));
            }
        }
        edits
    }
}

pub(super) fn definition(call: &Call) -> Option<&DefinitionList> {
    match &call.stands {
        Stands::From(from) => from.definition.as_ref(),
        _ => None,
    }
}

/// The rows of a table in a list of values to be selected.
pub(super) fn rows_of(table: &str, call: &Call, named: bool) -> Replaced {
    let name = name(call, named);
    Replaced::Expression(format!(
        "pg_catalog.unnest(ARRAY(SELECT d FROM {table} AS d)){name}"
    ))
}

/// The same where there can be no table: rows without names for their columns.
pub(super) fn constant_rows(rows: &Grid, call: &Call, named: bool) -> String {
    let row = |row: Vec<Option<&str>>| {
        let values = row
            .into_iter()
            .map(|value| value.map_or_else(|| "NULL".to_owned(), quoted));
        format!("ROW({})", values.collect::<Vec<_>>().join(", "))
    };
    let rows = rows.iter().map(row).collect::<Vec<_>>().join(", ");
    format!("pg_catalog.unnest(ARRAY[{rows}]::record[]){}", name(call, named))
}

/// The name that a column has by its function, where it has no other.
fn name(call: &Call, named: bool) -> String {
    match named {
        true => format!(" AS {}", call.function.name),
        false => String::new(),
    }
}
