//! The two ways in which values get into a statement.

use crate::error::BuildError;
use crate::quote::{quote_literal, quote_nullable};
use crate::relation::Column;

/// How many parameters a statement can have: their number is sent in 16 bits.
const MAX_PARAMETERS: usize = u16::MAX as usize;

/// A statement with parameters, and their values.
///
/// The text is the same for other values, so that it can be kept as a prepared statement. The parameters are numbered from
/// `$1` without gaps. They have the types of their columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameterized<'v, V> {
    /// The statement.
    pub text: String,
    /// The values of `$1`, `$2` and so on: out of the rows that were given.
    pub values: Vec<&'v V>,
}

/// How a value becomes a part of a text.
pub(crate) trait Values<'v, V> {
    /// Appends the value.
    fn push(&mut self, text: &mut String, value: &'v V) -> Result<(), BuildError>;

    /// Appends what follows the column's name in the condition that the column has this value, which may be null.
    fn push_equal(&mut self, text: &mut String, column: &Column, value: &'v V) -> Result<(), BuildError>;
}

/// Values as constants.
#[derive(Debug)]
pub(crate) struct Literals;

impl<'v> Values<'v, Option<&str>> for Literals {
    fn push(&mut self, text: &mut String, value: &'v Option<&str>) -> Result<(), BuildError> {
        text.push_str(&quote_nullable(*value)?);
        Ok(())
    }

    fn push_equal(
        &mut self,
        text: &mut String,
        _: &Column,
        value: &'v Option<&str>,
    ) -> Result<(), BuildError> {
        match value {
            Some(value) => {
                text.push_str(" = ");
                text.push_str(&quote_literal(value)?);
            }
            None => text.push_str(" IS NULL"),
        }
        Ok(())
    }
}

/// Values as parameters, gathered in the order of their numbers.
#[derive(Debug)]
pub(crate) struct Parameters<'v, V> {
    values: Vec<&'v V>,
}

impl<'v, V> Parameters<'v, V> {
    /// None yet.
    pub(crate) const fn new() -> Self {
        Self { values: Vec::new() }
    }

    /// The statement with this text.
    pub(crate) fn statement(self, text: String) -> Parameterized<'v, V> {
        Parameterized {
            text,
            values: self.values,
        }
    }
}

impl<'v, V> Values<'v, V> for Parameters<'v, V> {
    fn push(&mut self, text: &mut String, value: &'v V) -> Result<(), BuildError> {
        if self.values.len() == MAX_PARAMETERS {
            return Err(BuildError::TooManyParameters);
        }
        self.values.push(value);
        text.push_str(&format!("${}", self.values.len()));
        Ok(())
    }

    fn push_equal(&mut self, text: &mut String, column: &Column, value: &'v V) -> Result<(), BuildError> {
        text.push_str(if column.is_not_null() {
            " = "
        } else {
            " IS NOT DISTINCT FROM "
        });
        self.push(text, value)
    }
}
