//! Ports that are free.

use std::net::{Ipv4Addr, TcpListener};

use crate::Error;

/// How many ports are tried. A free port is only known to have been free: another process can take it before the server does.
pub const PORT_ATTEMPTS: u32 = 10;

/// A port of `127.0.0.1` that nobody listens on.
///
/// # Errors
///
/// [`Error::System`] if there is none.
pub fn free_port() -> Result<u16, Error> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let address = listener.and_then(|listener| listener.local_addr());
    Ok(address
        .map_err(|error| Error::system("find a free port", error))?
        .port())
}
