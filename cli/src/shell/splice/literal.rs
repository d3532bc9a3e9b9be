//! Arguments that say themselves what they are.

use serde_json::Value;

use super::functions::{Given, Kind};

/// An argument's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Argument {
    pub(super) given: Given,
    /// As text; none for NULL.
    pub(super) text: Option<String>,
}

impl Argument {
    /// Whether it has to be read as what it is to be.
    pub(super) fn needs_cast(&self, kind: Kind) -> bool {
        self.given == Given::Unknown && self.text.is_some() && kind != Kind::Text
    }
}

/// The value of a constant: a string, a whole number, a truth value, NULL, or one of these with a cast to text.
pub(super) fn literal(node: &Value) -> Option<Argument> {
    const BOOL: u32 = 16;
    const INT4: u32 = 23;
    const TEXT: u32 = 25;
    if let Some(cast) = node.pointer("/node/TypeCast") {
        let names = cast.pointer("/type_name/names")?.as_array()?;
        let name = names.last()?.pointer("/node/String/sval")?.as_str()?;
        let plain = cast.pointer("/type_name/array_bounds")?.as_array()?.is_empty();
        let inner = literal(cast.get("arg")?)?;
        return (name == "text" && plain && inner.given == Given::Unknown).then_some(Argument {
            given: Given::Type(TEXT),
            ..inner
        });
    }
    let constant = node.pointer("/node/AConst")?;
    if constant.get("isnull")?.as_bool()? {
        return Some(Argument {
            given: Given::Unknown,
            text: None,
        });
    }
    let value = constant.get("val")?;
    if let Some(text) = value.pointer("/Sval/sval") {
        return Some(Argument {
            given: Given::Unknown,
            text: Some(text.as_str()?.to_owned()),
        });
    }
    if let Some(truth) = value.pointer("/Boolval/boolval") {
        return Some(Argument {
            given: Given::Type(BOOL),
            text: Some(if truth.as_bool()? { "t" } else { "f" }.to_owned()),
        });
    }
    Some(Argument {
        given: Given::Type(INT4),
        text: Some(value.pointer("/Ival/ival")?.as_i64()?.to_string()),
    })
}
