//! Whether a call is made at all, where the rest of the statement decides that.
//!
//! Each condition is looked at once, and what it was takes its place in the statement: so the server decides the same.

use std::collections::HashSet;
use std::ops::Range;

use super::arguments::table;
use super::calls::{Asks, Call, FOR_EACH_ROW, PERHAPS};
use super::refusals::in_arguments;
use super::rows::quoted;
use super::statement::Run;
use super::text::Spliced;
use crate::shell::answer::Failed;

impl Run<'_> {
    /// Refuses calls beside functions of which the parse tree does not tell that they give rows, or something else at each time.
    pub(super) async fn check_functions(&mut self) -> Result<(), Failed> {
        let guards = |call: &Call| {
            call.guards
                .iter()
                .flat_map(|guard| guard.functions.clone())
                .collect::<Vec<_>>()
        };
        let calls: Vec<_> = self
            .calls
            .calls
            .iter()
            .filter(|call| call.function.acts)
            .collect();
        let names: HashSet<_> = calls
            .iter()
            .flat_map(|call| {
                call.beside
                    .iter()
                    .flat_map(|names| names.iter().cloned())
                    .chain(guards(call))
            })
            .collect();
        if names.is_empty() {
            return Ok(());
        }
        let names = names
            .iter()
            .map(|name| quoted(name))
            .collect::<Vec<_>>()
            .join(", ");
        let look = format!(
            "SELECT proname, bool_or(proretset), bool_or(EXISTS (SELECT FROM pg_catalog.pg_aggregate WHERE aggfnoid = p.oid)), \
                bool_or(provolatile = 'v') \
            FROM pg_catalog.pg_proc p WHERE proname IN ({names}) GROUP BY proname"
        );
        let rows = self.look_up(&look).await?;
        let is = |name: &str, column: usize| {
            rows.iter().any(|row| {
                let text = |column: usize| row.get(column).and_then(Option::as_deref);
                text(0) == Some(name) && text(column) == Some("t")
            })
        };
        let beside = |call: &Call, column| {
            call.beside
                .iter()
                .flat_map(|names| names.iter())
                .any(|name| is(name, column))
        };
        for call in calls {
            let filtered = call
                .guards
                .iter()
                .any(|guard| matches!(guard.asks, Asks::Where(_)));
            let reason = if beside(call, 1) {
                FOR_EACH_ROW
            } else if (filtered && beside(call, 2)) || guards(call).iter().any(|name| is(name, 3)) {
                PERHAPS
            } else {
                continue;
            };
            return Err(call.not_once(reason).failed(self.sql));
        }
        Ok(())
    }

    /// Whether a prepared statement that is executed is there, and takes these arguments; true for every other statement.
    pub(super) async fn takes_arguments(&mut self) -> Result<bool, Failed> {
        let calls = self.calls;
        let Some(executed) = &calls.executes else {
            return Ok(true);
        };
        let look = format!(
            "SELECT FROM pg_catalog.pg_prepared_statements \
            WHERE name = {} AND pg_catalog.cardinality(parameter_types) = {}",
            quoted(&executed.name),
            executed.arguments
        );
        let rows = self.look_up(&look).await?;
        Ok(!rows.is_empty() && !executed.subqueries)
    }

    /// Whether a call is made.
    pub(super) async fn is_wanted(&mut self, call: &Call) -> Result<bool, Failed> {
        for guard in call.guards.iter().rev() {
            let holds = match &guard.asks {
                Asks::Where(place) => self.is_true(call, place).await?,
                Asks::Branch(case, branch) => self.branch(call, *case).await? == *branch,
                Asks::Nulls(places) => self.are_null(call, places).await?,
            };
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn is_true(&mut self, call: &Call, place: &Range<usize>) -> Result<bool, Failed> {
        if let Some((_, known)) = self.conditions.iter().find(|(known, _)| known == place) {
            return Ok(known == "TRUE");
        }
        let asked = vec![(place.clone(), " IS TRUE".to_owned())];
        let value = self.compute(call, asked).await?.pop();
        let is = value.and_then(|value| value.text).as_deref() == Some("t");
        self.now_known(place, if is { "TRUE" } else { "FALSE" });
        Ok(is)
    }

    /// The branch that a `CASE` comes to.
    async fn branch(&mut self, call: &Call, number: usize) -> Result<usize, Failed> {
        if let Some((_, branch)) = self.branches.iter().find(|(known, _)| *known == number) {
            return Ok(*branch);
        }
        let calls = self.calls;
        let Some(case) = calls.cases.get(number) else {
            return Ok(usize::MAX);
        };
        let start = call.place.start;
        let mut select = Spliced::default();
        select.put("SELECT CASE ", start);
        if let Some(compared) = &case.compared {
            select.append(self.spliced(compared.clone()));
        }
        for (number, when) in case.whens.iter().enumerate() {
            select.put(" WHEN ", start);
            select.append(self.spliced(when.clone()));
            select.put(&format!(" THEN {number}"), start);
        }
        select.put(&format!(" ELSE {} END", case.whens.len()), start);
        let branch = self.asked(call, &select).await?;
        let branch = branch.and_then(|text| text.parse().ok()).unwrap_or(usize::MAX);
        if let Some(compared) = &case.compared {
            self.now_known(compared, &branch.to_string());
        }
        for (number, when) in case.whens.iter().enumerate() {
            match case.compared {
                Some(_) => self.now_known(when, &number.to_string()),
                None => self.now_known(when, if number == branch { "TRUE" } else { "FALSE" }),
            }
        }
        self.branches.push((number, branch));
        Ok(branch)
    }

    /// Whether arguments of a `COALESCE` are NULL. A row of NULLs is not.
    async fn are_null(&mut self, call: &Call, places: &[Range<usize>]) -> Result<bool, Failed> {
        let start = call.place.start;
        let mut select = Spliced::default();
        select.put("SELECT CASE", start);
        for place in places {
            select.put(" WHEN pg_catalog.num_nonnulls(", start);
            select.append(self.spliced(place.clone()));
            select.put(") > 0 THEN false", start);
        }
        select.put(" ELSE true END", start);
        Ok(self.asked(call, &select).await?.as_deref() == Some("t"))
    }

    /// One value.
    async fn asked(&mut self, call: &Call, select: &Spliced) -> Result<Option<String>, Failed> {
        let (sql, name) = (self.sql, call.function.name);
        let found = table(self.local()?, select.text()).await;
        let (_, mut rows) = found.map_err(|error| in_arguments(&error, select, sql, name))?;
        Ok(rows.pop().and_then(|mut row| row.pop()).flatten())
    }

    /// Keeps what stands in the place of a condition.
    fn now_known(&mut self, place: &Range<usize>, text: &str) {
        self.conditions.push((place.clone(), text.to_owned()));
    }
}
