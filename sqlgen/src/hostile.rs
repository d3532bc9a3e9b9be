//! Names and values that are made to break out, in all statements.

use proptest::prelude::*;

use crate::StatementCount::One;
use crate::{
    BuildError, Column, ColumnKind, InvalidText, Relation, build_sql_delete, build_sql_insert,
    build_sql_update, count_statements,
};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![r#"(['"\\;$aE1 \n-]|\$\$|/\*|\*/|--|é){0,8}"#, "[^\0]{0,8}"]
}

fn kind() -> impl Strategy<Value = ColumnKind> {
    prop_oneof![
        3 => Just(ColumnKind::Ordinary),
        1 => Just(ColumnKind::Generated),
        1 => Just(ColumnKind::IdentityAlways),
    ]
}

/// A relation with a key and an ordinary column at least, and a row.
fn relation() -> impl Strategy<Value = (Relation, Vec<Option<String>>)> {
    let column = || (text(), kind(), any::<bool>(), proptest::option::of(text()));
    (
        proptest::option::of(text()),
        text(),
        proptest::collection::vec(column(), 0..4),
        column(),
        text(),
    )
        .prop_map(|(schema, name, columns, key, ordinary)| {
            let all = [key].into_iter().chain(columns);
            let (columns, mut row): (Vec<_>, Vec<_>) = all
                .enumerate()
                .map(|(number, (name, kind, not_null, value))| {
                    let column = Column::new(&format!("{number}{name}")).unwrap().with_kind(kind);
                    (if not_null { column.not_null() } else { column }, value)
                })
                .unzip();
            row.push(Some(ordinary.clone()));
            let columns = columns
                .into_iter()
                .chain([Column::new(&ordinary).unwrap()])
                .collect();
            (Relation::new(schema.as_deref(), &name, columns).unwrap(), row)
        })
}

/// The numbers of the parameters that stand in a text outside of its quoted names, in their order.
fn parameters(text: &str) -> Vec<usize> {
    // Each quote in a name stands twice, so that what is outside is every second part.
    let outside: String = text.split('"').step_by(2).collect();
    let numbers = outside.split('$').skip(1).map(|part| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap()
    });
    numbers.collect()
}

proptest! {
    /// Whatever it is made of, and whatever `standard_conforming_strings` says.
    #[test]
    fn a_statement_is_one((relation, row) in relation()) {
        let row: Vec<_> = row.iter().map(Option::as_deref).collect();
        let key = [relation.columns()[0].name()];
        let mut texts = vec![
            build_sql_delete(&relation, &[1], 1, &row[..1]).unwrap(),
            relation.delete(&key).unwrap().with_literals(&row[..1]).unwrap(),
            relation.update(&key).unwrap().with_literals(&row).unwrap(),
            relation.insert().with_literals(&[&row, &row]).unwrap(),
            relation.insert().on_conflict_update(&key).unwrap().with_literals(&[&row]).unwrap(),
            relation.insert().without_identity().on_conflict_do_nothing().with_literals(&[&row]).unwrap(),
        ];
        for build in [build_sql_insert, build_sql_update] {
            let statement = build(&relation, &[1], 1, &row[..1], &row[1..2]).unwrap();
            texts.push(statement.query().to_owned());
            texts.push(statement.statement(&[&row]).unwrap());
        }
        for text in texts {
            prop_assert_eq!(count_statements(&text, true), One, "{}", text);
            prop_assert_eq!(count_statements(&text, false), One, "{}", text);
        }
    }

    #[test]
    fn parameters_are_numbered_without_gaps((relation, row) in relation()) {
        let key = [relation.columns()[0].name()];
        for statement in [
            relation.delete(&key).unwrap().with_parameters(&row[..1]).unwrap(),
            relation.update(&key).unwrap().with_parameters(&row).unwrap(),
            relation.insert().with_parameters(&[&row, &row, &row]).unwrap(),
            relation.insert().on_conflict_update(&key).unwrap().with_parameters(&[&row]).unwrap(),
        ] {
            let numbers: Vec<_> = (1..=statement.values.len()).collect();
            prop_assert_eq!(parameters(&statement.text), numbers, "{}", statement.text);
        }
    }
}

fn pair() -> Relation {
    let columns = ["a", "b"].map(|name| Column::new(name).unwrap());
    Relation::new(None, "t", columns.into()).unwrap()
}

#[test]
fn a_statement_has_65535_parameters_at_most() {
    let one = Relation::new(None, "t", vec![Column::new("a").unwrap()]).unwrap();
    let rows = vec![&[7][..]; 65536];
    let most = one.insert().with_parameters(&rows[1..]).unwrap();
    assert!(most.text.ends_with(",($65535)"));
    assert_eq!(most.values.len(), 65535);
    let error = one.insert().with_parameters(&rows).unwrap_err();
    assert_eq!(error, BuildError::TooManyParameters);
    assert_eq!(error.sqlstate(), "54000");
}

#[test]
fn values_and_columns_are_as_many() {
    let pair = pair();
    let count = |expected, found| BuildError::ValueCount { expected, found };
    let insert = pair.insert();
    let rows: [&[_]; 2] = [&[None, None], &[None]];
    assert_eq!(insert.with_literals(&rows), Err(count(2, 1)));
    assert_eq!(
        pair.update(&["a"]).unwrap().with_literals(&[None; 3]),
        Err(count(2, 3))
    );
    assert_eq!(
        pair.delete(&["a"]).unwrap().with_literals(&[None; 2]),
        Err(count(1, 2))
    );
    let copy = build_sql_insert(&pair, &[1], 1, &[None], &[None]).unwrap();
    assert_eq!(copy.statement(&[[None]]), Err(count(2, 1)));
    assert_eq!(count(2, 1).to_string(), "there are 1 values for 2 columns");
}

#[test]
fn a_key_has_columns_of_the_relation() {
    let pair = pair();
    let error = pair.update(&["a", "A"]).unwrap_err();
    assert_eq!(error.to_string(), "column \"A\" does not exist");
    assert_eq!(error.sqlstate(), "42703");
    // Without one, a statement would be about all rows.
    assert_eq!(pair.update(&[]).unwrap_err(), BuildError::NoKeyAttributes);
    assert_eq!(pair.delete(&[]).unwrap_err(), BuildError::NoKeyAttributes);
    assert_eq!(
        pair.insert().on_conflict_update(&[]).unwrap_err(),
        BuildError::NoKeyAttributes
    );
}

#[test]
fn a_zero_byte_is_refused_wherever_it_is() {
    let pair = pair();
    let fault = || BuildError::Text(InvalidText { position: 1, byte: 0 });
    let (bad, good) = ([Some("x\0")], [Some("x")]);
    assert_eq!(build_sql_delete(&pair, &[1], 1, &bad), Err(fault()));
    assert_eq!(
        build_sql_insert(&pair, &[1], 1, &bad, &good).unwrap_err(),
        fault()
    );
    let update = build_sql_update(&pair, &[1], 1, &good, &bad).unwrap();
    assert_eq!(update.statement(&[[None, None]]), Err(fault()));
    assert_eq!(pair.insert().with_literals(&[&[Some("x\0"), None]]), Err(fault()));
    assert_eq!(fault().sqlstate(), "22021");
    assert!(Column::new("x\0").is_err());
    assert!(Relation::new(None, "x\0", vec![]).is_err());
    assert!(Relation::new(Some("x\0"), "x", vec![]).is_err());
}
