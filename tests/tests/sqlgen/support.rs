//! What the tests share.

use std::fmt::Debug;
use std::sync::Once;

use dblink_protocol::auth::AuthConfig;
use dblink_protocol::conversation::{CommandId, Event, Reply, ResultColumns};
use dblink_protocol::frontend::{Bind, Parse, Target};
use dblink_protocol::handshake::HandshakeConfig;
use dblink_protocol::wire::Format;
use dblink_sqlgen::{Column, ColumnKind, Relation};
use dblink_tests::blocking::{Address, Client};
use dblink_tests::{Cluster, roles};
use proptest::collection::vec;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestError, TestRunner};

/// A row's values, in the text that the server shows.
pub(crate) type Row = Vec<Option<String>>;

/// Rows, or the SQLSTATE and the message of the error.
pub(crate) type Answer = Result<Vec<Row>, String>;

/// A session of the superuser on the shared server.
pub(crate) struct Session {
    client: Client,
}

impl Session {
    pub(crate) fn new() -> Self {
        let cluster = Cluster::shared();
        let socket = cluster.socket_dir().join(format!(".s.PGSQL.{}", cluster.port()));
        let mut config = HandshakeConfig::new(AuthConfig::new(roles::SUPERUSER, *b"not a random nonce"));
        let parameters = [("database", "postgres"), ("client_encoding", "UTF8")];
        config.parameters = parameters
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        Self {
            client: Client::connect(&Address::Unix(socket), config, None).unwrap(),
        }
    }

    /// A session in a database with the module `dblink`.
    pub(crate) fn with_dblink() -> Self {
        static CREATED: Once = Once::new();
        CREATED.call_once(|| {
            Cluster::shared().psql("create extension dblink");
        });
        Self::new()
    }

    /// Runs statements.
    pub(crate) fn run(&mut self, sql: &str) -> Answer {
        answer(&self.client.query(sql).unwrap())
    }

    /// The rows of statements that do not fail.
    #[track_caller]
    pub(crate) fn rows(&mut self, sql: &str) -> Vec<Row> {
        self.run(sql).unwrap_or_else(|error| panic!("{error}\n{sql}"))
    }

    /// The names of a query's columns.
    pub(crate) fn column_names(&mut self, sql: &str) -> Vec<String> {
        let events = self.client.query(sql).unwrap();
        let columns = events.iter().find_map(|event| match event {
            Event::Reply {
                reply: Reply::RowDescription(columns),
                ..
            } => Some(columns.iter().map(|column| column.name.to_string()).collect()),
            _ => None,
        });
        columns.unwrap()
    }

    /// Runs a statement with parameters.
    pub(crate) fn run_with(&mut self, sql: &str, parameters: &[Option<&str>]) -> Answer {
        self.parse(sql);
        let conversation = &mut self.client.conversation;
        conversation
            .bind(&Bind {
                portal: "".into(),
                statement: "".into(),
                parameter_formats: vec![Format::Text].into(),
                parameters: parameters.iter().map(|value| value.map(str::as_bytes)).collect(),
                result_formats: vec![Format::Text].into(),
            })
            .unwrap();
        conversation.describe(Target::Portal("".into())).unwrap();
        conversation.execute("", 0, ResultColumns::AsDescribed).unwrap();
        let sync = self.sync();
        answer(&self.client.until_ready(sync).unwrap())
    }

    /// What the server says to each of these texts as a prepared statement.
    pub(crate) fn prepare_each(&mut self, texts: &[String]) -> Vec<Result<(), String>> {
        let syncs: Vec<_> = texts
            .iter()
            .map(|sql| {
                self.parse(sql);
                self.sync()
            })
            .collect();
        let answers = syncs.into_iter();
        answers
            .map(|sync| answer(&self.client.until_ready(sync).unwrap()).map(|_| ()))
            .collect()
    }

    fn parse(&mut self, sql: &str) {
        let parse = Parse {
            statement: "".into(),
            query: sql.into(),
            parameter_types: vec![].into(),
        };
        self.client.conversation.parse(&parse).unwrap();
    }

    fn sync(&mut self) -> CommandId {
        self.client.conversation.sync().unwrap()
    }

    /// What the server knows of a relation.
    pub(crate) fn relation(&mut self, name: &str) -> Relation {
        let about = self
            .run_with(
                "select case when not pg_table_is_visible(c.oid) then nspname end, relname \
                 from pg_class c join pg_namespace n on n.oid = relnamespace where c.oid = $1::regclass",
                &[Some(name)],
            )
            .unwrap();
        let columns = self
            .run_with(
                "select attname, attnotnull, attgenerated <> '', attidentity = 'a' from pg_attribute \
                 where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum",
                &[Some(name)],
            )
            .unwrap();
        let columns = columns.iter().map(|row| {
            let is = |at: usize| row[at].as_deref() == Some("t");
            let column = Column::new(row[0].as_ref().unwrap()).unwrap();
            let column = if is(1) { column.not_null() } else { column };
            column.with_kind(match (is(2), is(3)) {
                (true, _) => ColumnKind::Generated,
                (_, true) => ColumnKind::IdentityAlways,
                _ => ColumnKind::Ordinary,
            })
        });
        let columns = columns.collect();
        Relation::new(about[0][0].as_deref(), about[0][1].as_ref().unwrap(), columns).unwrap()
    }
}

/// A row's values lent.
pub(crate) fn lent(row: &[Option<String>]) -> Vec<Option<&str>> {
    row.iter().map(Option::as_deref).collect()
}

/// An array of the type `text[]`, as the server reads it.
pub(crate) fn text_array<T: AsRef<str>>(values: impl IntoIterator<Item = Option<T>>) -> String {
    let elements = values.into_iter().map(|value| match value {
        Some(value) => format!("\"{}\"", value.as_ref().replace('\\', r"\\").replace('"', "\\\"")),
        None => "NULL".to_owned(),
    });
    format!("{{{}}}", elements.collect::<Vec<_>>().join(","))
}

/// Runs a test with lists of texts, each of which the server is to be asked about at once.
pub(crate) fn for_lists<T: Debug>(text: impl Strategy<Value = T>, test: impl Fn(Vec<T>)) {
    // How often a list is made, and how long it is.
    let (lists, length) = (40, 250);
    let mut runner = TestRunner::new(Config {
        cases: lists,
        failure_persistence: None,
        ..Config::default()
    });
    let tested = runner.run(&vec(text, length), |texts| {
        test(texts);
        Ok(())
    });
    // The whole list would hide which text it is.
    if let Err(TestError::Fail(reason, _) | TestError::Abort(reason)) = tested {
        panic!("{reason}");
    }
}

/// Texts that break what is quoted badly: quotes, backslashes, comments, ends of statements and of lines, and what ends a
/// script of psql.
pub(crate) const HOSTILE: [&str; 26] = [
    "plain",
    "Mixed Case",
    "select",
    "-1",
    "--",
    "-- comment\n",
    "/*",
    "*/",
    "$$",
    "$tag$ ; $tag$",
    "'",
    "''",
    "\"",
    "\"; drop table x;--",
    "'; drop table x;--",
    "\\",
    "\\'; drop table x;--",
    "\\\\' or true --",
    "E'\\'",
    "U&'\\0027'",
    "a\nb\r\n\\! touch x",
    "tab\tbell\x07escape\x1b[2J",
    "é ' ü \\ 日本",
    "\u{feff}\u{a0}\u{2028}",
    "%I %s {} $1 ?",
    "NULL",
];

fn answer(events: &[Event]) -> Answer {
    let mut rows = Vec::new();
    let text = |value: &[u8]| String::from_utf8(value.to_vec()).unwrap();
    for event in events {
        match event {
            Event::Reply {
                reply: Reply::Rows(batch),
                ..
            } => rows.extend(
                batch
                    .iter()
                    .map(|row| row.values().map(|value| value.map(text)).collect()),
            ),
            Event::Reply {
                reply: Reply::Error(error),
                ..
            } => {
                return Err(format!(
                    "{} {}",
                    error.sqlstate().unwrap(),
                    error.message().unwrap()
                ));
            }
            _ => {}
        }
    }
    Ok(rows)
}
