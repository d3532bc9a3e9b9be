//! Two databases of the user's, which are only read.

use std::cell::RefCell;

use dblink_engine::conninfo::{Config, Keyword, ProcessEnvironment};

use super::Ends;
use crate::destination;
use crate::failure::Failure;

/// What keeps a session from writing, from its very beginning.
const READ_ONLY: &str = "-c default_transaction_read_only=on";

/// The two databases.
pub(super) fn ends(north: &str, south: &str) -> Result<Ends, Failure> {
    Ok(Ends {
        north: read_only(north)?,
        south: read_only(south)?,
        own: false,
        cancel: RefCell::default(),
    })
}

fn read_only(conn: &str) -> Result<Config, Failure> {
    let conninfo = destination::parse(conn)?;
    // The environment may have options, too.
    let config = conninfo.resolve(&ProcessEnvironment)?;
    let given = config.setting(Keyword::Options).map(|setting| setting.expose());
    let mut options = given
        .map(String::from_utf8_lossy)
        .unwrap_or_default()
        .into_owned();
    if !options.is_empty() {
        options.push(' ');
    }
    // The last one counts.
    options.push_str(READ_ONLY);
    Ok(conninfo
        .set(Keyword::Options, options.as_str())
        .resolve(&ProcessEnvironment)?)
}
