//! How an account is reached: credentials, region, endpoint, time limits.

use std::sync::Arc;
use std::time::Duration;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};

use super::connection::{Connection, on_loopback};
use super::operations::ReadOnly;
use super::turns::Turns;
use super::{errors, sts};
use crate::AwsAccess;
use stackmark_collect::Limits;
use stackmark_evidence::{Cause, Unreadable};

/// Read where neither the roster, the environment nor the profile names a region.
const DEFAULT_REGION: &str = "us-east-1";
/// Requests sent for one call at most, the first included. The waits between them double from a random part of a second.
/// The SDK's own adaptive mode is not used: it starts from a rate so low that calls run out of their time. Instead, fewer
/// calls are sent at once after each that was throttled.
const ATTEMPTS: u32 = 5;
/// A machine that is there accepts a connection within this time.
const CONNECT: Duration = Duration::from_secs(5);

impl Connection {
    /// Finds credentials and assumes the role, where there is one.
    ///
    /// A profile is the only source where the roster names one, so that keys in the environment of whoever grades never
    /// stand in for a team's. Otherwise: environment, default profile, web identity, container; never the machine's own
    /// instance role, which would keep a laptop without credentials waiting for a service that is not there. An endpoint
    /// on loopback without a profile or role is an emulator's: it gets made-up keys.
    ///
    /// # Errors
    /// `Denied` without credentials (the detail says how to give them), and whatever assuming the role can fail with.
    pub async fn open(access: &AwsAccess, limits: &Limits) -> Result<Self, Unreadable> {
        let region = region_of(access).await;
        for region in std::iter::once(&region).chain(&access.more_regions) {
            if let Some(own) = region_of_zone(region) {
                let what = format!(
                    "{region} is an availability zone: the region is {own}; correct it in the roster or profile"
                );
                return Err(Unreadable::new(Cause::Refused, what));
            }
        }
        if let Some(endpoint) = &access.endpoint_url
            && access.profile.is_none()
            && access.role.is_none()
            && on_loopback(endpoint)
        {
            let emulator = Self::emulator(endpoint, &region, "AKIAIOSFODNN7EXAMPLE", "emulator", limits);
            return Ok(Self { more_regions: access.more_regions.clone(), ..emulator });
        }
        let found = find_credentials(access, &region, limits).await?;
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(region.clone()))
            .credentials_provider(found)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(timeouts(limits))
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        if let Some(name) = &access.profile {
            loader = loader.profile_name(name);
        }
        if let Some(endpoint) = &access.endpoint_url {
            loader = loader.endpoint_url(endpoint);
        }
        let config = loader.load().await;
        let (read_only, turns) = (ReadOnly::default(), Arc::new(turns(limits)));
        let mut connection = Self { config, region, more_regions: access.more_regions.clone(), read_only, turns };
        if let Some(role) = &access.role {
            let assumed = sts::assume_role(&connection, role, access.external_id.as_deref()).await?;
            connection.config =
                connection.config.into_builder().credentials_provider(SharedCredentialsProvider::new(assumed)).build();
        }
        Ok(connection)
    }

    /// An endpoint that takes these keys; nothing of this machine's environment is read.
    pub fn emulator(endpoint_url: &str, region: &str, access_key: &str, secret: &str, limits: &Limits) -> Self {
        let keys = Credentials::new(access_key, secret, None, None, "emulator");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .endpoint_url(endpoint_url)
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(timeouts(limits))
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        let (read_only, turns) = (ReadOnly::default(), Arc::new(turns(limits)));
        Self { config, region: region.to_owned(), more_regions: Vec::new(), read_only, turns }
    }
}

fn turns(limits: &Limits) -> Turns {
    Turns::new(limits.aws_calls, limits.aws_calls_of_service)
}

/// The roster's region, the environment's, the profile's, then [`DEFAULT_REGION`].
async fn region_of(access: &AwsAccess) -> String {
    if let Some(region) = &access.region {
        return region.clone();
    }
    let mut profile = ProfileFileRegionProvider::builder();
    if let Some(name) = &access.profile {
        profile = profile.profile_name(name);
    }
    let profile = profile.build();
    let chain = match access.profile {
        Some(_) => RegionProviderChain::first_try(profile).or_else(EnvironmentVariableRegionProvider::new()),
        None => RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new()).or_else(profile),
    };
    chain.region().await.map_or_else(|| DEFAULT_REGION.to_owned(), |region| region.to_string())
}

/// The region of an availability zone, `us-east-1` of `us-east-1a`; `None` of what is none.
fn region_of_zone(name: &str) -> Option<&str> {
    let own = name.strip_suffix(|letter: char| letter.is_ascii_lowercase())?;
    own.ends_with(|digit: char| digit.is_ascii_digit()).then_some(own)
}

/// Finds a source of credentials that yields some now.
async fn find_credentials(
    access: &AwsAccess,
    region: &str,
    limits: &Limits,
) -> Result<SharedCredentialsProvider, Unreadable> {
    let conf = ProviderConfig::without_region().with_region(Some(Region::new(region.to_owned())));
    let profile = ProfileFileCredentialsProvider::builder().configure(&conf);
    let provider = match &access.profile {
        Some(name) => SharedCredentialsProvider::new(profile.profile_name(name).build()),
        None => SharedCredentialsProvider::new(
            CredentialsProviderChain::first_try("environment", EnvironmentVariableCredentialsProvider::new())
                .or_else("profile", profile.build())
                .or_else("web identity", WebIdentityTokenCredentialsProvider::builder().configure(&conf).build())
                .or_else("container", EcsCredentialsProvider::builder().configure(&conf).build()),
        ),
    };
    match tokio::time::timeout(limits.aws_time, provider.provide_credentials()).await {
        Ok(Ok(_)) => Ok(provider),
        Ok(Err(error)) => {
            let mut failure = errors::credentials(&error, access.profile.as_deref());
            if let Some(name) = &access.profile {
                failure.detail = format!("profile `{name}`: {}", failure.detail);
            }
            Err(failure)
        }
        Err(_) => Err(Unreadable::new(
            Cause::Timeout,
            format!("AWS credentials: their source gave no answer within {} s", limits.aws_time.as_secs()),
        )),
    }
}

fn timeouts(limits: &Limits) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT.min(limits.aws_time))
        // Half the time for one attempt leaves time for a second one after a connection that went dead.
        .operation_attempt_timeout(limits.aws_time / 2)
        .operation_timeout(limits.aws_time)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_no_region() {
        assert_eq!(region_of_zone("us-east-1a"), Some("us-east-1"));
        assert!(region_of_zone("us-east-1").is_none() && region_of_zone("local").is_none());
    }

    #[test]
    fn credentials_are_never_printed() {
        let connection =
            Connection::emulator("http://127.0.0.1:1", "us-east-1", "AKID", "hush-hush", &Limits::default());
        assert!(!format!("{connection:?}").contains("hush-hush"));
    }
}
