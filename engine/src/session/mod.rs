//! dblink: named connections to other databases, and one method for each of its functions.

mod asynchronous;
mod builder;
mod connect;
mod cursor;
mod definition;
mod error;
mod exec;
mod foreign_server;
mod libpq_text;
mod link;
mod list;
mod name;
mod notice;
mod notify;
mod pkey;
mod policy;
mod query;
mod relation;
mod rows;
mod time;

pub use asynchronous::{GetResult, SendQuery};
pub use builder::{Compat, Privilege, SessionBuilder};
pub use cursor::{Close, Fetch, Open};
pub use definition::{DefinedColumn, Definition, DefinitionError};
pub use error::{Doing, Error, MissingPassword, NotEstablished};
pub use exec::Exec;
pub use list::{ConnectionInfo, State};
pub use name::{Destination, Fail, Name, Target};
pub use notice::Notice;
pub use pkey::{Attnums, PkeyColumn, Texts};
pub use policy::Policy;
pub use query::Query;
pub use rows::Rows;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use connect::{Trust, not_available};
use link::Link;
use name::truncate;
use notice::Notices;
use time::Time;

use crate::connection::Connection;
use crate::conninfo::Environment;

/// A dblink session: the unnamed connection, and the named ones.
pub struct Session {
    local: Option<Connection>,
    unnamed: Option<Link>,
    named: BTreeMap<String, Link>,
    /// The connection of the last call that made one for itself. It is closed by its rows, and dropped by the next call.
    once: Option<Link>,
    compat: Compat,
    privilege: Privilege,
    policy: Policy,
    environment: Arc<dyn Environment + Send + Sync>,
    notices: Notices,
    deadline: Option<Duration>,
    reconnect: bool,
}

/// Which connection a call has found.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Unnamed,
    Named(String),
    Once,
}

/// The version that counts without a local connection: that of the newest dblink.
const NEWEST: u32 = 18;

impl Session {
    /// A session without a local connection, with the privileges of a superuser: it connects as this program does.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Describes a session.
    pub fn builder() -> SessionBuilder {
        SessionBuilder::default()
    }

    /// Limits the time of each call from now on, from its beginning to the last row of its result. At first there is no limit.
    pub const fn set_deadline(&mut self, limit: Option<Duration>) {
        self.deadline = limit;
    }

    /// The local connection.
    pub const fn local(&mut self) -> Option<&mut Connection> {
        self.local.as_mut()
    }

    /// A connection itself, for what dblink has no function for: COPY, statements that are prepared, pipelines.
    ///
    /// # Errors
    ///
    /// [`Error::NotAvailable`] (SQLSTATE `08003`); [`Error::Busy`] (`08006`) while results of an asynchronous query are to be
    /// taken.
    pub fn connection<'s>(&'s mut self, name: impl Into<Name<'s>>) -> Result<&'s mut Connection, Error> {
        let link = self.link(name.into())?;
        if link.is_pending() {
            return Err(Error::Busy {
                doing: Doing::Command,
                name: link.state.name.clone(),
            });
        }
        // Nobody sees what becomes of the transaction there.
        link.state.cursors = None;
        Ok(&mut link.connection)
    }

    /// Whether the rules on passwords are not for this session.
    fn is_superuser(&self) -> bool {
        match (self.privilege, &self.local) {
            (Privilege::Superuser, _) | (Privilege::FromLocal, None) => true,
            (Privilege::Ordinary, _) => false,
            (Privilege::FromLocal, Some(local)) => {
                let superuser = local.parameters().get("is_superuser");
                superuser.is_some_and(|value| value.as_bytes() == b"on")
            }
        }
    }

    /// The major version of the local server, or the newest.
    fn local_version(&self) -> u32 {
        let version = self.local.as_ref().and_then(|local| {
            let version = local.parameters().get("server_version")?.to_string();
            version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
        });
        version.unwrap_or(NEWEST)
    }

    /// An open connection.
    fn link(&mut self, name: Name<'_>) -> Result<&mut Link, Error> {
        let link = match name {
            Name::Unnamed => self.unnamed.as_mut(),
            Name::Named(given) => {
                let mut link = self.named.get_mut(truncate(given));
                if let Some(link) = &mut link
                    && link.state.name.as_deref() != Some(given)
                {
                    // In messages the name is as the caller has it.
                    link.state.name = Some(given.to_owned());
                }
                link
            }
        };
        link.ok_or_else(|| not_available(name))
    }

    /// An open connection that takes a command: one that has ended is opened anew, if that was wished.
    async fn usable(&mut self, name: Name<'_>, doing: &Doing, time: Time) -> Result<&mut Link, Error> {
        let reconnect = self.reconnect;
        let link = self.link(name)?;
        let reopen = reconnect && link.is_lost();
        if reopen {
            self.reopen(name, time).await?;
        }
        let link = self.link(name)?;
        link.vacate(doing, time).await?;
        Ok(link)
    }

    /// Which connection a target is: it is opened if it is for this call alone.
    async fn place(&mut self, target: Target<'_>, time: Time) -> Result<Place, Error> {
        self.once = None;
        let to = match target {
            Target::Unnamed => return Ok(Place::Unnamed),
            Target::Named(name) => return Ok(Place::Named(name.to_owned())),
            Target::Text(text) if self.named.contains_key(truncate(text)) => {
                return Ok(Place::Named(text.to_owned()));
            }
            Target::Text(text) => Destination::Text(text),
            Target::To(to) => to,
        };
        let link = self.open_link(to, None, Trust::AsPrivileged, time).await?;
        self.once = Some(link);
        Ok(Place::Once)
    }

    /// The connection that was found, ready for a command.
    async fn ready(&mut self, place: &Place, doing: &Doing, time: Time) -> Result<&mut Link, Error> {
        match place {
            Place::Unnamed => self.usable(Name::Unnamed, doing, time).await,
            Place::Named(name) => self.usable(Name::Named(name), doing, time).await,
            Place::Once => self.once.as_mut().ok_or(Error::NotAvailable { name: None }),
        }
    }

    /// Opens a connection anew that has ended, with what it was opened with.
    async fn reopen(&mut self, name: Name<'_>, time: Time) -> Result<(), Error> {
        let found = self.link(name)?.state.found.clone();
        let new = self.establish(found, name.key(), time).await?;
        *self.link(name)? = new;
        Ok(())
    }
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("local", &self.local)
            .field("unnamed", &self.unnamed)
            .field("named", &self.named)
            .field("compat", &self.compat)
            .field("privilege", &self.privilege)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
