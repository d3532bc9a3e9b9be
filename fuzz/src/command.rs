//! The commands of a conversation, as inputs have them.

use std::sync::Arc;

use dblink_protocol::backend::{FieldDescription, RowDescription};
use dblink_protocol::conversation::{Columns, CommandError, CommandId, Conversation, ResultColumns};
use dblink_protocol::frontend::{Bind, FunctionCall, Parse, Target};
use dblink_protocol::wire::{Format, WireStr};

use crate::input::{Input, put_bytes};

/// The names of statements and portals.
const NAMES: [&str; 3] = ["", "a", "b"];
/// How many commands there are.
pub const COMMANDS: u8 = 15;

/// Something that a client may ask of its conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Query, with its text.
    Query(Vec<u8>),
    /// Parse, with the statement's name and its text.
    Parse(Name, Vec<u8>),
    /// Bind, with the names of the portal and the statement.
    Bind(Name, Name),
    /// Describe of a statement.
    DescribeStatement(Name),
    /// Describe of a portal.
    DescribePortal(Name),
    /// Execute, with the portal's name, the number of rows, and which rows are expected.
    Execute(Name, u8, Rows),
    /// Close of a statement.
    CloseStatement(Name),
    /// Close of a portal.
    ClosePortal(Name),
    /// Sync.
    Sync,
    /// Flush.
    Flush,
    /// FunctionCall.
    FunctionCall,
    /// CopyData.
    CopyData(Vec<u8>),
    /// CopyDone.
    CopyDone,
    /// CopyFail, with the reason.
    CopyFail(Vec<u8>),
    /// Takes no more interest in what was given before.
    Abandon,
    /// Terminate; the code that inputs rarely have.
    Terminate,
}

/// The name of a statement or a portal: an index into a few.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name(pub u8);

impl Name {
    fn read(input: &mut Input<'_>) -> Self {
        Self(input.below(3))
    }

    /// As it stands in messages.
    pub fn as_str(self) -> &'static str {
        NAMES[usize::from(self.0)]
    }
}

/// Which rows an Execute expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Those of the last Describe.
    AsDescribed,
    /// Those of [`row_description`].
    Known,
    /// None.
    None,
}

/// What all selects of the model of a server return: two columns.
pub fn row_description() -> RowDescription<'static> {
    let column = FieldDescription {
        name: "c".into(),
        table_oid: 0,
        column_number: 0,
        type_oid: 25,
        type_size: -1,
        type_modifier: -1,
        format: Format::Text,
    };
    RowDescription {
        fields: vec![column; 2],
    }
}

impl Command {
    /// The next command of an input.
    pub fn read(code: u8, input: &mut Input<'_>) -> Self {
        match code % COMMANDS {
            0 => Self::Query(input.bytes().to_vec()),
            1 => Self::Parse(Name::read(input), input.bytes().to_vec()),
            2 => Self::Bind(Name::read(input), Name::read(input)),
            3 => Self::DescribeStatement(Name::read(input)),
            4 => Self::DescribePortal(Name::read(input)),
            5 => Self::Execute(
                Name::read(input),
                input.below(4),
                match input.below(3) {
                    0 => Rows::AsDescribed,
                    1 => Rows::Known,
                    _ => Rows::None,
                },
            ),
            6 => Self::CloseStatement(Name::read(input)),
            7 => Self::ClosePortal(Name::read(input)),
            8 => Self::Sync,
            9 => Self::Flush,
            10 => Self::FunctionCall,
            11 => Self::CopyData(input.bytes().to_vec()),
            12 => Self::CopyDone,
            13 => Self::CopyFail(input.bytes().to_vec()),
            // Ends most of what could be found later, so it is rare.
            _ if input.below(8) == 7 => Self::Terminate,
            _ => Self::Abandon,
        }
    }

    /// Writes the command as [`Command::read`] reads it.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Query(text) => {
                out.push(0);
                put_bytes(out, text);
            }
            Self::Parse(name, text) => {
                out.extend([1, name.0]);
                put_bytes(out, text);
            }
            Self::Bind(portal, statement) => out.extend([2, portal.0, statement.0]),
            Self::DescribeStatement(name) => out.extend([3, name.0]),
            Self::DescribePortal(name) => out.extend([4, name.0]),
            Self::Execute(name, rows, Rows::AsDescribed) => out.extend([5, name.0, *rows, 0]),
            Self::Execute(name, rows, Rows::Known) => out.extend([5, name.0, *rows, 1]),
            Self::Execute(name, rows, Rows::None) => out.extend([5, name.0, *rows, 2]),
            Self::CloseStatement(name) => out.extend([6, name.0]),
            Self::ClosePortal(name) => out.extend([7, name.0]),
            Self::Sync => out.push(8),
            Self::Flush => out.push(9),
            Self::FunctionCall => out.push(10),
            Self::CopyData(data) => {
                out.push(11);
                put_bytes(out, data);
            }
            Self::CopyDone => out.push(12),
            Self::CopyFail(reason) => {
                out.push(13);
                put_bytes(out, reason);
            }
            Self::Abandon => out.extend([14, 0]),
            Self::Terminate => out.extend([14, 7]),
        }
    }

    /// Gives the command; those that are answered have an id.
    pub fn give(&self, conversation: &mut Conversation) -> Result<Option<CommandId>, CommandError> {
        match self {
            Self::Query(text) => conversation.query(WireStr::new(text)).map(Some),
            Self::Parse(name, text) => {
                let parse = Parse {
                    statement: name.as_str().into(),
                    query: WireStr::new(text),
                    parameter_types: vec![23].into(),
                };
                conversation.parse(&parse).map(Some)
            }
            Self::Bind(portal, statement) => {
                let bind = Bind {
                    portal: portal.as_str().into(),
                    statement: statement.as_str().into(),
                    parameter_formats: vec![].into(),
                    parameters: vec![Some(b"1"), None],
                    result_formats: vec![Format::Text].into(),
                };
                conversation.bind(&bind).map(Some)
            }
            Self::DescribeStatement(name) => conversation
                .describe(Target::Statement(name.as_str().into()))
                .map(Some),
            Self::DescribePortal(name) => conversation
                .describe(Target::Portal(name.as_str().into()))
                .map(Some),
            Self::Execute(name, rows, columns) => {
                let columns = match columns {
                    Rows::AsDescribed => ResultColumns::AsDescribed,
                    Rows::Known => ResultColumns::Known(Arc::new(Columns::from(&row_description()))),
                    Rows::None => ResultColumns::None,
                };
                conversation
                    .execute(name.as_str(), (*rows).into(), columns)
                    .map(Some)
            }
            Self::CloseStatement(name) => conversation
                .close(Target::Statement(name.as_str().into()))
                .map(Some),
            Self::ClosePortal(name) => conversation.close(Target::Portal(name.as_str().into())).map(Some),
            Self::Sync => conversation.sync().map(Some),
            Self::Flush => conversation.flush().map(|()| None),
            Self::FunctionCall => {
                let call = FunctionCall {
                    function_oid: 1317,
                    argument_formats: vec![],
                    arguments: vec![Some(b"hi")],
                    result_format: Format::Text,
                };
                conversation.function_call(&call).map(Some)
            }
            Self::CopyData(data) => conversation.copy_data(data).map(|()| None),
            Self::CopyDone => conversation.copy_done().map(|()| None),
            Self::CopyFail(reason) => conversation.copy_fail(WireStr::new(reason)).map(|()| None),
            Self::Abandon => conversation.abandon().map(|()| None),
            Self::Terminate => conversation.terminate().map(|()| None),
        }
    }
}
