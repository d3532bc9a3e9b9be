//! Calls that cannot be made where they stand.

use std::fmt::Display;

use serde_json::Value;

use super::super::functions::Verb;
use super::super::tokens::Tokens;
use super::tree::is_set;
use super::{Call, Found, From, Refused, SELECT_FIRST, Stands};

/// Why a statement of this kind does not run its calls when it is run itself; none if it does.
pub(super) fn unrun(kind: &str, body: &Value) -> Option<&'static str> {
    match kind {
        "SelectStmt" | "InsertStmt" | "UpdateStmt" | "DeleteStmt" | "MergeStmt" | "DeclareCursorStmt"
        | "CopyStmt" | "ExecuteStmt" => None,
        "CreateTableAsStmt" if is_materialized_view(body) => {
            Some("a materialized view is refreshed by the server")
        }
        "CreateTableAsStmt" if is_set(body, "if_not_exists") => Some("the table may be there already"),
        "CreateTableAsStmt" if body.pointer("/into/skip_data") == Some(&Value::Bool(true)) => {
            Some("the table is made without data")
        }
        "CreateTableAsStmt" => None,
        "ExplainStmt" => Some("EXPLAIN shows how the server would run it"),
        "ViewStmt" => Some("a view is run by the server"),
        "PrepareStmt" => Some("a prepared statement is run by the server"),
        "RuleStmt" => Some("a rule is run by the server"),
        _ => Some("the server keeps the expression, and computes it later"),
    }
}

fn is_materialized_view(body: &Value) -> bool {
    let kind = i64::from(i32::from(pg_query::protobuf::ObjectType::ObjectMatview));
    body.get("objtype").and_then(Value::as_i64) == Some(kind)
}

/// Refuses a body of a function, which is a string to the parser, if it calls dblink.
pub(super) fn in_body(body: &Value, at: &str, what: &str) -> Found {
    let mut texts = Vec::new();
    strings(body.pointer(at).unwrap_or(&Value::Null), &mut texts);
    let mention = |text: &&str| Tokens::of(text).and_then(|tokens| tokens.mention());
    match texts.iter().find_map(mention) {
        Some((name, _)) => Found::Refused(Refused {
            message: format!("{name}() cannot be called inside {what}"),
            detail: Some("The server runs it, and has no extension dblink.".to_owned()),
            hint: Some("Make the call in a statement of its own."),
            place: None,
        }),
        None => Found::Nothing,
    }
}

fn strings<'v>(node: &'v Value, texts: &mut Vec<&'v str>) {
    match node {
        Value::Object(fields) => {
            texts.extend(fields.get("sval").and_then(Value::as_str));
            fields.values().for_each(|field| strings(field, texts));
        }
        Value::Array(items) => items.iter().for_each(|item| strings(item, texts)),
        _ => {}
    }
}
impl Call {
    /// Whether its arguments are known, and there is no function that takes them.
    pub(in crate::shell::splice) fn is_of_no_function(&self) -> bool {
        let given = self
            .arguments
            .iter()
            .map(|argument| Some(argument.literal.as_ref()?.given));
        let given: Option<Vec<_>> = given.collect();
        given.is_some_and(|given| self.function.overload(&given).is_none())
    }

    /// Why the call cannot be made, though it stands where it may.
    pub(in crate::shell::splice) fn refused(&self, sql: &str) -> Option<Refused> {
        if let Some(place) = self.depends {
            let shown = sql.get(place..).unwrap_or_default();
            let end = shown
                .find(|c: char| !(c.is_alphanumeric() || "_.\"$".contains(c)))
                .unwrap_or(shown.len());
            return Some(Refused {
                detail: Some(format!(
                    "Its argument refers to {}, which is known only while the server runs the statement.",
                    shown.get(..end).unwrap_or_default()
                )),
                place: Some(place),
                ..self.not_here("it depends on the statement's own rows", SELECT_FIRST)
            });
        }
        if let Stands::From(From {
            definition: Some(list),
            ordinality: true,
            ..
        }) = &self.stands
        {
            return Some(Refused {
                message: "WITH ORDINALITY cannot be used with a column definition list".to_owned(),
                detail: None,
                hint: Some("Put the column definition list inside ROWS FROM()."),
                place: Some(list.inside.start),
            });
        }
        // A query in FROM is run once, also where its rows are looked at several times or not at all.
        let acts = self.function.acts
            && !(self.function.verb == Verb::Query && matches!(self.stands, Stands::From(_)));
        if let (Some(reason), true) = (self.repeated, acts) {
            return Some(self.not_once(reason));
        }
        None
    }

    /// That it is not called once.
    pub(in crate::shell::splice) fn not_once(&self, reason: &str) -> Refused {
        self.not_here(
            reason,
            "Make the call in a statement of its own, if need be between \\if and \\endif.",
        )
    }

    /// That it cannot be made where it stands.
    pub(in crate::shell::splice) fn not_here(&self, reason: impl Display, hint: &'static str) -> Refused {
        Refused::not_here(self.function.name, self.place.start, reason, hint)
    }
}

impl Refused {
    /// That a function cannot be called in this place.
    pub(super) fn not_here(name: &str, place: usize, reason: impl Display, hint: &'static str) -> Self {
        Self {
            message: format!("{name}() cannot be called here: {reason}"),
            detail: None,
            hint: Some(hint),
            place: Some(place),
        }
    }
}
