//! Whether the columns of one target are those of the others.

use std::sync::Arc;

use postgres_types::Type;

use super::key::Kind;
use super::order::Order;
use super::unfit::Unfit;
use crate::connection::{Column, Columns};

/// What the columns of all targets have to have in common.
#[derive(Debug, Default)]
pub(super) struct Fit {
    /// All of them have to be the same.
    pub(super) same: bool,
    /// The rows are merged by a column.
    pub(super) order: Option<Order>,
    /// Those of the result that began first.
    first: Option<Arc<Columns>>,
}

impl Fit {
    pub(super) fn new(same: bool, order: Option<Order>) -> Self {
        Self {
            same,
            order,
            first: None,
        }
    }

    /// A result begins with these columns.
    pub(super) fn check(&mut self, columns: &Arc<Columns>) -> Result<(), Unfit> {
        if let Some(order) = &self.order {
            let column = key_column(columns, order)?;
            let first = self
                .first
                .as_ref()
                .and_then(|first| key_column(first, order).ok());
            if let Some(first) = first
                && Kind::of(first.type_()) != Kind::of(column.type_())
            {
                return Err(Unfit::OtherType {
                    column: order.column.clone(),
                    type_name: column.type_().name().to_owned(),
                    first: first.type_().name().to_owned(),
                });
            }
        }
        let first = self.first.get_or_insert_with(|| Arc::clone(columns));
        if self.same && !are_same(first, columns) {
            return Err(Unfit::Columns {
                columns: list(columns),
                first: list(first),
            });
        }
        Ok(())
    }
}

/// The column that the rows are merged by.
fn key_column<'c>(columns: &'c Columns, order: &Order) -> Result<&'c Column, Unfit> {
    let position = columns.position(&order.column);
    let Some(column) = position.and_then(|position| columns.get(position)) else {
        return Err(Unfit::NoColumn {
            column: order.column.clone(),
            columns: list(columns),
        });
    };
    if Kind::of(column.type_()).is_none() {
        return Err(Unfit::Type {
            column: order.column.clone(),
            type_name: column.type_().name().to_owned(),
        });
    }
    Ok(column)
}

fn are_same(first: &Columns, columns: &Columns) -> bool {
    let same = |(a, b): (&Column, &Column)| a.name() == b.name() && are_same_type(a.type_(), b.type_());
    first.len() == columns.len() && first.iter().zip(columns).all(same)
}

/// A type that is not built in has a number of its own in each database, and a name where it was looked up.
fn are_same_type(a: &Type, b: &Type) -> bool {
    let own = |type_: &Type| Type::from_oid(type_.oid()).is_none();
    let named = |type_: &Type| !type_.schema().is_empty();
    if own(a) && own(b) {
        return !named(a) || !named(b) || a.name() == b.name();
    }
    a.oid() == b.oid()
}

fn list(columns: &Columns) -> String {
    let parts = columns.iter().map(|column| {
        let type_ = column.type_();
        match Type::from_oid(type_.oid()) {
            None if type_.schema().is_empty() => column.name().to_owned(),
            _ => format!("{} {}", column.name(), type_.name()),
        }
    });
    parts.collect::<Vec<_>>().join(", ")
}
