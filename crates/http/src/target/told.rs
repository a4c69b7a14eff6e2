//! A target as it is told: its URL, and why none was taken of several.

use url::Url;

use stackmark_collect::Settings;
use stackmark_collect::resolve;
use stackmark_evidence::http::{SEVERAL_BALANCERS, Target};
use stackmark_evidence::{Cause, Reading};

/// Load balancers that a sentence names.
pub(super) const NAMED: usize = 5;

/// Several remain: a choice by name would be nobody's.
pub(super) fn undecided(count: usize, words: &[String], unknown: &str) -> Reading<Target> {
    let more = if count > words.len() { ", …" } else { "" };
    let detail = format!(
        "{count} {SEVERAL_BALANCERS}: {}{more}{unknown}; \
         set base_url in the roster to the one to grade, or delete those that are left over",
        words.join(", ")
    );
    Reading::unreadable(Cause::Refused, detail)
}

/// Only a host and a port: a DNS name that smuggles in anything else is none.
pub(super) fn plain_url(scheme: &str, dns_name: &str, port: i64) -> Option<Url> {
    let url = Url::parse(&format!("{scheme}://{dns_name}:{port}/")).ok()?;
    Some(url).filter(|url| url.path() == "/" && url.username().is_empty() && url.query().is_none())
}

pub(super) fn override_of(url: &Url, settings: &Settings) -> Option<String> {
    resolve::find(&settings.resolve, url.host_str()?, url.port_or_known_default()?).map(ToString::to_string)
}

pub(super) fn without_final_slash(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}
