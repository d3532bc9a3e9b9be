//! Changing a password without showing it to the server.

use dblink_protocol::Secret;
use dblink_protocol::auth::scram::KeyDerivation;
use dblink_protocol::auth::{DEFAULT_MAX_SCRAM_ITERATIONS, md5_verifier};
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use super::parameter::Encoded;
use super::{Connection, Error};
use crate::net::random;

/// How often a server hashes a password if it does not say: one before 16.
const SCRAM_ITERATIONS: u32 = 4096;

/// What the server asks a password to be stored as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encryption {
    Md5,
    ScramSha256,
}

impl Connection {
    /// Sets the password of a role.
    ///
    /// It is encrypted here, as the server's `password_encryption` and `scram_iterations` say, so that neither the server nor
    /// its log ever has the password itself. By default that is SCRAM-SHA-256, which the server cannot undo. Where it is MD5,
    /// who sees what is sent can log in with it.
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut connection = Connection::connect(&server).await?;
    /// # connection.execute("create role scott login", &[]).await?;
    /// connection.change_password("scott", "tiger").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Dropping the future leaves open whether the password is changed: the server may have the command by then.
    ///
    /// PostgreSQL manual: [ALTER ROLE](https://www.postgresql.org/docs/current/sql-alterrole.html),
    /// [Password Authentication](https://www.postgresql.org/docs/current/auth-password.html).
    ///
    /// # Errors
    ///
    /// [`Error::Password`] (SQLSTATE `22023`) for an empty password, which no server takes, and where the server asks for an
    /// encryption that is not known, or for more than 1 000 000 iterations; [`Error::Command`] (`22023`) if the role's name
    /// has a zero byte; [`Error::Server`], such as `42501` for a role that may not, or `42704` if there is no such role;
    /// [`Error::Deadline`] (`57014`); [`Error::Closed`].
    pub async fn change_password(&mut self, user: &str, password: impl Into<Secret>) -> Result<(), Error> {
        let password = password.into();
        if password.is_empty() {
            // The next call is another.
            self.clock.stop();
            return Err(failed("it is empty"));
        }
        self.begin().await?;
        let verifier = match self.password_encryption().await? {
            Encryption::Md5 => md5_verifier(user.as_bytes(), password.expose()),
            Encryption::ScramSha256 => scram_verifier(password, self.scram_iterations()?).await?,
        };
        // No verifier has a character that would have to be quoted.
        let command = Zeroizing::new(
            [
                "ALTER USER ",
                &quoted_identifier(user),
                " PASSWORD '",
                &verifier,
                "'",
            ]
            .concat(),
        );
        self.ask(&command, Encoded::default()).await?.finish().await?;
        Ok(())
    }

    async fn password_encryption(&mut self) -> Result<Encryption, Error> {
        let mut rows = self.ask("SHOW password_encryption", Encoded::default()).await?;
        let mut encryption = String::new();
        while let Some(row) = rows.next().await? {
            encryption = row.get(0)?;
        }
        match encryption.as_str() {
            "scram-sha-256" => Ok(Encryption::ScramSha256),
            // The latter two are from before 10.
            "md5" | "on" | "off" => Ok(Encryption::Md5),
            other => Err(failed(format!(
                "unrecognized password encryption algorithm \"{other}\""
            ))),
        }
    }

    /// As the server has told. It may not keep us busy for as long as it likes.
    fn scram_iterations(&self) -> Result<u32, Error> {
        let Some(told) = self.parameters().get("scram_iterations") else {
            return Ok(SCRAM_ITERATIONS);
        };
        match told.to_string().parse() {
            Ok(iterations) if (1..=DEFAULT_MAX_SCRAM_ITERATIONS).contains(&iterations) => Ok(iterations),
            _ => Err(failed(format!("the server asks for {told} iterations"))),
        }
    }
}

/// What the server stores of the password with SCRAM. Other tasks do not wait for the work.
async fn scram_verifier(password: Secret, iterations: u32) -> Result<Zeroizing<String>, Error> {
    let salt = random::salt().map_err(failed)?;
    let derivation = KeyDerivation::new(password, salt.to_vec(), iterations);
    let keys = spawn_blocking(|| derivation.run()).await.map_err(failed)?;
    Ok(keys.verifier(&salt, iterations))
}

/// Always quoted, so that it is taken as it is.
fn quoted_identifier(name: &str) -> String {
    ["\"", &name.replace('"', "\"\""), "\""].concat()
}

fn failed(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Password { cause: cause.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_quoted() {
        for (name, quoted) in [
            ("scott", "\"scott\""),
            ("Scott", "\"Scott\""),
            ("", "\"\""),
            ("a\"b\"", "\"a\"\"b\"\"\""),
            ("a\\'; drop", "\"a\\'; drop\""),
        ] {
            assert_eq!(quoted_identifier(name), quoted);
        }
    }
}
