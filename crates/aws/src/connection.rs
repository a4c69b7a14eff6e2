//! A way into an account.

use std::net::IpAddr;
use std::sync::Arc;

use aws_config::{Region, SdkConfig};

use super::operations::ReadOnly;
use super::turns::Turns;

/// A way into an account that is ready to be used. Its credentials are never printed.
#[derive(Debug, Clone)]
pub struct Connection {
    pub(super) config: SdkConfig,
    /// Region that is read; the first of several.
    pub(super) region: String,
    /// The others.
    pub(super) more_regions: Vec<String>,
    /// Counts what is sent, from assuming a role onwards.
    pub(super) read_only: ReadOnly,
    /// Shared by all regions: AWS bounds requests by account.
    pub(super) turns: Arc<Turns>,
}

impl Connection {
    /// The same way in, to another region.
    pub(super) fn to_region(&self, region: &str) -> Self {
        let config = self.config.to_builder().region(Region::new(region.to_owned())).build();
        let (read_only, turns) = (self.read_only.clone(), Arc::clone(&self.turns));
        Self { config, region: region.to_owned(), more_regions: Vec::new(), read_only, turns }
    }

    /// Every region that is read, each once, in the order in which they were asked for.
    pub(super) fn regions(&self) -> Vec<String> {
        let mut regions = vec![self.region.clone()];
        for region in &self.more_regions {
            if !regions.contains(region) {
                regions.push(region.clone());
            }
        }
        regions
    }

    /// Where requests go, for messages.
    pub(super) fn endpoint(&self) -> String {
        match self.config.endpoint_url() {
            Some(endpoint) => endpoint.to_owned(),
            None => format!("AWS in {}", self.region),
        }
    }
}

/// Whether a URL's host is this machine.
pub(super) fn on_loopback(endpoint: &str) -> bool {
    url::Url::parse(endpoint).is_ok_and(|url| match url.host() {
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(url::Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_taken_for_an_emulator() {
        for here in ["http://127.0.0.1:5000", "http://localhost:1", "http://[::1]:5000"] {
            assert!(on_loopback(here), "{here}");
        }
        for elsewhere in ["http://10.0.0.1", "https://ec2.us-east-1.amazonaws.com", "http://localhost.example.org", "x"]
        {
            assert!(!on_loopback(elsewhere), "{elsewhere}");
        }
    }
}
