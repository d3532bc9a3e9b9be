//! Sequences of steps, and the words to write them with.

use dblink_tests::roles;

use crate::call::{Call, Function, Key, Step, Text, Values};
use crate::outcome::Outcome;

/// What is called one after the other, in a session.
#[derive(Debug, Clone)]
pub(crate) struct Sequence {
    /// Unique, for it is what a difference is known by.
    pub(crate) name: String,
    /// Who calls.
    pub(crate) user: &'static str,
    /// What the superuser runs before it.
    pub(crate) setup: Vec<String>,
    /// What is called.
    pub(crate) steps: Vec<Step>,
}

/// A sequence of this name and these steps.
macro_rules! sequence {
    ($name:expr; $($step:expr),* $(,)?) => {
        $crate::sequence::Sequence::new($name, vec![$($crate::call::Step::from($step)),*])
    };
}
pub(crate) use sequence;

impl Sequence {
    pub(crate) fn new(name: impl Into<String>, steps: Vec<Step>) -> Self {
        Self {
            name: name.into(),
            user: roles::SUPERUSER,
            setup: Vec::new(),
            steps,
        }
    }

    /// Has another user than the superuser call.
    pub(crate) const fn by(mut self, user: &'static str) -> Self {
        self.user = user;
        self
    }

    /// Its steps, and what came of them.
    pub(crate) fn transcript(&self, outcomes: &[Outcome]) -> String {
        let steps = self.steps.iter().filter(|step| !matches!(step, Step::Until(_)));
        let mut text = format!("## {}, by {}\n", self.name, self.user);
        for (step, outcome) in steps.zip(outcomes) {
            text += &format!("- {step}\n{outcome}");
        }
        text
    }

    /// Has the superuser run a statement before it.
    pub(crate) fn setup(mut self, sql: &str) -> Self {
        self.setup.push(sql.to_owned());
        self
    }
}

pub(crate) fn connect(name: impl Into<Text>, connstr: impl Into<Text>) -> Call {
    Function::Connect {
        name: name.into(),
        connstr: connstr.into(),
    }
    .into()
}

pub(crate) fn connect_u(name: impl Into<Text>, connstr: impl Into<Text>) -> Call {
    Function::ConnectU {
        name: name.into(),
        connstr: connstr.into(),
    }
    .into()
}

pub(crate) fn disconnect(name: impl Into<Text>) -> Call {
    Function::Disconnect { name: name.into() }.into()
}

pub(crate) fn query(target: impl Into<Text>, sql: impl Into<Text>) -> Call {
    Function::Query {
        target: target.into(),
        sql: sql.into(),
    }
    .into()
}

pub(crate) fn exec(target: impl Into<Text>, sql: impl Into<Text>) -> Call {
    Function::Exec {
        target: target.into(),
        sql: sql.into(),
    }
    .into()
}

pub(crate) fn open(name: impl Into<Text>, cursor: impl Into<Text>, sql: impl Into<Text>) -> Call {
    Function::Open {
        name: name.into(),
        cursor: cursor.into(),
        sql: sql.into(),
    }
    .into()
}

pub(crate) fn fetch(name: impl Into<Text>, cursor: impl Into<Text>, howmany: impl Into<Option<i32>>) -> Call {
    Function::Fetch {
        name: name.into(),
        cursor: cursor.into(),
        howmany: howmany.into(),
    }
    .into()
}

pub(crate) fn close(name: impl Into<Text>, cursor: impl Into<Text>) -> Call {
    Function::Close {
        name: name.into(),
        cursor: cursor.into(),
    }
    .into()
}

pub(crate) fn get_connections() -> Call {
    Function::GetConnections.into()
}

pub(crate) fn error_message(name: impl Into<Text>) -> Call {
    Function::ErrorMessage { name: name.into() }.into()
}

pub(crate) fn send_query(name: impl Into<Text>, sql: impl Into<Text>) -> Call {
    Function::SendQuery {
        name: name.into(),
        sql: sql.into(),
    }
    .into()
}

pub(crate) fn is_busy(name: impl Into<Text>) -> Call {
    Function::IsBusy { name: name.into() }.into()
}

pub(crate) fn get_result(name: impl Into<Text>) -> Call {
    Function::GetResult { name: name.into() }.into()
}

pub(crate) fn cancel_query(name: impl Into<Text>) -> Call {
    Function::CancelQuery { name: name.into() }.into()
}

pub(crate) fn get_notify(name: impl Into<Text>) -> Call {
    Function::GetNotify { name: name.into() }.into()
}

pub(crate) fn get_pkey(relation: impl Into<Text>) -> Call {
    Function::GetPkey {
        relation: relation.into(),
    }
    .into()
}

pub(crate) fn build_sql_insert(relation: impl Into<Text>, key: Key, source: Values, target: Values) -> Call {
    Function::BuildSqlInsert {
        relation: relation.into(),
        key,
        source,
        target,
    }
    .into()
}

pub(crate) fn build_sql_delete(relation: impl Into<Text>, key: Key, target: Values) -> Call {
    Function::BuildSqlDelete {
        relation: relation.into(),
        key,
        target,
    }
    .into()
}

pub(crate) fn build_sql_update(relation: impl Into<Text>, key: Key, source: Values, target: Values) -> Call {
    Function::BuildSqlUpdate {
        relation: relation.into(),
        key,
        source,
        target,
    }
    .into()
}

/// The attributes of these numbers are the key, all of them.
pub(crate) fn key(numbers: &[i16]) -> Key {
    Key {
        numbers: Some(numbers.to_vec()),
        count: Some(numbers.len().try_into().unwrap()),
    }
}

/// An array without NULL.
pub(crate) fn values(values: &[&str]) -> Values {
    Some(values.iter().map(|value| Some((*value).to_owned())).collect())
}

pub(crate) fn bystander(sql: impl Into<String>) -> Step {
    Step::Bystander(sql.into())
}

pub(crate) fn until(condition: impl Into<String>) -> Step {
    Step::Until(condition.into())
}

/// Waits until a remote session has answered this.
pub(crate) fn until_answered(sql: &str) -> Step {
    // It says that it is idle, and then sends what it has to say, and then waits.
    until(format!(
        "exists (select from <sessions> where application_name = 'remote' and state like 'idle%' \
         and wait_event = 'ClientRead' and query = '{}')",
        sql.replace('\'', "''")
    ))
}

/// Waits until a remote session waits for what the bystander holds.
pub(crate) fn until_waits() -> Step {
    until("exists (select from <sessions> where application_name = 'remote' and wait_event = 'advisory')")
}

/// Waits until there are so many remote sessions.
pub(crate) fn until_sessions(count: usize) -> Step {
    until(format!(
        "count(*) = {count} from <sessions> where application_name = 'remote'"
    ))
}

/// Shows in what state the remote sessions are.
pub(crate) fn remote_states() -> Step {
    bystander("select state from <sessions> where application_name = 'remote' order by 1")
}

/// Ends the remote sessions.
pub(crate) fn terminate() -> Step {
    bystander("select pg_terminate_backend(pid) from <sessions> where application_name = 'remote'")
}

/// Takes the lock that everybody waits for who [`WAITS`].
pub(crate) fn hold_lock() -> Step {
    bystander("select pg_advisory_lock(1)")
}

/// A query of one row that waits until the bystander gives way.
pub(crate) const WAITS: &str = "select 7 from (select pg_advisory_lock_shared(1)) held";

/// How the bystander gives way.
pub(crate) const RELEASE: &str = "select pg_advisory_unlock(1)";
