//! A port without a server.

use std::mem;
use std::net::{Ipv4Addr, SocketAddrV4};

use socket2::{Domain, Socket, Type};

/// A port of `127.0.0.1` that nobody listens on, nor can, as long as this process runs.
///
/// # Panics
///
/// If no port is free.
pub fn refused_port() -> u16 {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket
        .bind(&SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0).into())
        .expect("a port is free");
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    // Closed, the port could become another test's.
    mem::forget(socket);
    address.port()
}
