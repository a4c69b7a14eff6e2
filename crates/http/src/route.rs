//! Where a connection goes: through the guard, by the resolver or straight to an address.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::failure::Failure;
use stackmark_collect::ResolveOverride;
use stackmark_collect::Settings;
use stackmark_collect::guard::{self, Consent, Refusal};
use stackmark_collect::resolve;
use stackmark_evidence::Cause;

/// A URL as the client gets it.
pub(super) struct Route {
    /// Without a port, where the resolver names it; with another address, where `--resolve` replaced a literal.
    pub(super) url: Url,
    /// The `Host` header of the URL that was asked for.
    pub(super) host: String,
    pub(super) client: Client,
}

/// One client for each kind of connection, none of which keeps a connection open.
pub(super) struct Router<'a> {
    settings: &'a Settings,
    clients: BTreeMap<(bool, u16, u64), Client>,
}

impl<'a> Router<'a> {
    pub(super) fn new(settings: &'a Settings) -> Self {
        Self { settings, clients: BTreeMap::new() }
    }

    /// How to connect to `url`, within `timeout` for the whole attempt.
    pub(super) fn route(&mut self, url: &Url, timeout: Duration) -> Result<Route, Failure> {
        let (https, port) = match (url.scheme(), url.port_or_known_default()) {
            ("http", Some(port)) => (false, port),
            ("https", Some(port)) => (true, port),
            _ => {
                return Err(Failure::settled(
                    Cause::Refused,
                    format!("`{}` is no scheme that requests go to", url.scheme()),
                ));
            }
        };
        let host = url.host().ok_or_else(|| Failure::settled(Cause::Malformed, "the URL has no host"))?;
        let literal = match host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
        };
        let mut connect = url.clone();
        let changed = match literal {
            // The resolver is asked, and names the port too: one in the URL would overrule it.
            None => connect.set_port(None),
            // The client asks no resolver about a literal.
            Some(address) => {
                let host = host.to_string();
                let destination = match resolve::find(&self.settings.resolve, &host, port) {
                    Some(entry) => permitted(&host, vec![resolve::destination(entry, port)], Consent::Private),
                    None => permitted(&host, vec![SocketAddr::new(address, port)], consent(self.settings)),
                };
                let destination = destination.map_err(Failure::from)?[0];
                connect.set_ip_host(destination.ip()).and_then(|()| connect.set_port(Some(destination.port())))
            }
        };
        changed.map_err(|()| Failure::settled(Cause::Malformed, "the URL takes no port"))?;
        let host = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        };
        Ok(Route { url: connect, host, client: self.client(https, port, timeout)? })
    }

    fn client(&mut self, https: bool, port: u16, timeout: Duration) -> Result<Client, Failure> {
        let key = (https, port, u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX));
        if let Some(client) = self.clients.get(&key) {
            return Ok(client.clone());
        }
        let resolver = GuardedResolver {
            port,
            consent: consent(self.settings),
            overrides: Arc::new(self.settings.resolve.clone()),
        };
        let mut builder = Client::builder()
            .user_agent(concat!("stackmark/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(resolver)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            // Each attempt on a connection of its own, so that a load balancer can spread them.
            .pool_max_idle_per_host(0)
            .http1_only()
            // A dependency could switch these features on for everybody: what is measured is what was sent.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            // Shared by all addresses of a host, so that a dead first one leaves time for the next.
            .connect_timeout(timeout.mul_f32(0.75));
        if !https {
            // A machine without root certificates can still be asked for plain HTTP.
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build().map_err(|error| Failure::from_client(&error))?;
        self.clients.insert(key, client.clone());
        Ok(client)
    }
}

/// Addresses for connections that a caller opens itself, by the same rules as a client's; at least one.
pub(super) async fn addresses(url: &Url, settings: &Settings) -> Result<Vec<SocketAddr>, Failure> {
    let port = match (url.scheme(), url.port_or_known_default()) {
        ("http" | "https", Some(port)) => port,
        (scheme, _) => {
            return Err(Failure::settled(Cause::Refused, format!("`{scheme}` is no scheme that requests go to")));
        }
    };
    let host = url.host().ok_or_else(|| Failure::settled(Cause::Malformed, "the URL has no host"))?;
    let name = host.to_string();
    let (addresses, consent) = match (resolve::find(&settings.resolve, &name, port), host) {
        (Some(entry), _) => (vec![resolve::destination(entry, port)], Consent::Private),
        (None, Host::Ipv4(address)) => (vec![SocketAddr::new(address.into(), port)], consent(settings)),
        (None, Host::Ipv6(address)) => (vec![SocketAddr::new(address.into(), port)], consent(settings)),
        (None, Host::Domain(domain)) => {
            let found = tokio::net::lookup_host((domain, port)).await.map_err(|error| {
                Failure::of_this_machine(&error).unwrap_or_else(|| {
                    Failure::responding(Cause::Unreachable, format!("the host name does not resolve ({error})"))
                })
            })?;
            (found.collect(), consent(settings))
        }
    };
    if addresses.is_empty() {
        return Err(Failure::responding(Cause::Unreachable, "the host name does not resolve"));
    }
    Ok(permitted(&name, addresses, consent)?)
}

fn consent(settings: &Settings) -> Consent {
    if settings.allow_private { Consent::Private } else { Consent::Public }
}

/// All of `addresses`, where none is objected to: a host that is partly private is not the public service it claims to be.
fn permitted(host: &str, addresses: Vec<SocketAddr>, consent: Consent) -> Result<Vec<SocketAddr>, Refusal> {
    for address in &addresses {
        guard::check(host, address.ip(), consent)?;
    }
    Ok(addresses)
}

/// The system's resolver behind `--resolve` and the guard, for URLs with one port.
struct GuardedResolver {
    port: u16,
    consent: Consent,
    overrides: Arc<Vec<ResolveOverride>>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (port, consent, overrides) = (self.port, self.consent, Arc::clone(&self.overrides));
        Box::pin(async move {
            let host = name.as_str();
            let (addresses, consent) = match resolve::find(&overrides, host, port) {
                Some(entry) => (vec![resolve::destination(entry, port)], Consent::Private),
                None => (tokio::net::lookup_host((host, port)).await?.collect(), consent),
            };
            let addresses: Addrs = Box::new(permitted(host, addresses, consent)?.into_iter());
            Ok(addresses)
        })
    }
}
