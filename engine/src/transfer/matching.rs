//! Which column goes where.

use super::side::Table;
use super::{Side, TransferError};

/// The columns of a table that are copied, which have the same names in the target: those `asked` for, else all that are not
/// generated.
pub(super) fn of_table(
    source: &Table,
    target: &Table,
    asked: Option<Vec<String>>,
) -> Result<Vec<String>, TransferError> {
    let names = match asked {
        Some(names) => {
            let there = |name: &String| source.columns.contains(name) || source.generated.contains(name);
            check(Side::Source, &names, there)?;
            names
        }
        None => source.columns.clone(),
    };
    check(Side::Target, &names, |name| target.columns.contains(name))?;
    Ok(names)
}

/// The target's columns that a query's go to, in the query's order: those `asked` for, else those of its names, else all.
pub(super) fn of_query(
    query: &[String],
    target: &Table,
    asked: Option<Vec<String>>,
) -> Result<Vec<String>, TransferError> {
    let names = match asked {
        Some(names) => {
            check(Side::Target, &names, |name| target.columns.contains(name))?;
            names
        }
        None if fits(query, &target.columns) => return Ok(query.to_vec()),
        None => target.columns.clone(),
    };
    if names.len() != query.len() {
        return Err(TransferError::ColumnCount {
            source_columns: query.len(),
            target_columns: names.len(),
        });
    }
    Ok(names)
}

/// Whether each of the names is there, and none twice.
fn fits(names: &[String], columns: &[String]) -> bool {
    let mut sorted: Vec<_> = names.iter().collect();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.len() == names.len() && names.iter().all(|name| columns.contains(name))
}

fn check(side: Side, names: &[String], is_there: impl Fn(&String) -> bool) -> Result<(), TransferError> {
    let missing: Vec<_> = names.iter().filter(|name| !is_there(name)).cloned().collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(TransferError::MissingColumns {
        side,
        columns: missing,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn table(columns: &str, generated: &str) -> Table {
        Table {
            is_plain: true,
            columns: names(columns),
            generated: names(generated),
        }
    }

    #[test]
    fn tables_go_by_name() {
        let source = table("a b c", "g");
        assert_eq!(
            of_table(&source, &table("x c b a", ""), None).unwrap(),
            names("a b c")
        );
        let asked = Some(names("g b"));
        assert_eq!(of_table(&source, &table("b g", ""), asked).unwrap(), names("g b"));

        let missing = of_table(&source, &table("b x", "a"), None).unwrap_err();
        assert_eq!(
            missing.to_string(),
            "the target has no such columns to copy: a, c"
        );
        let missing = of_table(&source, &table("z", ""), Some(names("z"))).unwrap_err();
        assert_eq!(missing.side(), Some(Side::Source));
    }

    #[test]
    fn queries_go_by_name_if_all_are_there_and_else_by_position() {
        let target = table("a b c", "g");
        let given = |query, asked: Option<&str>| of_query(&names(query), &target, asked.map(names));
        assert_eq!(given("c a", None).unwrap(), names("c a"));
        assert_eq!(given("x y z", None).unwrap(), names("a b c"));
        assert_eq!(given("c b g", None).unwrap(), names("a b c"));
        assert_eq!(given("a a b", None).unwrap(), names("a b c"));
        assert_eq!(given("a b", Some("b c")).unwrap(), names("b c"));
        for (query, asked) in [("x y", None), ("a a", None), ("a b", Some("c"))] {
            assert_eq!(
                given(query, asked).unwrap_err().sqlstate().as_str(),
                "42804",
                "{query}"
            );
        }
        assert_eq!(given("a", Some("g")).unwrap_err().side(), Some(Side::Target));
    }
}
