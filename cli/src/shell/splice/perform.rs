//! Makes a call of dblink's.

use dblink_engine::session::{Error, Fail, Name, Rows, Session, Target};

use super::functions::{Kind, Verb};
use super::grid::Grid;
use super::literal::Argument;
use super::rows::Styles;
use crate::shell::variables::parse_switch;

/// What a call gives.
#[derive(Debug)]
pub(super) enum Given {
    /// A value, as text; none for NULL.
    Value(Option<String>),
    /// Rows.
    Rows(Gathered),
}

/// Rows as text.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// None where there is no result to take.
    pub(super) columns: Vec<GatheredColumn>,
    pub(super) rows: Grid,
    /// How dates and intervals are written in them, where their server has said so.
    pub(super) styles: Option<Styles>,
}

/// A column of rows.
#[derive(Debug)]
pub(super) struct GatheredColumn {
    pub(super) name: String,
    pub(super) type_oid: u32,
    pub(super) type_modifier: i32,
    pub(super) type_schema: String,
    pub(super) type_name: String,
}

/// The arguments of a call, in the order of its overload.
struct Arguments<'a> {
    kinds: &'static [Kind],
    texts: Vec<&'a str>,
}

impl<'a> Arguments<'a> {
    /// The text in front of the last argument if there is one more than `least` texts: the connection's name.
    fn name(&self, least: usize) -> Option<&'a str> {
        let texts = self.kinds.iter().filter(|kind| **kind == Kind::Text).count();
        (texts > least).then(|| self.texts.first().copied()).flatten()
    }

    /// The text behind the name.
    fn text(&self, least: usize, number: usize) -> &'a str {
        let before = usize::from(self.name(least).is_some());
        self.texts.get(before + number).copied().unwrap_or_default()
    }

    fn connection(&self, least: usize) -> Name<'a> {
        self.name(least).map_or(Name::Unnamed, Name::Named)
    }

    /// What a failure is to be, by the last argument.
    fn fail(&self) -> Fail {
        match (self.kinds.last(), self.texts.last()) {
            (Some(Kind::Bool), Some(text)) if !is_true(text) => Fail::Notice,
            _ => Fail::Raise,
        }
    }

    fn int(&self) -> i32 {
        let of = |kind: &Kind| *kind == Kind::Int;
        let number = self
            .kinds
            .iter()
            .position(of)
            .and_then(|number| self.texts.get(number));
        number
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or_default()
    }
}

/// A truth value as PostgreSQL reads it; by now it is known to be one.
fn is_true(text: &str) -> bool {
    parse_switch(text.trim()).unwrap_or_default()
}

/// Calls a function. Its rows have to have the columns of `definition`, as many as it lists, where that is given.
pub(super) async fn perform(
    session: &mut Session,
    verb: Verb,
    kinds: &'static [Kind],
    arguments: &[Argument],
    definition: Option<&str>,
    statement: &str,
) -> Result<Given, Error> {
    // All of them are strict: NULL gives NULL, or no rows.
    let Some(texts) = arguments
        .iter()
        .map(|argument| argument.text.as_deref())
        .collect::<Option<Vec<_>>>()
    else {
        return Ok(match verb {
            Verb::Query | Verb::Fetch | Verb::GetResult | Verb::GetNotify | Verb::GetPkey => {
                Given::Rows(Gathered::default())
            }
            _ => Given::Value(None),
        });
    };
    let given = Arguments { kinds, texts };
    let ok = |()| value("OK");
    match verb {
        Verb::Connect => session
            .connect(given.connection(1), given.text(1, 0))
            .await
            .map(ok),
        Verb::ConnectU => session
            .connect_u(given.connection(1), given.text(1, 0))
            .await
            .map(ok),
        Verb::Disconnect => session.disconnect(given.connection(0)).await.map(ok),
        Verb::Query => {
            let target = given.name(1).map_or(Target::Unnamed, Target::Text);
            let mut query = session
                .query(target, given.text(1, 0))
                .text()
                .strict(false)
                .fail(given.fail());
            if let Some(definition) = definition {
                query = query.columns(definition);
            }
            gather(Some(query.await?)).await
        }
        Verb::Exec => {
            let target = given.name(1).map_or(Target::Unnamed, Target::Text);
            let tag = session.exec(target, given.text(1, 0)).fail(given.fail()).await?;
            Ok(value(tag))
        }
        Verb::Open => {
            let opened = session.open(given.connection(2), given.text(2, 0), given.text(2, 1));
            Ok(done(opened.fail(given.fail()).await?))
        }
        Verb::Fetch => {
            let mut fetch = session
                .fetch(given.connection(1), given.text(1, 0), given.int())
                .text()
                .strict(false)
                .fail(given.fail());
            if let Some(definition) = definition {
                fetch = fetch.columns(definition);
            }
            gather(Some(fetch.await?)).await
        }
        Verb::Close => {
            let closed = session.close(given.connection(1), given.text(1, 0));
            Ok(done(closed.fail(given.fail()).await?))
        }
        Verb::GetConnections => {
            let names = session.get_connections();
            Ok(Given::Value((!names.is_empty()).then(|| array(&names))))
        }
        Verb::ErrorMessage => Ok(value(session.error_message(given.connection(0))?)),
        Verb::SendQuery => {
            let sent = session
                .send_query(given.connection(1), given.text(1, 0))
                .text()
                .await?;
            Ok(value(i32::from(sent).to_string()))
        }
        Verb::IsBusy => Ok(value(
            i32::from(session.is_busy(given.connection(0)).await?).to_string(),
        )),
        Verb::GetResult => {
            let mut result = session
                .get_result(given.connection(0))
                .strict(false)
                .fail(given.fail());
            if let Some(definition) = definition {
                result = result.columns(definition);
            }
            gather(result.await?).await
        }
        Verb::CancelQuery => session.cancel_query(given.connection(0)).await.map(ok),
        Verb::GetNotify => {
            let mut rows = Grid::new(3);
            for notification in session.get_notify(given.connection(0)).await? {
                let process_id = notification.process_id.to_string();
                let (channel, payload) = (notification.channel.to_string(), notification.payload.to_string());
                rows.push([Some(&*channel), Some(&*process_id), Some(&*payload)]);
            }
            Ok(known(rows))
        }
        Verb::GetPkey => {
            let relation = given.texts.first().copied().unwrap_or_default();
            let mut rows = Grid::new(2);
            for column in session.get_pkey(relation).await? {
                rows.push([Some(&*column.position.to_string()), Some(&*column.name)]);
            }
            Ok(known(rows))
        }
        Verb::BuildSqlInsert | Verb::BuildSqlUpdate => {
            let [relation, attnums, _, source, target] = given.texts.as_slice() else {
                return Ok(Given::Value(None));
            };
            let built = match verb {
                Verb::BuildSqlInsert => {
                    session
                        .build_sql_insert(relation, *attnums, given.int(), *source, *target)
                        .await?
                }
                _ => {
                    session
                        .build_sql_update(relation, *attnums, given.int(), *source, *target)
                        .await?
                }
            };
            Ok(value(built))
        }
        Verb::BuildSqlDelete => {
            let [relation, attnums, _, target] = given.texts.as_slice() else {
                return Ok(Given::Value(None));
            };
            session
                .build_sql_delete(relation, *attnums, given.int(), *target)
                .await
                .map(value)
        }
        Verb::CurrentQuery => Ok(value(statement)),
    }
}

fn value(text: impl Into<String>) -> Given {
    Given::Value(Some(text.into()))
}

/// Rows whose columns the function declares.
fn known(rows: Grid) -> Given {
    Given::Rows(Gathered {
        rows,
        ..Gathered::default()
    })
}

fn done(done: bool) -> Given {
    value(if done { "OK" } else { "ERROR" })
}

/// An array as text.
///
/// PostgreSQL manual: [Array Input and Output Syntax](https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO).
fn array(names: &[String]) -> String {
    let element = |name: &String| {
        let special = |c: char| matches!(c, '"' | '\\' | '{' | '}' | ',' | ' ' | '\t'..='\r');
        if !name.is_empty() && !name.contains(special) && !name.eq_ignore_ascii_case("null") {
            return name.clone();
        }
        format!("\"{}\"", name.replace('\\', r"\\").replace('"', r#"\""#))
    };
    format!("{{{}}}", names.iter().map(element).collect::<Vec<_>>().join(","))
}

async fn gather(rows: Option<Rows<'_>>) -> Result<Given, Error> {
    let Some(mut rows) = rows else {
        return Ok(Given::Rows(Gathered::default()));
    };
    let mut gathered = Gathered::default();
    if let Some(columns) = rows.columns() {
        let columns = columns.iter().map(|column| GatheredColumn {
            name: column.name().to_owned(),
            type_oid: column.type_().oid(),
            type_modifier: column.type_modifier(),
            type_schema: column.type_().schema().to_owned(),
            type_name: column.type_().name().to_owned(),
        });
        gathered.columns = columns.collect();
    }
    gathered.rows = Grid::new(gathered.columns.len());
    while let Some(row) = rows.next().await? {
        gathered.rows.push_received(row.values());
    }
    gathered.styles = Styles::of(|name| rows.parameter(name));
    Ok(Given::Rows(gathered))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_is_read_as_postgresql_does() {
        for text in ["t", "TRUE", " yes ", "y", "on", "1", "tr"] {
            assert!(is_true(text), "{text}");
        }
        for text in ["f", "false", "no", "off", "0", ""] {
            assert!(!is_true(text), "{text}");
        }
    }

    #[test]
    fn names_are_quoted_in_an_array() {
        let names = ["a", "b\"c\\d,", "", "Null"].map(str::to_owned);
        assert_eq!(array(&names), r#"{a,"b\"c\\d,","","Null"}"#);
    }
}
