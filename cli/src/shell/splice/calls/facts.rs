//! What the parse tree tells of an expression.

use serde_json::Value;

use super::super::functions::{Function, Gives};
use super::tree::{is_set, list, location, only_entry, string};

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
    let with = |field: &&str| body.get(*field).is_some_and(|value| !value.is_null());
    if odd.iter().any(|field| is_set(body, field))
        || ["agg_filter", "over"].iter().any(with)
        || !list(body, "agg_order").is_empty()
    {
        return None;
    }
    Some(function)
}

/// Whether a relation of this name is read, without a schema, so that it is that of a `WITH`.
pub(super) fn reads(node: &Value, name: &str) -> bool {
    match node {
        Value::Object(fields) => {
            let is = |relation: &Value| {
                string(relation, "/relname") == name && string(relation, "/schemaname").is_empty()
            };
            matches!(only_entry(node), Some(("RangeVar", body)) if is(body))
                || fields.values().any(|field| reads(field, name))
        }
        Value::Array(items) => items.iter().any(|item| reads(item, name)),
        _ => false,
    }
}

/// Whether an expression that is selected gives rows, so that what stands beside it is computed for each of them. Of functions
/// only PostgreSQL's own are known.
pub(super) fn gives_rows(node: &Value) -> bool {
    const ROWS: [&str; 16] = [
        "generate_series",
        "generate_subscripts",
        "json_array_elements",
        "json_array_elements_text",
        "json_each",
        "json_each_text",
        "json_object_keys",
        "jsonb_array_elements",
        "jsonb_array_elements_text",
        "jsonb_each",
        "jsonb_each_text",
        "jsonb_object_keys",
        "regexp_matches",
        "regexp_split_to_table",
        "string_to_table",
        "unnest",
    ];
    match node {
        Value::Object(fields) => match only_entry(node) {
            Some(("SelectStmt", _)) => false,
            Some(("FuncCall", body))
                if list(body, "funcname")
                    .last()
                    .is_some_and(|name| ROWS.contains(&string(name, "/node/String/sval")))
                    || called(body).is_some_and(|function| !matches!(function.gives, Gives::Value(_))) =>
            {
                true
            }
            _ => fields.values().any(gives_rows),
        },
        Value::Array(items) => items.iter().any(gives_rows),
        _ => false,
    }
}

/// Where an expression refers to the statement's rows or to a parameter, as far as the tree tells. What is in a subquery may
/// mean that subquery's rows.
pub(super) fn depends(node: &Value) -> Option<usize> {
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
