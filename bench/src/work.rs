//! What the clients are given to do.

use dblink_tests::roles;

/// How many queries go to a Sync in [`Work::Pipelined`].
pub(crate) const PIPELINE: u32 = 256;

/// The statement of the works that repeat one.
pub(crate) const ECHO: &str = "select $1::int4";

/// What begins [`Work::CopyIn`].
pub(crate) const COPY_IN: &str = "copy copied from stdin (format binary)";

/// The table that [`Work::CopyIn`] writes to.
pub(crate) const COPIED: &str = "create temp table copied (id int4, name text)";

/// What fills the other table in [`Work::Transfer`].
pub(crate) const TRANSFER_IN: &str = "copy transferred from stdin (format binary)";

/// What empties it before.
pub(crate) const TRANSFER_EMPTY: &str = "truncate transferred";

/// The name in each row that [`Work::CopyIn`] writes.
pub(crate) const COPIED_NAME: &str = "the name of a row";

/// Something to do a number of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Rows of one int4 in binary, each read.
    Int4,
    /// Rows of five columns in binary: the int4 and the text in front are read, the others passed over.
    Columns,
    /// The same by the simple protocol, in text.
    Text,
    /// Calls of a prepared statement, one after the other.
    RoundTrips,
    /// The same, with 256 under way, and a Sync for 256 where the client can do that.
    Pipelined,
    /// Rows of five columns out by COPY, to nowhere.
    CopyOut,
    /// Rows of two columns in by COPY, in binary.
    CopyIn,
    /// Rows of five columns out by COPY, and into another table by another session, in binary.
    Transfer,
    /// Rows of five columns as CSV, by a program of its own.
    Csv,
}

impl Work {
    pub(crate) const ALL: [Self; 9] = [
        Self::Int4,
        Self::Columns,
        Self::Text,
        Self::RoundTrips,
        Self::Pipelined,
        Self::CopyOut,
        Self::CopyIn,
        Self::Transfer,
        Self::Csv,
    ];

    /// The name on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Int4 => "int4",
            Self::Columns => "columns",
            Self::Text => "text",
            Self::RoundTrips => "round-trips",
            Self::Pipelined => "pipelined",
            Self::CopyOut => "copy-out",
            Self::CopyIn => "copy-in",
            Self::Transfer => "transfer",
            Self::Csv => "csv",
        }
    }

    /// What the table says above its figures.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Int4 => "rows of one int4, read",
            Self::Columns => "rows of int4, text, numeric, timestamptz, text; the first two read",
            Self::Text => "rows of five columns by the simple protocol, in text; the first two read",
            Self::RoundTrips => "calls of a prepared statement",
            Self::Pipelined => "calls of a prepared statement, 256 under way",
            Self::CopyOut => "rows of five columns out by COPY",
            Self::CopyIn => "rows of int4, text in by COPY, in binary",
            Self::Csv => "rows of five columns as CSV, by a program",
            Self::Transfer => "rows of five columns from one session to another by COPY, in binary",
        }
    }

    /// How often it is done to see how long that takes.
    pub(crate) const fn count(self) -> u32 {
        match self {
            Self::Int4 | Self::Columns | Self::Text | Self::CopyOut | Self::Transfer | Self::Csv => 1_000_000,
            Self::RoundTrips => 20_000,
            Self::Pipelined => 100_000,
            Self::CopyIn => 3_000_000,
        }
    }

    /// How often it is done to count instructions, and then twice as often: a multiple of [`PIPELINE`].
    pub(crate) const fn counted(self) -> u32 {
        match self {
            Self::RoundTrips => 4 * PIPELINE,
            Self::Pipelined => 16 * PIPELINE,
            _ => 400 * PIPELINE,
        }
    }

    /// The query of the works that run one: `count` rows.
    pub(crate) fn query(self, count: u32) -> String {
        match self {
            Self::Int4 => format!("select generate_series(1, {count})"),
            Self::CopyOut => format!("copy (select * from items limit {count}) to stdout"),
            Self::Transfer => format!("copy (select * from items limit {count}) to stdout (format binary)"),
            _ => format!("select * from items limit {count}"),
        }
    }
}

/// The statements that make the tables of five columns, and let the user call PostgreSQL's own dblink without a password.
pub(crate) fn prepare(rows: u32) -> String {
    format!(
        "create unlogged table items as \
         select g as id, 'the name of row ' || g as name, (g / 100.0)::numeric(12, 2) as price, \
             timestamptz '2000-01-01 00:00:00+00' + g * interval '1 second' as made, md5(g::text) as note \
         from generate_series(1, {rows}) g; \
         create unlogged table transferred (like items); \
         grant select on items to public; \
         grant insert, select, truncate on transferred to public; \
         analyze items; \
         create extension dblink; \
         alter role {} superuser",
        roles::TRUST_USER
    )
}
