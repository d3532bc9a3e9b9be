//! The commands of the extended protocol that travel together.

use std::sync::Arc;

use dblink_protocol::conversation::{Columns, CommandError, Conversation, ResultColumns};
use dblink_protocol::frontend::{Bind, Parse, Target};

use super::parameter::{BINARY, Encoded};
use super::{Connection, Error};

/// What is asked for: a statement by its text, by its name, or by both.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Asked<'a> {
    /// By its text, as the unnamed statement.
    Text(&'a str),
    /// The same, with values in text.
    InText(&'a str),
    /// One that is prepared, with what it is known to give.
    Prepared {
        name: &'a str,
        columns: Option<&'a Arc<Columns>>,
    },
    /// One that is prepared and run at once, under a name that is new.
    Anew { name: &'a str, query: &'a str },
}

impl Asked<'_> {
    /// Gives the commands that make a portal of it.
    pub(super) fn bind(
        self,
        conversation: &mut Conversation,
        portal: &str,
        parameters: &Encoded,
    ) -> Result<(), CommandError> {
        let (statement, query) = match self {
            Self::Text(query) | Self::InText(query) => ("", Some(query)),
            Self::Prepared { name, .. } => (name, None),
            Self::Anew { name, query } => (name, Some(query)),
        };
        if let Some(query) = query {
            conversation.parse(&Parse {
                statement: statement.into(),
                query: query.into(),
                parameter_types: parameters.types().into(),
            })?;
        }
        conversation.bind(&Bind {
            portal: portal.into(),
            statement: statement.into(),
            parameter_formats: parameters.formats(),
            parameters: parameters.values(),
            // None at all stands for text, too.
            result_formats: match self {
                Self::InText(_) => [].as_slice().into(),
                _ => BINARY.into(),
            },
        })?;
        Ok(())
    }

    /// Gives the commands that run it, up to but without the Sync.
    pub(super) fn give(
        self,
        conversation: &mut Conversation,
        parameters: &Encoded,
    ) -> Result<(), CommandError> {
        self.bind(conversation, "", parameters)?;
        let columns = match self {
            Self::Text(_) | Self::InText(_) | Self::Anew { .. } => {
                conversation.describe(Target::Portal("".into()))?;
                ResultColumns::AsDescribed
            }
            Self::Prepared { columns, .. } => columns.map_or(ResultColumns::None, |columns| {
                ResultColumns::Known(Arc::clone(columns))
            }),
        };
        conversation.execute("", 0, columns)?;
        Ok(())
    }
}

/// Has the server forget the statements of these names.
pub(super) fn close_all(conversation: &mut Conversation, names: &[String]) -> Result<(), CommandError> {
    for name in names {
        conversation.close(Target::Statement(name.as_str().into()))?;
    }
    Ok(())
}

impl Connection {
    /// Keeps the room that parameters had for the next.
    pub(super) fn keep_room(&mut self, parameters: Encoded) {
        if parameters.is_small() {
            self.room = parameters;
        }
    }

    /// Gives commands that end with a Sync. If one is refused, those before it do nothing.
    pub(super) fn fly(
        &mut self,
        give: impl FnOnce(&mut Conversation) -> Result<(), CommandError>,
    ) -> Result<(), Error> {
        let conversation = &mut self.channel.conversation;
        match give(conversation).and_then(|()| conversation.sync()) {
            Ok(_) => Ok(()),
            Err(error) => {
                // It ends what was given before the failure, which goes by with the next command.
                drop(self.give_up());
                Err(error.into())
            }
        }
    }
}
