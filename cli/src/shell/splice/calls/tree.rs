//! Reads the parse tree, which has the shape that JSON gives it: a node is an object with one field, named as its kind.

use serde_json::Value;

/// The one field that an object has, if it has one only: so the tree's nodes are written.
pub(super) fn only_entry(node: &Value) -> Option<(&str, &Value)> {
    let fields = node.as_object()?;
    let (name, value) = fields.iter().next()?;
    (fields.len() == 1).then_some((name.as_str(), value))
}

pub(super) fn list<'v>(node: &'v Value, field: &str) -> &'v [Value] {
    node.get(field)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

pub(super) fn string<'v>(node: &'v Value, at: &str) -> &'v str {
    node.pointer(at).and_then(Value::as_str).unwrap_or_default()
}

/// A field that is there.
pub(super) fn given<'v>(node: &'v Value, field: &str) -> Option<&'v Value> {
    node.get(field).filter(|value| !value.is_null())
}

/// The name of a relation that has no schema.
pub(super) fn unqualified(relation: &Value) -> Option<&str> {
    string(relation, "/schemaname")
        .is_empty()
        .then(|| string(relation, "/relname"))
}

pub(super) fn is_set(node: &Value, field: &str) -> bool {
    node.get(field).and_then(Value::as_bool).unwrap_or_default()
}

pub(super) fn location(node: &Value) -> Option<usize> {
    usize::try_from(node.get("location")?.as_i64()?).ok()
}
