//! What decides whether a call is made.

use std::ops::Range;

use serde_json::Value;

use super::super::literal::literal;
use super::super::tokens::Tokens;
use super::Call;
use super::facts::{depends, is_steady};
use super::tree::{list, location};

/// A condition of the statement's on which a call is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::shell::splice) enum Guard {
    /// Whether the condition is true.
    True(Compared, bool),
    /// Whether these values are equal.
    Equal(Compared, Compared, bool),
    /// The value is NULL.
    Null(Compared),
}

/// An expression whose value decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::shell::splice) struct Compared {
    pub(in crate::shell::splice) place: Range<usize>,
    /// It is a constant, which has perhaps no type.
    pub(in crate::shell::splice) constant: bool,
    /// It is the same for each row.
    steady: bool,
}

impl Guard {
    fn is_steady(&self) -> bool {
        match self {
            Self::True(value, _) | Self::Null(value) => value.steady,
            Self::Equal(left, right, _) => left.steady && right.steady,
        }
    }
}

/// Why a call at some place of the tree may be made not at all or several times.
pub(super) type Repeated = Option<&'static str>;

pub(super) const FOR_EACH_ROW: &str = "it would be called for each row";
pub(super) const PERHAPS: &str = "whether it is called depends on the rest of the statement";

/// With more than these nobody asks which of them holds.
const MOST: usize = 100;

impl Call {
    /// Whether another condition would tell anything.
    pub(super) fn may_be_guarded(&self) -> bool {
        self.guards.len() < MOST || self.repeated.is_none()
    }

    /// Has it made only if this holds, too. It is none where that cannot be known before the statement runs. `repeated` tells of
    /// the place where the guard stands.
    pub(super) fn guard(&mut self, guard: Option<&Guard>, repeated: Repeated) {
        match guard.filter(|guard| repeated.is_none() || guard.is_steady()) {
            Some(guard) if self.guards.len() < MOST => self.guards.push(guard.clone()),
            _ => self.repeated = self.repeated.or(Some(PERHAPS)),
        }
    }
}

/// That this `WHEN` of a `CASE` is the one, or is not. None, as for those below, if it cannot be told where the condition is, or it
/// depends on the statement's rows.
pub(super) fn chosen(tokens: &Tokens<'_>, body: &Value, number: usize, is: bool) -> Option<Guard> {
    let part = |node: &Value, within: &Value, end: &str| {
        let first = tokens.at(location(within)?)? + 1;
        compared(tokens, node, first, tokens.keyword(first, &[end])?)
    };
    let when = list(body, "args").get(number)?.pointer("/node/CaseWhen")?;
    let condition = part(when.get("expr")?, when, "then")?;
    Some(match body.get("arg").filter(|arg| !arg.is_null()) {
        None => Guard::True(condition, is),
        Some(arg) => Guard::Equal(part(arg, body, "when")?, condition, is),
    })
}

/// What stands from a token up to another, unless it depends on the statement's rows.
fn compared(tokens: &Tokens<'_>, node: &Value, first: usize, end: usize) -> Option<Compared> {
    depends(node).is_none().then_some(())?;
    Some(Compared {
        place: tokens.up_to(first, end)?,
        constant: node.pointer("/node/AConst").is_some(),
        steady: is_steady(node),
    })
}

/// That this argument of a `COALESCE` is NULL.
pub(super) fn coalesced(tokens: &Tokens<'_>, body: &Value, number: usize) -> Option<Guard> {
    let opening = tokens.at(location(body)?)? + 1;
    let (commas, closing) = tokens.commas(opening)?;
    let argument = list(body, "args").get(number)?;
    let first = match number.checked_sub(1) {
        None => opening,
        Some(before) => *commas.get(before)?,
    };
    let end = commas.get(number).copied().unwrap_or(closing);
    Some(Guard::Null(compared(tokens, argument, first + 1, end)?))
}

/// That a `SELECT` without `FROM` gives its row, by its `WHERE`.
pub(super) fn filtered(tokens: &Tokens<'_>, body: &Value) -> Option<Guard> {
    const BEHIND: [&str; 12] = [
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
        "on",
    ];
    let target = list(body, "target_list").first()?;
    let first = tokens.at(location(target.pointer("/node/ResTarget")?)?)?;
    let where_ = tokens.keyword(first, &["where"])?;
    // What ends a SELECT may also end a statement that it is part of.
    let end = tokens.keyword(where_ + 1, &[BEHIND.as_slice(), &["returning"]].concat());
    let end = end.unwrap_or_else(|| tokens.end(where_));
    let condition = compared(tokens, body.get("where_clause")?, where_ + 1, end)?;
    Some(Guard::True(condition, true))
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
        let part = |name| match body.get(name).filter(|part| !part.is_null()) {
            None => Some(None),
            Some(part) => Some(literal(part)?.text),
        };
        match (part("limit_count"), part("limit_offset")) {
            (Some(None), Some(None)) => Self::Not,
            (Some(limit), _) if limit.as_deref() == Some("0") => Self::PerhapsToNothing,
            (None, _) => Self::PerhapsToNothing,
            (_, Some(offset)) if offset.as_deref().is_none_or(|offset| offset == "0") => Self::ToFirst,
            _ => Self::ToOthers,
        }
    }

    pub(super) fn may_lose_first(self) -> bool {
        matches!(self, Self::ToOthers | Self::PerhapsToNothing)
    }
}
