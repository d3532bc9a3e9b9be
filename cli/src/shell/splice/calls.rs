//! Finds dblink's calls in a statement.

use std::ops::Range;

use pg_query::ParserOptions;
use serde_json::Value;

use super::functions::{Function, Gives};
use super::literal::{Argument, literal};
use super::tokens::Tokens;

/// What is to be done with a statement.
#[derive(Debug)]
pub(super) enum Found {
    /// It has no call, or is none that the parser knows: it goes to the server as it stands.
    Nothing,
    /// It has these, the one to be made first in front.
    Calls(Calls),
    /// A call stands where it cannot be made.
    Refused(Refused),
}

/// A statement's calls.
#[derive(Debug)]
pub(super) struct Calls {
    pub(super) calls: Vec<Call>,
    /// The statement's rows are read later: what it reads has to stay.
    pub(super) read_later: bool,
    /// A subquery is not allowed where the calls are: a value has to be a constant.
    pub(super) constants: bool,
    /// The statement is one call and nothing else; this is the projection.
    pub(super) alone: Option<Vec<Projected>>,
}

/// A column that a statement of one call gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Projected {
    /// All columns.
    All,
    /// The column of this name, called so.
    Column { name: String, as_: String },
    /// The call's value, called so.
    Value(String),
}

/// One call of a function of dblink's.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) function: &'static Function,
    /// From the function's name to the closing parenthesis.
    pub(super) place: Range<usize>,
    pub(super) arguments: Vec<GivenArgument>,
    pub(super) stands: Stands,
    /// Why it cannot be told how often, or whether, it is to be called.
    repeated: Option<&'static str>,
    /// Why its arguments cannot be known before the statement runs, and where that is seen.
    depends: Option<usize>,
}

/// An argument of a call.
#[derive(Debug)]
pub(super) struct GivenArgument {
    pub(super) place: Range<usize>,
    /// Its value, if it need not be computed.
    pub(super) literal: Option<Argument>,
}

/// Where a call stands.
#[derive(Debug)]
pub(super) enum Stands {
    /// In an expression.
    Value,
    /// Rows in a list of values to be selected. `named` if nothing else stands there, so that the column has its name.
    Rows { named: bool },
    /// In `FROM`.
    From(From),
}

/// A call in `FROM`.
#[derive(Debug)]
pub(super) struct From {
    /// The name that its rows go by.
    pub(super) name: String,
    /// It has that name by an alias.
    pub(super) aliased: bool,
    /// The definition of its columns.
    pub(super) definition: Option<DefinitionList>,
    /// Up to here what stands behind the call is no part of what replaces it: `WITH ORDINALITY`.
    pub(super) end: usize,
    /// The rows are numbered.
    pub(super) ordinality: bool,
    /// The word `LATERAL` before it.
    pub(super) lateral: Option<Range<usize>>,
    /// It stands in `ROWS FROM (…)`.
    pub(super) rows_from: bool,
}

/// The list of column definitions behind a call.
#[derive(Debug)]
pub(super) struct DefinitionList {
    pub(super) names: Vec<String>,
    /// What is in the parentheses.
    pub(super) inside: Range<usize>,
    /// The parentheses too.
    pub(super) place: Range<usize>,
}

/// Why a call cannot be made.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) message: String,
    pub(super) detail: Option<String>,
    pub(super) hint: Option<&'static str>,
    /// What is pointed at in the statement.
    pub(super) place: Option<usize>,
}

/// What to do where a call would need the statement's rows.
pub(super) const SELECT_FIRST: &str = "Select the values first, and call it with each of them: see \\gset.";

/// The room for the nested parts of a statement. The parser's own limits keep what it gives well below.
const STACK: usize = 64 << 20;

/// Finds the calls of a statement.
pub(super) fn find(sql: &str, standard_conforming_strings: bool) -> Found {
    // Most statements have none: they are not even parsed.
    if !sql.to_ascii_lowercase().contains("dblink") {
        return Found::Nothing;
    }
    // Trees are as deep as whoever wrote the statement likes: they are gone through where there is room.
    let found = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let found = thread.spawn_scoped(scope, || find_here(sql, standard_conforming_strings));
        found.ok().and_then(|thread| thread.join().ok())
    });
    found.unwrap_or_else(|| too_deep(sql))
}

fn find_here(sql: &str, standard_conforming_strings: bool) -> Found {
    let options = match standard_conforming_strings {
        true => ParserOptions::DEFAULT,
        false => ParserOptions::DISABLE_STANDARD_CONFORMING_STRINGS,
    };
    let parsed = match pg_query::parse(sql, options) {
        Ok(parsed) => parsed,
        Err(pg_query::Error::Decode(_)) => return too_deep(sql),
        Err(pg_query::Error::Parse(reason))
            if reason.contains("too deeply")
                || reason.contains("stack depth")
                || reason.contains("memory exhausted") =>
        {
            return too_deep(sql);
        }
        // Another version's grammar, or an error: the server knows.
        Err(_) => return Found::Nothing,
    };
    let (Ok(tree), Some(tokens)) = (serde_json::to_value(&parsed.protobuf), Tokens::of(sql)) else {
        return Found::Nothing;
    };
    match tree.get("stmts").and_then(Value::as_array).map(Vec::as_slice) {
        Some([statement]) => find_in_statement(&tokens, statement),
        Some(statements) => several(&tokens, statements),
        None => Found::Nothing,
    }
}

/// What is nested so deeply that its tree cannot be read is refused if it seems to have a call.
fn too_deep(sql: &str) -> Found {
    match Tokens::of(sql).and_then(|tokens| tokens.mention()) {
        Some((name, place)) => Found::Refused(Refused {
            message: format!("{name}() cannot be called here: the statement is nested too deeply"),
            detail: None,
            hint: Some("Compute the call's arguments in a statement before it."),
            place: Some(place),
        }),
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
                let call = calls.calls.first();
                return Found::Refused(Refused {
                    message: format!(
                        "{}() cannot be called here: several statements are sent at once",
                        call.map_or("dblink", |call| call.function.name)
                    ),
                    detail: None,
                    hint: Some("End each statement by a semicolon of its own."),
                    place: call.map(|call| call.place.start),
                });
            }
        }
    }
    Found::Nothing
}

fn find_in_statement(tokens: &Tokens<'_>, statement: &Value) -> Found {
    let Some((kind, body)) = statement.pointer("/stmt/node").and_then(only_entry) else {
        return Found::Nothing;
    };
    let mut finder = Finder {
        tokens,
        calls: Vec::new(),
    };
    let (mut read_later, mut constants) = (false, false);
    match kind {
        "DoStmt" => return in_body(body, "/args", "a DO block"),
        "CreateFunctionStmt" => return in_body(body, "/options", "a server-side function"),
        "DeclareCursorStmt" => read_later = true,
        "ExecuteStmt" => constants = true,
        _ => {}
    }
    finder.statement(kind, body);
    if finder.calls.is_empty() {
        return Found::Nothing;
    }
    if let Some(reason) = unrun(kind, body) {
        let call = finder.calls.first();
        return Found::Refused(Refused {
            message: format!(
                "{}() cannot be called here: {reason}",
                call.map_or("dblink", |call| call.function.name)
            ),
            detail: None,
            hint: Some("A server without the extension dblink cannot make the call itself."),
            place: call.map(|call| call.place.start),
        });
    }
    Found::Calls(Calls {
        alone: alone(kind, body, &finder.calls),
        calls: finder.calls,
        read_later,
        constants,
    })
}

/// Why a statement of this kind does not run its calls when it is run itself; none if it does.
fn unrun(kind: &str, body: &Value) -> Option<&'static str> {
    match kind {
        "SelectStmt" | "InsertStmt" | "UpdateStmt" | "DeleteStmt" | "MergeStmt" | "DeclareCursorStmt"
        | "CopyStmt" | "ExecuteStmt" => None,
        "CreateTableAsStmt" if is_materialized_view(body) => {
            Some("a materialized view is refreshed by the server")
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
fn in_body(body: &Value, at: &str, what: &str) -> Found {
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

/// The one field that an object has, if it has one only: so the tree's nodes are written.
fn only_entry(node: &Value) -> Option<(&str, &Value)> {
    let fields = node.as_object()?;
    let (name, value) = fields.iter().next()?;
    (fields.len() == 1).then_some((name.as_str(), value))
}

fn list<'v>(node: &'v Value, field: &str) -> &'v [Value] {
    node.get(field)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn string<'v>(node: &'v Value, at: &str) -> &'v str {
    node.pointer(at).and_then(Value::as_str).unwrap_or_default()
}

fn is_set(node: &Value, field: &str) -> bool {
    node.get(field).and_then(Value::as_bool).unwrap_or_default()
}

fn location(node: &Value) -> Option<usize> {
    usize::try_from(node.get("location")?.as_i64()?).ok()
}

/// Goes through a tree.
struct Finder<'t> {
    tokens: &'t Tokens<'t>,
    calls: Vec<Call>,
}

/// Why a call at some place of the tree may be made not at all or several times.
type Repeated = Option<&'static str>;

const FOR_EACH_ROW: &str = "it would be called for each row";
const PERHAPS: &str = "whether it is called depends on what stands before it";

impl Finder<'_> {
    fn statement(&mut self, kind: &str, body: &Value) {
        let repeated = match kind {
            "UpdateStmt" | "DeleteStmt" | "MergeStmt" => Some(FOR_EACH_ROW),
            _ => None,
        };
        self.node(kind, body, repeated);
    }

    /// Goes into what a field holds.
    fn value(&mut self, value: &Value, repeated: Repeated) {
        match value {
            Value::Object(fields) => match only_entry(value) {
                // A node has a name in capital letters.
                Some((kind, body)) if kind.starts_with(|c: char| c.is_ascii_uppercase()) => {
                    self.node(kind, body, repeated);
                }
                _ => fields.values().for_each(|field| self.value(field, repeated)),
            },
            Value::Array(items) => items.iter().for_each(|item| self.value(item, repeated)),
            _ => {}
        }
    }

    fn node(&mut self, kind: &str, body: &Value, repeated: Repeated) {
        match kind {
            "SelectStmt" => self.select(body, repeated),
            "InsertStmt" => {
                self.field(body, "with_clause", None);
                self.field(body, "select_stmt", None);
                self.field(body, "on_conflict_clause", Some(FOR_EACH_ROW));
                self.field(body, "returning_list", Some(FOR_EACH_ROW));
                self.field(body, "returning_clause", Some(FOR_EACH_ROW));
            }
            "CommonTableExpr" => self.value(body, None),
            "RangeFunction" => self.range_function(body),
            "ResTarget" => self.target(body, repeated),
            "FuncCall" => match self.call(body, repeated) {
                Some(call) => self.add(call, body),
                None => self.fields(body, repeated),
            },
            "CaseExpr" => {
                self.field(body, "arg", repeated);
                let mut repeated = repeated;
                for when in list(body, "args") {
                    let when = when.pointer("/node/CaseWhen").unwrap_or(&Value::Null);
                    self.field(when, "expr", repeated);
                    repeated = repeated.or(Some(PERHAPS));
                    self.field(when, "result", repeated);
                }
                self.field(body, "defresult", repeated.or(Some(PERHAPS)));
            }
            "CoalesceExpr" | "BoolExpr" => {
                let mut repeated = repeated;
                for argument in list(body, "args") {
                    self.value(argument, repeated);
                    repeated = repeated.or(Some(PERHAPS));
                }
            }
            _ => self.fields(body, repeated),
        }
    }

    fn fields(&mut self, body: &Value, repeated: Repeated) {
        if let Value::Object(fields) = body {
            fields.values().for_each(|field| self.value(field, repeated));
        }
    }

    fn field(&mut self, body: &Value, name: &str, repeated: Repeated) {
        if let Some(field) = body.get(name) {
            self.value(field, repeated);
        }
    }

    /// In the order in which the parts are run.
    fn select(&mut self, body: &Value, repeated: Repeated) {
        const ONCE: [&str; 6] = [
            "with_clause",
            "from_clause",
            "values_lists",
            "limit_count",
            "limit_offset",
            "into_clause",
        ];
        for field in ["with_clause", "from_clause"] {
            self.field(body, field, repeated);
        }
        for side in ["larg", "rarg"] {
            // A set operation's sides are statements without the name of their kind.
            if let Some(side) = body.get(side).filter(|side| side.is_object()) {
                self.select(side, repeated);
            }
        }
        for field in ["values_lists", "limit_count", "limit_offset"] {
            self.field(body, field, repeated);
        }
        let rows = repeated.or_else(|| (!list(body, "from_clause").is_empty()).then_some(FOR_EACH_ROW));
        if let Value::Object(fields) = body {
            self.field(body, "target_list", rows);
            let rest = fields.iter().filter(|(name, _)| {
                !ONCE.contains(&name.as_str()) && !["target_list", "larg", "rarg"].contains(&name.as_str())
            });
            rest.for_each(|(_, field)| self.value(field, rows));
        }
    }

    /// Something that is selected: rows may come from it.
    fn target(&mut self, body: &Value, repeated: Repeated) {
        let Some(call) = body
            .pointer("/val/node/FuncCall")
            .and_then(|call| Some((self.call(call, repeated)?, call)))
        else {
            return self.fields(body, repeated);
        };
        let (mut call, node) = call;
        if let Stands::Rows { named } = &mut call.stands {
            *named = string(body, "/name").is_empty() && location(body) == Some(call.place.start);
        }
        self.add(call, node);
    }

    fn add(&mut self, call: Call, node: &Value) {
        // Those in its arguments are made before it.
        self.field(node, "args", call.repeated);
        self.calls.push(call);
    }

    /// A call of dblink's, if it is one; as it stands in an expression.
    fn call(&self, body: &Value, repeated: Repeated) -> Option<Call> {
        let names = list(body, "funcname");
        let name = |node: &Value| {
            node.pointer("/node/String/sval")
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let function = match names {
            [name_] => Function::find(&name(name_)?)?,
            [schema, name_] if name(schema)? == "public" => Function::find(&name(name_)?)?,
            _ => return None,
        };
        let odd = ["agg_star", "agg_distinct", "agg_within_group", "func_variadic"];
        let with = |field: &&str| body.get(*field).is_some_and(|value| !value.is_null());
        if odd.iter().any(|field| is_set(body, field))
            || ["agg_filter", "over"].iter().any(with)
            || !list(body, "agg_order").is_empty()
        {
            return None;
        }
        let start = location(body)?;
        let mut opening = self.tokens.at(start)?;
        while !self.tokens.is(opening, "(") {
            opening += 1;
            self.tokens.place(opening)?;
        }
        let (commas, closing) = self.tokens.commas(opening)?;
        let nodes = list(body, "args");
        // The functions' arguments have no names.
        if nodes
            .iter()
            .any(|node| node.pointer("/node/NamedArgExpr").is_some())
        {
            return None;
        }
        let mut arguments = Vec::new();
        let mut first = opening + 1;
        for (node, end) in nodes.iter().zip(commas.iter().copied().chain([closing])) {
            let last = self.tokens.place(end.checked_sub(1)?)?.end;
            arguments.push(GivenArgument {
                place: self.tokens.place(first)?.start..last,
                literal: literal(node),
            });
            first = end + 1;
        }
        (arguments.len() == nodes.len()).then_some(())?;
        let stands = match function.gives {
            Gives::Value(_) => Stands::Value,
            Gives::Records | Gives::Rows(_) => Stands::Rows { named: false },
        };
        Some(Call {
            function,
            place: start..self.tokens.place(closing)?.end,
            arguments,
            stands,
            repeated,
            depends: nodes.iter().find_map(depends),
        })
    }

    fn range_function(&mut self, body: &Value) {
        let rows_from = is_set(body, "is_rowsfrom");
        for function in list(body, "functions") {
            let (node, own_list) = match list(function.pointer("/node/List").unwrap_or(&Value::Null), "items")
            {
                [node, own_list, ..] => (node, own_list),
                [node] => (node, &Value::Null),
                [] => continue,
            };
            let call = node
                .pointer("/node/FuncCall")
                .and_then(|call| Some((self.call(call, None)?, call)));
            let Some((mut call, node)) = call else {
                self.value(node, None);
                continue;
            };
            let definitions = match rows_from {
                true => list(own_list.pointer("/node/List").unwrap_or(&Value::Null), "items"),
                false => list(body, "coldeflist"),
            };
            match self.from(&call, body, definitions, rows_from) {
                Some(from) => call.stands = Stands::From(from),
                None => continue,
            }
            self.add(call, node);
        }
    }

    /// How a call stands in `FROM`.
    fn from(&self, call: &Call, body: &Value, definitions: &[Value], rows_from: bool) -> Option<From> {
        let alias = string(body, "/alias/aliasname");
        let first = self.tokens.at(call.place.start)?;
        let mut behind = first;
        while self.tokens.place(behind)?.end < call.place.end {
            behind += 1;
        }
        behind += 1;
        let ordinality = !rows_from && is_set(body, "ordinality");
        if ordinality {
            behind += 2;
        }
        let end = self.tokens.place(behind.checked_sub(1)?)?.end;
        let lateral = first
            .checked_sub(1)
            .filter(|before| !rows_from && self.tokens.is(*before, "lateral"));
        let definition = match definitions {
            [] => None,
            definitions => {
                let mut opening = behind;
                while !self.tokens.is(opening, "(") {
                    opening += 1;
                    self.tokens.place(opening)?;
                }
                let closing = self.tokens.closing(opening)?;
                let names = definitions
                    .iter()
                    .map(|node| string(node, "/node/ColumnDef/colname").to_owned());
                Some(DefinitionList {
                    names: names.collect(),
                    inside: self.tokens.place(opening)?.end..self.tokens.place(closing)?.start,
                    place: self.tokens.place(opening)?.start..self.tokens.place(closing)?.end,
                })
            }
        };
        Some(From {
            aliased: !alias.is_empty(),
            name: if alias.is_empty() {
                call.function.name
            } else {
                alias
            }
            .to_owned(),
            definition,
            end,
            ordinality,
            lateral: lateral.and_then(|number| self.tokens.place(number)),
            rows_from,
        })
    }
}

/// Where an expression refers to the statement's rows or to a parameter, as far as the tree tells. What is in a subquery may
/// mean that subquery's rows.
fn depends(node: &Value) -> Option<usize> {
    match node {
        Value::Object(fields) => match only_entry(node) {
            Some(("ColumnRef" | "ParamRef", body)) => location(body),
            Some(("SelectStmt", _)) => None,
            _ => fields.values().find_map(depends),
        },
        Value::Array(items) => items.iter().find_map(depends),
        _ => None,
    }
}

impl Call {
    /// Why the call cannot be made, though it stands where it may.
    pub(super) fn refused(&self, sql: &str) -> Option<Refused> {
        let name = self.function.name;
        if let Some(place) = self.depends {
            let shown = sql.get(place..).unwrap_or_default();
            let end = shown
                .find(|c: char| !(c.is_alphanumeric() || "_.\"$".contains(c)))
                .unwrap_or(shown.len());
            return Some(Refused {
                message: format!("{name}() cannot be called here: it depends on the statement's own rows"),
                detail: Some(format!(
                    "Its argument refers to {}, which is known only while the server runs the statement.",
                    shown.get(..end).unwrap_or_default()
                )),
                hint: Some(SELECT_FIRST),
                place: Some(place),
            });
        }
        if let (Some(reason), true) = (self.repeated, self.function.acts) {
            return Some(Refused {
                message: format!("{name}() cannot be called here: {reason}"),
                detail: None,
                hint: Some("Make the call in a statement of its own."),
                place: Some(self.place.start),
            });
        }
        None
    }
}

/// The projection of a statement that is one call and nothing else: `SELECT call`, or `SELECT columns FROM call`.
fn alone(kind: &str, body: &Value, calls: &[Call]) -> Option<Vec<Projected>> {
    let ([call], "SelectStmt") = (calls, kind) else {
        return None;
    };
    let used = [
        "target_list",
        "from_clause",
        "limit_option",
        "op",
        "group_distinct",
        "all",
    ];
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    let plain = body
        .as_object()?
        .iter()
        .all(|(name, value)| used.contains(&name.as_str()) || empty(value));
    if !plain {
        return None;
    }
    let targets = list(body, "target_list");
    if let Stands::From(from) = &call.stands {
        let [_] = list(body, "from_clause") else {
            return None;
        };
        (!from.rows_from && !from.ordinality).then_some(())?;
        body.pointer("/from_clause/0/node/RangeFunction")?;
        return targets
            .iter()
            .map(|target| projected(target, &from.name))
            .collect();
    }
    let [target] = targets else { return None };
    let target = target.pointer("/node/ResTarget")?;
    target.pointer("/val/node/FuncCall")?;
    list(body, "from_clause").is_empty().then_some(())?;
    let name = string(target, "/name");
    let name = if name.is_empty() { call.function.name } else { name };
    Some(vec![Projected::Value(name.to_owned())])
}

fn projected(target: &Value, relation: &str) -> Option<Projected> {
    let target = target.pointer("/node/ResTarget")?;
    let fields = target.pointer("/val/node/ColumnRef/fields")?.as_array()?;
    let field = match fields.as_slice() {
        [field] => field,
        [of, field] if string(of, "/node/String/sval") == relation => field,
        _ => return None,
    };
    if field.pointer("/node/AStar").is_some() {
        return Some(Projected::All);
    }
    let name = field.pointer("/node/String/sval")?.as_str()?.to_owned();
    let as_ = match string(target, "/name") {
        "" => name.clone(),
        as_ => as_.to_owned(),
    };
    Some(Projected::Column { name, as_ })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(sql: &str) -> Calls {
        match find(sql, true) {
            Found::Calls(calls) => calls,
            found => panic!("{sql}: {found:?}"),
        }
    }

    /// What is found of each call, in order: the text that it is.
    fn texts(sql: &str) -> Vec<&str> {
        calls(sql)
            .calls
            .iter()
            .map(|call| &sql[call.place.clone()])
            .collect()
    }

    fn refused(sql: &str) -> String {
        match find(sql, true) {
            Found::Refused(refused) => refused.message,
            Found::Calls(calls) => {
                let refused = calls.calls.iter().find_map(|call| call.refused(sql));
                refused.unwrap_or_else(|| panic!("{sql}: not refused")).message
            }
            Found::Nothing => panic!("{sql}: nothing found"),
        }
    }

    #[test]
    fn a_statement_without_a_call_is_left_alone() {
        for sql in [
            "select 1",
            "select 'dblink(1)'",
            "select dblink from t",
            "select dblink_exec from t -- dblink('a')",
            "select other.dblink('a', 'b')",
            "select dblink_exec(variadic array['a'])",
            "select dblink_exec(a => 'b')",
            "select dblink('a', 'b'",
            "do $$ begin perform 'dblink'; end $$",
        ] {
            assert!(matches!(find(sql, true), Found::Nothing), "{sql}");
        }
    }

    #[test]
    fn calls_are_made_from_within_and_from_first_to_last() {
        assert_eq!(
            texts("select dblink_exec('a', dblink_build_sql_delete('t', '1', 1, '{1}'))"),
            [
                "dblink_build_sql_delete('t', '1', 1, '{1}')",
                "dblink_exec('a', dblink_build_sql_delete('t', '1', 1, '{1}'))"
            ]
        );
        assert_eq!(
            texts(
                "with c as (select * from dblink('c') as t(i int)) \
                 select dblink_is_busy('x') from c, PUBLIC.dblink /* ( */ ( 'f' ) as t(i int)"
            ),
            [
                "dblink('c')",
                "PUBLIC.dblink /* ( */ ( 'f' )",
                "dblink_is_busy('x')"
            ]
        );
    }

    #[test]
    fn arguments_are_told_apart() {
        let sql = "select dblink_open('a,', ('b'), 'c' || f(1, 2), not true)";
        let calls = calls(sql);
        let arguments = calls.calls[0]
            .arguments
            .iter()
            .map(|argument| &sql[argument.place.clone()]);
        assert_eq!(
            arguments.collect::<Vec<_>>(),
            ["'a,'", "('b')", "'c' || f(1, 2)", "not true"]
        );
        let literals = calls.calls[0]
            .arguments
            .iter()
            .map(|argument| argument.literal.is_some());
        assert_eq!(literals.collect::<Vec<_>>(), [true, true, false, false]);
    }

    #[test]
    fn definition_lists_are_found_behind_any_alias() {
        for (sql, name, aliased) in [
            ("select * from dblink('a') as t(i int, n numeric(3,2))", "t", true),
            (
                "select * from dblink('a') t (i int, n numeric(3,2)) where i > 7",
                "t",
                true,
            ),
            (
                "select * from dblink('a') as (i int, n numeric(3,2))",
                "dblink",
                false,
            ),
            (
                "select * from x, lateral dblink('a') as \"T\"(i int, n numeric(3,2))",
                "T",
                true,
            ),
        ] {
            let calls = calls(sql);
            let Stands::From(from) = &calls.calls[0].stands else {
                panic!("{sql}");
            };
            let list = from.definition.as_ref().unwrap();
            assert_eq!((from.name.as_str(), from.aliased), (name, aliased), "{sql}");
            assert_eq!(list.names, ["i", "n"], "{sql}");
            assert_eq!(&sql[list.inside.clone()], "i int, n numeric(3,2)", "{sql}");
            assert_eq!(&sql[list.place.clone()], "(i int, n numeric(3,2))", "{sql}");
            assert_eq!(from.lateral.is_some(), sql.contains("lateral"), "{sql}");
        }
    }

    #[test]
    fn strings_are_read_as_the_server_reads_them() {
        let literal = |standard| match find(r"select dblink_exec('a\\b')", standard) {
            Found::Calls(calls) => calls.calls[0].arguments[0].literal.clone().unwrap().text.unwrap(),
            found => panic!("{found:?}"),
        };
        assert_eq!(literal(true), r"a\\b");
        assert_eq!(literal(false), r"a\b");
    }

    #[test]
    fn a_call_that_cannot_be_made_is_refused_with_its_name_and_the_reason() {
        for (sql, name, reason) in [
            (
                "do $$ begin perform dblink_exec('a'); end $$",
                "dblink_exec()",
                "a DO block",
            ),
            (
                "create function f() returns text language sql as 'select dblink_exec(''a'')'",
                "dblink_exec()",
                "a server-side function",
            ),
            (
                "create view v as select * from dblink('a') as t(i int)",
                "dblink()",
                "a view",
            ),
            (
                "prepare p as select dblink_exec('a')",
                "dblink_exec()",
                "a prepared statement",
            ),
            (
                "explain analyze select dblink_exec('a')",
                "dblink_exec()",
                "EXPLAIN",
            ),
            (
                "create table t (x text default dblink_exec('a'))",
                "dblink_exec()",
                "computes it later",
            ),
            (
                "select 1; select dblink_exec('a')",
                "dblink_exec()",
                "several statements",
            ),
            ("select dblink_exec('a') from t", "dblink_exec()", "for each row"),
            (
                "update t set x = dblink_exec('a')",
                "dblink_exec()",
                "for each row",
            ),
            (
                "select * from t where x = dblink_exec('a')",
                "dblink_exec()",
                "for each row",
            ),
            (
                "select coalesce(x, dblink_exec('a'))",
                "dblink_exec()",
                "stands before it",
            ),
            (
                "select case when x then dblink_exec('a') end",
                "dblink_exec()",
                "stands before it",
            ),
            (
                "select true or dblink_exec('a') = ''",
                "dblink_exec()",
                "stands before it",
            ),
            ("select dblink_is_busy(x) from t", "dblink_is_busy()", "own rows"),
            ("select * from t, dblink(t.x) as d(i int)", "dblink()", "own rows"),
        ] {
            let message = refused(sql);
            assert!(
                message.starts_with(name) && message.contains(reason),
                "{sql}: {message}"
            );
        }
        for depth in [5000, 20_000] {
            let deep = format!("select dblink_exec('a'{})", " || 'b'".repeat(depth));
            assert!(refused(&deep).contains("nested too deeply"), "{depth}");
        }
        assert!(matches!(
            find(&format!("select 'dblink'{}", " || 'b'".repeat(200)), true),
            Found::Nothing
        ));
    }

    #[test]
    fn what_is_asked_only_once_may_stand_beside_rows() {
        let sql =
            "select dblink_is_busy('a'), dblink_get_connections() from t where x = dblink_error_message('a')";
        assert!(calls(sql).calls.iter().all(|call| call.refused(sql).is_none()));
    }

    #[test]
    fn a_statement_of_one_call_needs_no_server() {
        let alone = |sql| calls(sql).alone;
        assert_eq!(
            alone("select dblink_connect('a', 'b')"),
            Some(vec![Projected::Value("dblink_connect".to_owned())])
        );
        assert_eq!(
            alone("select t.b as x, a from dblink('a') as t(a int, b int)"),
            Some(vec![
                Projected::Column {
                    name: "b".to_owned(),
                    as_: "x".to_owned()
                },
                Projected::Column {
                    name: "a".to_owned(),
                    as_: "a".to_owned()
                }
            ])
        );
        assert_eq!(
            alone("select * from dblink('a') as t(a int)"),
            Some(vec![Projected::All])
        );
        for sql in [
            "select * from dblink('a') as t(a int) where a > 1",
            "select a + 1 from dblink('a') as t(a int)",
            "select u.a from dblink('a') as t(a int)",
            "select distinct * from dblink('a') as t(a int)",
            "select dblink_is_busy('a') from t",
            "select dblink_is_busy('a') + 1",
        ] {
            assert_eq!(alone(sql), None, "{sql}");
        }
    }

    #[test]
    fn nothing_that_is_written_makes_it_panic() {
        for sql in [
            "dblink",
            "dblink(",
            "select dblink()",
            "select dblink_exec(",
            "select * from rows from (dblink('a') as (",
            "dblink \u{0}",
            "select dblink_exec('ä', E'\\'', $$)$$, $a$($a$)",
            "select * from dblink('a') with ordinality",
            "select U&\"dblink_exec\"('a')",
            "select dblink_exec /* ",
            "values (dblink_exec('a')); ;",
        ] {
            drop(find(sql, true));
            drop(find(sql, false));
        }
    }
}
