//! Whose turn it is: how many requests of one account are under way at once, in all and to one service, whatever its regions.
//!
//! AWS counts the requests of each service by themselves: one that is slow or throttled leaves the others their turns.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

/// S3 has most of the calls, several a bucket, and gives each bucket more than any other service gives an account.
const BY_BUCKET: (&str, usize) = ("s3", 2);

/// The turns of one account. There is always at least one, of each service too.
#[derive(Debug)]
pub(super) struct Turns {
    all: Semaphore,
    of_service: usize,
    services: Mutex<BTreeMap<String, Arc<Service>>>,
}

/// The turns of one service.
#[derive(Debug)]
struct Service {
    permits: Arc<Semaphore>,
    /// Permits that there are, free or not.
    there: AtomicUsize,
}

/// One request's turn, given back when it is dropped.
pub(super) struct Turn<'a> {
    service: Arc<Service>,
    permit: Option<OwnedSemaphorePermit>,
    /// Its share of the account's turns.
    _of_all: Option<SemaphorePermit<'a>>,
}

impl Turns {
    pub(super) fn new(at_once: usize, of_service: usize) -> Self {
        Self { all: Semaphore::new(at_once.max(1)), of_service: of_service.max(1), services: Mutex::default() }
    }

    /// Waits for a turn to send what the IAM action `action` allows.
    pub(super) async fn wait(&self, action: &str) -> Turn<'_> {
        let service = self.of(action);
        // The service's own first: what waits for one service keeps no turn from the others. Neither semaphore is ever
        // closed, so that waiting cannot fail.
        let permit = Arc::clone(&service.permits).acquire_owned().await.ok();
        let of_all = self.all.acquire().await.ok();
        Turn { service, permit, _of_all: of_all }
    }

    fn of(&self, action: &str) -> Arc<Service> {
        let name = service_of(action);
        let mut services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = services.get(name) {
            return Arc::clone(known);
        }
        let times = if name == BY_BUCKET.0 { BY_BUCKET.1 } else { 1 };
        let turns = self.of_service * times;
        let service = Arc::new(Service { permits: Arc::new(Semaphore::new(turns)), there: AtomicUsize::new(turns) });
        services.insert(name.to_owned(), Arc::clone(&service));
        service
    }
}

/// The service of an IAM action: `ec2` of `ec2:DescribeInstances`.
pub(super) fn service_of(action: &str) -> &str {
    action.split_once(':').map_or(action, |(service, _)| service)
}

impl Turn<'_> {
    /// Ends the turn of a request that was throttled: from now on one fewer goes to its service at the same time, and never
    /// none.
    pub(super) fn end_throttled(self) {
        let fewer = |now: usize| (now > 1).then(|| now - 1);
        if let Some(permit) = self.permit
            && self.service.there.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer).is_ok()
        {
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn free(turns: &Turns, action: &str) -> usize {
        turns.of(action).permits.available_permits()
    }

    /// Whether there is a turn for an action now.
    async fn has_one(turns: &Turns, action: &str) -> bool {
        tokio::time::timeout(Duration::from_millis(20), turns.wait(action)).await.is_ok()
    }

    #[tokio::test]
    async fn throttled_requests_make_fewer_turns_of_their_service_and_leave_one() {
        let turns = Turns::new(9, 3);
        for left in [2, 1, 1, 1] {
            turns.wait("ec2:DescribeInstances").await.end_throttled();
            assert_eq!(free(&turns, "ec2:DescribeVpcs"), left);
        }
        drop(turns.wait("ec2:DescribeVpcs").await);
        assert_eq!(free(&turns, "ec2:DescribeInstances"), 1);
        assert_eq!(free(&turns, "ecs:ListClusters"), 3, "another service was not asked too often");
        assert_eq!(turns.all.available_permits(), 9, "a turn that ended is given back to the account");
        assert_eq!(
            (free(&Turns::new(0, 0), "ec2:DescribeVpcs"), free(&Turns::new(0, 0), "s3:GetBucketLocation")),
            (1, 2)
        );
    }

    #[tokio::test]
    async fn a_busy_service_leaves_the_others_their_turns_up_to_the_accounts() {
        let turns = Turns::new(3, 2);
        let _one = turns.wait("ec2:DescribeInstances").await;
        let _two = turns.wait("ec2:DescribeVpcs").await;
        assert!(!has_one(&turns, "ec2:DescribeSubnets").await, "two at once of one service");
        let third = turns.wait("s3:GetBucketLocation").await;
        assert!(!has_one(&turns, "ecs:ListClusters").await, "three at once in all");
        drop(third);
        assert!(has_one(&turns, "ecs:ListClusters").await);
    }
}
