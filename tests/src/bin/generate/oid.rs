//! The file of type OIDs.

use std::fmt::Write as _;

use dblink_tests::lists::Type;

use super::provenance;

/// The module's text.
pub(crate) fn module(version: &str, types: &[Type]) -> String {
    let mut constants = String::new();
    let mut arms = String::new();
    for ty in types {
        let Type { oid, name, .. } = ty;
        let constant = constant(ty);
        writeln!(constants, "/// {}", doc(ty)).unwrap();
        writeln!(constants, "pub const {constant}: u32 = {oid};").unwrap();
        writeln!(arms, "{constant} => \"{name}\",").unwrap();
    }
    format!(
        "//! The OIDs of the types that every PostgreSQL database has.
         //!
         {provenance}
         //!
         //! PostgreSQL manual: [pg_type](https://www.postgresql.org/docs/current/catalog-pg-type.html).

         {constants}

         /// The type's name in `pg_type`, if it is one of these. An array's is its elements' with `_` before it.
         pub const fn name(oid: u32) -> Option<&'static str> {{
             Some(match oid {{
                 {arms}_ => return None,
             }})
         }}
         ",
        provenance = provenance(version),
    )
}

fn constant(ty: &Type) -> String {
    match &ty.element {
        Some(element) => format!("{}_ARRAY", element.to_uppercase()),
        None => ty.name.to_uppercase(),
    }
}

fn doc(ty: &Type) -> String {
    let name = &ty.name;
    if let Some(element) = &ty.element {
        return format!("`{name}`: array of `{element}`.");
    }
    match &ty.description {
        Some(description) => format!("`{name}`: {}.", markdown(description)),
        None => format!("`{name}`."),
    }
}

/// The description without what Markdown would take for its own.
fn markdown(description: &str) -> String {
    let mut text = String::new();
    for character in description.trim_end_matches('.').chars() {
        if matches!(character, '[' | ']' | '<' | '>' | '*' | '_' | '`' | '\\') {
            text.push('\\');
        }
        text.push(character);
    }
    text
}
