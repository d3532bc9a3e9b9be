//! Goes through a statement's parse tree.

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::super::functions::Gives;
use super::super::literal::literal;
use super::super::tokens::Tokens;
use super::facts::{called, depends, filters_at_once, functions, gives_rows, is_lazy, is_null};
use super::guards::{Asks, Case, Conditions, FOR_EACH_ROW, Guard, Limited, PERHAPS, Repeated, all_null};
use super::tree::{given, is_set, list, location, only_entry, string};
use super::with::is_read;
use super::{Call, DefinitionList, From, GivenArgument, Stands};

/// Goes through a tree.
pub(super) struct Finder<'t> {
    pub(super) tokens: &'t Tokens<'t>,
    /// The names of the statement's `WITH` queries.
    pub(super) with: &'t [String],
    /// How many more bytes of conditions may be parsed once more.
    pub(super) room: &'t Cell<usize>,
    pub(super) calls: Vec<Call>,
    /// Those that decide on calls.
    pub(super) cases: Vec<Case>,
}

impl<'t> Finder<'t> {
    pub(super) fn statement(&mut self, kind: &str, body: &Value) {
        let repeated = match kind {
            // Its rows may never be fetched.
            "DeclareCursorStmt" => Some(PERHAPS),
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
                self.with(body, None);
                self.field(body, "select_stmt", None);
                self.field(body, "on_conflict_clause", Some(FOR_EACH_ROW));
                self.field(body, "returning_list", Some(FOR_EACH_ROW));
                self.field(body, "returning_clause", Some(FOR_EACH_ROW));
            }
            "UpdateStmt" | "DeleteStmt" | "MergeStmt" => {
                const ONCE: [&str; 3] = ["from_clause", "using_clause", "source_relation"];
                self.with(body, repeated);
                for field in ONCE {
                    self.rows(body, field, repeated, false);
                }
                if let Value::Object(fields) = body {
                    let rest = fields
                        .iter()
                        .filter(|(name, _)| !ONCE.contains(&name.as_str()) && name.as_str() != "with_clause");
                    rest.for_each(|(_, field)| self.value(field, Some(FOR_EACH_ROW)));
                }
            }
            "JoinExpr" => {
                self.field(body, "larg", repeated);
                self.field(body, "rarg", repeated);
                self.field(body, "quals", Some(FOR_EACH_ROW));
            }
            "AExpr" if is_lazy(body) => self.fields(body, repeated.or(Some(PERHAPS))),
            // Not all of a row is computed if not all is asked for.
            "RowExpr" => self.fields(body, repeated.or(Some(PERHAPS))),
            // For each row of what is before it.
            "RangeSubselect" if is_set(body, "lateral") => {
                self.fields(body, repeated.or(Some(FOR_EACH_ROW)));
            }
            "RangeFunction" => self.range_function(body, repeated),
            "ResTarget" => self.target(body, repeated),
            "FuncCall" => match self.call(body, repeated) {
                Some(call) => self.add(call, body, repeated),
                None if given(body, "agg_filter")
                    .or_else(|| given(body, "over"))
                    .is_some() =>
                {
                    self.fields(body, repeated.or(Some(PERHAPS)));
                }
                None if list(body, "args").iter().any(is_null) => {
                    self.fields(body, repeated.or(Some(PERHAPS)));
                }
                None => self.fields(body, repeated),
            },
            "SubLink" => {
                let first = self.calls.len();
                self.fields(body, repeated);
                // What EXISTS selects is not computed.
                if body.get("sub_link_type").and_then(Value::as_i64) == Some(exists()) {
                    self.repeat(first, PERHAPS, |call| !matches!(call.stands, Stands::From(_)));
                }
            }
            "CopyStmt" => {
                self.field(body, "query", repeated);
                self.field(body, "where_clause", Some(FOR_EACH_ROW));
            }
            "CaseExpr" => self.case(body, repeated),
            "CoalesceExpr" => self.coalesce(body, repeated),
            "BoolExpr" => match list(body, "args") {
                [argument] => self.value(argument, repeated),
                // The server looks at them in any order, and not at all of them.
                arguments => {
                    let perhaps = repeated.or(Some(PERHAPS));
                    arguments
                        .iter()
                        .for_each(|argument| self.value(argument, perhaps));
                }
            },
            _ => self.fields(body, repeated),
        }
    }

    /// The conditions come first: they are looked at once, all together.
    fn case(&mut self, body: &Value, repeated: Repeated) {
        self.field(body, "arg", repeated);
        let whens: Vec<_> = list(body, "args")
            .iter()
            .filter_map(|when| when.pointer("/node/CaseWhen"))
            .collect();
        for (number, when) in whens.iter().enumerate() {
            let first = number == 0;
            self.field(when, "expr", repeated.or_else(|| (!first).then_some(PERHAPS)));
        }
        let begin = self.calls.len();
        let mut branches = Vec::new();
        let results = whens.iter().map(|when| when.get("result"));
        for result in results.chain([body.get("defresult")]) {
            let first = self.calls.len();
            result.into_iter().for_each(|result| self.value(result, repeated));
            branches.push(first..self.calls.len());
        }
        if self.calls.len() == begin {
            return;
        }
        let number = self.cases.len();
        let guard = self.conditions().case(body).map(|(case, guard)| {
            self.cases.push(case);
            guard
        });
        for (branch, calls) in branches.into_iter().enumerate() {
            let asks = Asks::Branch(number, branch);
            let guard = guard.clone().map(|guard| Guard { asks, ..guard });
            self.guard(calls, repeated, guard.as_ref());
        }
    }

    fn coalesce(&mut self, body: &Value, repeated: Repeated) {
        let mut places = None;
        for (number, argument) in list(body, "args").iter().enumerate() {
            let first = self.calls.len();
            self.value(argument, repeated);
            if number == 0 || self.calls.len() == first {
                continue;
            }
            let places: &Vec<_> =
                places.get_or_insert_with(|| self.conditions().coalesced(body).unwrap_or_default());
            let guard = places.get(..number).map(all_null);
            self.guard(first..self.calls.len(), repeated, guard.as_ref());
        }
    }

    fn conditions(&self) -> Conditions<'t> {
        Conditions {
            tokens: self.tokens,
            with: self.with,
            room: self.room,
        }
    }

    /// These calls are made only if something holds.
    fn guard(&mut self, calls: Range<usize>, repeated: Repeated, guard: Option<&Guard>) {
        let calls = self.calls.get_mut(calls).unwrap_or_default();
        calls
            .iter_mut()
            .for_each(|call| call.guard(guard.cloned(), repeated));
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
        const SEEN: [&str; 9] = [
            "with_clause",
            "from_clause",
            "values_lists",
            "limit_count",
            "limit_offset",
            "where_clause",
            "target_list",
            "larg",
            "rarg",
        ];
        let one = list(body, "from_clause").is_empty();
        let or_perhaps = |repeated: Repeated, is: bool| repeated.or_else(|| is.then_some(PERHAPS));
        let rows = repeated.or_else(|| (!one).then_some(FOR_EACH_ROW));
        let limited = Limited::of(body);
        let to_nothing = limited == Limited::PerhapsToNothing;
        self.with(body, repeated);
        let alone = matches!(list(body, "from_clause"), [item] if item.pointer("/node/JoinExpr").is_none());
        let filtered = body.get("where_clause").is_some_and(filters_at_once);
        self.rows(
            body,
            "from_clause",
            or_perhaps(repeated, to_nothing || filtered),
            alone,
        );
        let side = or_perhaps(repeated, limited != Limited::Not);
        for name in ["larg", "rarg"] {
            // A set operation's sides are statements without the name of their kind.
            if let Some(body) = body.get(name).filter(|side| side.is_object()) {
                self.select(body, side);
            }
        }
        for field in ["limit_count", "limit_offset"] {
            self.field(body, field, repeated);
        }
        let many = list(body, "values_lists").len() > 1;
        self.field(
            body,
            "values_lists",
            or_perhaps(rows, to_nothing || (many && limited != Limited::Not)),
        );
        self.field(body, "where_clause", or_perhaps(rows, to_nothing));
        let grouped = given(body, "having_clause").is_some() || !list(body, "group_clause").is_empty();
        let first = self.calls.len();
        self.field(
            body,
            "target_list",
            or_perhaps(rows, grouped || limited.may_lose_first()),
        );
        self.selected(first, body, one, rows);
        if let Value::Object(fields) = body {
            let rest = fields.iter().filter(|(name, _)| !SEEN.contains(&name.as_str()));
            // An expression that is there twice is computed once.
            rest.for_each(|(_, field)| self.value(field, or_perhaps(rows, true)));
        }
    }

    /// What the calls from this one on, which are selected, depend on. `one`: there is no `FROM`.
    fn selected(&mut self, first: usize, body: &Value, one: bool, repeated: Repeated) {
        if self.calls.len() == first {
            return;
        }
        let targets = body.get("target_list").unwrap_or(&Value::Null);
        let mut beside = Vec::new();
        functions(targets, false, &mut beside);
        beside.sort_unstable();
        beside.dedup();
        let beside: Arc<[String]> = beside.into();
        // Where there are rows it is about them.
        if one && given(body, "where_clause").is_some() {
            let guard = self.conditions().filtered(body);
            for call in self.calls.get_mut(first..).unwrap_or_default() {
                // If there is an aggregate among these, there is always a row.
                if call.function.acts || beside.is_empty() {
                    call.guard(guard.clone(), repeated);
                }
            }
        }
        if gives_rows(targets) {
            self.repeat(first, FOR_EACH_ROW, |call| matches!(call.stands, Stands::Value));
        }
        let calls = self.calls.get_mut(first..).unwrap_or_default().iter_mut();
        calls
            .filter(|call| call.function.acts)
            .for_each(|call| call.beside.push(Arc::clone(&beside)));
    }

    /// Where rows come from. Beside others, of which there may be none, a subquery is perhaps not run.
    fn rows(&mut self, body: &Value, field: &str, repeated: Repeated, alone: bool) {
        let first = self.calls.len();
        self.field(body, field, repeated);
        if !alone {
            self.repeat(first, PERHAPS, |call| !matches!(call.stands, Stands::From(_)));
        }
    }

    /// The queries of a `WITH`. One that does not write is run if somebody reads it.
    fn with(&mut self, body: &Value, repeated: Repeated) {
        let queries = body.get("with_clause").map_or(&[][..], |with| list(with, "ctes"));
        for query in queries {
            let first = self.calls.len();
            self.value(query, repeated);
            let query = query.pointer("/node/CommonTableExpr").unwrap_or(&Value::Null);
            if self.calls.len() > first
                && query.pointer("/ctequery/node/SelectStmt").is_some()
                && !is_read(body, string(query, "/ctename"), queries)
            {
                self.repeat(first, PERHAPS, |_| true);
            }
        }
    }

    /// For this reason those of the calls from this one on are not made once.
    fn repeat(&mut self, first: usize, reason: &'static str, which: impl Fn(&Call) -> bool) {
        let calls = self.calls.get_mut(first..).unwrap_or_default().iter_mut();
        calls
            .filter(|call| which(call))
            .for_each(|call| call.repeated = call.repeated.or(Some(reason)));
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
        self.add(call, node, repeated);
    }

    fn add(&mut self, call: Call, node: &Value, repeated: Repeated) {
        // Those in its arguments are made before it.
        self.field(node, "args", repeated);
        self.calls.push(call);
    }

    /// A call of dblink's, if it is one; as it stands in an expression.
    fn call(&self, body: &Value, repeated: Repeated) -> Option<Call> {
        let function = called(body)?;
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
            guards: Vec::new(),
            beside: Vec::new(),
            depends: nodes.iter().find_map(|node| depends(node, self.with)),
        })
    }

    fn range_function(&mut self, body: &Value, repeated: Repeated) {
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
                .and_then(|call| Some((self.call(call, repeated)?, call)));
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
            self.add(call, node, repeated);
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
                    json: definitions.iter().map(is_json).collect(),
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

/// Whether a column is defined to be `json` or `jsonb`.
fn is_json(definition: &Value) -> bool {
    let type_ = definition
        .pointer("/node/ColumnDef/type_name")
        .unwrap_or(&Value::Null);
    let name = list(type_, "names")
        .last()
        .map(|name| string(name, "/node/String/sval"));
    matches!(name, Some("json" | "jsonb")) && list(type_, "array_bounds").is_empty()
}

/// How the tree says that a subquery is behind `EXISTS`.
fn exists() -> i64 {
    i64::from(i32::from(pg_query::protobuf::SubLinkType::ExistsSublink))
}
