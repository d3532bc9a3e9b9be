//! `channel_binding`, which ties authentication to TLS.
//!
//! PostgreSQL manual:
//! [`channel_binding`](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-CHANNEL-BINDING).

use dblink_engine::connection::Connection;
use dblink_tests::tls::Certificates;
use dblink_tests::{Cluster, roles};

use crate::conninfo::{over_tcp, resolve};

#[tokio::test]
async fn by_method() {
    let cluster = Cluster::builder().tls(&Certificates::new()).start();
    let connect = async |user: &str, password: &str, options: &str| {
        let conninfo = over_tcp(&cluster, user, password);
        let config = resolve(&format!("{conninfo} channel_binding={options}"));
        let result = Connection::connect(&config).await;
        result.map(drop).map_err(|error| {
            let last = error.attempts.last().unwrap().cause.to_string();
            (error.sqlstate().as_str().to_owned(), last)
        })
    };
    let refused = |reason: &str| Err(("28000".to_owned(), reason.to_owned()));
    let (scram, password) = (roles::SCRAM_USER, roles::SCRAM_PASSWORD);
    for version in ["1.2", "1.3"] {
        for binding in ["disable", "prefer", "require"] {
            let options = format!("{binding} sslmode=require ssl_max_protocol_version=TLSv{version}");
            assert_eq!(connect(scram, password, &options).await, Ok(()));
        }
    }
    for binding in ["disable", "prefer"] {
        let options = format!("{binding} sslmode=disable");
        assert_eq!(connect(scram, password, &options).await, Ok(()));
    }
    assert_eq!(
        connect(scram, password, "require sslmode=disable").await,
        refused("channel binding required, but SSL not in use")
    );
    for (user, password) in [
        (roles::MD5_USER, roles::MD5_PASSWORD),
        (roles::CLEARTEXT_USER, roles::CLEARTEXT_PASSWORD),
    ] {
        for mode in ["disable", "require"] {
            assert_eq!(
                connect(user, password, &format!("require sslmode={mode}")).await,
                refused("channel binding required but not supported by server's authentication request"),
                "{user}"
            );
        }
    }
    for mode in ["disable", "require"] {
        assert_eq!(
            connect(roles::TRUST_USER, "none", &format!("require sslmode={mode}")).await,
            refused("channel binding required, but server authenticated client without channel binding")
        );
    }
    // A wrong password, told over the channel that it is bound to.
    let (sqlstate, _) = connect(scram, "wrong", "require sslmode=require")
        .await
        .unwrap_err();
    assert_eq!(sqlstate, "28P01");
}
