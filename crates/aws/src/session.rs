//! The clients of one account, with paging and bounded concurrency.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_ec2::config::retry::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::task::JoinSet;

use super::connection::{Connection, on_loopback};
use super::errors;
use super::found::{Found, Rows};
use super::operations::ReadOnly;
use super::turns::Turns;
use stackmark_evidence::aws::{Gap, identified};
use stackmark_evidence::{Cause, Unreadable};

/// Pages of one listing; no assignment comes near, an endpoint that never ends does.
const MAX_PAGES: usize = 500;
/// Calls of one table that fail one after the other because the service does not answer: the rest is not asked.
const GIVE_UP: usize = 6;

/// The clients of one account, all of which refuse what does not read.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) ec2: aws_sdk_ec2::Client,
    pub(super) elbv2: aws_sdk_elasticloadbalancingv2::Client,
    pub(super) autoscaling: aws_sdk_autoscaling::Client,
    pub(super) apigateway: aws_sdk_apigateway::Client,
    pub(super) apigatewayv2: aws_sdk_apigatewayv2::Client,
    pub(super) classic: aws_sdk_elasticloadbalancing::Client,
    pub(super) cloudcontrol: aws_sdk_cloudcontrol::Client,
    pub(super) cloudformation: aws_sdk_cloudformation::Client,
    pub(super) cloudtrail: aws_sdk_cloudtrail::Client,
    pub(super) cloudwatch: aws_sdk_cloudwatch::Client,
    pub(super) codepipeline: aws_sdk_codepipeline::Client,
    pub(super) ecs: aws_sdk_ecs::Client,
    pub(super) elasticbeanstalk: aws_sdk_elasticbeanstalk::Client,
    pub(super) iam: aws_sdk_iam::Client,
    pub(super) lambda: aws_sdk_lambda::Client,
    pub(super) s3: aws_sdk_s3::Client,
    pub(super) sns: aws_sdk_sns::Client,
    pub(super) sts: aws_sdk_sts::Client,
    pub(super) tagging: aws_sdk_resourcegroupstagging::Client,
    /// Region that is read.
    pub(super) region: String,
    /// For the one client that may change something.
    config: SdkConfig,
    /// Whether the endpoint is one on this machine.
    pub(super) is_emulator: bool,
    endpoint: String,
    read_only: ReadOnly,
    turns: Arc<Turns>,
}

impl Session {
    pub(super) fn new(connection: &Connection) -> Arc<Self> {
        let Connection { config, read_only, .. } = connection;
        /// A client of the connection's that sends nothing but what reads.
        macro_rules! client {
            ($package:ident) => {{
                let config = $package::config::Builder::from(config).interceptor(read_only.clone());
                $package::Client::from_conf(config.retry_partition(own_retries()).build())
            }};
        }
        // An emulator has no host name for each bucket.
        let s3 = aws_sdk_s3::config::Builder::from(config).force_path_style(config.endpoint_url().is_some());
        Arc::new(Self {
            ec2: client!(aws_sdk_ec2),
            elbv2: client!(aws_sdk_elasticloadbalancingv2),
            autoscaling: client!(aws_sdk_autoscaling),
            apigateway: client!(aws_sdk_apigateway),
            apigatewayv2: client!(aws_sdk_apigatewayv2),
            classic: client!(aws_sdk_elasticloadbalancing),
            cloudcontrol: client!(aws_sdk_cloudcontrol),
            cloudformation: client!(aws_sdk_cloudformation),
            cloudtrail: client!(aws_sdk_cloudtrail),
            cloudwatch: client!(aws_sdk_cloudwatch),
            codepipeline: client!(aws_sdk_codepipeline),
            ecs: client!(aws_sdk_ecs),
            elasticbeanstalk: client!(aws_sdk_elasticbeanstalk),
            iam: client!(aws_sdk_iam),
            lambda: client!(aws_sdk_lambda),
            s3: aws_sdk_s3::Client::from_conf(s3.interceptor(read_only.clone()).retry_partition(own_retries()).build()),
            sns: client!(aws_sdk_sns),
            sts: client!(aws_sdk_sts),
            tagging: client!(aws_sdk_resourcegroupstagging),
            is_emulator: config.endpoint_url().is_some_and(on_loopback),
            config: config.clone(),
            region: connection.region.clone(),
            endpoint: connection.endpoint(),
            read_only: read_only.clone(),
            turns: Arc::clone(&connection.turns),
        })
    }

    /// A client that may also end one instance of an Auto Scaling group, and nothing else that changes anything.
    pub(super) fn disruptive(&self) -> aws_sdk_autoscaling::Client {
        // A reply that is lost must not end a second instance.
        let config = aws_sdk_autoscaling::config::Builder::from(&self.config).retry_config(RetryConfig::disabled());
        aws_sdk_autoscaling::Client::from_conf(config.interceptor(self.read_only.and_disruptive()).build())
    }

    /// Requests sent so far, by IAM action.
    pub(super) fn calls(&self) -> BTreeMap<String, u64> {
        self.read_only.calls()
    }

    /// Sends one request when its turn comes; `action` is the IAM action that allows it.
    pub(super) async fn call<T, E>(
        &self,
        action: &str,
        send: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, Unreadable>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        self.answer(action, send).await.map_err(|error| errors::explain(action, &self.endpoint, &error))
    }

    /// The same about one thing that a listing named; `None` where it is gone since.
    pub(super) async fn call_unless_gone<T, E>(
        &self,
        action: &str,
        send: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<Option<T>, Unreadable>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        match self.answer(action, send).await {
            Ok(reply) => Ok(Some(reply)),
            Err(error) if errors::is_gone(&error) => Ok(None),
            Err(error) => Err(errors::explain(action, &self.endpoint, &error)),
        }
    }

    #[allow(clippy::result_large_err, reason = "the SDK's own error, handed on to the one place that explains it")]
    async fn answer<T, E>(
        &self,
        action: &str,
        send: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, SdkError<E, HttpResponse>> {
        let turn = self.turns.wait(action).await;
        let throttled = self.read_only.throttled(action);
        // An SDK call's future is tens of kilobytes: on the heap, or a thread's stack overflows where many run at once.
        let result = Box::pin(send).await;
        if self.read_only.throttled(action) > throttled {
            turn.end_throttled();
        }
        result
    }
}

/// Retries that nobody else uses up. The SDK keeps one budget of retries for each service in the whole process: another
/// team's account that fails, or one operation that does, would leave the others without. Each call has its own bound.
fn own_retries() -> RetryPartition {
    RetryPartition::custom("stackmark").token_bucket(TokenBucket::unlimited()).build()
}

/// One page of a listing, and the token of the next.
pub(super) type Page<T> = Result<(Vec<T>, Option<String>), Unreadable>;

/// All pages of a listing, through empty ones too.
///
/// The SDK's own paginators end without a word where a service hands the same token out twice; here that is a failure,
/// for the rows after it are unknown.
pub(super) async fn all_pages<T, Fut>(
    action: &str,
    mut page: impl FnMut(Option<String>) -> Fut,
) -> Result<Vec<T>, Unreadable>
where
    Fut: Future<Output = Page<T>>,
{
    let mut rows = Vec::new();
    let mut token: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let (more, next) = Box::pin(page(token.clone())).await?;
        rows.extend(more);
        let next = next.filter(|next| !next.is_empty());
        if next.is_none() {
            return Ok(rows);
        }
        if next == token {
            return Err(errors::incomplete(action, "the same next page as the one before, so the rest is unknown"));
        }
        token = next;
    }
    Err(Unreadable::new(Cause::Refused, format!("{action}: more than {MAX_PAGES} pages")))
}

/// Runs `read` for every item at once and joins the rows in the items' order; the first failure stops the others.
pub(super) async fn for_each<I, T, Fut>(items: Vec<I>, read: impl Fn(I) -> Fut) -> Result<Vec<T>, Unreadable>
where
    T: Debug + Send + 'static,
    Fut: Future<Output = Result<Vec<T>, Unreadable>> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for (position, item) in items.into_iter().enumerate() {
        let reading = read(item);
        tasks.spawn(async move { (position, reading.await) });
    }
    let mut parts = BTreeMap::new();
    // Dropping the set, as an early return does, stops the tasks that are left.
    while let Some(joined) = tasks.join_next().await {
        let (position, part) =
            joined.map_err(|error| Unreadable::new(Cause::Malformed, format!("reading broke off: {error}")))?;
        parts.insert(position, part?);
    }
    Ok(parts.into_values().flatten().collect())
}

/// What tells an item from the others in a gap: a field of its rows, and its value.
pub(super) struct Key<I> {
    pub(super) field: &'static str,
    pub(super) of: fn(&I) -> &str,
}

/// Runs `read` for every item at once and joins the rows in the items' order. It reads on past an item that fails, whose
/// rows are missing then; an item that is gone (`None`) has none.
///
/// # Errors
/// All of several items fail.
pub(super) async fn rows_of<I, T, Fut>(items: Vec<I>, key: Key<I>, read: impl Fn(I) -> Fut) -> Rows<T>
where
    I: Clone,
    T: Send + 'static,
    Fut: Future<Output = Result<Option<Vec<T>>, Unreadable>> + Send + 'static,
{
    let several = items.len() > 1;
    let (mut found, mut failed) = (Found::default(), true);
    for (item, result) in all_of(items, read).await {
        let known = || identified(key.field, (key.of)(&item));
        match result {
            Ok(Some(rows)) => found.rows.extend(rows),
            Ok(None) => {
                found.gone.insert((key.of)(&item).to_owned());
            }
            Err(failure) => {
                found.gaps.push(Gap::rows(known(), failure));
                continue;
            }
        }
        failed = false;
    }
    match found.gaps.first() {
        Some(gap) if failed && several => Err(gap.failure.clone()),
        _ => Ok(found),
    }
}

/// Reads more of every row at once, in the rows' order: a row of which `read` fails stays as it is, and lacks `fields`; one
/// that is gone (`None`) is left out.
pub(super) async fn with_more<T, Fut>(rows: Vec<T>, key: Key<T>, fields: &[&str], read: impl Fn(T) -> Fut) -> Found<T>
where
    T: Clone + Send + 'static,
    Fut: Future<Output = Result<Option<T>, Unreadable>> + Send + 'static,
{
    let mut found = Found::default();
    for (row, result) in all_of(rows, read).await {
        match result {
            Ok(Some(more)) => found.rows.push(more),
            Ok(None) => {
                found.gone.insert((key.of)(&row).to_owned());
            }
            Err(failure) => {
                found.gaps.push(Gap::fields(identified(key.field, (key.of)(&row)), fields, failure));
                found.rows.push(row);
            }
        }
    }
    found
}

/// What `read` gives for each item, in their order.
async fn all_of<I, X, Fut>(items: Vec<I>, read: impl Fn(I) -> Fut) -> Vec<(I, Result<Option<X>, Unreadable>)>
where
    I: Clone,
    X: Send + 'static,
    Fut: Future<Output = Result<Option<X>, Unreadable>> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for (position, item) in items.iter().enumerate() {
        let reading = read(item.clone());
        tasks.spawn(async move { (position, reading.await) });
    }
    let mut results = BTreeMap::new();
    let mut rest = Unreadable::new(Cause::Malformed, "reading broke off");
    let mut mute = 0;
    while let Some(joined) = tasks.join_next().await {
        let Ok((position, result)) = joined else { continue };
        match &result {
            Err(failure) if is_mute(failure.cause) => {
                mute += 1;
                rest = failure.clone();
            }
            _ => mute = 0,
        }
        results.insert(position, result);
        if mute >= GIVE_UP {
            // Dropping the set stops the tasks that are left.
            break;
        }
    }
    let items = items.into_iter().enumerate();
    items.map(|(position, item)| (item, results.remove(&position).unwrap_or_else(|| Err(rest.clone())))).collect()
}

/// Whether a failure says that the next call will most likely fail alike, and slowly.
fn is_mute(cause: Cause) -> bool {
    matches!(cause, Cause::Expired | Cause::Throttled | Cause::Timeout | Cause::Unreachable)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_listing_goes_on_through_empty_pages() {
        let pages = |token: Option<String>| async move {
            Ok(match token.as_deref() {
                None => (vec![1], Some("a".to_owned())),
                Some("a") => (vec![], Some("b".to_owned())),
                _ => (vec![2], Some(String::new())),
            })
        };
        assert_eq!(all_pages("x:List", pages).await.unwrap(), [1, 2]);
    }

    #[tokio::test]
    async fn a_listing_that_does_not_move_on_is_unreadable() {
        let stuck = |_| async { Ok((vec![1], Some("same".to_owned()))) };
        assert_eq!(all_pages("x:List", stuck).await.unwrap_err().cause, Cause::Malformed);
    }

    #[tokio::test]
    async fn a_listing_without_end_is_refused() {
        let mut page = 0;
        let endless = |_| {
            page += 1;
            let token = page.to_string();
            async move { Ok((vec![1], Some(token))) }
        };
        assert_eq!(all_pages("x:List", endless).await.unwrap_err().cause, Cause::Refused);
    }

    const NUMBER: Key<&'static str> = Key { field: "number", of: |item| item };

    #[tokio::test]
    async fn an_item_that_fails_is_missing_and_the_others_are_read() {
        let read = |item: &'static str| async move {
            match item {
                "denied" => Err(Unreadable::new(Cause::Denied, "no")),
                "gone" => Ok(None),
                _ => Ok(Some(vec![item])),
            }
        };
        let found = rows_of(vec!["1", "denied", "gone", "2"], NUMBER, read).await.unwrap();
        assert_eq!((found.rows, found.gone), (vec!["1", "2"], ["gone".to_owned()].into()));
        assert_eq!(found.gaps, [Gap::rows(identified("number", "denied"), Unreadable::new(Cause::Denied, "no"))]);
        assert!(rows_of(vec!["denied", "denied"], NUMBER, read).await.is_err(), "nothing of it could be read");
        assert_eq!(rows_of(vec!["denied"], NUMBER, read).await.unwrap().gaps.len(), 1);
    }

    #[tokio::test]
    async fn a_service_that_does_not_answer_is_not_asked_for_ever() {
        let asked = Arc::new(AtomicUsize::new(0));
        let read = |_: usize| {
            let asked = Arc::clone(&asked);
            async move {
                let position = asked.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(std::time::Duration::from_millis(5 * position as u64)).await;
                Err::<Option<Vec<u8>>, _>(Unreadable::new(Cause::Timeout, "no answer"))
            }
        };
        let begun = std::time::Instant::now();
        let key = Key { field: "number", of: |_: &usize| "x" };
        assert_eq!(rows_of((0..1000).collect(), key, read).await.unwrap_err().cause, Cause::Timeout);
        assert!(begun.elapsed() < std::time::Duration::from_secs(2), "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn rows_come_in_the_order_of_the_items() {
        let slow_first = |item: u64| async move {
            tokio::time::sleep(std::time::Duration::from_millis(20 - item)).await;
            Ok(vec![item])
        };
        assert_eq!(for_each((0..20).collect(), slow_first).await.unwrap(), (0..20).collect::<Vec<_>>());
    }
}
