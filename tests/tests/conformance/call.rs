//! A call of one of dblink's functions, or what happens between two calls.
//!
//! PostgreSQL manual: [dblink](https://www.postgresql.org/docs/current/dblink.html).

use std::fmt::{self, Write as _};

/// A `text` argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Text {
    /// The overload without it.
    Omitted,
    /// NULL.
    Null,
    /// A text.
    Given(String),
}

/// No connection's name: the unnamed connection.
pub(crate) struct Unnamed;

/// SQL's NULL.
pub(crate) struct Null;

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::Given(text.to_owned())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::Given(text)
    }
}

impl From<&Self> for Text {
    fn from(text: &Self) -> Self {
        text.clone()
    }
}

impl From<Unnamed> for Text {
    fn from(_: Unnamed) -> Self {
        Self::Omitted
    }
}

impl From<Null> for Text {
    fn from(_: Null) -> Self {
        Self::Null
    }
}

/// The argument `fail_on_error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailOnError {
    /// The overload without it.
    Omitted,
    /// NULL.
    Null,
    /// A truth value.
    Given(bool),
}

/// One of dblink's functions, with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Function {
    /// `dblink_connect`.
    Connect { name: Text, connstr: Text },
    /// `dblink_connect_u`.
    ConnectU { name: Text, connstr: Text },
    /// `dblink_disconnect`.
    Disconnect { name: Text },
    /// `dblink`.
    Query { target: Text, sql: Text },
    /// `dblink_exec`.
    Exec { target: Text, sql: Text },
    /// `dblink_open`.
    Open { name: Text, cursor: Text, sql: Text },
    /// `dblink_fetch`.
    Fetch {
        name: Text,
        cursor: Text,
        howmany: Option<i32>,
    },
    /// `dblink_close`.
    Close { name: Text, cursor: Text },
    /// `dblink_get_connections`.
    GetConnections,
    /// `dblink_error_message`.
    ErrorMessage { name: Text },
    /// `dblink_send_query`.
    SendQuery { name: Text, sql: Text },
    /// `dblink_is_busy`.
    IsBusy { name: Text },
    /// `dblink_get_result`.
    GetResult { name: Text },
    /// `dblink_cancel_query`.
    CancelQuery { name: Text },
    /// `dblink_get_notify`.
    GetNotify { name: Text },
    /// `dblink_get_pkey`.
    GetPkey { relation: Text },
    /// `dblink_build_sql_insert`.
    BuildSqlInsert {
        relation: Text,
        key: Key,
        source: Values,
        target: Values,
    },
    /// `dblink_build_sql_delete`.
    BuildSqlDelete {
        relation: Text,
        key: Key,
        target: Values,
    },
    /// `dblink_build_sql_update`.
    BuildSqlUpdate {
        relation: Text,
        key: Key,
        source: Values,
        target: Values,
    },
}

impl Function {
    fn for_each_text(&mut self, mut change: impl FnMut(&mut Text)) {
        match self {
            Self::Connect { name, connstr } | Self::ConnectU { name, connstr } => {
                change(name);
                change(connstr);
            }
            Self::Query { target: name, sql }
            | Self::Exec { target: name, sql }
            | Self::SendQuery { name, sql } => {
                change(name);
                change(sql);
            }
            Self::Open { name, cursor, sql } => {
                change(name);
                change(cursor);
                change(sql);
            }
            Self::Fetch { name, cursor, .. } | Self::Close { name, cursor } => {
                change(name);
                change(cursor);
            }
            Self::GetConnections => {}
            Self::Disconnect { name }
            | Self::ErrorMessage { name }
            | Self::IsBusy { name }
            | Self::GetResult { name }
            | Self::CancelQuery { name }
            | Self::GetNotify { name }
            | Self::GetPkey { relation: name }
            | Self::BuildSqlInsert { relation: name, .. }
            | Self::BuildSqlDelete { relation: name, .. }
            | Self::BuildSqlUpdate { relation: name, .. } => change(name),
        }
    }
}

/// Which attributes are the key: their numbers, and how many of them. None is NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) numbers: Option<Vec<i16>>,
    pub(crate) count: Option<i32>,
}

/// An array of texts. None is NULL.
pub(crate) type Values = Option<Vec<Option<String>>>;

/// A function that is called, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) function: Function,
    pub(crate) fail: FailOnError,
    /// The column definition list.
    pub(crate) columns: Option<String>,
}

/// What a sequence consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A call.
    Call(Call),
    /// A call that waits for something, which the bystander brings about by this statement once it waits.
    Blocked(Call, String),
    /// A statement of the bystander: a session that is not dblink's.
    Bystander(String),
    /// Goes on when this condition holds.
    Until(String),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(call) => f.write_str(&call.sql()),
            Self::Blocked(call, statement) => write!(f, "{}; the bystander then: {statement}", call.sql()),
            Self::Bystander(sql) => write!(f, "the bystander: {sql}"),
            Self::Until(condition) => write!(f, "until {condition}"),
        }
    }
}

impl From<Function> for Call {
    fn from(function: Function) -> Self {
        Self {
            function,
            fail: FailOnError::Omitted,
            columns: None,
        }
    }
}

impl From<Call> for Step {
    fn from(call: Call) -> Self {
        Self::Call(call)
    }
}

impl Call {
    /// Gives it the argument `fail_on_error`.
    pub(crate) fn fail(mut self, fail: bool) -> Self {
        self.fail = FailOnError::Given(fail);
        self
    }

    /// Gives it NULL for `fail_on_error`.
    pub(crate) fn fail_null(mut self) -> Self {
        self.fail = FailOnError::Null;
        self
    }

    /// Gives it a column definition list.
    pub(crate) fn columns(mut self, columns: &str) -> Self {
        self.columns = Some(columns.to_owned());
        self
    }

    /// Has the bystander run `statement` once the call waits.
    pub(crate) fn until_bystander(self, statement: &str) -> Step {
        Step::Blocked(self, statement.to_owned())
    }

    /// The same call with other texts.
    pub(crate) fn map_texts(&self, map: impl Fn(&str) -> String) -> Self {
        let mut call = self.clone();
        call.function.for_each_text(|text| {
            if let Text::Given(text) = text {
                *text = map(text);
            }
        });
        call
    }

    /// The statement that makes the call.
    pub(crate) fn sql(&self) -> String {
        let mut arguments = Arguments::default();
        let name = match &self.function {
            Function::Connect { name, connstr } => {
                arguments.text(name).text(connstr);
                "dblink_connect"
            }
            Function::ConnectU { name, connstr } => {
                arguments.text(name).text(connstr);
                "dblink_connect_u"
            }
            Function::Disconnect { name } => {
                arguments.text(name);
                "dblink_disconnect"
            }
            Function::Query { target, sql } => {
                arguments.text(target).text(sql);
                "dblink"
            }
            Function::Exec { target, sql } => {
                arguments.text(target).text(sql);
                "dblink_exec"
            }
            Function::Open { name, cursor, sql } => {
                arguments.text(name).text(cursor).text(sql);
                "dblink_open"
            }
            Function::Fetch {
                name,
                cursor,
                howmany,
            } => {
                arguments.text(name).text(cursor).number(*howmany);
                "dblink_fetch"
            }
            Function::Close { name, cursor } => {
                arguments.text(name).text(cursor);
                "dblink_close"
            }
            // Their order is that of a hash table.
            Function::GetConnections => {
                return "select name from unnest(dblink_get_connections()) name order by name collate \"C\""
                    .to_owned();
            }
            Function::ErrorMessage { name } => {
                arguments.text(name);
                "dblink_error_message"
            }
            Function::SendQuery { name, sql } => {
                arguments.text(name).text(sql);
                "dblink_send_query"
            }
            Function::IsBusy { name } => {
                arguments.text(name);
                "dblink_is_busy"
            }
            Function::GetResult { name } => {
                arguments.text(name);
                "dblink_get_result"
            }
            Function::CancelQuery { name } => {
                arguments.text(name);
                "dblink_cancel_query"
            }
            Function::GetNotify { name } => {
                arguments.text(name);
                "dblink_get_notify"
            }
            Function::GetPkey { relation } => {
                arguments.text(relation);
                "dblink_get_pkey"
            }
            Function::BuildSqlInsert {
                relation,
                key,
                source,
                target,
            } => {
                arguments.text(relation).key(key).array(source).array(target);
                "dblink_build_sql_insert"
            }
            Function::BuildSqlDelete {
                relation,
                key,
                target,
            } => {
                arguments.text(relation).key(key).array(target);
                "dblink_build_sql_delete"
            }
            Function::BuildSqlUpdate {
                relation,
                key,
                source,
                target,
            } => {
                arguments.text(relation).key(key).array(source).array(target);
                "dblink_build_sql_update"
            }
        };
        let arguments = arguments.fail(self.fail).list.join(", ");
        match (&self.columns, &self.function) {
            (Some(columns), _) => format!("select * from {name}({arguments}) as t({columns})"),
            // Their columns have names and types of their own.
            (None, Function::GetNotify { .. } | Function::GetPkey { .. }) => {
                format!("select * from {name}({arguments})")
            }
            // A function of records cannot stand behind FROM without a list: the server would not even call it.
            (None, _) => format!("select {name}({arguments})"),
        }
    }
}

/// The arguments of a call, as SQL.
#[derive(Default)]
struct Arguments {
    list: Vec<String>,
}

impl Arguments {
    fn text(&mut self, text: &Text) -> &mut Self {
        match text {
            Text::Omitted => {}
            Text::Null => self.list.push("null::text".to_owned()),
            Text::Given(text) => self.list.push(literal(text)),
        }
        self
    }

    fn number(&mut self, number: Option<i32>) -> &mut Self {
        self.list
            .push(number.map_or_else(|| "null::int".to_owned(), |number| number.to_string()));
        self
    }

    fn key(&mut self, key: &Key) -> &mut Self {
        let numbers = key.numbers.as_ref().map(|numbers| {
            let numbers: Vec<_> = numbers.iter().map(i16::to_string).collect();
            literal(&numbers.join(" "))
        });
        self.list
            .push(numbers.unwrap_or_else(|| "null".to_owned()) + "::int2vector");
        self.number(key.count)
    }

    fn array(&mut self, values: &Values) -> &mut Self {
        let Some(values) = values else {
            self.list.push("null::text[]".to_owned());
            return self;
        };
        let mut array = "array[".to_owned();
        for (index, value) in values.iter().enumerate() {
            let value = value.as_deref().map_or_else(|| "null".to_owned(), literal);
            write!(array, "{}{value}", if index == 0 { "" } else { ", " }).unwrap();
        }
        self.list.push(array + "]::text[]");
        self
    }

    fn fail(&mut self, fail: FailOnError) -> &mut Self {
        match fail {
            FailOnError::Omitted => {}
            FailOnError::Null => self.list.push("null::bool".to_owned()),
            FailOnError::Given(fail) => self.list.push(fail.to_string()),
        }
        self
    }
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
