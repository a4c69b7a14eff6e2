//! How an `https://` host is spoken to.

use std::sync::Arc;

use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, crypto};

use super::super::failure::Failure;
use stackmark_evidence::Cause;

/// What is used for `https://`.
#[derive(Clone)]
pub(super) struct Tls {
    pub(super) connector: TlsConnector,
    pub(super) name: ServerName<'static>,
}

impl Tls {
    /// For a host, checked by the system's own root certificates.
    pub(super) fn new(host: &str) -> Result<Self, Failure> {
        let failed = |what: String| Failure::settled(Cause::Unreachable, format!("no TLS: {what}"));
        let host = host.trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(host).map_err(|error| failed(error.to_string()))?;
        let config = ClientConfig::builder_with_provider(Arc::new(crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_platform_verifier())
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self { connector: TlsConnector::from(Arc::new(config.with_no_client_auth())), name })
    }
}
