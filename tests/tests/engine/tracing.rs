//! What the spans tell.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dblink_engine::connection::Connection;
use dblink_tests::{Cluster, roles};
use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::conninfo::{over_tcp, resolve};

/// What was written.
#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// The lines of the spans that have ended since, without the time.
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

#[tokio::test]
async fn each_call_has_a_span() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::DEBUG)
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let cluster = Cluster::shared();
    let conninfo = over_tcp(cluster, roles::SCRAM_USER, roles::SCRAM_PASSWORD);
    let server = format!("server=127.0.0.1:{}", cluster.port());
    let mut everything = String::new();
    let mut told = || {
        let text = lines.take();
        everything.push_str(&text);
        text
    };

    let mut connection = Connection::connect(&resolve(&conninfo)).await.unwrap();
    let text = told();
    assert!(text.contains("connect{") && text.contains(&server), "{text}");

    let mut rows = connection
        .query("select 'a secret' || $1 from generate_series(1, 3)", &[&"hush"])
        .await
        .unwrap();
    while rows.next().await.unwrap().is_some() {}
    let text = told();
    assert!(text.contains("query{") && text.contains(&server), "{text}");
    assert!(text.contains("rows=3 bytes="), "{text}");
    assert!(!text.contains("select"), "{text}");

    connection.trace_statements(true);
    connection.execute("select 1 / 0", &[]).await.unwrap_err();
    let text = told();
    assert!(text.contains(r#"statement="select 1 / 0""#), "{text}");
    assert!(text.contains("sqlstate=22012"), "{text}");

    // One that was dropped ends with the next.
    drop(
        connection
            .query("select generate_series(1, 10)", &[])
            .await
            .unwrap(),
    );
    assert_eq!(told(), "");
    connection.ping().await.unwrap();
    let text = told();
    assert!(text.contains("generate_series"), "{text}");

    let handle = connection.cancel_handle().unwrap();
    handle.cancel(Duration::from_secs(60)).await.unwrap();
    let text = told();
    assert!(text.contains("cancel{") && text.contains(&server), "{text}");

    Connection::connect(&resolve(&over_tcp(cluster, roles::SCRAM_USER, "wrong_secret")))
        .await
        .unwrap_err();
    let text = told();
    assert!(text.contains("sqlstate=28P01"), "{text}");

    for secret in [roles::SCRAM_PASSWORD, "hush", "a secret", "wrong_secret"] {
        assert!(!everything.contains(secret), "{secret} is in {everything}");
    }
}
