//! What the parse tree tells of an expression.

use serde_json::Value;

use super::super::functions::{Function, Gives};
use super::tree::{given, is_set, list, location, only_entry, string, unqualified};

/// The function of dblink's that is called here, if it is one.
pub(super) fn called(body: &Value) -> Option<&'static Function> {
    let names = list(body, "funcname");
    let function = match names {
        [name] => Function::find(string(name, "/node/String/sval"))?,
        [schema, name] if string(schema, "/node/String/sval") == "public" => {
            Function::find(string(name, "/node/String/sval"))?
        }
        _ => return None,
    };
    let odd = ["agg_star", "agg_distinct", "agg_within_group", "func_variadic"];
    if odd.iter().any(|field| is_set(body, field))
        || given(body, "agg_filter")
            .or_else(|| given(body, "over"))
            .is_some()
        || !list(body, "agg_order").is_empty()
    {
        return None;
    }
    Some(function)
}

/// Whether an operator does not compute each of its sides once: `BETWEEN`, and what is NULL for the planner.
pub(super) fn is_lazy(body: &Value) -> bool {
    use pg_query::protobuf::AExprKind::{AexprBetween, AexprBetweenSym, AexprNotBetween, AexprNotBetweenSym};
    let between = [AexprBetween, AexprNotBetween, AexprBetweenSym, AexprNotBetweenSym];
    let kind = body.get("kind").and_then(Value::as_i64);
    let is_null = |side: &str| body.get(side).is_some_and(is_null);
    between
        .into_iter()
        .any(|between| kind == Some(i64::from(i32::from(between))))
        || is_null("lexpr")
        || is_null("rexpr")
}

/// Whether this is NULL, of some type or none.
pub(super) fn is_null(node: &Value) -> bool {
    match node.pointer("/node/TypeCast/arg") {
        Some(inner) => is_null(inner),
        None => node.pointer("/node/AConst/isnull").and_then(Value::as_bool) == Some(true),
    }
}

/// Whether a `WHERE` may turn out to be false before there are any rows.
pub(super) fn filters_at_once(condition: &Value) -> bool {
    let and = i64::from(i32::from(pg_query::protobuf::BoolExprType::AndExpr));
    if let Some(all) = condition.pointer("/node/BoolExpr")
        && all.get("boolop").and_then(Value::as_i64) == Some(and)
    {
        return list(all, "args").iter().any(filters_at_once);
    }
    let is_true = condition
        .pointer("/node/AConst/val/Boolval/boolval")
        .and_then(Value::as_bool)
        == Some(true);
    let column = &mut |kind: &str, _: &Value| (kind == "ColumnRef").then_some(());
    let is_lazy = condition.pointer("/node/AExpr").is_some_and(is_lazy);
    condition.is_object() && !is_true && (is_lazy || each(condition, column).is_none())
}

/// Whether rows of dblink's are selected, so that what stands beside them is computed for each.
pub(super) fn gives_rows(node: &Value) -> bool {
    match node {
        Value::Object(fields) => match only_entry(node) {
            Some(("SelectStmt", _)) => false,
            Some(("FuncCall", body))
                if called(body).is_some_and(|function| !matches!(function.gives, Gives::Value(_))) =>
            {
                true
            }
            _ => fields.values().any(gives_rows),
        },
        Value::Array(items) => items.iter().any(gives_rows),
        _ => false,
    }
}

/// Adds the names of the functions that an expression calls, but for dblink's; `deep`, also of those in its subqueries.
pub(super) fn functions(node: &Value, deep: bool, names: &mut Vec<String>) {
    match node {
        Value::Object(fields) => {
            match only_entry(node) {
                Some(("SelectStmt", _)) if !deep => return,
                Some(("FuncCall", body)) if called(body).is_none() => {
                    let name = list(body, "funcname").last();
                    names.extend(name.map(|name| string(name, "/node/String/sval").to_owned()));
                }
                _ => {}
            }
            fields.values().for_each(|field| functions(field, deep, names));
        }
        Value::Array(items) => items.iter().for_each(|item| functions(item, deep, names)),
        _ => {}
    }
}

/// The names of the queries that stand in `WITH`, each as often as it does.
pub(super) fn queries(node: &Value) -> Vec<String> {
    let mut found = Vec::new();
    each(node, &mut |kind, body| {
        if kind == "CommonTableExpr" {
            found.push(string(body, "/ctename").to_owned());
        }
        None::<()>
    });
    found
}

pub(super) fn has_subquery(node: &Value) -> bool {
    each(node, &mut |kind, _| (kind == "SubLink").then_some(())).is_some()
}

/// Goes through the nodes of a tree, until something is found.
fn each<T>(node: &Value, look: &mut impl FnMut(&str, &Value) -> Option<T>) -> Option<T> {
    match node {
        Value::Object(fields) => {
            let found = only_entry(node).and_then(|(kind, body)| look(kind, body));
            found.or_else(|| fields.values().find_map(|field| each(field, look)))
        }
        Value::Array(items) => items.iter().find_map(|item| each(item, look)),
        _ => None,
    }
}

/// Whether two trees are the same, wherever they stand in their texts.
pub(super) fn are_same(one: &Value, other: &Value) -> bool {
    let is_place =
        |name: &str| name.ends_with("location") || name.ends_with("list_start") || name.ends_with("list_end");
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| {
                    is_place(name) || other.get(name).is_some_and(|other| are_same(value, other))
                })
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| are_same(one, other))
        }
        (one, other) => one == other,
    }
}

/// Where an expression refers to the statement's rows, to a parameter, or to a query in the statement's `WITH`, of which these are
/// all, as far as the tree tells. Columns within a subquery may be that subquery's.
pub(super) fn depends(node: &Value, with: &[String]) -> Option<usize> {
    let inside = if with.is_empty() {
        Vec::new()
    } else {
        queries(node)
    };
    let count = |names: &[String], name: &str| names.iter().filter(|known| *known == name).count();
    let outer = |name: &str| count(with, name) > count(&inside, name);
    depends_on(node, &outer, false)
}

fn depends_on(node: &Value, outer: &impl Fn(&str) -> bool, within: bool) -> Option<usize> {
    match node {
        Value::Object(fields) => match only_entry(node) {
            Some(("ColumnRef", body)) if !within => location(body),
            Some(("ParamRef", body)) => location(body),
            Some(("RangeVar", body)) if unqualified(body).is_some_and(outer) => location(body),
            Some(("SelectStmt", body)) => depends_on(body, outer, true),
            _ => fields.values().find_map(|field| depends_on(field, outer, within)),
        },
        Value::Array(items) => items.iter().find_map(|item| depends_on(item, outer, within)),
        _ => None,
    }
}

/// Whether an expression is surely the same for each row: it has no functions but dblink's, which are called once, and no subqueries.
pub(super) fn is_steady(node: &Value) -> bool {
    match node {
        Value::Object(fields) => match only_entry(node) {
            Some(("ColumnRef" | "ParamRef" | "SubLink", _)) => false,
            Some(("FuncCall", body)) => called(body).is_some() && list(body, "args").iter().all(is_steady),
            _ => fields.values().all(is_steady),
        },
        Value::Array(items) => items.iter().all(is_steady),
        _ => true,
    }
}
