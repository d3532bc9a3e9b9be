//! Tables that dice have made up.

use dblink_engine::session::Session;
use dblink_sqlgen::{quote_ident, quote_literal};
use dblink_tests::Cluster;

use crate::samples::{Dice, Sample};
use crate::support::text_rows;

pub(crate) fn quoted(name: &str) -> String {
    quote_ident(name).unwrap().into_owned()
}

/// Names that were not given yet: plain ones, keywords, and such as break bad quoting.
pub(crate) struct Names {
    keywords: Vec<String>,
    given: Vec<String>,
}

impl Names {
    pub(crate) async fn new(session: &mut Session) -> Self {
        let keywords = text_rows(session.local().unwrap(), "select word from pg_get_keywords()").await;
        Self {
            keywords: keywords
                .into_iter()
                .map(|mut row| row[0].take().unwrap())
                .collect(),
            given: Vec::new(),
        }
    }

    fn next(&mut self, dice: &mut Dice) -> String {
        loop {
            let name = match dice.below(4) {
                0 => dice.pick(&self.keywords).clone(),
                1 => format!("c{}", dice.below(1000)),
                2 => format!("C_{}$", dice.word()),
                _ => dice.word(),
            };
            if !name.is_empty() && !self.given.contains(&name) {
                self.given.push(name.clone());
                return name;
            }
        }
    }
}

/// A column that was made up.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Each row has another number.
    Number,
    /// Of the key, too.
    Text,
    Of(Sample),
    ArrayOf(Sample),
    /// This is dropped when some rows are there.
    Dropped,
    /// The server makes its values.
    Made(&'static str),
}

impl Column {
    fn definition(&self) -> String {
        let type_name = match self.kind {
            Kind::Number => "int not null".to_owned(),
            Kind::Text | Kind::Dropped => "text not null default 'x'".to_owned(),
            Kind::Of(sample) => sample.type_name.to_owned(),
            Kind::ArrayOf(sample) => format!("{}[]", sample.type_name),
            Kind::Made(how) => how.to_owned(),
        };
        format!("{} {type_name}", quoted(&self.name))
    }

    fn value(&self, dice: &mut Dice, number: usize) -> Option<String> {
        let value = match self.kind {
            Kind::Number => Some(number.to_string()),
            Kind::Text => Some(dice.word()),
            Kind::Of(sample) => sample.value(dice),
            Kind::ArrayOf(sample) => sample.array(dice),
            Kind::Dropped | Kind::Made(_) => return None,
        };
        Some(value.map_or_else(|| "null".to_owned(), |value| quote_literal(&value).unwrap()))
    }
}

/// A table that was made up, of the same name in two schemas: rows are in the one that is called `here`.
pub(crate) struct Table {
    pub(crate) relation: String,
    /// Those that are left.
    pub(crate) columns: Vec<Column>,
    /// The primary key, as `SELECT *` counts its columns.
    pub(crate) key: Vec<i16>,
}

impl Table {
    pub(crate) async fn make(
        session: &mut Session,
        names: &mut Names,
        dice: &mut Dice,
        of: &[Sample],
        rows: usize,
    ) -> Self {
        let local = session.local().unwrap();
        let relation = quoted(&names.next(dice));
        let mut kinds = vec![Kind::Number, Kind::Text, Kind::Number];
        for sample in of {
            kinds.push(if dice.once_in(3) {
                Kind::ArrayOf(*sample)
            } else {
                Kind::Of(*sample)
            });
        }
        kinds.extend(vec![Kind::Dropped; dice.below(4)]);
        if dice.once_in(4) {
            let mut made = vec![
                "int generated always as (1 + 1) stored",
                "int generated always as identity",
            ];
            if Cluster::shared().version() >= 18 {
                made.push("int generated always as (1 + 1) virtual");
            }
            kinds.push(Kind::Made(made[dice.below(made.len())]));
        }
        let mut columns = Vec::new();
        while !kinds.is_empty() {
            let kind = kinds.swap_remove(dice.below(kinds.len()));
            columns.push(Column {
                name: names.next(dice),
                kind,
            });
        }
        let mut key: Vec<_> = (0..columns.len())
            .filter(|at| matches!(columns[*at].kind, Kind::Number | Kind::Text))
            .collect();
        key.rotate_left(dice.below(3));
        key.truncate(1 + dice.below(3));
        if !key.iter().any(|at| matches!(columns[*at].kind, Kind::Number)) {
            key.reverse();
            key.push(
                (0..columns.len())
                    .find(|at| matches!(columns[*at].kind, Kind::Number))
                    .unwrap(),
            );
        }
        let listed = |at: &[usize]| {
            at.iter()
                .map(|at| quoted(&columns[*at].name))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let other = (0..columns.len()).find(|at| matches!(columns[*at].kind, Kind::Of(_) | Kind::ArrayOf(_)));
        let include = format!("include ({})", listed(&[other.unwrap()]));
        let definitions: Vec<_> = columns.iter().map(Column::definition).collect();
        let constraint = format!(
            "primary key ({}) {}",
            listed(&key),
            if dice.once_in(2) { &include } else { "" }
        );
        let name = &relation;
        let mut sql = format!(
            "create table here.{name} ({}, {constraint});",
            definitions.join(", ")
        );
        let dropped = columns
            .iter()
            .filter(|column| matches!(column.kind, Kind::Dropped));
        let drops: String = dropped
            .map(|column| format!("alter table here.{name} drop column {};", quoted(&column.name)))
            .collect();
        for number in 0..rows {
            if number == rows / 2 {
                sql.push_str(&drops);
            }
            let given = columns
                .iter()
                .filter_map(|column| Some((quoted(&column.name), column.value(dice, number)?)));
            let (into, values): (Vec<_>, Vec<_>) = given.unzip();
            sql += &format!(
                "insert into here.{name} ({}) values ({});",
                into.join(", "),
                values.join(", ")
            );
        }
        sql += &format!("create table there.{name} (like here.{name} including all)");
        local
            .batch_execute(&sql)
            .await
            .unwrap_or_else(|error| panic!("{error}: {sql}"));
        let left = |at: &usize| {
            columns[..*at]
                .iter()
                .filter(|column| !matches!(column.kind, Kind::Dropped))
                .count()
        };
        let key = key
            .iter()
            .map(|at| i16::try_from(left(at) + 1).unwrap())
            .collect();
        columns.retain(|column| !matches!(column.kind, Kind::Dropped));
        Self {
            relation,
            columns,
            key,
        }
    }

    /// Whether the server makes values that no statement may set.
    pub(crate) fn is_made(&self) -> bool {
        self.columns
            .iter()
            .any(|column| matches!(column.kind, Kind::Made(_)))
    }
}
