//! Choosing one of the SASL mechanisms that a server offers.

use super::oauth::OAUTHBEARER;
use super::require_auth::Method;
use super::scram::{SCRAM_SHA_256, SCRAM_SHA_256_PLUS, ScramBinding};
use super::{AuthError, ChannelBinding, ChannelBindingError, RequireAuth, Transport};
use crate::wire::WireStr;

/// A mechanism that the client has chosen.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mechanism {
    Scram(ScramBinding),
    OauthBearer,
}

/// Chooses SCRAM-SHA-256-PLUS if both sides can, and else what the server names first; then checks that it will do.
pub(super) fn choose(
    offered: &[WireStr<'_>],
    transport: &Transport,
    channel_binding: ChannelBinding,
    require_auth: &RequireAuth,
) -> Result<Mechanism, AuthError> {
    let offers_plus = offered.iter().any(|name| *name == SCRAM_SHA_256_PLUS);
    let end_point = match transport {
        Transport::Plain | Transport::Unix if channel_binding == ChannelBinding::Require => {
            return Err(ChannelBindingError::NoTls.into());
        }
        // The server could not do it, so somebody between us could have taken TLS away.
        Transport::Plain | Transport::Unix if offers_plus => return Err(AuthError::PlusWithoutTls),
        Transport::Plain | Transport::Unix => None,
        // An empty hash would bind to nothing, and look as if it did.
        Transport::Tls { server_end_point } => server_end_point.as_ref().filter(|hash| !hash.is_empty()),
    };
    if channel_binding == ChannelBinding::Require && offers_plus && end_point.is_none() {
        return Err(ChannelBindingError::NoCertificateHash.into());
    }
    let bindable = end_point.filter(|_| channel_binding != ChannelBinding::Disable);
    let mechanism = match bindable {
        Some(hash) if offers_plus => Mechanism::Scram(ScramBinding::TlsServerEndPoint(hash.clone())),
        _ => offered
            .iter()
            .find_map(|name| unbound(*name, bindable.is_some()))
            .ok_or(AuthError::NoMechanism)?,
    };
    let (method, reason) = match mechanism {
        Mechanism::Scram(ScramBinding::TlsServerEndPoint(_)) => (
            Method::ScramSha256,
            "server requested SCRAM-SHA-256-PLUS authentication",
        ),
        Mechanism::Scram(_) => (
            Method::ScramSha256,
            "server requested SCRAM-SHA-256 authentication",
        ),
        Mechanism::OauthBearer => (Method::Oauth, "server requested OAUTHBEARER authentication"),
    };
    require_auth.check_mechanism(method, reason)?;
    if channel_binding == ChannelBinding::Require && !offers_plus {
        return Err(ChannelBindingError::NotOffered.into());
    }
    Ok(mechanism)
}

/// The mechanism of this name, of those that do not bind.
///
/// The flag `y` claims that the client can bind, and a server that offered to bind has to refuse it (RFC 5802,
/// section 6). So a client that cannot bind on this connection, for lack of TLS or of a hash of the certificate, says
/// `n`, whatever was offered.
fn unbound(name: WireStr<'_>, can_bind: bool) -> Option<Mechanism> {
    if name == SCRAM_SHA_256 {
        Some(Mechanism::Scram(if can_bind {
            ScramBinding::NotOffered
        } else {
            ScramBinding::Unsupported
        }))
    } else if name == OAUTHBEARER {
        Some(Mechanism::OauthBearer)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use ChannelBinding::{Disable, Prefer, Require};

    use super::*;

    const PLUS: &[&str] = &["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"];
    const SCRAM: &[&str] = &["SCRAM-SHA-256"];

    fn run(offered: &[&str], transport: &Transport, binding: ChannelBinding) -> Result<Mechanism, String> {
        let offered: Vec<_> = offered.iter().map(|&name| name.into()).collect();
        choose(&offered, transport, binding, &RequireAuth::default()).map_err(|error| error.to_string())
    }

    fn tls() -> Transport {
        Transport::Tls {
            server_end_point: Some(vec![7; 32]),
        }
    }

    const NO_HASH: Transport = Transport::Tls {
        server_end_point: None,
    };

    fn bound() -> Mechanism {
        Mechanism::Scram(ScramBinding::TlsServerEndPoint(vec![7; 32]))
    }

    #[test]
    fn binds_where_both_sides_can() {
        for binding in [Prefer, Require] {
            assert_eq!(run(PLUS, &tls(), binding), Ok(bound()));
            assert_eq!(
                run(&["OAUTHBEARER", "SCRAM-SHA-256-PLUS"], &tls(), binding),
                Ok(bound())
            );
        }
    }

    #[test]
    fn the_flag_says_what_the_client_can_and_the_server_offered() {
        let y = Ok(Mechanism::Scram(ScramBinding::NotOffered));
        let n = || Ok(Mechanism::Scram(ScramBinding::Unsupported));
        assert_eq!(run(SCRAM, &tls(), Prefer), y, "able, not offered");
        assert_eq!(run(PLUS, &tls(), Disable), n(), "offered, disabled");
        assert_eq!(run(SCRAM, &tls(), Disable), n(), "disabled");
        assert_eq!(run(PLUS, &NO_HASH, Prefer), n(), "offered, unable");
        assert_eq!(run(SCRAM, &NO_HASH, Prefer), n(), "unable");
        assert_eq!(run(SCRAM, &Transport::Plain, Prefer), n(), "no TLS");
    }

    #[test]
    fn takes_what_the_server_names_first() {
        let both = ["x", "OAUTHBEARER", "SCRAM-SHA-256"];
        assert_eq!(run(&both, &tls(), Prefer), Ok(Mechanism::OauthBearer));
    }

    #[test]
    fn required_binding_is_not_negotiable() {
        assert_eq!(
            run(PLUS, &Transport::Plain, Require).unwrap_err(),
            "channel binding required, but SSL not in use"
        );
        let not_offered = "channel binding is required, but server did not offer an authentication method \
                           that supports channel binding";
        assert_eq!(run(SCRAM, &tls(), Require).unwrap_err(), not_offered);
        assert_eq!(run(&["OAUTHBEARER"], &tls(), Require).unwrap_err(), not_offered);
        assert_eq!(run(SCRAM, &NO_HASH, Require).unwrap_err(), not_offered);
        let empty = Transport::Tls {
            server_end_point: Some(vec![]),
        };
        for transport in [NO_HASH, empty] {
            assert_eq!(
                run(PLUS, &transport, Require).unwrap_err(),
                "channel binding is required, but the server's certificate has no hash to bind to"
            );
        }
    }

    #[test]
    fn binding_is_not_offered_without_tls() {
        for binding in [Disable, Prefer] {
            assert_eq!(
                run(PLUS, &Transport::Plain, binding).unwrap_err(),
                "server offered SCRAM-SHA-256-PLUS authentication over a non-SSL connection"
            );
        }
    }

    #[test]
    fn nothing_known_is_nothing() {
        let nothing = "none of the server's SASL authentication mechanisms are supported";
        assert_eq!(run(&[], &tls(), Prefer).unwrap_err(), nothing);
        assert_eq!(
            run(&["SCRAM-SHA-1", "scram-sha-256"], &tls(), Prefer).unwrap_err(),
            nothing
        );
        let plus_only = &PLUS[..1];
        assert_eq!(run(plus_only, &tls(), Disable).unwrap_err(), nothing);
        assert_eq!(run(plus_only, &NO_HASH, Prefer).unwrap_err(), nothing);
    }

    #[test]
    fn the_requirement_is_about_the_mechanism_that_would_be_used() {
        let choose = |offered: &[&str], requirement: &str, transport: &Transport| {
            let offered: Vec<_> = offered.iter().map(|&name| name.into()).collect();
            choose(&offered, transport, Prefer, &requirement.parse().unwrap())
                .map_err(|error| error.to_string())
        };
        assert_eq!(choose(PLUS, "scram-sha-256", &tls()), Ok(bound()));
        for (offered, requirement, name) in [
            (PLUS, "oauth", "SCRAM-SHA-256-PLUS"),
            (SCRAM, "!scram-sha-256", "SCRAM-SHA-256"),
            (&["OAUTHBEARER"], "scram-sha-256", "OAUTHBEARER"),
        ] {
            assert_eq!(
                choose(offered, requirement, &tls()).unwrap_err(),
                format!(
                    "authentication method requirement \"{requirement}\" failed: \
                     server requested {name} authentication"
                )
            );
        }
    }
}
