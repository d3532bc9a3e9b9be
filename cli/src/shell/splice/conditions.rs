//! Whether a call is made at all, where the rest of the statement decides that.
//!
//! Each condition is looked at once, and what it was takes its place in the statement: so the server decides the same.

use std::ops::Range;

use super::calls::{Call, Compared, Guard};
use super::functions::Given;
use super::literal::Argument;
use super::refusals::failed;
use super::rows::quoted;
use super::statement::{Run, table};
use crate::shell::answer::Failed;

impl Run<'_> {
    /// Whether a call is made.
    pub(super) async fn is_wanted(&mut self, call: &Call) -> Result<bool, Failed> {
        for guard in call.guards.iter().rev() {
            let holds = match guard {
                Guard::True(condition, is) => self.is_true(call, &condition.place).await? == *is,
                Guard::Equal(left, right, is) => self.are_equal(call, left, right).await? == *is,
                Guard::Null(value) => self.is_null(call, value).await?,
            };
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn is_true(&mut self, call: &Call, condition: &Range<usize>) -> Result<bool, Failed> {
        let is = match self.known(condition) {
            Some(known) => known == "TRUE",
            None => {
                let asked = vec![(condition.clone(), " IS TRUE".to_owned())];
                let value = self.compute(call, asked).await?.pop();
                value.and_then(|value| value.text).as_deref() == Some("t")
            }
        };
        self.now_known(condition, if is { "TRUE" } else { "FALSE" });
        Ok(is)
    }

    async fn is_null(&mut self, call: &Call, value: &Compared) -> Result<bool, Failed> {
        self.look_at(call, value).await?;
        let asked = vec![(value.place.clone(), " IS NULL".to_owned())];
        let value = self.compute(call, asked).await?.pop();
        Ok(value.and_then(|value| value.text).as_deref() == Some("t"))
    }

    async fn are_equal(&mut self, call: &Call, left: &Compared, right: &Compared) -> Result<bool, Failed> {
        self.look_at(call, left).await?;
        self.look_at(call, right).await?;
        let right = self.spliced(right.place.clone());
        let asked = vec![(left.place.clone(), format!(" = ({})", right.text()))];
        let value = self.compute(call, asked).await?.pop();
        Ok(value.and_then(|value| value.text).as_deref() == Some("t"))
    }

    /// Computes a value that decides, unless it is known.
    async fn look_at(&mut self, call: &Call, value: &Compared) -> Result<(), Failed> {
        if value.constant || self.known(&value.place).is_some() {
            return Ok(());
        }
        let asked = vec![(value.place.clone(), String::new())];
        let Some(Argument {
            given: Given::Type(type_oid),
            text,
        }) = self.compute(call, asked).await?.pop()
        else {
            return Ok(());
        };
        // A row, which is of no type that has a name, stays as it is.
        let name = format!(
            "SELECT pg_catalog.format_type(oid, -1) FROM pg_catalog.pg_type WHERE oid = {type_oid} AND typtype <> 'p'"
        );
        let (_, mut rows) = table(self.local()?, &name)
            .await
            .map_err(|error| failed(&error))?;
        if let Some(type_) = rows.pop().and_then(|mut row| row.pop()).flatten() {
            let literal = text.map_or_else(|| "NULL".to_owned(), |text| quoted(&text));
            self.now_known(&value.place, &format!("{literal}::{type_}"));
        }
        Ok(())
    }

    /// What stands for a condition that has been looked at.
    fn known(&self, condition: &Range<usize>) -> Option<&str> {
        let known = self.conditions.iter().find(|(place, _)| place == condition);
        known.map(|(_, text)| text.as_str())
    }

    fn now_known(&mut self, condition: &Range<usize>, text: &str) {
        if self.known(condition).is_none() {
            self.conditions.push((condition.clone(), text.to_owned()));
        }
    }
}
