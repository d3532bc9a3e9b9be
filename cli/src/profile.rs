//! Profiles: connection strings that have a name, in a file.

use crate::failure::Failure;

/// The connection string of this profile.
///
/// # Errors
///
/// [`Failure::NoConnection`] if there is no such profile, or its file cannot be read.
pub(crate) fn look_up(name: &str) -> Result<String, Failure> {
    Err(Failure::NoConnection(format!("no profile is named \"{name}\"")))
}
