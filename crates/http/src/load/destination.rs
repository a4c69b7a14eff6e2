//! Where the connections of a load go: addresses that the guard has passed, asked for again now and then.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use url::Url;

use super::super::failure::Failure;
use super::super::redirect;
use super::super::route;
use super::tls::Tls;
use stackmark_collect::Settings;
use stackmark_evidence::Cause;

/// Addresses of one host and port.
pub(super) struct Destination {
    pub(super) url: Url,
    /// For the `Host` header.
    pub(super) host: String,
    pub(super) tls: Option<Tls>,
    addresses: RwLock<Arc<[SocketAddr]>>,
    /// Those to which no connection came about; they are tried last.
    mute: Mutex<BTreeSet<SocketAddr>>,
    next: AtomicUsize,
}

impl Destination {
    /// Resolves the host of `base`.
    ///
    /// # Errors
    /// No such host, an address that the guard refuses, a scheme that is none.
    async fn resolve(url: Url, settings: &Settings) -> Result<Self, Failure> {
        let host = url.host().ok_or_else(|| Failure::settled(Cause::Malformed, "the URL has no host"))?.to_string();
        let tls = if url.scheme() == "https" { Some(Tls::new(&host)?) } else { None };
        let addresses = route::addresses(&url, settings).await?;
        let host = url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
        let (mute, next) = (Mutex::default(), AtomicUsize::new(0));
        Ok(Self { url, host, tls, addresses: RwLock::new(addresses.into()), mute, next })
    }

    /// Asks again: a load balancer that grows gets more addresses. Where that fails, the old ones stay.
    async fn refresh(&self, settings: &Settings) {
        if let Ok(addresses) = route::addresses(&self.url, settings).await {
            *self.addresses.write().unwrap_or_else(PoisonError::into_inner) = addresses.into();
            self.mute().clear();
        }
    }

    /// All of them, each call beginning with the next one, so that connections go to all nodes of a load balancer; those
    /// that did not answer come last.
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        let addresses = Arc::clone(&self.addresses.read().unwrap_or_else(PoisonError::into_inner));
        let mute = self.mute();
        let (last, mut addresses): (Vec<_>, Vec<_>) =
            addresses.iter().copied().partition(|address| mute.contains(address));
        if !addresses.is_empty() {
            let first = self.next.fetch_add(1, Ordering::Relaxed) % addresses.len();
            addresses.rotate_left(first);
        }
        addresses.extend(last);
        addresses
    }

    /// Notes whether a connection to this address came about.
    pub(super) fn answers(&self, address: SocketAddr, connected: bool) {
        if connected {
            self.mute().remove(&address);
        } else {
            self.mute().insert(address);
        }
    }

    fn mute(&self) -> std::sync::MutexGuard<'_, BTreeSet<SocketAddr>> {
        self.mute.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Scheme, port and alias, of the one host that a load goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Origin {
    https: bool,
    port: u16,
    alias: u8,
}

impl Origin {
    fn of(url: &Url) -> Option<Self> {
        let https = match url.scheme() {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        Some(Self { https, port: url.port_or_known_default()?, alias: redirect::name_of(url).0 })
    }
}

/// The target of a load, and where it redirects to on the same host.
pub(super) struct Destinations {
    settings: Settings,
    origin: Origin,
    first: Arc<Destination>,
    others: tokio::sync::Mutex<BTreeMap<Origin, Result<Arc<Destination>, Failure>>>,
}

impl Destinations {
    /// Resolves the host of `base`.
    ///
    /// # Errors
    /// No such host, an address that the guard refuses, a scheme that is none.
    pub(super) async fn resolve(base: &str, settings: &Settings) -> Result<Self, Failure> {
        let url = Url::parse(base).map_err(|_| Failure::settled(Cause::Malformed, "that is no URL"))?;
        let origin = Origin::of(&url).ok_or_else(|| {
            Failure::settled(Cause::Refused, format!("`{}` is no scheme that requests go to", url.scheme()))
        })?;
        let first = Arc::new(Destination::resolve(url, settings).await?);
        Ok(Self { settings: settings.clone(), origin, first, others: tokio::sync::Mutex::default() })
    }

    /// The target itself.
    pub(super) fn target(&self) -> (Origin, &Arc<Destination>) {
        (self.origin, &self.first)
    }

    /// Where a redirect to `url` goes.
    ///
    /// # Errors
    /// Another host: a load is for the team's own stack, and a stranger's is not to be put under it.
    pub(super) async fn at(&self, url: &Url) -> Result<(Origin, Arc<Destination>), Failure> {
        if let Some(failure) = redirect::leads_elsewhere(&self.first.url, url) {
            return Err(failure);
        }
        let origin = Origin::of(url).ok_or_else(|| {
            let reason = format!("it redirects to `{}`, which is no scheme that requests go to", url.scheme());
            Failure { own: true, ..Failure::settled(Cause::Refused, reason) }
        })?;
        if origin == self.origin {
            return Ok((origin, Arc::clone(&self.first)));
        }
        let mut others = self.others.lock().await;
        if let Some(known) = others.get(&origin) {
            return known.clone().map(|destination| (origin, destination));
        }
        let mut base = url.clone();
        base.set_path("");
        base.set_query(None);
        let resolved = Destination::resolve(base, &self.settings).await.map(Arc::new);
        others.insert(origin, resolved.clone());
        resolved.map(|destination| (origin, destination))
    }

    /// Asks for the target's addresses again.
    pub(super) async fn refresh(&self) {
        self.first.refresh(&self.settings).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn destinations(base: &str) -> Destinations {
        let resolve = vec!["*:80:127.0.0.1".parse().unwrap(), "*:8080:127.0.0.1".parse().unwrap()];
        Destinations::resolve(base, &Settings { resolve, ..Settings::default() }).await.expect("it resolves")
    }

    #[tokio::test]
    async fn an_address_that_does_not_answer_is_tried_last() {
        let destinations = destinations("http://lb.example.com").await;
        let (_, target) = destinations.target();
        let all: Vec<SocketAddr> = ["10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"].map(|it| it.parse().unwrap()).into();
        *target.addresses.write().unwrap() = all.clone().into();
        target.answers(all[1], false);
        for _ in 0..3 {
            assert_eq!(target.addresses()[2], all[1]);
        }
        target.answers(all[1], true);
        let first: BTreeSet<SocketAddr> = (0..3).map(|_| target.addresses()[0]).collect();
        assert_eq!(first.len(), 3);
    }

    #[tokio::test]
    async fn a_load_follows_redirects_on_its_own_host_alone() {
        let destinations = destinations("http://lb.example.com").await;
        let at = async |url: &str| destinations.at(&Url::parse(url).unwrap()).await;
        let (origin, target) = at("http://lb.example.com/cluster1/").await.expect("the same");
        assert!(origin == destinations.origin && Arc::ptr_eq(&target, &destinations.first));
        let (_, other) = at("http://lb.example.com:8080/x?y").await.expect("its other listener");
        assert_eq!((other.host.as_str(), other.addresses()[0].port()), ("lb.example.com:8080", 8080));
        for (url, says) in [("http://elsewhere.example.com/", "set base_url"), ("ftp://lb.example.com/", "no scheme")] {
            let failure = at(url).await.map(|_| ()).expect_err(url);
            assert!(failure.own && failure.reason.contains(says), "{failure:?}");
        }
    }
}
