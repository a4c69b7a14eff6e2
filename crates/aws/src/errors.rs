//! Failures of AWS calls into causes and words: who can mend it, and how.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::profiles;
use super::xml::{self, Damaged};
use stackmark_evidence::{Cause, Unreadable};

/// Characters kept of what a service or the SDK says.
const MESSAGE_CHARS: usize = 300;

/// Why a request was not sent.
#[derive(Debug, thiserror::Error)]
#[error("{service} {name} is not among the operations that are allowed to be sent")]
pub(super) struct NotAllowed {
    pub(super) service: String,
    pub(super) name: String,
}

/// What a failed call of `action` against `endpoint` means.
pub(super) fn explain<E>(action: &str, endpoint: &str, error: &SdkError<E, HttpResponse>) -> Unreadable
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if let Some(refused) = in_chain::<NotAllowed>(error) {
        return Unreadable::new(Cause::Refused, format!("{action}: {refused}"));
    }
    if let Some(error) = in_chain::<CredentialsError>(error) {
        return credentials(error, None);
    }
    if let Some(damaged) = in_chain::<Damaged>(error) {
        return unparsed(action, endpoint, &clean(&damaged.to_string()));
    }
    match error {
        SdkError::TimeoutError(_) => timeout(action, endpoint),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => timeout(action, endpoint),
        SdkError::DispatchFailure(_) => {
            Unreadable::new(Cause::Unreachable, format!("{action}: cannot reach {endpoint}: {}", innermost(error)))
        }
        SdkError::ResponseError(response) => {
            let status = response.raw().status().as_u16();
            let body = response.raw().body().bytes().unwrap_or_default();
            // A gateway before the service may refuse in a format that is not the service's own.
            match xml::first_text(body, "Code").filter(|_| status >= 400) {
                Some(code) => {
                    told(action, endpoint, status, &code, &xml::first_text(body, "Message").unwrap_or_default())
                }
                None => Unreadable::new(
                    Cause::Malformed,
                    format!("{action}: damaged reply from {endpoint}: {}", innermost(error)),
                ),
            }
        }
        SdkError::ServiceError(service) => {
            let status = service.raw().status().as_u16();
            let body = service.raw().body().bytes().unwrap_or_default();
            let said = |known: Option<&str>, name| known.map(str::to_owned).or_else(|| xml::first_text(body, name));
            match said(service.err().code(), "Code") {
                Some(code) => {
                    let message = said(service.err().message(), "Message").unwrap_or_default();
                    told(action, endpoint, status, &code, &message)
                }
                None => untold(action, endpoint, status, &innermost(error)),
            }
        }
        _ => Unreadable::new(Cause::Malformed, format!("{action}: {}", innermost(error))),
    }
}

/// Whether the service says that what was asked about is not there.
pub(super) fn is_gone<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    match error {
        SdkError::ServiceError(error) => {
            let status = error.raw().status().as_u16();
            error.err().code().is_some_and(|code| class_of(code, status) == Class::NotFound)
        }
        _ => false,
    }
}

/// `None` where the service says `code`: there is no such thing, or it is not set.
#[allow(clippy::result_large_err, reason = "the SDK's own error, handed on to the one place that explains it")]
pub(super) fn unset<T, E: ProvideErrorMetadata>(
    result: Result<T, SdkError<E, HttpResponse>>,
    code: &str,
) -> Result<Option<T>, SdkError<E, HttpResponse>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(SdkError::ServiceError(error)) if error.err().code() == Some(code) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a reply asks for fewer requests.
pub(super) fn is_throttled(reply: &HttpResponse) -> bool {
    let status = reply.status().as_u16();
    let code = || {
        let in_header =
            reply.headers().get("x-amzn-errortype").map(|code| code.split(':').next().unwrap_or(code).to_owned());
        in_header.or_else(|| xml::first_text(reply.body().bytes()?, "Code"))
    };
    status >= 400 && (status == 429 || code().is_some_and(|code| class_of(&code, status) == Class::Throttled))
}

/// What it means that no credentials could be had; `profile` is the one that was asked for them.
pub(super) fn credentials(error: &CredentialsError, profile: Option<&str>) -> Unreadable {
    const HOW: &str = "name a profile or a role in the roster, set AWS_PROFILE, or set AWS_ACCESS_KEY_ID and \
                       AWS_SECRET_ACCESS_KEY (learner labs: AWS_SESSION_TOKEN too)";
    let said = innermost(error);
    let login = match profile {
        Some(name) => format!("sign in again: aws sso login --profile {name}"),
        None => "sign in again: aws sso login".to_owned(),
    };
    let lower = chain(error).to_ascii_lowercase();
    // A session that was never opened or is over leaves no token on this machine, or an old one.
    if lower.contains("sso") && ["token", "expired", "cached", "session"].iter().any(|word| lower.contains(word)) {
        return Unreadable::new(Cause::Expired, format!("the SSO session has ended: {login} ({said})"));
    }
    if lower.contains("login") && (lower.contains("expired") || lower.contains("token")) {
        return Unreadable::new(
            Cause::Expired,
            format!("the session of `aws login` has ended: sign in again ({said})"),
        );
    }
    if lower.contains("could not parse profile file") || lower.contains("error parsing") {
        let place = profiles::bad_line().unwrap_or(said);
        return Unreadable::new(Cause::Malformed, format!("a profile file cannot be read: {place}"));
    }
    if lower.contains("cargo feature") {
        let how =
            "use access keys, SSO or a credential_process; `aws configure export-credentials --format env` prints keys";
        return Unreadable::new(Cause::Denied, format!("the profile signs in in a way that is not supported: {how}"));
    }
    if let Some(what) = profile.and_then(profiles::no_such_profile) {
        return Unreadable::new(Cause::Denied, what);
    }
    match error {
        CredentialsError::CredentialsNotLoaded(_) => {
            Unreadable::new(Cause::Denied, format!("no AWS credentials were found: {HOW}"))
        }
        CredentialsError::ProviderTimedOut(_) => {
            Unreadable::new(Cause::Timeout, "AWS credentials: the source of the credentials gave no answer in time")
        }
        CredentialsError::InvalidConfiguration(_) => {
            Unreadable::new(Cause::Denied, format!("AWS credentials: the configuration is wrong: {said}; {HOW}"))
        }
        _ => {
            let cause = if lower.contains("expired") { Cause::Expired } else { Cause::Denied };
            Unreadable::new(cause, format!("AWS credentials could not be loaded: {said}; {HOW}"))
        }
    }
}

/// No answer in time.
pub(super) fn timeout(action: &str, endpoint: &str) -> Unreadable {
    Unreadable::new(Cause::Timeout, format!("{action}: no answer from {endpoint} in time"))
}

/// A reply that lacks what it must hold.
pub(super) fn incomplete(action: &str, what: &str) -> Unreadable {
    Unreadable::new(Cause::Malformed, format!("{action}: the reply has {what}"))
}

/// The service said what is wrong.
fn told(action: &str, endpoint: &str, status: u16, code: &str, message: &str) -> Unreadable {
    let said = match clean(message) {
        message if message.is_empty() => clean(code),
        message => format!("{}: {message}", clean(code)),
    };
    // STS and EC2 say the same of a signature that is wrong and of one that is late.
    let class = match class_of(code, status) {
        Class::InvalidKey if of_time(message) => Class::Clock,
        class => class,
    };
    let (cause, fix) = match class {
        Class::Clock => (
            Cause::Denied,
            "the clock of this machine is off: AWS takes requests that are signed within five minutes of its own time; \
             set the clock and collect again"
                .to_owned(),
        ),
        Class::RegionOff => (
            Cause::Denied,
            "the region is not enabled for this account: enable it, or correct the region in the roster".to_owned(),
        ),
        Class::Denied if message.contains("explicit deny") => (
            Cause::Denied,
            format!(
                "missing permission: {action}, by an explicit deny in a policy: no other policy can allow it, and in a \
                 learner lab nobody can change that"
            ),
        ),
        Class::Denied => {
            // Cloud Control asks the other services in the caller's name, and says whose right is missing.
            let asks_others = matches!(action, "cloudformation:ListResources" | "cloudformation:GetResource");
            let named =
                message.split("not authorized to perform: ").nth(1).and_then(|rest| rest.split_whitespace().next());
            let missing =
                named.filter(|named| asks_others && named.contains(':')).unwrap_or(action).trim_end_matches('.');
            (Cause::Denied, format!("missing permission: {missing}"))
        }
        // Whose the credentials are has been asked before, and the same key was good for that.
        Class::InvalidKey if !action.starts_with("sts:") => (
            Cause::Denied,
            "the access key is not accepted: either it was deleted meanwhile, or this region is not enabled for the \
             account; check the region in the roster"
                .to_owned(),
        ),
        Class::InvalidKey => (
            Cause::Denied,
            "the access key is not accepted: check the key, its secret and, for temporary keys, the session token; a region \
             that is not enabled accepts none"
                .to_owned(),
        ),
        Class::Expired => (
            Cause::Expired,
            "the credentials have expired: get new ones (learner labs: restart the lab) and check this machine's clock"
                .to_owned(),
        ),
        Class::Throttled => (Cause::Throttled, "throttled even after retries: collect again later".to_owned()),
        Class::NotFound => (Cause::Unreachable, "it was deleted while it was read: collect again".to_owned()),
        Class::Down => (Cause::Unreachable, format!("{endpoint} answered with status {status}")),
        Class::Other => (Cause::Malformed, format!("{endpoint} answered with status {status}")),
    };
    Unreadable::new(cause, format!("{action}: {said} ({fix})"))
}

/// Whether an error is about the time at which a request was signed.
fn of_time(message: &str) -> bool {
    ["Signature expired", "Signature not yet current", "request time", "Request has expired"]
        .iter()
        .any(|words| message.contains(words))
}

/// An error without a code: by its status alone.
fn untold(action: &str, endpoint: &str, status: u16, said: &str) -> Unreadable {
    let cause = match status {
        ..300 => return unparsed(action, endpoint, said),
        401 | 403 => Cause::Denied,
        429 => Cause::Throttled,
        500.. => Cause::Unreachable,
        _ => Cause::Malformed,
    };
    let what = match cause {
        Cause::Denied => format!("{endpoint} answered with status {status} (missing permission: {action})"),
        _ => format!("{endpoint} answered with status {status} and no error code"),
    };
    Unreadable::new(cause, format!("{action}: {what}"))
}

/// A reply of success that cannot be read.
fn unparsed(action: &str, endpoint: &str, said: &str) -> Unreadable {
    Unreadable::new(Cause::Malformed, format!("{action}: the reply of {endpoint} does not parse: {said}"))
}

/// Classes of error codes, finer than [`Cause`]: they differ in what mends them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Clock,
    RegionOff,
    Denied,
    InvalidKey,
    Expired,
    Throttled,
    NotFound,
    Down,
    Other,
}

fn class_of(code: &str, status: u16) -> Class {
    let code = code.strip_prefix("Client.").unwrap_or(code);
    match code {
        "RequestTimeTooSkewed" | "RequestInTheFuture" => Class::Clock,
        "InvalidRegion" | "RegionDisabledException" | "IllegalLocationConstraintException" => Class::RegionOff,
        "AuthFailure"
        | "InvalidClientTokenId"
        | "SignatureDoesNotMatch"
        | "InvalidAccessKeyId"
        | "InvalidSignatureException"
        | "UnrecognizedClientException"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException" => Class::InvalidKey,
        "OptInRequired" => Class::RegionOff,
        "UnauthorizedOperation" | "AuthorizationError" | "NotAuthorized" | "Blocked" => Class::Denied,
        "RequestExpired" | "TokenRefreshRequired" => Class::Expired,
        "RequestLimitExceeded" | "RequestThrottled" | "RequestThrottledException" | "SlowDown" => Class::Throttled,
        _ if code.starts_with("AccessDenied") => Class::Denied,
        _ if code.starts_with("ExpiredToken") => Class::Expired,
        _ if code.starts_with("Throttling") || code.starts_with("TooManyRequests") => Class::Throttled,
        _ if code.ends_with("NotFound") || code.ends_with("NotFoundException") => Class::NotFound,
        "NoSuchEntity" | "NoSuchBucket" => Class::NotFound,
        _ if status >= 500 => Class::Down,
        _ if status == 429 => Class::Throttled,
        _ if status == 401 || status == 403 => Class::Denied,
        _ => Class::Other,
    }
}

/// The first error of type `T` among an error and its sources.
fn in_chain<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// What an error and all its sources say.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut said = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        said.push_str(": ");
        said.push_str(&source.to_string());
        next = source.source();
    }
    clean(&said)
}

/// The last of an error's sources, which says what really happened.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    clean(&last.to_string())
}

/// One line without control characters, cut after [`MESSAGE_CHARS`].
fn clean(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MESSAGE_CHARS {
        return line;
    }
    line.chars().take(MESSAGE_CHARS).chain("…".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_fall_into_classes() {
        for (code, status, class) in [
            ("UnauthorizedOperation", 403, Class::Denied),
            ("AccessDenied", 403, Class::Denied),
            ("AccessDeniedException", 400, Class::Denied),
            ("ExpiredToken", 400, Class::Expired),
            ("ExpiredTokenException", 403, Class::Expired),
            ("RequestExpired", 400, Class::Expired),
            ("AuthFailure", 401, Class::InvalidKey),
            ("InvalidClientTokenId", 403, Class::InvalidKey),
            ("SignatureDoesNotMatch", 403, Class::InvalidKey),
            ("RequestLimitExceeded", 503, Class::Throttled),
            ("Throttling", 400, Class::Throttled),
            ("ThrottlingException", 400, Class::Throttled),
            ("LoadBalancerNotFound", 400, Class::NotFound),
            ("InternalFailure", 500, Class::Down),
            ("ValidationError", 400, Class::Other),
        ] {
            assert_eq!(class_of(code, status), class, "{code}");
        }
    }

    #[test]
    fn a_failure_says_what_mends_it() {
        let late = "Signature expired: 20261128T170000Z is now earlier than 20261128T174500Z";
        let lab = "You are not authorized to perform this operation. User: x is not authorized to perform: \
                   ec2:DescribeInstances with an explicit deny in an identity-based policy";
        for (action, code, message, words) in [
            ("sts:GetCallerIdentity", "SignatureDoesNotMatch", late, "the clock of this machine is off"),
            (
                "sts:GetCallerIdentity",
                "SignatureDoesNotMatch",
                "it does not match",
                "the access key is not accepted: check",
            ),
            ("s3:ListAllMyBuckets", "RequestTimeTooSkewed", "too large", "the clock of this machine is off"),
            ("ec2:DescribeInstances", "AuthFailure", "not able to validate", "this region is not enabled"),
            ("ec2:DescribeInstances", "OptInRequired", "no", "the region is not enabled"),
            ("ec2:DescribeInstances", "UnauthorizedOperation", lab, "in a learner lab nobody can"),
            ("ec2:DescribeInstances", "UnauthorizedOperation", "no", "missing permission: ec2:DescribeInstances"),
        ] {
            let failure = told(action, "here", 403, code, message);
            assert_eq!(failure.cause, Cause::Denied, "{failure}");
            assert!(failure.detail.contains(words), "{failure}");
        }
    }

    #[test]
    fn credentials_that_are_over_or_wrong_are_told_apart() {
        let said = |text: &str| credentials(&CredentialsError::provider_error(text.to_owned()), Some("lab"));
        let sso = said("failed to load a cached SSO token: token expired");
        assert_eq!(sso.cause, Cause::Expired);
        assert!(sso.detail.contains("aws sso login --profile lab"), "{sso}");
        assert_eq!(said("invalid profile: could not parse profile file").cause, Cause::Malformed);
        assert!(
            said("requires following cargo feature(s) enabled: credentials-login").detail.contains("not supported")
        );
        let other = credentials(&CredentialsError::provider_error("something else".to_owned()), None);
        assert!(other.detail.contains("could not be loaded"), "{other}");
    }

    #[test]
    fn what_a_service_says_is_one_short_clean_line() {
        let failure =
            told("ec2:DescribeVpcs", "here", 403, "AccessDenied", &format!("no\x1b[31m\nway {}", "x".repeat(900)));
        assert!(failure.detail.starts_with("ec2:DescribeVpcs: AccessDenied: no [31m way xxx"), "{}", failure.detail);
        assert!(failure.detail.ends_with("… (missing permission: ec2:DescribeVpcs)"), "{}", failure.detail);
        assert!(failure.detail.chars().count() < 400);
    }
}
