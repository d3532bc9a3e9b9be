//! A statement with calls, on the local server.

use std::ops::Range;

use dblink_engine::connection::{Connection, Error};
use dblink_engine::session::Session;
use dblink_protocol::SqlState;
use dblink_protocol::backend::TransactionStatus;

use super::calls::{Call, Calls, From, Refused, Stands};
use super::edits::{Replaced, constant_rows, definition, rows_of};
use super::functions::Gives;
use super::grid::Grid;
use super::perform::{Gathered, Given, perform};
use super::refusals::{failed, mapped, unplaced};
use super::rows::{Styles, constant, described, fill, local_types, quoted, unique_names};
use super::text::Spliced;
use crate::failure::Report;
use crate::shell::answer::{Failed, Front};
use crate::shell::interpreter::run_text;
use crate::shell::local::parameter;

/// A statement, and what has become of its calls so far.
pub(super) struct Run<'a> {
    pub(super) session: &'a mut Session,
    pub(super) sql: &'a str,
    pub(super) calls: &'a Calls,
    /// What stands for each call in the statement, as far as that is known.
    pub(super) replaced: Vec<Option<Replaced>>,
    /// The temporary table of each call that needs one.
    pub(super) tables: Vec<Option<String>>,
    /// Whether the transaction, or the server, does not let tables be made.
    pub(super) read_only: bool,
    /// The conditions that have been looked at, and what stands for each of them in the statement.
    pub(super) conditions: Vec<(Range<usize>, String)>,
    /// The branches that were found for `CASE`s, by their numbers.
    pub(super) branches: Vec<(usize, usize)>,
}

/// Runs a statement with these calls. If there is a call that no function takes, nothing has been done, which is told.
pub(super) async fn run(
    session: &mut Session,
    sql: &str,
    calls: &Calls,
    front: &mut dyn Front,
) -> Result<bool, Failed> {
    let mut run = Run {
        session,
        sql,
        calls,
        replaced: calls.calls.iter().map(|_| None).collect(),
        tables: calls.calls.iter().map(|_| None).collect(),
        read_only: false,
        conditions: Vec::new(),
        branches: Vec::new(),
    };
    let local = run.local()?;
    if local.transaction_status() == TransactionStatus::Failed {
        // The server says so.
        return Ok(false);
    }
    let encoding = local
        .parameters()
        .get("client_encoding")
        .map(|value| value.to_string());
    if let Some(encoding) = encoding.filter(|name| !["UTF8", "SQL_ASCII"].contains(&name.as_str()))
        && let Some(call) = calls.calls.first()
    {
        let reason = format_args!("client_encoding is {encoding}");
        let hint = "Set it to UTF8: the texts of calls go from one server to another in that.";
        return Err(call.not_here(reason, hint).failed(sql));
    }
    let done = run.all(front).await;
    run.drop_tables().await;
    done
}

impl Run<'_> {
    async fn all(&mut self, front: &mut dyn Front) -> Result<bool, Failed> {
        let transaction_read_only = self.look_at_transaction().await?;
        self.make_tables().await?;
        self.check(None).await?;
        if transaction_read_only {
            self.refuse_to_write().await?;
        }
        self.refuse_to_make().await?;
        if !self.takes_arguments().await? {
            // The server says so; or it does not look at them.
            return Ok(false);
        }
        if let Some(refused) = self.calls.calls.iter().find_map(|call| call.refused(self.sql)) {
            return Err(refused.failed(self.sql));
        }
        if let Some(number) = self.calls.calls.iter().position(Call::is_of_no_function) {
            return self.check(Some(number)).await.map(|()| false);
        }
        self.check_functions().await?;
        for number in 0..self.calls.calls.len() {
            if !self.make(number).await? {
                return Ok(false);
            }
        }
        let sql = self.sql;
        let spliced = self.spliced(0..sql.len());
        let report = |error: &Error| mapped(error, &spliced, sql);
        run_text(self.local()?, spliced.text(), front, &report).await?;
        Ok(true)
    }

    /// The local connection: whoever runs a statement has one.
    pub(super) fn local(&mut self) -> Result<&mut Connection, Failed> {
        let missing = || super::alone::needs_local("the statement needs one");
        self.session.local().ok_or_else(missing)
    }

    /// Has the server look at the statement before any call is made: what it refuses has done nothing. For each call stands what it
    /// will give, `but` for one, which is left for the server to say that there is no such function.
    async fn check(&mut self, but: Option<usize>) -> Result<(), Failed> {
        if self.calls.executes.is_some() {
            // An EXECUTE is not looked at when it is parsed, and to have it explained computes its arguments.
            return Ok(());
        }
        let mut edits = Vec::new();
        for (number, (call, table)) in self.calls.calls.iter().zip(&self.tables).enumerate() {
            if Some(number) == but {
                continue;
            }
            let name = call.function.name;
            let head = match (&call.stands, &call.function.gives, table) {
                (Stands::Value, Gives::Value(type_), _) => format!("(SELECT NULL::{type_} AS {name}"),
                (Stands::Rows { .. }, _, Some(table)) => {
                    format!("pg_catalog.unnest(ARRAY(SELECT d FROM {table} AS d")
                }
                (Stands::From(_), _, Some(table)) => format!("LATERAL (SELECT d.* FROM {table} AS d"),
                // What the columns will be is not known yet.
                _ => return Ok(()),
            };
            let tail = match (&call.stands, &call.function.gives) {
                (Stands::Rows { named: true }, _) => format!(")) AS {name}"),
                (Stands::Rows { named: false }, _) => "))".to_owned(),
                (Stands::Value, Gives::Value(type_)) => format!(")::{type_}"),
                _ => ")".to_owned(),
            };
            edits.extend(call.checked(head, &tail));
        }
        let looked_at = self.edited(0..self.sql.len(), edits);
        let sql = self.sql;
        if !self.calls.explained {
            let prepared = self.local()?.prepare(looked_at.text()).await.map(drop);
            return prepared.map_err(|error| mapped(&error, &looked_at, sql));
        }
        let mut explain = Spliced::default();
        explain.put("EXPLAIN ", 0);
        explain.append(looked_at);
        let explained = self.local()?.batch_execute(explain.text()).await;
        explained.map_err(|error| mapped(&error, &explain, sql))
    }

    /// Makes a call, and keeps what stands for it. Tells whether there is a function that takes its arguments.
    async fn make(&mut self, number: usize) -> Result<bool, Failed> {
        let calls = self.calls;
        let Some(call) = calls.calls.get(number) else {
            return Ok(true);
        };
        let wanted = self.is_wanted(call).await?;
        let mut arguments = match wanted {
            true => self.arguments(call).await?,
            false => self.types(call).await?,
        };
        let given: Vec<_> = arguments.iter().map(|argument| argument.given).collect();
        let Some(kinds) = call.function.overload(&given) else {
            return Ok(false);
        };
        if !wanted {
            // What stands there is not looked at, but it has a type.
            let nothing = match call.stands {
                Stands::Value => Given::Value(None),
                _ => Given::Rows(Gathered::default()),
            };
            self.keep(number, call, nothing).await?;
            return Ok(true);
        }
        if let (Stands::Rows { .. }, Gives::Records) = (&call.stands, &call.function.gives) {
            return Err(Failed::Error(Report::own(
                SqlState::FEATURE_NOT_SUPPORTED,
                "function returning record called in context that cannot accept type record",
            )));
        }
        self.cast(call, kinds, &mut arguments).await?;
        // Only their number counts: it is the local server that reads the values.
        let names = definition(call).map(|list| list.names.as_slice());
        let width = names.map(|names| {
            let columns = (1..=names.len()).map(|number| format!("c{number} text"));
            columns.collect::<Vec<_>>().join(", ")
        });
        let verb = call.function.verb;
        let given = perform(self.session, verb, kinds, &arguments, width.as_deref(), self.sql).await;
        let given = given.map_err(|error| Failed::Error(Report::session(&error)))?;
        self.keep(number, call, given).await?;
        Ok(true)
    }

    /// Keeps what stands for a call that has given this.
    async fn keep(&mut self, number: usize, call: &Call, given: Given) -> Result<(), Failed> {
        let stands = self.stand(number, call, given).await?;
        if let Some(replaced) = self.replaced.get_mut(number) {
            *replaced = Some(stands);
        }
        Ok(())
    }

    /// What stands for a call that has given this.
    async fn stand(&mut self, number: usize, call: &Call, given: Given) -> Result<Replaced, Failed> {
        let gathered = match given {
            Given::Value(value) => {
                let type_ = match call.function.gives {
                    Gives::Value(type_) => type_,
                    _ => "text",
                };
                if let Stands::Value = call.stands {
                    return Ok(self.value(call, value, type_));
                }
                let mut rows = Grid::new(1);
                rows.push([value.as_deref()]);
                Gathered {
                    rows,
                    ..Gathered::default()
                }
            }
            Given::Rows(gathered) => gathered,
        };
        let from = match &call.stands {
            Stands::From(from) => Some(from),
            _ => None,
        };
        let made = self.tables.get(number).cloned().flatten();
        if made.is_none() && (self.read_only || from.is_some_and(|from| from.rows_from)) {
            return self.constant(call, from, gathered).await;
        }
        let ordinality = from.is_some_and(|from| from.ordinality);
        let table = match made {
            Some(table) => table,
            None => {
                let mut columns = Spliced::default();
                columns.put(&described(&self.columns(&gathered).await?), call.place.start);
                self.make_table(number, columns, ordinality).await?;
                self.tables.get(number).cloned().flatten().unwrap_or_default()
            }
        };
        fill(self.local()?, &table, &gathered, ordinality)
            .await
            .map_err(|error| unplaced(&error))?;
        Ok(match call.stands {
            Stands::Rows { named } => rows_of(&table, call, named),
            _ => Replaced::Relation(table),
        })
    }

    /// The names and types here of the columns of a result that has no definition list; none if there was no result.
    async fn columns(&mut self, gathered: &Gathered) -> Result<Vec<(String, String)>, Failed> {
        let types = local_types(self.local()?, &gathered.columns).await;
        let types = types.map_err(|error| failed(&error))?;
        Ok(unique_names(&gathered.columns).into_iter().zip(types).collect())
    }

    /// Rows where no table can be made, or none can stand.
    async fn constant(
        &mut self,
        call: &Call,
        from: Option<&From>,
        gathered: Gathered,
    ) -> Result<Replaced, Failed> {
        let Some(from) = from else {
            let named = matches!(call.stands, Stands::Rows { named: true });
            return Ok(Replaced::Expression(constant_rows(&gathered.rows, call, named)));
        };
        self.check_styles(call, &gathered)?;
        if let Some(list) = definition(call) {
            // The list stays behind it.
            return Ok(Replaced::Defined(constant(
                &list.names,
                &list.json,
                &gathered.rows,
            )));
        }
        let columns = match &call.function.gives {
            Gives::Rows(fixed) => fixed
                .iter()
                .map(|(name, type_)| ((*name).to_owned(), (*type_).to_owned()))
                .collect(),
            Gives::Value(type_) => vec![(from.name.clone(), (*type_).to_owned())],
            Gives::Records => self.columns(&gathered).await?,
        };
        let json: Vec<_> = columns
            .iter()
            .map(|(_, type_)| type_ == "json" || type_ == "jsonb")
            .collect();
        let names: Vec<_> = columns.iter().map(|(name, _)| name.clone()).collect();
        let rows = constant(&names, &json, &gathered.rows);
        let types = described(&columns);
        Ok(match from.rows_from {
            true => Replaced::Defined(format!("{rows} AS ({types})")),
            false => {
                let number = match from.ordinality {
                    true => ", row_number() OVER () AS ordinality",
                    false => "",
                };
                Replaced::Relation(format!("(SELECT *{number} FROM {rows} AS d({types}))"))
            }
        })
    }

    /// Refuses dates and intervals as constants where the local server would take them for others.
    fn check_styles(&mut self, call: &Call, gathered: &Gathered) -> Result<(), Failed> {
        // date, timestamp, timestamptz, interval, and their arrays.
        const TIMES: [u32; 8] = [1082, 1114, 1184, 1186, 1182, 1115, 1185, 1187];
        let local = self.local()?;
        let ours = Styles::of(|name| parameter(local, name));
        let has_times = gathered
            .columns
            .iter()
            .any(|column| TIMES.contains(&column.type_oid));
        let fits = match (&gathered.styles, &ours) {
            (Some(theirs), Some(ours)) => theirs.fits(ours),
            _ => true,
        };
        if !has_times || fits {
            return Ok(());
        }
        Err(Refused {
            detail: Some(
                "Its rows cannot be kept in a table here, and are put into the statement.".to_owned(),
            ),
            ..call.not_here(
                "its dates and intervals are in another style than those of the local server",
                "Set DateStyle to ISO and IntervalStyle to postgres on both.",
            )
        }
        .failed(self.sql))
    }

    /// A value in an expression, of this type and under the function's name.
    fn value(&self, call: &Call, value: Option<String>, type_: &str) -> Replaced {
        let literal = value.map_or_else(|| "NULL".to_owned(), |value| quoted(&value));
        let type_ = if type_ == "text" || type_ == "int4" {
            format!("pg_catalog.{type_}")
        } else {
            type_.to_owned()
        };
        Replaced::Expression(match self.calls.executes {
            Some(_) => format!("({literal}::{type_})"),
            // A column that is selected so has this name, as that of a function has the function's. The cast makes it an expression
            // where a subquery would be something else, as behind ANY.
            None => format!("(SELECT {literal}::{type_} AS {})::{type_}", call.function.name),
        })
    }

    /// A part of the statement, with what stands for the calls in it.
    pub(super) fn spliced(&self, range: Range<usize>) -> Spliced {
        let within =
            |(place, _): &&(Range<usize>, String)| range.start <= place.start && place.end <= range.end;
        // They come before the calls in the same places, which they have looked at.
        let mut edits: Vec<_> = self.conditions.iter().filter(within).cloned().collect();
        for (call, replaced) in self.calls.calls.iter().zip(&self.replaced) {
            if let Some(replaced) = replaced
                && range.contains(&call.place.start)
                && call.place.end <= range.end
            {
                edits.extend(call.edits(replaced));
            }
        }
        self.edited(range, edits)
    }

    /// A part of the statement, with these texts in these places.
    fn edited(&self, range: Range<usize>, mut edits: Vec<(Range<usize>, String)>) -> Spliced {
        // Those around others come first, and make these void.
        edits.sort_by_key(|(place, _)| (place.start, std::cmp::Reverse(place.end)));
        let mut spliced = Spliced::default();
        let mut at = range.start;
        for (place, text) in edits {
            if place.start < at {
                continue;
            }
            spliced.keep(self.sql, at..place.start);
            spliced.put_apart(&text, self.sql, &place);
            at = place.end;
        }
        spliced.keep(self.sql, at..range.end);
        spliced
    }
}
