//! What the server still has to answer.

use std::sync::Arc;

use super::{Columns, CommandId};

/// A command whose last reply has not come.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) id: CommandId,
    pub(super) awaits: Awaits,
}

/// What the server may say next about a command.
#[derive(Debug)]
pub(super) enum Awaits {
    /// Parse: ParseComplete.
    ParseComplete,
    /// Bind: BindComplete.
    BindComplete,
    /// Close: CloseComplete.
    CloseComplete,
    /// Describe of a statement: ParameterDescription, then as for a portal.
    ParameterDescription,
    /// Describe: RowDescription or NoData.
    RowDescription {
        /// Whether it is a portal that is described, whose rows an Execute may ask for.
        portal: bool,
    },
    /// Execute: rows, then how it ended.
    Execute {
        stage: Stage,
        /// Whether the rows were limited, so that the portal may be suspended.
        limited: bool,
    },
    /// Query: results, then ReadyForQuery.
    Query(Stage),
    /// FunctionCall: FunctionCallResponse, then ReadyForQuery.
    FunctionCallResponse,
    /// What an error left of a Query, Sync or FunctionCall: ReadyForQuery. And all of a Sync that goes well.
    ReadyForQuery {
        /// Whether an error may come instead, as it may for a Sync that has to commit.
        may_fail: bool,
    },
    /// A Sync behind a COPY FROM STDIN which failed; see [`super::copy_syncs`].
    Resync {
        /// How many ReadyForQuery may come before the CloseComplete.
        ready: usize,
        /// Whether the CloseComplete has come.
        closed: bool,
    },
    /// Nothing: the server ignores it.
    Ignored,
}

/// Where a Query or an Execute is.
#[derive(Debug)]
pub(super) enum Stage {
    /// Before a result.
    Start(Expected),
    /// Inside a result.
    Rows(Arc<Columns>),
    /// Between two results of a Query, at least one of which has come.
    Between,
    /// The server takes COPY data.
    CopyIn {
        /// Whether we sent its end.
        done: bool,
    },
    /// The server sends COPY data.
    CopyOut {
        /// Whether it sent its end.
        done: bool,
    },
    /// COPY data goes both ways.
    CopyBoth {
        /// Whether we sent our end.
        done: bool,
        /// Whether the server sent its own.
        server_done: bool,
    },
}

/// Which rows a result may begin with.
#[derive(Debug, Clone)]
pub(super) enum Expected {
    /// None: a RowDescription has to come first, or the columns are known not to be there.
    NoRows,
    /// Rows with these columns.
    Rows(Arc<Columns>),
    /// What the last Describe of a portal said.
    AsDescribed,
}

/// The rows that executing a portal may give.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ResultColumns {
    /// What a Describe of this portal says, given before and since the portal was last bound: usually between the Bind
    /// and the Execute. No other portal may be described in between.
    ///
    /// If that Describe fails while the Execute already waits behind a later Sync, a row ends the conversation.
    AsDescribed,
    /// These, known from describing the statement when it was prepared, or from an earlier Execute of the same portal.
    Known(Arc<Columns>),
    /// No rows: a row would break the protocol.
    None,
}

impl Awaits {
    /// What is awaited, for an error text.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::ParseComplete => "ParseComplete",
            Self::BindComplete => "BindComplete",
            Self::CloseComplete => "CloseComplete",
            Self::ParameterDescription => "ParameterDescription",
            Self::RowDescription { .. } => "RowDescription or NoData",
            Self::Execute { stage, .. } => match stage {
                Stage::Start(_) | Stage::Rows(_) | Stage::Between => "the result of Execute",
                stage => stage.copy_name(),
            },
            Self::Query(stage) => match stage {
                Stage::Start(_) | Stage::Rows(_) => "the result of Query",
                Stage::Between => "another result of Query or ReadyForQuery",
                stage => stage.copy_name(),
            },
            Self::FunctionCallResponse => "FunctionCallResponse",
            Self::ReadyForQuery { .. } => "ReadyForQuery",
            Self::Resync { .. } => "ReadyForQuery after a failed COPY",
            Self::Ignored => "nothing",
        }
    }

    /// Whether a ReadyForQuery is its last reply.
    pub(super) const fn is_cycle(&self) -> bool {
        matches!(
            self,
            Self::Query(_) | Self::FunctionCallResponse | Self::ReadyForQuery { .. } | Self::Resync { .. }
        )
    }

    /// The stage of a Query or Execute.
    pub(super) const fn stage(&self) -> Option<&Stage> {
        match self {
            Self::Query(stage) | Self::Execute { stage, .. } => Some(stage),
            _ => None,
        }
    }

    /// The same, to change.
    pub(super) const fn stage_mut(&mut self) -> Option<&mut Stage> {
        match self {
            Self::Query(stage) | Self::Execute { stage, .. } => Some(stage),
            _ => None,
        }
    }
}

impl Stage {
    const fn copy_name(&self) -> &'static str {
        match self {
            Self::Start(_) | Self::Rows(_) | Self::Between => "a result",
            Self::CopyIn { done: false } => "COPY data",
            Self::CopyOut { done: false } => "CopyData or CopyDone",
            Self::CopyBoth { .. } => "CopyData or the end of COPY",
            Self::CopyIn { done: true } | Self::CopyOut { done: true } => "CommandComplete of COPY",
        }
    }
}
