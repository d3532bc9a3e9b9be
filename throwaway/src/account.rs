//! The user that the server runs as.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::Error;

/// The users to run as when root runs this program, which PostgreSQL refuses. The first that exists is taken.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// The user that the server runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// The user that runs this program.
    Own,
    /// Another one, because root runs this program.
    Other {
        /// The user's number.
        uid: u32,
        /// The number of its group.
        gid: u32,
    },
}

impl Account {
    /// The account to use for a server whose folder this process has just made.
    ///
    /// # Errors
    ///
    /// [`Error::NoAccount`] if root runs this program, and the machine has no other user who could; [`Error::System`] if the
    /// folder or the list of users cannot be read.
    pub fn for_folder(folder: &Path) -> Result<Self, Error> {
        // A new folder belongs to the process's effective user: the standard library has no other way to ask for it.
        let metadata = fs::metadata(folder)
            .map_err(|error| Error::system(format_args!("look at {}", folder.display()), error))?;
        if metadata.uid() != 0 {
            return Ok(Self::Own);
        }
        let passwd =
            fs::read_to_string("/etc/passwd").map_err(|error| Error::system("read /etc/passwd", error))?;
        Self::unprivileged(&passwd).ok_or(Error::NoAccount { users: &UNPRIVILEGED })
    }

    fn unprivileged(passwd: &str) -> Option<Self> {
        UNPRIVILEGED.iter().find_map(|name| {
            passwd.lines().find_map(|line| {
                let mut fields = line.split(':');
                if fields.next() != Some(name) {
                    return None;
                }
                let uid = fields.nth(1)?.parse().ok()?;
                let gid = fields.next()?.parse().ok()?;
                Some(Self::Other { uid, gid })
            })
        })
    }

    /// Makes a file or folder the account's.
    ///
    /// # Errors
    ///
    /// [`Error::System`] if it is not there, or another's.
    pub fn give(self, path: &Path) -> Result<(), Error> {
        match self {
            Self::Own => Ok(()),
            Self::Other { uid, gid } => chown(path, Some(uid), Some(gid))
                .map_err(|error| Error::system(format_args!("give {} to its user", path.display()), error)),
        }
    }

    /// Makes a command run as the account.
    pub fn run(self, command: &mut Command) -> &mut Command {
        match self {
            Self::Own => command,
            // This also gives up root's other groups.
            Self::Other { uid, gid } => command.uid(uid).gid(gid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\n\
        nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin\n\
        postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash\n";

    #[test]
    fn the_first_unprivileged_user_that_exists_is_taken() {
        let postgres = Account::Other { uid: 101, gid: 104 };
        let nobody = Account::Other {
            uid: 65534,
            gid: 65533,
        };
        assert_eq!(Account::unprivileged(PASSWD), Some(postgres));
        assert_eq!(
            Account::unprivileged(&PASSWD.replace("postgres:", "other:")),
            Some(nobody)
        );
        assert_eq!(Account::unprivileged("root:x:0:0::/root:/bin/sh\n"), None);
    }
}
