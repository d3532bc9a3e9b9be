//! The queries of a `WITH`: which of them are surely run.

use serde_json::Value;

use super::facts::filters_at_once;
use super::guards::Limited;
use super::tree::{list, string, unqualified};

/// Whether a statement surely reads a query of its `WITH`, or one of the other queries does which it surely reads.
///
/// PostgreSQL manual: [`WITH` Queries](https://www.postgresql.org/docs/current/queries-with.html).
pub(super) fn is_read(statement: &Value, name: &str, queries: &[Value]) -> bool {
    let inserted = statement.pointer("/select_stmt/node/SelectStmt");
    let Some(first) = reads(inserted.unwrap_or(statement)) else {
        return false;
    };
    let mut read = first;
    // A query reads only those before it, but for itself.
    for _ in 0..queries.len() {
        if read == name {
            return true;
        }
        let query = queries
            .iter()
            .filter_map(|query| query.pointer("/node/CommonTableExpr"))
            .find(|query| string(query, "/ctename") == read);
        let next = query.and_then(|query| reads(query.pointer("/ctequery/node/SelectStmt")?));
        match next {
            Some(next) if next != read => read = next,
            _ => return false,
        }
    }
    read == name
}

/// What a `SELECT` surely reads: the one relation in its `FROM`, if it has any rows.
fn reads(select: &Value) -> Option<&str> {
    let [item] = list(select, "from_clause") else {
        return None;
    };
    let relation = item.pointer("/node/RangeVar")?;
    let filtered = select.get("where_clause").is_some_and(filters_at_once);
    let nothing = filtered || Limited::of(select) == Limited::PerhapsToNothing;
    unqualified(relation).filter(|_| !nothing)
}
