//! One connection to one address, with one kind of encryption.

use std::sync::Arc;

use dblink_protocol::auth::{AuthConfig, Credentials, RequireAuth, Transport};
use dblink_protocol::handshake::{Encryption, HandshakeConfig};

use super::error::AttemptError;
use super::target::{Address, Target, TargetTls};
use super::tls::TlsError;
use super::{random, tls_options};
use crate::connection::{Connection, OpenError, Progress};
use crate::conninfo::{Config, CredentialRequest, HostSpec, SslCertMode};

/// Connects to `address`, which is one of `host`. `progress` tells, also after a failure, how far it came.
pub(super) async fn attempt(
    config: &Config,
    host: &HostSpec,
    address: &Address,
    encryption: Encryption,
    progress: &mut Progress,
) -> Result<Connection, AttemptError> {
    check_possible(&config.require_auth)?;
    let tls = match encryption {
        Encryption::Ssl { .. } | Encryption::DirectSsl => Some(Arc::new(tls_options::of(config, host))),
        Encryption::None | Encryption::Gss { .. } => None,
    };
    let mut target = Target {
        host: host.name().to_owned(),
        port: host.port.clone().unwrap_or_default(),
        address: address.clone(),
        keepalives: config.keepalives,
        peer: config.requirepeer.clone(),
        tls: None,
    };
    let stream = target.open().await?;
    let mut auth = AuthConfig::new(&config.user, random::nonce().map_err(AttemptError::Nonce)?);
    if let Address::Unix(_) = address {
        auth.transport = Transport::Unix;
    }
    let may_send_token = tls.is_some() || auth.transport == Transport::Unix;
    auth.credentials = credentials(config, host, may_send_token).await?;
    auth.require_auth = config.require_auth.clone();
    auth.channel_binding = config.channel_binding;
    let handshake = HandshakeConfig {
        encryption,
        parameters: config.parameters.clone(),
        min_version: config.min_protocol_version,
        max_version: config.max_protocol_version,
        ..HandshakeConfig::new(auth)
    };
    let mut connection = Connection::open_noting(stream, handshake, tls.as_deref(), progress).await?;
    if config.tls.cert_mode == SslCertMode::Require && !progress.encrypted {
        return Err(OpenError::Tls(TlsError::CertificateNotRequested).into());
    }
    target.tls = tls.filter(|_| progress.encrypted).map(|options| TargetTls {
        options,
        direct: encryption == Encryption::DirectSsl,
    });
    connection.set_target(target);
    Ok(connection)
}

/// Refuses a requirement that no server could meet with this client.
fn check_possible(require_auth: &RequireAuth) -> Result<(), AttemptError> {
    let text = require_auth.to_string();
    if text.split(',').all(|method| matches!(method, "gss" | "sspi")) {
        return Err(AttemptError::AuthUnavailable(text));
    }
    Ok(())
}

/// What the client can show, asked for where the caller wants to be asked.
async fn credentials(
    config: &Config,
    host: &HostSpec,
    may_send_token: bool,
) -> Result<Credentials, AttemptError> {
    let request = || CredentialRequest {
        host: host.name().to_owned(),
        port: host.port.clone().unwrap_or_default(),
        user: config.user.clone(),
        dbname: config.dbname.clone(),
    };
    let failed = |credential| move |error| AttemptError::Credential { credential, error };
    let password = match &config.password_source {
        Some(source) => Some(source.ask(request()).await.map_err(failed("password"))?),
        None => host.password.as_ref().map(|password| password.secret.clone()),
    };
    let bearer_token = match &config.token_source {
        Some(source) if may_send_token => Some(
            source
                .ask(request())
                .await
                .map_err(failed("OAuth bearer token"))?,
        ),
        _ => None,
    };
    Ok(Credentials {
        password,
        scram_client_key: config.scram_client_key.clone(),
        scram_server_key: config.scram_server_key.clone(),
        bearer_token,
    })
}
