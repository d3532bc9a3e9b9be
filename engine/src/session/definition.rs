//! Column definition lists: which columns the caller expects.

use std::collections::HashSet;
use std::str::FromStr;
use std::sync::OnceLock;

use dblink_protocol::SqlState;
use postgres_types::Type;

/// The columns that a caller expects, as in `AS t(id int, name text)`.
///
/// ```
/// use dblink_engine::session::Definition;
///
/// let definition: Definition = "id int, \"Name\" varchar(20), at timestamp with time zone, tags text[]".parse()?;
/// let types: Vec<_> = definition.columns().map(|column| column.type_name()).collect();
/// assert_eq!(types, ["integer", "character varying", "timestamp with time zone", "text[]"]);
/// # Ok::<(), dblink_engine::session::DefinitionError>(())
/// ```
///
/// PostgreSQL manual: [Table Functions](https://www.postgresql.org/docs/current/queries-table-expressions.html#QUERIES-TABLEFUNCTIONS).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Definition {
    columns: Vec<DefinedColumn>,
}

/// A column that a caller expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinedColumn {
    name: String,
    /// As the catalog has it, such as `int4`; of an array, that of its elements.
    internal: String,
    array: bool,
}

/// A definition of columns that cannot be read. SQLSTATE `42601`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DefinitionError {
    /// There is no column.
    #[error("the column definition list is empty")]
    Empty,
    /// A column has no name.
    #[error("column {number} of the definition list has no name")]
    NoName {
        /// The column, counted from 1.
        number: usize,
    },
    /// A column has no type.
    #[error("column {number} of the definition list, \"{column}\", has no type")]
    NoType {
        /// The column, counted from 1.
        number: usize,
        /// Its name.
        column: String,
    },
    /// A quote, parenthesis or bracket does not end.
    #[error("unterminated {0} in the column definition list")]
    Unterminated(char),
}

impl DefinitionError {
    /// The SQLSTATE, `42601`.
    pub const fn sqlstate(&self) -> SqlState {
        SqlState::SYNTAX_ERROR
    }
}

/// The first OID that is none of a built-in object.
///
/// PostgreSQL manual: [OID Assignment](https://www.postgresql.org/docs/current/system-catalog-initial-data.html#SYSTEM-CATALOG-OID-ASSIGNMENT).
const FIRST_OF_DATABASES: u32 = 16_384;

/// Types with a name in SQL beside that in the catalog. The first of those with the same internal name is the one shown.
///
/// PostgreSQL manual: [Data Types](https://www.postgresql.org/docs/current/datatype.html).
const NAMES: &[(&str, &str)] = &[
    ("integer", "int4"),
    ("int", "int4"),
    ("smallint", "int2"),
    ("bigint", "int8"),
    ("real", "float4"),
    ("double precision", "float8"),
    ("float", "float8"),
    ("boolean", "bool"),
    ("numeric", "numeric"),
    ("decimal", "numeric"),
    ("dec", "numeric"),
    ("character varying", "varchar"),
    ("char varying", "varchar"),
    ("character", "bpchar"),
    ("char", "bpchar"),
    ("nchar", "bpchar"),
    ("national character", "bpchar"),
    ("national char", "bpchar"),
    ("national character varying", "varchar"),
    ("bit varying", "varbit"),
    ("timestamp without time zone", "timestamp"),
    ("timestamp with time zone", "timestamptz"),
    ("time without time zone", "time"),
    ("time with time zone", "timetz"),
    ("\"char\"", "char"),
];

impl Definition {
    /// The columns in order.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = &DefinedColumn> {
        self.columns.iter()
    }
}

impl DefinedColumn {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its type, as PostgreSQL shows it.
    pub fn type_name(&self) -> String {
        let shown = shown(&self.internal);
        if self.array {
            format!("{shown}[]")
        } else {
            shown.to_owned()
        }
    }

    /// Whether values of this type of the catalog mean the same as its own: all kinds of text do. Of a domain a server tells the
    /// type below it, so that a name which is none of a built-in type may be any of these.
    pub(super) fn takes(&self, internal: &str) -> bool {
        const TEXTS: [&str; 5] = ["text", "varchar", "bpchar", "name", "unknown"];
        let text = |name: &str| TEXTS.contains(&name);
        let may_be_domain = !is_built_in(&self.internal) && is_built_in(internal.trim_start_matches('_'));
        self.is(internal) || may_be_domain || (!self.array && text(&self.internal) && text(internal))
    }

    /// Whether it has this type of the catalog, such as `int4` or `_int4`.
    pub(super) fn is(&self, internal: &str) -> bool {
        match internal.strip_prefix('_') {
            Some(element) if self.array => element == self.internal,
            _ => !self.array && internal == self.internal,
        }
    }
}

/// Whether a built-in type has this name in the catalog.
fn is_built_in(name: &str) -> bool {
    static NAMES: OnceLock<HashSet<String>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let types = (1..FIRST_OF_DATABASES).filter_map(Type::from_oid);
        types.map(|type_| type_.name().to_owned()).collect()
    });
    names.contains(name)
}

/// A type of the catalog as PostgreSQL shows it.
pub(super) fn shown(internal: &str) -> &str {
    let found = NAMES.iter().find(|(_, name)| *name == internal);
    found.map_or(internal, |(shown, _)| shown)
}

impl FromStr for Definition {
    type Err = DefinitionError;

    fn from_str(text: &str) -> Result<Self, DefinitionError> {
        let mut columns = Vec::new();
        for (number, words) in (1..).zip(split(text)?) {
            columns.push(column(number, &words)?);
        }
        if columns.is_empty() {
            return Err(DefinitionError::Empty);
        }
        Ok(Self { columns })
    }
}

/// A word of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    /// An identifier, in lower case.
    Plain(String),
    /// One that stood in quotes.
    Quoted(String),
    /// What stands in parentheses.
    Parenthesis,
    /// What stands in brackets.
    Bracket,
    Dot,
}

/// The words of each column.
fn split(text: &str) -> Result<Vec<Vec<Word>>, DefinitionError> {
    let mut columns = vec![Vec::new()];
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let word = match c {
            ',' => {
                columns.push(Vec::new());
                continue;
            }
            '"' => Word::Quoted(quoted(&mut characters)?),
            '(' => {
                skip_to(&mut characters, ')').ok_or(DefinitionError::Unterminated('('))?;
                Word::Parenthesis
            }
            '[' => {
                skip_to(&mut characters, ']').ok_or(DefinitionError::Unterminated('['))?;
                Word::Bracket
            }
            '.' => Word::Dot,
            c if c.is_whitespace() => continue,
            c => {
                let mut word = String::from(c.to_ascii_lowercase());
                while let Some(c) =
                    characters.next_if(|c| !c.is_whitespace() && !matches!(c, ',' | '"' | '(' | '[' | '.'))
                {
                    word.push(c.to_ascii_lowercase());
                }
                Word::Plain(word)
            }
        };
        if let Some(column) = columns.last_mut() {
            column.push(word);
        }
    }
    if columns.iter().all(Vec::is_empty) {
        columns.clear();
    }
    Ok(columns)
}

type Characters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn quoted(characters: &mut Characters<'_>) -> Result<String, DefinitionError> {
    let mut name = String::new();
    while let Some(c) = characters.next() {
        if c != '"' {
            name.push(c);
        } else if characters.next_if_eq(&'"').is_some() {
            name.push('"');
        } else {
            return Ok(name);
        }
    }
    Err(DefinitionError::Unterminated('"'))
}

fn skip_to(characters: &mut Characters<'_>, end: char) -> Option<char> {
    characters.find(|c| *c == end)
}

fn column(number: usize, words: &[Word]) -> Result<DefinedColumn, DefinitionError> {
    let (name, words) = match words.split_first() {
        Some((Word::Plain(name) | Word::Quoted(name), words)) => (name.clone(), words),
        _ => return Err(DefinitionError::NoName { number }),
    };
    let mut array = false;
    let mut parts: Vec<String> = Vec::new();
    for word in words {
        match word {
            // What follows is no part of the type.
            Word::Plain(word) if word == "collate" => break,
            Word::Plain(word) if word == "array" => array = true,
            Word::Bracket => array = true,
            Word::Parenthesis => {}
            // A schema: types are compared by their own names.
            Word::Dot => drop(parts.pop()),
            Word::Plain(word) => parts.push(word.clone()),
            Word::Quoted(word) if word == "char" => parts.push("\"char\"".to_owned()),
            Word::Quoted(word) => parts.push(word.clone()),
        }
    }
    if parts.is_empty() {
        return Err(DefinitionError::NoType { number, column: name });
    }
    let given = parts.join(" ");
    let found = NAMES.iter().find(|(shown, _)| *shown == given);
    let internal = found.map_or(given.as_str(), |(_, internal)| internal).to_owned();
    Ok(DefinedColumn {
        name,
        internal,
        array,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn one(text: &str, name: &str, internal: &str) {
        let definition: Definition = text.parse().unwrap();
        let [column] = definition.columns.as_slice() else {
            panic!("{definition:?}");
        };
        assert_eq!(column.name(), name);
        assert!(column.is(internal), "{column:?}");
        assert!(!column.is("oid"));
    }

    #[test]
    fn types_have_several_names() {
        one("ID INT", "id", "int4");
        one("\"A \"\"b\" integer", "A \"b", "int4");
        one("n numeric(10, 2)", "n", "numeric");
        one("v character varying ( 20 ) collate \"C\"", "v", "varchar");
        one("t timestamp(3) with time zone", "t", "timestamptz");
        one("t timestamp without time zone", "t", "timestamp");
        one("c \"char\"", "c", "char");
        one("c char(3)", "c", "bpchar");
        one("a pg_catalog.int4[3][]", "a", "_int4");
        one("a text array", "a", "_text");
        one("m my.\"Mood\"", "m", "Mood");
    }

    #[test]
    fn a_type_takes_what_means_the_same() {
        let takes = |declared: &str, internal: &str| {
            let definition: Definition = format!("c {declared}").parse().unwrap();
            definition.columns[0].takes(internal)
        };
        for (declared, internal) in [
            ("text", "name"),
            ("varchar(3)", "text"),
            ("bigint", "int8"),
            ("int[]", "_int4"),
            ("mood", "mood"),
            // Domains, perhaps.
            ("my.email", "text"),
            ("numbers", "_int4"),
        ] {
            assert!(takes(declared, internal), "{declared} {internal}");
        }
        for (declared, internal) in [
            ("bigint", "int4"),
            ("text", "int4"),
            ("text[]", "text"),
            ("int", "mood"),
            ("mood", "weather"),
        ] {
            assert!(!takes(declared, internal), "{declared} {internal}");
        }
    }

    #[test]
    fn an_array_is_not_its_element() {
        let definition: Definition = "a int[], b int".parse().unwrap();
        let is: Vec<_> = definition.columns().map(|column| column.is("int4")).collect();
        assert_eq!(is, [false, true]);
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let error = |text: &str| text.parse::<Definition>().unwrap_err();
        assert_eq!(error(" "), DefinitionError::Empty);
        assert_eq!(error("id int,"), DefinitionError::NoName { number: 2 });
        assert_eq!(
            error("id"),
            DefinitionError::NoType {
                number: 1,
                column: "id".to_owned()
            }
        );
        assert_eq!(error("id numeric(1"), DefinitionError::Unterminated('('));
        assert_eq!(error("\"id int"), DefinitionError::Unterminated('"'));
    }
}
