//! libpq and we, with the same connection string.

use dblink_engine::connection::Connection;
use dblink_engine::conninfo::Conninfo;

use crate::ours::World;

/// How connecting ended: with a session, or with the kind of each failure, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Connected,
    Failed(Vec<Kind>),
}

/// A kind of failure: what both clients say in their own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// The server refused, with this SQLSTATE.
    Refused(String),
    /// It has no TLS.
    NoTls,
    /// It answered an SSLRequest with an error.
    ErrorBeforeTls,
    /// It answered one with something else.
    BadAnswer,
    /// Something came behind its yes.
    Unencrypted,
    /// Its certificate is not believed.
    Certificate,
    /// Its certificate is for another host.
    HostName,
    /// It does not take up the application protocol.
    NoProtocol,
    /// TLS did not come about, or the options for it cannot be met.
    Tls,
    /// It closed the connection, or reset it.
    Closed,
    /// It wants a password, and there is none.
    NoPassword,
    /// It wants, or does, what `require_auth` or `channel_binding` forbid.
    Forbidden,
    /// It did not ask for a certificate.
    NoCertificate,
    /// It does not say what `target_session_attrs` asks for.
    NoAnswer,
    /// Nobody listens.
    NotReached,
    /// Another one, with its text.
    Other(String),
}

/// What the texts of each kind have in them. The first that is found counts.
const SIGNS: [(&str, Kind); 27] = [
    ("server does not support SSL", Kind::NoTls),
    (
        "server sent an error response during SSL exchange",
        Kind::ErrorBeforeTls,
    ),
    ("received invalid response to SSL negotiation", Kind::BadAnswer),
    ("received unencrypted data after SSL response", Kind::Unencrypted),
    ("certificate verify failed", Kind::Certificate),
    ("does not match host name", Kind::HostName),
    ("without ALPN protocol negotiation extension", Kind::NoProtocol),
    ("no application protocol", Kind::NoProtocol),
    ("did not request an SSL certificate", Kind::NoCertificate),
    ("SSL connection has been closed unexpectedly", Kind::Closed),
    ("server closed the connection unexpectedly", Kind::Closed),
    ("could not receive data from server", Kind::Closed),
    ("could not send data to server", Kind::Closed),
    ("could not send startup packet", Kind::Closed),
    ("unexpected eof while reading", Kind::Closed),
    ("SSL error", Kind::Tls),
    ("SSL SYSCALL error", Kind::Closed),
    ("certificate file", Kind::Tls),
    ("private key file", Kind::Tls),
    ("no password supplied", Kind::NoPassword),
    ("channel binding", Kind::Forbidden),
    ("authentication method requirement", Kind::Forbidden),
    ("\"SHOW transaction_read_only\" failed", Kind::NoAnswer),
    ("pg_is_in_recovery()\" failed", Kind::NoAnswer),
    ("Connection refused", Kind::NotReached),
    ("received invalid authentication request", Kind::Closed),
    ("timeout expired", Kind::NotReached),
];

impl Kind {
    fn of(text: &str) -> Self {
        if let Some((_, rest)) = text.split_once("scripted ") {
            return Self::Refused(rest[..5].into());
        }
        let sign = SIGNS.iter().find(|(sign, _)| text.contains(sign));
        let cause = || {
            text.split_once(" failed: ")
                .map_or(text, |(_, cause)| cause)
                .trim_end()
                .to_owned()
        };
        sign.map_or_else(|| Self::Other(cause()), |(_, kind)| kind.clone())
    }
}

/// Nobody's environment.
pub(super) fn world() -> World {
    World::new(&[("HOME", "/nonexistent")])
}

/// What comes of each string in libpq.
pub(super) fn libpq(conninfos: &[String]) -> Vec<Outcome> {
    let texts: Vec<_> = conninfos.iter().map(|text| text.clone().into_bytes()).collect();
    let (answers, _) = world().ask_libpq("connect", &texts);
    let outcomes = answers.iter().map(|answer| match answer.error() {
        None => Outcome::Connected,
        Some(error) => {
            let error = String::from_utf8_lossy(&error).into_owned();
            let attempts = error.split("connection to server ").skip(1);
            Outcome::Failed(attempts.map(Kind::of).collect())
        }
    });
    outcomes.collect()
}

/// What comes of each string with us.
pub(super) fn ours(conninfos: &[String]) -> Vec<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut outcomes = Vec::new();
        for conninfo in conninfos {
            let config = Conninfo::parse(conninfo).unwrap().resolve(&world()).unwrap();
            outcomes.push(match Connection::connect(&config).await {
                Ok(connection) => {
                    connection.close().await.unwrap();
                    Outcome::Connected
                }
                Err(error) => {
                    let attempts = error.attempts.iter();
                    let kinds = attempts.map(|attempt| Kind::of(&attempt.cause.to_string()));
                    Outcome::Failed(kinds.collect())
                }
            });
        }
        outcomes
    })
}
