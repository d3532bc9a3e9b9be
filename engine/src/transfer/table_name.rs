//! The names of tables.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use dblink_protocol::SqlState;
use dblink_sqlgen::Quoted;

/// What PostgreSQL's scanner takes for white space.
const SPACE: [char; 6] = [' ', '\t', '\n', '\r', '\u{b}', '\u{c}'];

/// The name of a table, with its schema if it has one. Without one, the server looks for it along its
/// [search path](https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PATH).
///
/// It is put into a statement in quotes only, so that no name can be more than a name.
///
/// ```
/// use dblink_engine::transfer::TableName;
///
/// // As it is.
/// assert_eq!(TableName::from(("public", "x y")).to_string(), r#""public"."x y""#);
/// // As SQL would read it: in lower case unless it is quoted.
/// let name: TableName = r#"Sales."Mixed""#.parse()?;
/// assert_eq!(name, TableName::from(("sales", "Mixed")));
/// # Ok::<_, dblink_engine::transfer::TableNameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TableName {
    schema: Option<String>,
    name: String,
}

/// A text that is no name of a table. SQLSTATE `42602`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is no name of a table: {reason}")]
pub struct TableNameError {
    text: String,
    reason: &'static str,
}

impl TableNameError {
    /// The SQLSTATE: `42602`.
    pub const fn sqlstate(&self) -> SqlState {
        SqlState::INVALID_NAME
    }
}

impl TableName {
    /// A name as it is, without a schema.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            schema: None,
            name: name.into(),
        }
    }

    /// Its schema, if it has one.
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// The name without the schema.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// As SQL has it, each part in quotes.
impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{}.", Quoted(schema))?;
        }
        Quoted(&self.name).fmt(f)
    }
}

/// A schema, and a name in it, as they are.
impl From<(&str, &str)> for TableName {
    fn from((schema, name): (&str, &str)) -> Self {
        Self {
            schema: Some(schema.to_owned()),
            name: name.to_owned(),
        }
    }
}

/// As PostgreSQL reads a name in a text, such as that of a
/// [`regclass`](https://www.postgresql.org/docs/current/datatype-oid.html): parts with a dot between them; a part in double
/// quotes is as it is, any other in lower case and without white space.
impl FromStr for TableName {
    type Err = TableNameError;

    fn from_str(text: &str) -> Result<Self, TableNameError> {
        read(text).map_err(|reason| TableNameError {
            text: text.to_owned(),
            reason,
        })
    }
}

impl TryFrom<&str> for TableName {
    type Error = TableNameError;

    fn try_from(text: &str) -> Result<Self, TableNameError> {
        text.parse()
    }
}

impl TryFrom<&String> for TableName {
    type Error = TableNameError;

    fn try_from(text: &String) -> Result<Self, TableNameError> {
        text.parse()
    }
}

impl TryFrom<String> for TableName {
    type Error = TableNameError;

    fn try_from(text: String) -> Result<Self, TableNameError> {
        text.parse()
    }
}

impl From<Infallible> for TableNameError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

fn read(text: &str) -> Result<TableName, &'static str> {
    let (first, rest) = read_part(text)?;
    let Some(rest) = rest else {
        return Ok(TableName {
            schema: None,
            name: first,
        });
    };
    let (name, rest) = read_part(rest)?;
    match rest {
        None => Ok(TableName {
            schema: Some(first),
            name,
        }),
        Some(_) => Err("it has more than a schema and a name"),
    }
}

/// The first part, and what follows on the dot behind it, if there is one.
fn read_part(text: &str) -> Result<(String, Option<&str>), &'static str> {
    let text = text.trim_start_matches(SPACE);
    let (part, rest) = match text.strip_prefix('"') {
        Some(quoted) => read_quoted(quoted)?,
        None => {
            let end = text.find(|c| c == '.' || SPACE.contains(&c));
            let (part, rest) = text
                .split_at_checked(end.unwrap_or(text.len()))
                .unwrap_or((text, ""));
            // As the server does in UTF-8: other letters stay as they are.
            (part.to_ascii_lowercase(), rest)
        }
    };
    if part.is_empty() {
        return Err("a part of it is empty");
    }
    let rest = rest.trim_start_matches(SPACE);
    match rest.strip_prefix('.') {
        Some(rest) => Ok((part, Some(rest))),
        None if rest.is_empty() => Ok((part, None)),
        None => Err("something follows on it"),
    }
}

/// What is before the closing quote, and what is behind it. Two quotes are one in the name.
fn read_quoted(text: &str) -> Result<(String, &str), &'static str> {
    let mut part = String::new();
    let mut rest = text;
    loop {
        let (before, behind) = rest.split_once('"').ok_or("a quote is not closed")?;
        part.push_str(before);
        match behind.strip_prefix('"') {
            Some(behind) => {
                part.push('"');
                rest = behind;
            }
            None => return Ok((part, behind)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted() {
        assert_eq!(TableName::new(r#"a"b.c"#).to_string(), r#""a""b.c""#);
        assert_eq!(TableName::from(("S", "t")).to_string(), r#""S"."t""#);
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for (text, reason) in [
            ("", "a part of it is empty"),
            (".t", "a part of it is empty"),
            ("s.", "a part of it is empty"),
            (r#""""#, "a part of it is empty"),
            ("a.b.c", "it has more than a schema and a name"),
            ("t; drop table u", "something follows on it"),
            (r#""t"u"#, "something follows on it"),
            (r#""t"#, "a quote is not closed"),
            (r#"s."t"""#, "a quote is not closed"),
        ] {
            let error = text.parse::<TableName>().unwrap_err();
            assert_eq!(error.reason, reason, "{text}");
            assert_eq!(error.sqlstate().as_str(), "42602");
        }
    }
}
