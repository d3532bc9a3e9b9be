//! The user that the server runs as.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// The users to run as when the tests run as root, which PostgreSQL refuses. The first that exists is taken.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// The user that the server runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Account {
    /// The user that runs the tests.
    Own,
    /// Another one, because root runs the tests.
    Other { uid: u32, gid: u32 },
}

impl Account {
    /// The account to use for a server whose folder this process has just made.
    pub(crate) fn for_folder(folder: &Path) -> Self {
        // A new folder belongs to the process's effective user: the standard library has no other way to ask for it.
        if fs::metadata(folder).unwrap().uid() != 0 {
            return Self::Own;
        }
        let passwd = fs::read_to_string("/etc/passwd").expect("/etc/passwd is readable");
        Self::unprivileged(&passwd).unwrap_or_else(|| {
            panic!("PostgreSQL does not run as root, and /etc/passwd has none of the users {UNPRIVILEGED:?}")
        })
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
    pub(crate) fn give(self, path: &Path) {
        if let Self::Other { uid, gid } = self {
            chown(path, Some(uid), Some(gid))
                .unwrap_or_else(|error| panic!("chown {}: {error}", path.display()));
        }
    }

    /// Makes a command run as the account.
    pub(crate) fn run(self, command: &mut Command) -> &mut Command {
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
