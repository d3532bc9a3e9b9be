//! What decides whether a call is made.

use std::cell::Cell;
use std::ops::Range;

use pg_query::ParserOptions;
use serde_json::Value;

use super::super::functions::Given;
use super::super::literal::{Argument, literal};
use super::super::tokens::Tokens;
use super::Call;
use super::facts::{are_same, depends, functions, is_steady};
use super::tree::{given, list, location};

/// A condition of the statement's on which a call is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::shell::splice) struct Guard {
    pub(in crate::shell::splice) asks: Asks,
    /// The functions that are called there: none of them may be volatile.
    pub(in crate::shell::splice) functions: Vec<String>,
    /// It is the same for each row.
    pub(super) steady: bool,
}

/// What a condition asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::shell::splice) enum Asks {
    /// Whether what stands in `WHERE` is true.
    Where(Range<usize>),
    /// Whether a `CASE`, by its number, comes to this branch; that of `ELSE` is behind the last.
    Branch(usize, usize),
    /// Whether the arguments of a `COALESCE` in these places are all NULL.
    Nulls(Vec<Range<usize>>),
}

/// Where the parts of a `CASE` stand that decide.
#[derive(Debug)]
pub(in crate::shell::splice) struct Case {
    pub(in crate::shell::splice) compared: Option<Range<usize>>,
    pub(in crate::shell::splice) whens: Vec<Range<usize>>,
}

/// Why a call at some place of the tree may be made not at all or several times.
pub(super) type Repeated = Option<&'static str>;

pub(in crate::shell::splice) const FOR_EACH_ROW: &str = "it would be called for each row";
pub(in crate::shell::splice) const PERHAPS: &str =
    "whether it is called depends on the rest of the statement";

/// A `COALESCE` with more arguments than these decides nothing.
const MOST: usize = 100;

impl Call {
    /// Has it made only if this holds, too. It is none where that cannot be known before the statement runs. `repeated` tells of
    /// the place where the guard stands.
    pub(super) fn guard(&mut self, guard: Option<Guard>, repeated: Repeated) {
        match guard.filter(|guard| repeated.is_none() || guard.steady) {
            Some(guard) => self.guards.push(guard),
            None => self.repeated = self.repeated.or(Some(PERHAPS)),
        }
    }
}

/// Finds the conditions of a statement.
#[derive(Clone, Copy)]
pub(super) struct Conditions<'t> {
    pub(super) tokens: &'t Tokens<'t>,
    /// The names of its `WITH` queries.
    pub(super) with: &'t [String],
    /// How many more bytes may be parsed once more: conditions may be within conditions.
    pub(super) room: &'t Cell<usize>,
}

impl Conditions<'_> {
    /// Where the expression of this node stands, from one token up to another; none if it is not there, or depends on rows.
    fn place(&self, node: &Value, first: usize, end: usize) -> Option<Range<usize>> {
        let place = self.tokens.up_to(first, end)?;
        self.room.set(self.room.get().checked_sub(place.len())?);
        // Keywords are also names: what stands there has to be what is looked for.
        let alone = format!("SELECT {}", self.tokens.text(place.clone()));
        let parsed = pg_query::parse(&alone, ParserOptions::DEFAULT).ok()?;
        let parsed = serde_json::to_value(&parsed.protobuf).ok()?;
        let there = parsed.pointer("/stmts/0/stmt/node/SelectStmt/target_list/0/node/ResTarget/val")?;
        (are_same(there, node) && depends(node, self.with).is_none()).then_some(place)
    }

    /// The parts of a `CASE`, and what is asked of all its branches.
    pub(super) fn case(&self, body: &Value) -> Option<(Case, Guard)> {
        let mut guard = Guard {
            asks: Asks::Branch(0, 0),
            functions: Vec::new(),
            steady: true,
        };
        let mut part = |node: &Value, within: &Value, end: &str| {
            guard.steady &= is_steady(node);
            functions(node, true, &mut guard.functions);
            let first = self.tokens.at(location(within)?)? + 1;
            self.place(node, first, self.tokens.keyword(first, &[end])?)
        };
        let compared = match given(body, "arg") {
            Some(arg) => Some(part(arg, body, "when")?),
            None => None,
        };
        let mut whens = Vec::new();
        for when in list(body, "args") {
            let when = when.pointer("/node/CaseWhen")?;
            whens.push(part(when.get("expr")?, when, "then")?);
        }
        Some((Case { compared, whens }, guard))
    }

    /// The places of the arguments of a `COALESCE`, up to the first that may be something else when it is looked at again.
    pub(super) fn coalesced(&self, body: &Value) -> Option<Vec<Range<usize>>> {
        let opening = self.tokens.at(location(body)?)? + 1;
        let (commas, closing) = self.tokens.commas(opening)?;
        let mut places = Vec::new();
        let mut first = opening + 1;
        for (node, end) in list(body, "args").iter().zip(commas.into_iter().chain([closing])) {
            let place = self.place(node, first, end).filter(|_| is_steady(node));
            match place.filter(|_| places.len() < MOST) {
                Some(place) => places.push(place),
                None => break,
            }
            first = end + 1;
        }
        Some(places)
    }

    /// That a `SELECT` without `FROM` gives its row, by its `WHERE`.
    pub(super) fn filtered(&self, body: &Value) -> Option<Guard> {
        const BEHIND: [&str; 13] = [
            "group",
            "having",
            "window",
            "union",
            "intersect",
            "except",
            "order",
            "limit",
            "offset",
            "fetch",
            "for",
            // What ends a SELECT may also end a statement that it is part of.
            "on",
            "returning",
        ];
        let node = body.get("where_clause")?;
        let target = list(body, "target_list").first()?;
        let first = self.tokens.at(location(target.pointer("/node/ResTarget")?)?)?;
        let where_ = self.tokens.keyword(first, &["where"])?;
        let end = self.tokens.keyword(where_ + 1, &BEHIND);
        let end = end.unwrap_or_else(|| self.tokens.end(where_));
        // CREATE TABLE … AS SELECT … WITH DATA.
        let with_data = end
            .checked_sub(2)
            .filter(|with| self.tokens.is(*with, "with") && self.tokens.is(end - 1, "data"));
        let mut names = Vec::new();
        functions(node, true, &mut names);
        Some(Guard {
            asks: Asks::Where(self.place(node, where_ + 1, with_data.unwrap_or(end))?),
            functions: names,
            steady: is_steady(node),
        })
    }
}

/// That all of these are NULL, which are the same for each row.
pub(super) fn all_null(places: &[Range<usize>]) -> Guard {
    Guard {
        asks: Asks::Nulls(places.to_vec()),
        functions: Vec::new(),
        steady: true,
    }
}

/// What `LIMIT` and `OFFSET` leave of a statement's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limited {
    Not,
    /// The first row at least.
    ToFirst,
    /// Some row, if there are enough.
    ToOthers,
    PerhapsToNothing,
}

impl Limited {
    pub(super) fn of(body: &Value) -> Self {
        // A number; NULL is as good as nothing.
        let part = |name| match given(body, name).map(literal) {
            None | Some(Some(Argument { text: None, .. })) => Some(None),
            Some(Some(Argument {
                given: Given::Type(_),
                text: Some(text),
            })) => text.parse::<u32>().ok().map(Some),
            Some(_) => None,
        };
        match (part("limit_count"), part("limit_offset")) {
            (Some(None), Some(None)) => Self::Not,
            (None | Some(Some(0)), _) | (_, None) => Self::PerhapsToNothing,
            (_, Some(None | Some(0))) => Self::ToFirst,
            _ => Self::ToOthers,
        }
    }

    pub(super) fn may_lose_first(self) -> bool {
        matches!(self, Self::ToOthers | Self::PerhapsToNothing)
    }
}
