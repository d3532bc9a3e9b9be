//! Stands between a client and a server, and shows what they say to each other.

use std::io;
use std::path::Path;

use dblink_protocol::trace::Tracer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

/// Passes on what one client and the server at `server` say to each other, until the client hangs up; gives the trace.
pub(super) async fn relay(listener: &UnixListener, server: &Path) -> io::Result<String> {
    let (mut client, _) = listener.accept().await?;
    let mut server = UnixStream::connect(server).await?;
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let (mut sent, mut received) = (vec![0; 8192], vec![0; 8192]);
    let mut tracer = Tracer::new();
    let mut trace = String::new();
    loop {
        tokio::select! {
            // A question is traced before its answer.
            biased;
            read = from_client.read(&mut sent) => {
                let Some(bytes) = sent.get(..read?).filter(|bytes| !bytes.is_empty()) else {
                    return Ok(trace);
                };
                tracer.frontend(None, bytes, &mut trace);
                to_server.write_all(bytes).await?;
            }
            read = from_server.read(&mut received) => {
                let Some(bytes) = received.get(..read?).filter(|bytes| !bytes.is_empty()) else {
                    return Ok(trace);
                };
                tracer.backend(None, bytes, &mut trace);
                to_client.write_all(bytes).await?;
            }
        }
    }
}
