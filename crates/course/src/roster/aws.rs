//! A roster's `[aws]`, for all teams or for one.

use super::super::reader::Table;

/// How to reach an account; a team's own values come before the roster's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Aws {
    /// Profile of the shared configuration files.
    pub profile: Option<String>,
    /// ARN of a role to assume.
    pub role: Option<String>,
    /// For that role.
    pub external_id: Option<String>,
    /// Region to read; the first of several.
    pub region: Option<String>,
    /// The others.
    pub more_regions: Vec<String>,
    /// Another endpoint for every service.
    pub endpoint_url: Option<String>,
    /// Twelve digits.
    pub account: Option<String>,
}

impl Aws {
    pub(super) fn read(table: Table<'_>, fallback: &Self) -> Self {
        let text = |key| table.get(key).and_then(|entry| entry.text());
        let account = table.get("account").and_then(|entry| {
            let account = entry.text()?;
            let valid = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
            if !valid {
                entry.error(format!("`account` is \"{account}\""), "an AWS account is twelve digits, in quotes");
            }
            valid.then_some(account)
        });
        for (key, span, _) in table.entries() {
            if ["access_key", "access_key_id", "aws_access_key_id", "secret_key", "secret_access_key", "session_token"]
                .contains(&key.as_str())
            {
                let fix = "put the credentials into a profile of the AWS configuration, and name it: profile = \"…\"";
                table.reader().error(span, "a roster must not contain credentials", fix);
            }
        }
        let (region, more_regions) = regions(&table);
        let own = Self {
            profile: text("profile"),
            role: text("role"),
            external_id: text("external_id"),
            region,
            more_regions,
            endpoint_url: text("endpoint_url"),
            account,
        };
        table.finish();
        let (region, more_regions) = match own.region {
            Some(region) => (Some(region), own.more_regions),
            None => (fallback.region.clone(), fallback.more_regions.clone()),
        };
        Self {
            profile: own.profile.or_else(|| fallback.profile.clone()),
            role: own.role.or_else(|| fallback.role.clone()),
            external_id: own.external_id.or_else(|| fallback.external_id.clone()),
            region,
            more_regions,
            endpoint_url: own.endpoint_url.or_else(|| fallback.endpoint_url.clone()),
            account: own.account.or_else(|| fallback.account.clone()),
        }
    }
}

/// `region = "us-east-1"`, or `regions = ["us-east-1", "eu-west-1"]`.
fn regions(table: &Table<'_>) -> (Option<String>, Vec<String>) {
    let one = table.get("region").and_then(|entry| entry.text());
    let Some(entry) = table.get("regions") else { return (one, Vec::new()) };
    if one.is_some() {
        entry.error("`region` and `regions` cannot be combined", "keep one of them: regions = [\"us-east-1\", …]");
    }
    let mut several = entry.strings().unwrap_or_default().into_iter();
    (several.next().or(one), several.collect())
}
