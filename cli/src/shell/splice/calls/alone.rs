//! Statements that are one call and nothing else.

use serde_json::Value;

use super::tree::{list, string};
use super::{Call, Projected, Stands};

/// The projection of a statement that is one call and nothing else: `SELECT call`, or `SELECT columns FROM call`.
pub(super) fn alone(kind: &str, body: &Value, calls: &[Call]) -> Option<Vec<Projected>> {
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
