//! By what rows are sorted.

use std::fmt;
use std::str::FromStr;

use dblink_sqlgen::Quoted;

use crate::transfer::TableName;

/// A column that rows are sorted by, and how: what `ORDER BY` says in a query.
///
/// As there, NULLs come last in ascending and first in descending order, unless something else is said.
///
/// ```
/// use dblink_engine::session::Order;
///
/// // As SQL would read it: the name in lower case unless it is quoted.
/// let order: Order = r#""Price" desc nulls last"#.parse()?;
/// assert_eq!(order, Order::descending("Price").nulls_last());
/// assert_eq!(order.to_string(), r#""Price" DESC NULLS LAST"#);
/// # Ok::<_, dblink_engine::session::OrderError>(())
/// ```
///
/// PostgreSQL manual: [Sorting Rows](https://www.postgresql.org/docs/current/queries-order.html).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub(super) column: String,
    pub(super) descending: bool,
    pub(super) nulls_first: bool,
}

/// A text that says no order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not a column with ASC or DESC and NULLS FIRST or NULLS LAST behind it")]
pub struct OrderError {
    text: String,
}

impl Order {
    /// From the smallest value to the largest, NULLs last. The column's name is taken as it is.
    pub fn ascending(column: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            descending: false,
            nulls_first: false,
        }
    }

    /// From the largest value to the smallest, NULLs first. The column's name is taken as it is.
    pub fn descending(column: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            descending: true,
            nulls_first: true,
        }
    }

    /// NULLs come before all values.
    pub fn nulls_first(mut self) -> Self {
        self.nulls_first = true;
        self
    }

    /// NULLs come behind all values.
    pub fn nulls_last(mut self) -> Self {
        self.nulls_first = false;
        self
    }

    /// The same for a query, whose texts are to be in the order of their bytes if they are texts.
    pub(super) fn in_query(&self, is_text: bool) -> String {
        let collation = if is_text { " COLLATE \"C\"" } else { "" };
        let mut text = format!("{}{collation}", Quoted(&self.column));
        if self.descending {
            text.push_str(" DESC");
        }
        if self.nulls_first != self.descending {
            text.push_str(if self.nulls_first {
                " NULLS FIRST"
            } else {
                " NULLS LAST"
            });
        }
        text
    }
}

/// As `ORDER BY` has it, the name in quotes.
impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_query(false))
    }
}

impl FromStr for Order {
    type Err = OrderError;

    fn from_str(text: &str) -> Result<Self, OrderError> {
        let mut rest = text.trim_end();
        let mut nulls_first = None;
        for (word, first) in [("first", true), ("last", false)] {
            if let Some(before) = before_word(rest, word).and_then(|before| before_word(before, "nulls")) {
                nulls_first = Some(first);
                rest = before;
                break;
            }
        }
        let mut descending = false;
        if let Some(before) = before_word(rest, "desc") {
            descending = true;
            rest = before;
        } else if let Some(before) = before_word(rest, "asc") {
            rest = before;
        }
        match rest.parse::<TableName>() {
            Ok(name) if name.schema().is_none() => Ok(Self {
                column: name.name().to_owned(),
                descending,
                nulls_first: nulls_first.unwrap_or(descending),
            }),
            _ => Err(OrderError {
                text: text.to_owned(),
            }),
        }
    }
}

/// What stands before a word at the end, if there is something.
fn before_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let (before, last) = text.split_at_checked(text.len().checked_sub(word.len())?)?;
    let trimmed = before.trim_end();
    let apart = trimmed.len() < before.len() || before.ends_with('"');
    (last.eq_ignore_ascii_case(word) && apart && !trimmed.is_empty()).then_some(trimmed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_order_by_takes_is_taken() {
        for (text, expected) in [
            ("n", Order::ascending("n")),
            (" N asc ", Order::ascending("n")),
            ("\"N\"DESC", Order::descending("N")),
            ("desc", Order::ascending("desc")),
            ("a\tDesc  Nulls\nLast", Order::descending("a").nulls_last()),
            ("a nulls first", Order::ascending("a").nulls_first()),
            ("\"x desc\" asc nulls last", Order::ascending("x desc")),
            ("?column?", Order::ascending("?column?")),
        ] {
            let order: Order = text.parse().unwrap();
            assert_eq!(order, expected, "{text}");
            assert_eq!(order.to_string().parse(), Ok(order), "{text}");
        }
        for text in ["", "a b", "a.b", "\"a", "a desc asc", "a, b", "nulls last"] {
            assert!(text.parse::<Order>().is_err(), "{text}");
        }
    }
}
