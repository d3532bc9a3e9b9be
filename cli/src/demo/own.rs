//! The two servers that are started for the demo.

use std::cell::RefCell;
use std::path::PathBuf;
use std::pin::pin;

use dblink_engine::conninfo::{Account, AccountError, Conninfo, Environment, Keyword};
use dblink_throwaway::{Error, Server};
use tokio::task::{JoinHandle, spawn_blocking};

use super::Ends;
use crate::failure::Failure;
use crate::interrupt::unless_interrupted;

/// Two servers, which go away with this value or with the process.
pub(super) struct Servers {
    pub(super) north: Server,
    pub(super) south: Server,
}

/// Nothing that the user has set up for other databases counts for these.
struct Nothing;

impl Environment for Nothing {
    fn variable(&self, _: &str) -> Option<Vec<u8>> {
        None
    }

    fn account(&self) -> Result<Account, AccountError> {
        Ok(Account {
            name: "postgres".to_owned(),
            home: "/nonexistent".into(),
        })
    }
}

impl Servers {
    /// Starts them, both at once.
    pub(super) async fn start() -> Result<Self, Failure> {
        let north = spawn_blocking(Server::start);
        let south = spawn_blocking(Server::start);
        let mut starting = pin!(async { Ok((started(north).await, started(south).await)) });
        let started = match unless_interrupted(&mut starting).await {
            Ok(started) => started,
            Err(failure) => {
                // A folder whose server is still being made cannot be removed: the programs write to it. They take a second or
                // two, and a second signal does not wait for them.
                let _ = unless_interrupted(starting).await;
                return Err(failure);
            }
        };
        let (north, south) = started;
        Ok(Self {
            north: north?,
            south: south?,
        })
    }

    /// PostgreSQL's major version.
    pub(super) const fn version(&self) -> u32 {
        self.north.version()
    }

    /// Stops both, and removes their folders; gives one that is left, if there is one.
    pub(super) fn stop(self) -> Option<PathBuf> {
        let folders = [&self.north, &self.south].map(|server| server.folder().to_owned());
        drop(self);
        folders.into_iter().find(|folder| folder.exists())
    }

    /// The two databases.
    pub(super) fn ends(&self) -> Result<Ends, Failure> {
        let config = |server: &Server| {
            Ok::<_, Failure>(
                Conninfo::parse(server.conninfo())?
                    .set(Keyword::ApplicationName, "dblink demo")
                    .resolve(&Nothing)?,
            )
        };
        Ok(Ends {
            north: config(&self.north)?,
            south: config(&self.south)?,
            own: true,
            cancel: RefCell::default(),
        })
    }
}

async fn started(starting: JoinHandle<Result<Server, Error>>) -> Result<Server, Failure> {
    match starting.await {
        Ok(Ok(server)) => Ok(server),
        Ok(Err(error)) => Err(Failure::Usage(error.to_string())),
        Err(error) => Err(Failure::Usage(format!("could not start a server: {error}"))),
    }
}
