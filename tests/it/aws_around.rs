//! What is read around the stack, from recorded replies that the emulator cannot give: the account's root user.

use std::collections::BTreeSet;

use crate::support::fake_aws::{FakeAws, Line, Reply, identity};
use stackmark_aws::{AwsAccess, collect};
use stackmark_collect::{Limits, Silent};
use stackmark_evidence::Cause;
use stackmark_evidence::aws::AwsEvidence;
use stackmark_evidence::request::ScopeRequest;

async fn read(fake: &FakeAws, scope: &ScopeRequest, table: &str) -> AwsEvidence {
    let access = AwsAccess { endpoint_url: Some(fake.endpoint.clone()), ..AwsAccess::default() };
    let wanted = BTreeSet::from([format!("aws.{table}")]);
    collect(&access, scope, &wanted, &Limits::default(), &Silent).await
}

fn xml(action: &'static str, result: &str) -> Line {
    let body = format!("<{action}Response><{action}Result>{result}</{action}Result></{action}Response>");
    (action, Reply::Xml(200, body))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_users_keys_are_the_accounts_and_not_the_graders() {
    let summary = |entries: &str| xml("GetAccountSummary", &format!("<SummaryMap>{entries}</SummaryMap>"));
    let entry = |key: &str, value: u32| format!("<entry><key>{key}</key><value>{value}</value></entry>");
    let counted = [entry("Users", 3), entry("AccountAccessKeysPresent", 1), entry("AccountMFAEnabled", 0)].concat();
    let fake = FakeAws::start(vec![identity(), summary(&counted)]).await;
    let found = read(&fake, &ScopeRequest::default(), "root_user").await;
    let root = &found.root_user.value().expect("read")[0];
    assert_eq!((root.access_keys, root.mfa), (true, Some(false)));
    assert!(!found.caller.value().expect("read").arn.ends_with(":root"), "asked by a user");

    let fake = FakeAws::start(vec![identity(), summary(&entry("Users", 3))]).await;
    let found = read(&fake, &ScopeRequest::default(), "root_user").await;
    let failure = found.root_user.failure().expect("a count that is missing is not none");
    assert_eq!(failure.cause, Cause::Malformed);
}
