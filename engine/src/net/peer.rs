//! Who runs the server at a Unix-domain socket: the connection option `requirepeer`.

use std::io;

use nix::errno::Errno;
use nix::unistd::{Uid, User};
use tokio::net::UnixStream;
use tokio::task::spawn_blocking;

use crate::libpq_text::system_text;

/// A server that does not run as the user who it must, or may not. The texts are libpq's.
///
/// PostgreSQL manual:
/// [requirepeer](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-REQUIREPEER).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PeerError {
    /// The system does not say who it is.
    #[error("could not get peer credentials: {}", system_text(.0))]
    Credentials(#[source] io::Error),
    /// The name of the user could not be looked up.
    #[error("could not look up local user ID {uid}: {}", system_text(.error))]
    Lookup {
        /// The number of the user.
        uid: u32,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// The user has no name.
    #[error("local user with ID {uid} does not exist")]
    Unknown {
        /// The number of the user.
        uid: u32,
    },
    /// It is somebody else.
    #[error("requirepeer specifies \"{required}\", but actual peer user name is \"{actual}\"")]
    Mismatch {
        /// Who it must be.
        required: String,
        /// Who it is.
        actual: String,
    },
}

/// Checks that the process at the other end runs as the user `required`.
pub(super) async fn check(stream: &UnixStream, required: &str) -> Result<(), PeerError> {
    let uid = stream.peer_cred().map_err(PeerError::Credentials)?.uid();
    // The user may be known to a server in the network only.
    let user = spawn_blocking(move || User::from_uid(Uid::from_raw(uid))).await;
    let user = user.map_err(|error| PeerError::Lookup {
        uid,
        error: io::Error::other(error),
    })?;
    judge(uid, user, required)
}

fn judge(uid: u32, user: Result<Option<User>, Errno>, required: &str) -> Result<(), PeerError> {
    match user {
        Ok(Some(user)) if user.name == required => Ok(()),
        Ok(Some(user)) => Err(PeerError::Mismatch {
            required: required.to_owned(),
            actual: user.name,
        }),
        Ok(None) => Err(PeerError::Unknown { uid }),
        Err(error) => Err(PeerError::Lookup {
            uid,
            error: error.into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_user_with_the_name_will_do() {
        let me = User::from_uid(Uid::current());
        let name = me.clone().unwrap().unwrap().name;
        judge(7, me.clone(), &name).unwrap();
        let refusal = |user, required: &str| judge(7, user, required).unwrap_err().to_string();
        assert_eq!(
            refusal(me, "x"),
            format!("requirepeer specifies \"x\", but actual peer user name is \"{name}\"")
        );
        assert_eq!(refusal(Ok(None), "x"), "local user with ID 7 does not exist");
        assert_eq!(refusal(Ok(None), "7"), "local user with ID 7 does not exist");
        assert_eq!(
            refusal(Err(Errno::EIO), "x"),
            "could not look up local user ID 7: Input/output error"
        );
    }
}
