//! Finds dblink's calls in a statement.

mod alone;
mod facts;
mod finder;
mod guards;
mod refused;
#[cfg(test)]
mod tests;
mod tree;
mod with;

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

use dblink_engine::sqlgen::Quoted;
use pg_query::ParserOptions;
use serde_json::Value;

use self::alone::alone;
use self::finder::Finder;
use self::guards::Guard;
pub(in crate::shell::splice) use self::guards::{Asks, Case, FOR_EACH_ROW, PERHAPS};
use self::refused::{in_body, unrun};
use self::tree::{given, list, only_entry, string};
use super::functions::Function;
use super::literal::Argument;
use super::tokens::Tokens;

/// What is to be done with a statement.
#[derive(Debug)]
pub(in crate::shell::splice) enum Found {
    /// It has no call, or is none that the parser knows: it goes to the server as it stands.
    Nothing,
    /// It has these, the one to be made first in front.
    Calls(Calls),
    /// A call stands where it cannot be made.
    Refused(Refused),
}

/// A statement's calls.
#[derive(Debug)]
pub(in crate::shell::splice) struct Calls {
    pub(in crate::shell::splice) calls: Vec<Call>,
    /// The prepared statement that is executed. A subquery is not allowed where the calls are then: a value has to be a constant.
    pub(in crate::shell::splice) executes: Option<Executed>,
    /// Each `CASE` that decides on some of them.
    pub(in crate::shell::splice) cases: Vec<Case>,
    /// The statement's rows are read later: what it reads has to stay.
    pub(in crate::shell::splice) read_later: bool,
    /// The server can tell how it would run the statement: then it has looked at privileges, too.
    pub(in crate::shell::splice) explained: bool,
    /// What a read-only transaction does not let the statement write.
    pub(in crate::shell::splice) writes: Option<Writes>,
    /// The statement is one call and nothing else; this is the projection.
    pub(in crate::shell::splice) alone: Option<Vec<Projected>>,
}

/// An `EXECUTE`.
#[derive(Debug)]
pub(in crate::shell::splice) struct Executed {
    pub(in crate::shell::splice) name: String,
    /// How many arguments it has.
    pub(in crate::shell::splice) arguments: usize,
    /// There are subqueries among them, which the server refuses.
    pub(in crate::shell::splice) subqueries: bool,
}

/// What a statement writes.
#[derive(Debug)]
pub(in crate::shell::splice) struct Writes {
    /// What it is called.
    pub(in crate::shell::splice) tag: &'static str,
    pub(in crate::shell::splice) target: Written,
}

/// The table that a statement writes.
#[derive(Debug)]
pub(in crate::shell::splice) enum Written {
    /// One that is there, and may be a temporary one.
    There(String),
    /// One that is made, in this schema if it has one. `None`: it is a temporary one.
    Made(Option<String>),
}

impl Writes {
    fn of(kind: &str, body: &Value) -> Option<Self> {
        let tag = match kind {
            "InsertStmt" => "INSERT",
            "UpdateStmt" => "UPDATE",
            "DeleteStmt" => "DELETE",
            "MergeStmt" => "MERGE",
            "CreateTableAsStmt" => "CREATE TABLE AS",
            "SelectStmt" if given(body, "into_clause").is_some() => "SELECT INTO",
            _ => return None,
        };
        let target = match given(body, "relation") {
            Some(relation) => {
                let names = [string(relation, "/schemaname"), string(relation, "/relname")];
                let names = names.into_iter().filter(|name| !name.is_empty());
                let names = names.map(|name| Quoted(name).to_string());
                Written::There(names.collect::<Vec<_>>().join("."))
            }
            None => {
                let into = body.get("into").or_else(|| body.get("into_clause"))?.get("rel")?;
                let is_kept = string(into, "/relpersistence") != "t";
                Written::Made(is_kept.then(|| string(into, "/schemaname").to_owned()))
            }
        };
        Some(Self { tag, target })
    }
}

/// A column that a statement of one call gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::shell::splice) enum Projected {
    /// All columns.
    All,
    /// The column of this name, called so.
    Column { name: String, as_: String },
    /// The call's value, called so.
    Value(String),
}

/// One call of a function of dblink's.
#[derive(Debug)]
pub(in crate::shell::splice) struct Call {
    pub(in crate::shell::splice) function: &'static Function,
    /// From the function's name to the closing parenthesis.
    pub(in crate::shell::splice) place: Range<usize>,
    pub(in crate::shell::splice) arguments: Vec<GivenArgument>,
    pub(in crate::shell::splice) stands: Stands,
    /// Why it cannot be told how often, or whether, it is to be called.
    repeated: Option<&'static str>,
    /// It is made if all of these hold. The last one is to be looked at first.
    pub(in crate::shell::splice) guards: Vec<Guard>,
    /// The functions that are called beside it in a list of values to be selected: none of them may give rows, and none may be an
    /// aggregate if a `WHERE` decides on the call.
    pub(in crate::shell::splice) beside: Vec<Arc<[String]>>,
    /// Why its arguments cannot be known before the statement runs, and where that is seen.
    depends: Option<usize>,
}

/// An argument of a call.
#[derive(Debug)]
pub(in crate::shell::splice) struct GivenArgument {
    pub(in crate::shell::splice) place: Range<usize>,
    /// Its value, if it need not be computed.
    pub(in crate::shell::splice) literal: Option<Argument>,
}

/// Where a call stands.
#[derive(Debug)]
pub(in crate::shell::splice) enum Stands {
    /// In an expression.
    Value,
    /// Rows in a list of values to be selected. `named` if nothing else stands there, so that the column has its name.
    Rows { named: bool },
    /// In `FROM`.
    From(From),
}

/// A call in `FROM`.
#[derive(Debug)]
pub(in crate::shell::splice) struct From {
    /// The name that its rows go by.
    pub(in crate::shell::splice) name: String,
    /// It has that name by an alias.
    pub(in crate::shell::splice) aliased: bool,
    /// The definition of its columns.
    pub(in crate::shell::splice) definition: Option<DefinitionList>,
    /// Up to here what stands behind the call is no part of what replaces it: `WITH ORDINALITY`.
    pub(in crate::shell::splice) end: usize,
    /// The rows are numbered.
    pub(in crate::shell::splice) ordinality: bool,
    /// The word `LATERAL` before it.
    pub(in crate::shell::splice) lateral: Option<Range<usize>>,
    /// It stands in `ROWS FROM (…)`.
    pub(in crate::shell::splice) rows_from: bool,
}

/// The list of column definitions behind a call.
#[derive(Debug)]
pub(in crate::shell::splice) struct DefinitionList {
    pub(in crate::shell::splice) names: Vec<String>,
    /// Whether each is of a type that is JSON.
    pub(in crate::shell::splice) json: Vec<bool>,
    /// What is in the parentheses.
    pub(in crate::shell::splice) inside: Range<usize>,
    /// The parentheses too.
    pub(in crate::shell::splice) place: Range<usize>,
}

/// Why a call cannot be made.
#[derive(Debug)]
pub(in crate::shell::splice) struct Refused {
    pub(in crate::shell::splice) message: String,
    pub(in crate::shell::splice) detail: Option<String>,
    pub(in crate::shell::splice) hint: Option<&'static str>,
    /// What is pointed at in the statement.
    pub(in crate::shell::splice) place: Option<usize>,
}
/// What to do where a call would need the statement's rows.
pub(in crate::shell::splice) const SELECT_FIRST: &str =
    "Have a SELECT write the calls, one for each row, and run them with \\gexec.";

/// The room for the nested parts of a statement: the parser's own limits keep what it gives well below. What is not used of it takes
/// no memory.
const STACK: usize = 1 << 30;

/// How many bytes of conditions are parsed once more, to be sure of them.
const PARSED_AGAIN: usize = 100_000;

/// Does something with a statement's tree where there is room for any. None if there is none.
pub(in crate::shell) fn with_room<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        thread.spawn_scoped(scope, work).ok()?.join().ok()
    })
}

/// Finds the calls of a statement.
pub(in crate::shell::splice) fn find(sql: &str, standard_conforming_strings: bool) -> Found {
    // Most statements have none: they are not even parsed.
    if !sql.to_ascii_lowercase().contains("dblink") {
        return Found::Nothing;
    }
    let Some(tokens) = Tokens::of(sql) else {
        return Found::Nothing;
    };
    // A word is no call.
    if !tokens.may_call() {
        return Found::Nothing;
    }
    // Trees are as deep as whoever wrote the statement likes.
    let found = with_room(|| find_here(sql, &tokens, standard_conforming_strings));
    found.unwrap_or_else(|| too_deep(&tokens))
}

fn find_here(sql: &str, tokens: &Tokens<'_>, standard_conforming_strings: bool) -> Found {
    let options = match standard_conforming_strings {
        true => ParserOptions::DEFAULT,
        false => ParserOptions::DISABLE_STANDARD_CONFORMING_STRINGS,
    };
    let parsed = match pg_query::parse(sql, options) {
        Ok(parsed) => parsed,
        Err(pg_query::Error::Decode(_)) => return too_deep(tokens),
        Err(pg_query::Error::Parse(reason))
            if reason.contains("too deeply")
                || reason.contains("stack depth")
                || reason.contains("memory exhausted") =>
        {
            return too_deep(tokens);
        }
        // Another version's grammar, or an error: the server knows.
        Err(_) => return Found::Nothing,
    };
    if !standard_conforming_strings && sql.contains('\\') {
        // Where such strings end, the scanner would see otherwise than the server.
        return mentioned(
            tokens,
            "standard_conforming_strings is off",
            "Write strings with backslashes as E'…', and set it on.",
        );
    }
    let Ok(tree) = serde_json::to_value(&parsed.protobuf) else {
        return Found::Nothing;
    };
    match tree.get("stmts").and_then(Value::as_array).map(Vec::as_slice) {
        Some([statement]) => find_in_statement(tokens, statement),
        Some(statements) => several(tokens, statements),
        None => Found::Nothing,
    }
}

/// What is nested so deeply that its tree cannot be read.
fn too_deep(tokens: &Tokens<'_>) -> Found {
    mentioned(
        tokens,
        "the statement is nested too deeply",
        "Compute the call's arguments in a statement before it.",
    )
}

/// What cannot be gone through is refused if it seems to have a call.
fn mentioned(tokens: &Tokens<'_>, reason: &str, hint: &'static str) -> Found {
    match tokens.mention() {
        Some((name, place)) => Found::Refused(Refused::not_here(name, place, reason, hint)),
        None => Found::Nothing,
    }
}

/// Several statements in one text are one transaction, in which no call can be made between them.
fn several(tokens: &Tokens<'_>, statements: &[Value]) -> Found {
    for statement in statements {
        match find_in_statement(tokens, statement) {
            Found::Nothing => {}
            Found::Refused(refused) => return Found::Refused(refused),
            Found::Calls(calls) => {
                if let Some(call) = calls.calls.first() {
                    return Found::Refused(call.not_here(
                        "several statements are sent at once",
                        "Send each one on its own: with a -c of its own, or in a script without \\;.",
                    ));
                }
            }
        }
    }
    Found::Nothing
}

fn find_in_statement(tokens: &Tokens<'_>, statement: &Value) -> Found {
    let Some((kind, body)) = statement.pointer("/stmt/node").and_then(only_entry) else {
        return Found::Nothing;
    };
    let with = facts::queries(body);
    let room = Cell::new(PARSED_AGAIN);
    let mut finder = Finder {
        tokens,
        with: &with,
        room: &room,
        calls: Vec::new(),
        cases: Vec::new(),
    };
    let (mut read_later, mut executed) = (false, None);
    match kind {
        "DoStmt" => return in_body(body, "/args", "a DO block"),
        "CreateFunctionStmt" => return in_body(body, "/options", "a server-side function"),
        "DeclareCursorStmt" => read_later = true,
        "ExecuteStmt" => executed = Some(body),
        "CreateTableAsStmt" => executed = body.pointer("/query/node/ExecuteStmt"),
        _ => {}
    }
    finder.statement(kind, body);
    let Some(call) = finder.calls.first() else {
        return Found::Nothing;
    };
    if let Some(reason) = unrun(kind, body) {
        return Found::Refused(call.not_here(
            reason,
            "A server without the extension dblink cannot make the call itself.",
        ));
    }
    Found::Calls(Calls {
        alone: alone(kind, body, &finder.calls),
        calls: finder.calls,
        cases: finder.cases,
        read_later,
        executes: executed.map(|body| Executed {
            name: string(body, "/name").to_owned(),
            arguments: list(body, "params").len(),
            subqueries: list(body, "params").iter().any(facts::has_subquery),
        }),
        explained: kind != "CopyStmt",
        writes: Writes::of(kind, body),
    })
}
