//! Connection strings, and everything else that libpq takes the options of a connection from.
//!
//! ```
//! use dblink_engine::conninfo::{Conninfo, HostKind, ProcessEnvironment};
//!
//! let conninfo = Conninfo::parse("host=/tmp,db.example user=scott sslmode=prefer require_auth=scram-sha-256")?;
//! let config = conninfo.resolve(&ProcessEnvironment)?;
//! assert_eq!(config.hosts[0].kind, HostKind::UnixSocket);
//! assert_eq!(config.hosts[1].host, "db.example");
//! assert_eq!(config.user, "scott");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Conninfo`] holds what somebody gives: a string, a URI, or one option after the other. [`Conninfo::resolve`] makes
//! a [`Config`] of it, which is complete and checked. Each option takes its value from the first of these that has
//! one:
//!
//! 1. what is given, be it empty;
//! 2. the group of a service file that `service` or `PGSERVICE` names;
//! 3. its environment variable;
//! 4. its default in [the table](Keyword);
//! 5. for `user`: the operating system's user; for `dbname`: the user; for `password`: the password file.
//!
//! Values remember their [`Source`]. Messages are libpq's, but for secrets, which nothing in here prints.
//!
//! PostgreSQL manual: [Database Connection Control
//! Functions](https://www.postgresql.org/docs/current/libpq-connect.html).

mod builder;
mod choices;
mod config;
mod credentials;
mod defaults;
mod environment;
mod error;
mod host;
mod keyword;
mod keyword_value;
mod locale;
mod password_file;
mod passwords;
mod service_file;
mod setting;
mod startup;
mod text;
mod tls;
mod typed;
mod uri;

pub use builder::Conninfo;
pub use choices::{GssEncMode, LoadBalanceHosts, SslCertMode, SslMode, SslNegotiation, TargetSessionAttrs};
pub use config::{Config, Keepalives, OauthConfig};
pub use credentials::CredentialRequest;
pub use environment::{Account, AccountError, Environment, ProcessEnvironment};
pub use error::{InvalidValue, ParseError, ResolveError, Warning};
pub use host::{HostKind, HostSpec, InvalidPort, Password};
pub use keyword::{ConnOption, DisplayClass, Keyword, Kind};
pub use service_file::ServiceError;
pub use setting::{OptionValue, Setting, Source};
pub use tls::{RootCert, TlsConfig};

pub use crate::net::tls::TlsVersion;
