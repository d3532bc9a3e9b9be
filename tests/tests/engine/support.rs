//! What the tests share.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};

use dblink_engine::connection::{Connection, Error};
use dblink_engine::net::Stream;
use dblink_protocol::Secret;
use dblink_protocol::auth::AuthConfig;
use dblink_protocol::handshake::HandshakeConfig;
use dblink_tests::Cluster;

use tokio::net::{TcpStream, UnixStream};

use crate::conninfo::resolve;

pub(crate) fn config(user: &str, password: Option<&str>) -> HandshakeConfig {
    let mut auth = AuthConfig::new(user, *b"not a random nonce");
    auth.credentials.password = password.map(Secret::from);
    let mut config = HandshakeConfig::new(auth);
    config
        .parameters
        .push(("database".to_owned(), "postgres".to_owned()));
    config
}

pub(crate) async fn unix(cluster: &Cluster) -> Stream {
    let path = cluster.socket_dir().join(format!(".s.PGSQL.{}", cluster.port()));
    Stream::Unix(UnixStream::connect(path).await.unwrap())
}

pub(crate) async fn tcp(cluster: &Cluster) -> Stream {
    Stream::Tcp(
        TcpStream::connect((cluster.host(), cluster.port()))
            .await
            .unwrap(),
    )
}

/// A session on the shared server.
pub(crate) async fn session() -> Connection {
    let conninfo = Cluster::shared().conninfo();
    Connection::connect(&resolve(&conninfo)).await.unwrap()
}

/// The only value of a query's only row.
pub(crate) async fn value(connection: &mut Connection, query: &str) -> Result<i32, Error> {
    let mut rows = connection.query(query, &[]).await?;
    let value = rows.next().await?.unwrap().get(0)?;
    assert!(rows.next().await?.is_none());
    Ok(value)
}

/// AuthenticationOk and ReadyForQuery.
pub(crate) const WELCOME: &[u8] = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I";

/// A server that says `welcome` to the startup packet and `answer` to whatever comes next, and then holds the connection
/// until the client closes it. Gives its port.
pub(crate) fn scripted(welcome: &'static [u8], answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            for bytes in [welcome, answer] {
                let mut request = [0; 4096];
                if stream.read(&mut request).unwrap_or(0) == 0 || stream.write_all(bytes).is_err() {
                    break;
                }
            }
            // Until it is closed, or reset, which is the same here.
            drop(std::io::copy(&mut stream, &mut std::io::sink()));
        }
    });
    port
}
