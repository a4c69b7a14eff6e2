//! Where the connections of a load go: addresses that the guard has passed, asked for again now and then.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use url::Url;

use super::super::failure::Failure;
use super::super::route;
use super::connection::Tls;
use stackmark_collect::Settings;
use stackmark_evidence::Cause;

/// Addresses of one host and port.
pub(super) struct Destination {
    url: Url,
    /// For the `Host` header.
    pub(super) host: String,
    pub(super) tls: Option<Tls>,
    addresses: RwLock<Arc<[SocketAddr]>>,
    next: AtomicUsize,
}

impl Destination {
    /// Resolves the host of `base`.
    ///
    /// # Errors
    /// No such host, an address that the guard refuses, a scheme that is none.
    pub(super) async fn resolve(base: &str, settings: &Settings) -> Result<Self, Failure> {
        let malformed = |what: &str| Failure::settled(Cause::Malformed, what);
        let url = Url::parse(base).map_err(|_| malformed("that is no URL"))?;
        let host = url.host().ok_or_else(|| malformed("the URL has no host"))?.to_string();
        let tls = if url.scheme() == "https" { Some(Tls::new(&host)?) } else { None };
        let addresses = route::addresses(&url, settings).await?;
        let host = url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
        Ok(Self { url, host, tls, addresses: RwLock::new(addresses.into()), next: AtomicUsize::new(0) })
    }

    /// Asks again: a load balancer that grows gets more addresses. Where that fails, the old ones stay.
    pub(super) async fn refresh(&self, settings: &Settings) {
        if let Ok(addresses) = route::addresses(&self.url, settings).await {
            *self.addresses.write().unwrap_or_else(PoisonError::into_inner) = addresses.into();
        }
    }

    /// All of them, each call beginning with the next one, so that connections go to all nodes of a load balancer.
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        let addresses = Arc::clone(&self.addresses.read().unwrap_or_else(PoisonError::into_inner));
        let mut addresses = addresses.to_vec();
        if !addresses.is_empty() {
            let first = self.next.fetch_add(1, Ordering::Relaxed) % addresses.len();
            addresses.rotate_left(first);
        }
        addresses
    }
}
