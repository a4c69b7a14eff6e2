//! How to reach a team's account.

/// How to reach a team's account. Credentials never stand here, only where to find them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AwsAccess {
    /// A profile of the shared configuration files.
    pub profile: Option<String>,
    /// ARN of a role to assume.
    pub role: Option<String>,
    /// For that role.
    pub external_id: Option<String>,
    /// `None` takes the profile's, then `us-east-1`.
    pub region: Option<String>,
    /// Regions beside that one.
    pub more_regions: Vec<String>,
    /// Another endpoint for every service, for emulators.
    pub endpoint_url: Option<String>,
    /// Twelve digits; any other account is refused.
    pub expected_account: Option<String>,
}
