//! dblink's functions, as its extension declares them.
//!
//! PostgreSQL manual: [dblink](https://www.postgresql.org/docs/current/dblink.html).

/// One of dblink's functions.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) verb: Verb,
    pub(super) gives: Gives,
    /// What arguments it takes. Among those that an untyped string fits, text comes first: so PostgreSQL chooses.
    overloads: &'static [&'static [Kind]],
    /// It does something, or takes something away: how often it is called matters.
    pub(super) acts: bool,
}

/// What a function is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Connect,
    ConnectU,
    Disconnect,
    Query,
    Exec,
    Open,
    Fetch,
    Close,
    GetConnections,
    ErrorMessage,
    SendQuery,
    IsBusy,
    GetResult,
    CancelQuery,
    GetNotify,
    GetPkey,
    BuildSqlInsert,
    BuildSqlDelete,
    BuildSqlUpdate,
    CurrentQuery,
}

/// What a function returns.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Gives {
    /// A value of this type.
    Value(&'static str),
    /// Rows, whose columns a definition list tells.
    Records,
    /// Rows with these columns: names and types.
    Rows(&'static [(&'static str, &'static str)]),
}

/// The type of an argument that a function takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Bool,
    Int,
    Int2Vector,
    Texts,
}

/// The type of an argument that a call gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// A string without a type, or NULL: it becomes what is wanted.
    Unknown,
    /// A type, by its number.
    Type(u32),
}

use Gives::{Records, Rows, Value};
use Kind::{Bool, Int, Int2Vector, Text, Texts};

const TEXT: Gives = Value("text");

/// All of them, sorted by name.
static FUNCTIONS: [Function; 20] = [
    acting(
        "dblink",
        Verb::Query,
        Records,
        &[&[Text], &[Text, Text], &[Text, Bool], &[Text, Text, Bool]],
    ),
    quiet(
        "dblink_build_sql_delete",
        Verb::BuildSqlDelete,
        TEXT,
        &[&[Text, Int2Vector, Int, Texts]],
    ),
    quiet(
        "dblink_build_sql_insert",
        Verb::BuildSqlInsert,
        TEXT,
        &[&[Text, Int2Vector, Int, Texts, Texts]],
    ),
    quiet(
        "dblink_build_sql_update",
        Verb::BuildSqlUpdate,
        TEXT,
        &[&[Text, Int2Vector, Int, Texts, Texts]],
    ),
    acting("dblink_cancel_query", Verb::CancelQuery, TEXT, &[&[Text]]),
    acting(
        "dblink_close",
        Verb::Close,
        TEXT,
        &[&[Text], &[Text, Text], &[Text, Bool], &[Text, Text, Bool]],
    ),
    acting("dblink_connect", Verb::Connect, TEXT, &[&[Text], &[Text, Text]]),
    acting(
        "dblink_connect_u",
        Verb::ConnectU,
        TEXT,
        &[&[Text], &[Text, Text]],
    ),
    quiet("dblink_current_query", Verb::CurrentQuery, TEXT, &[&[]]),
    acting("dblink_disconnect", Verb::Disconnect, TEXT, &[&[], &[Text]]),
    quiet("dblink_error_message", Verb::ErrorMessage, TEXT, &[&[Text]]),
    acting(
        "dblink_exec",
        Verb::Exec,
        TEXT,
        &[&[Text], &[Text, Text], &[Text, Bool], &[Text, Text, Bool]],
    ),
    acting(
        "dblink_fetch",
        Verb::Fetch,
        Records,
        &[
            &[Text, Int],
            &[Text, Text, Int],
            &[Text, Int, Bool],
            &[Text, Text, Int, Bool],
        ],
    ),
    quiet(
        "dblink_get_connections",
        Verb::GetConnections,
        Value("text[]"),
        &[&[]],
    ),
    acting(
        "dblink_get_notify",
        Verb::GetNotify,
        Rows(&[("notify_name", "text"), ("be_pid", "int4"), ("extra", "text")]),
        &[&[], &[Text]],
    ),
    quiet(
        "dblink_get_pkey",
        Verb::GetPkey,
        Rows(&[("position", "int4"), ("colname", "text")]),
        &[&[Text]],
    ),
    acting(
        "dblink_get_result",
        Verb::GetResult,
        Records,
        &[&[Text], &[Text, Bool]],
    ),
    quiet("dblink_is_busy", Verb::IsBusy, Value("int4"), &[&[Text]]),
    acting(
        "dblink_open",
        Verb::Open,
        TEXT,
        &[
            &[Text, Text],
            &[Text, Text, Text],
            &[Text, Text, Bool],
            &[Text, Text, Text, Bool],
        ],
    ),
    acting(
        "dblink_send_query",
        Verb::SendQuery,
        Value("int4"),
        &[&[Text, Text]],
    ),
];

const fn acting(
    name: &'static str,
    verb: Verb,
    gives: Gives,
    overloads: &'static [&'static [Kind]],
) -> Function {
    Function {
        name,
        verb,
        gives,
        overloads,
        acts: true,
    }
}

const fn quiet(
    name: &'static str,
    verb: Verb,
    gives: Gives,
    overloads: &'static [&'static [Kind]],
) -> Function {
    Function {
        name,
        verb,
        gives,
        overloads,
        acts: false,
    }
}

impl Function {
    /// The function of this name.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        FUNCTIONS.iter().find(|function| function.name == name)
    }

    /// The names of all.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        FUNCTIONS.iter().map(|function| function.name)
    }

    /// The arguments as the function takes them; none if it takes no such ones.
    pub(super) fn overload(&self, given: &[Given]) -> Option<&'static [Kind]> {
        let fits = |kinds: &&&[Kind]| {
            kinds.len() == given.len() && kinds.iter().zip(given).all(|(kind, given)| kind.takes(*given))
        };
        self.overloads.iter().find(fits).copied()
    }
}

impl Kind {
    /// The type's name.
    pub(super) const fn sql(self) -> &'static str {
        match self {
            Text => "pg_catalog.text",
            Bool => "pg_catalog.bool",
            Int => "pg_catalog.int4",
            Int2Vector => "pg_catalog.int2vector",
            Texts => "pg_catalog.text[]",
        }
    }

    /// Whether an argument of such a type is taken, as it is or by a cast that goes without saying.
    fn takes(self, given: Given) -> bool {
        // text, varchar, char(n), name, "char"; boolean; smallint, integer; int2vector; text[], varchar[].
        let types: &[u32] = match self {
            Text => &[25, 1043, 1042, 19, 18],
            Bool => &[16],
            Int => &[21, 23],
            Int2Vector => &[22],
            Texts => &[1009, 1015],
        };
        match given {
            Given::Unknown => true,
            Given::Type(oid) => types.contains(&oid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: Given = Given::Type(25);

    fn overload(name: &str, given: &[Given]) -> Option<&'static [Kind]> {
        Function::find(name).unwrap().overload(given)
    }

    #[test]
    fn an_untyped_string_is_text_where_it_can_be() {
        assert_eq!(overload("dblink", &[Given::Unknown; 2]), Some(&[Text, Text][..]));
        assert_eq!(
            overload("dblink", &[Given::Unknown, Given::Type(16)]),
            Some(&[Text, Bool][..])
        );
        assert_eq!(
            overload("dblink_fetch", &[Given::Unknown; 3]),
            Some(&[Text, Text, Int][..])
        );
        assert_eq!(
            overload("dblink_open", &[Given::Unknown; 3]),
            Some(&[Text, Text, Text][..])
        );
    }

    #[test]
    fn what_no_function_takes_is_not_taken() {
        assert_eq!(overload("dblink", &[]), None);
        assert_eq!(overload("dblink", &[Given::Type(23)]), None);
        // bigint becomes no integer by itself.
        assert_eq!(overload("dblink_fetch", &[TEXT, Given::Type(20)]), None);
    }
}
