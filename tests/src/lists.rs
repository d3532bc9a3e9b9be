//! PostgreSQL's own lists of error codes, types and keywords, from the server under test.

use std::fs;
use std::path::Path;

use crate::Cluster;

/// An error code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorCode {
    /// The SQLSTATE: five digits and capital letters.
    pub sqlstate: String,
    /// The C macro's name without `ERRCODE_`. No two are the same.
    pub macro_name: String,
    /// The condition's name in PL/pgSQL. Classes share some of them, and a few codes have a second macro without one.
    pub condition: Option<String>,
    /// The class, such as `Class 08: Connection Exception`.
    pub class: String,
}

/// A type that every database has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Type {
    /// Its OID.
    pub oid: u32,
    /// Its name in `pg_type`, such as `int4` or `_int4`.
    pub name: String,
    /// The name of its elements' type, if it is an array.
    pub element: Option<String>,
    /// What `pg_description` says about it.
    pub description: Option<String>,
}

/// The error codes in the server's
/// [`errcodes.txt`](https://www.postgresql.org/docs/current/errcodes-appendix.html), as it lists them.
///
/// # Panics
///
/// If the file is missing, or not in the form that its head describes.
pub fn error_codes(cluster: &Cluster) -> Vec<ErrorCode> {
    let folder = cluster.psql("select setting from pg_config where name = 'SHAREDIR'");
    let path = Path::new(&folder).join("errcodes.txt");
    parse_error_codes(
        &fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())),
    )
}

/// The error codes in a text of the form of `errcodes.txt`.
///
/// # Panics
///
/// If it is not in the form that the file's head describes.
pub fn parse_error_codes(text: &str) -> Vec<ErrorCode> {
    let mut class = "";
    let mut codes = Vec::new();
    for line in text.lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(section) = line.strip_prefix("Section: ") {
            class = section;
            continue;
        }
        let mut fields = line.split_ascii_whitespace();
        let mut field = || {
            fields
                .next()
                .unwrap_or_else(|| panic!("a field is missing: {line}"))
        };
        let (sqlstate, _severity, macro_name) = (field(), field(), field());
        assert_eq!(sqlstate.len(), 5, "{line}");
        codes.push(ErrorCode {
            sqlstate: sqlstate.to_owned(),
            macro_name: macro_name.strip_prefix("ERRCODE_").expect(line).to_owned(),
            condition: fields.next().map(str::to_owned),
            class: class.replacen(" - ", ": ", 1),
        });
    }
    codes
}

/// The types with a fixed OID, by OID: no row types of the system catalogs, and no arrays of those.
///
/// # Panics
///
/// If the server does not answer as it should.
pub fn types(cluster: &Cluster) -> Vec<Type> {
    let rows = cluster.psql(
        "select t.oid, t.typname, coalesce(e.typname, ''), coalesce(obj_description(t.oid, 'pg_type'), '') \
         from pg_type t left join pg_type e on e.typarray = t.oid \
         where t.oid < 10000 and t.typtype <> 'c' and e.typtype is distinct from 'c' \
         order by t.oid",
    );
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    rows.lines()
        .map(|row| match *row.splitn(4, '|').collect::<Vec<_>>() {
            [oid, name, element, description] => Type {
                oid: oid.parse().expect(row),
                name: name.to_owned(),
                element: some(element),
                description: some(description),
            },
            _ => panic!("not four columns: {row}"),
        })
        .collect()
}

/// The [keywords](https://www.postgresql.org/docs/current/sql-keywords-appendix.html) that `quote_ident` quotes, which are all
/// but the unreserved ones, in the order of their bytes.
///
/// # Panics
///
/// If the server does not answer as it should.
pub fn quoted_keywords(cluster: &Cluster) -> Vec<String> {
    let rows =
        cluster.psql("select word from pg_get_keywords() where catcode <> 'U' order by word collate \"C\"");
    rows.lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_codes_are_read_with_and_without_a_condition() {
        let text = "# comment\n\nSection: Class 34 - Invalid Cursor - Name\n\n\
                    34000    E    ERRCODE_INVALID_CURSOR_NAME    invalid_cursor_name\n\
                    34000    E    ERRCODE_UNDEFINED_CURSOR\n";
        let code = |macro_name: &str, condition: Option<&str>| ErrorCode {
            sqlstate: "34000".to_owned(),
            macro_name: macro_name.to_owned(),
            condition: condition.map(str::to_owned),
            class: "Class 34: Invalid Cursor - Name".to_owned(),
        };
        assert_eq!(
            parse_error_codes(text),
            [
                code("INVALID_CURSOR_NAME", Some("invalid_cursor_name")),
                code("UNDEFINED_CURSOR", None)
            ]
        );
    }
}
