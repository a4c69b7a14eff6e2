//! One load at a time for each account, however many teams are graded at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{
    Mutex as Turn, OwnedMutexGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, OwnedSemaphorePermit, RwLock,
    Semaphore,
};

/// Shared by the teams of a run: a clone is the same gate.
///
/// Loads against the same account would measure each other. Where it is not known whose account a stack is in, it might
/// be anybody's, and such a load runs alone.
#[derive(Debug, Clone, Default)]
pub struct LoadGate {
    /// Held for reading by loads of known accounts, for writing by the others.
    known: Arc<RwLock<()>>,
    accounts: Arc<Mutex<BTreeMap<String, Arc<Turn<()>>>>>,
}

/// The right to send a load, given back when dropped.
#[derive(Debug)]
pub struct Pass {
    _account: Option<OwnedMutexGuard<()>>,
    _known: Option<OwnedRwLockReadGuard<()>>,
    _alone: Option<OwnedRwLockWriteGuard<()>>,
}

impl LoadGate {
    /// Waits for the turn of `account`; `waiting` is called where it is not at once.
    pub async fn pass(&self, account: Option<&str>, waiting: impl Fn()) -> Pass {
        let Some(account) = account else {
            let alone = match Arc::clone(&self.known).try_write_owned() {
                Ok(alone) => alone,
                Err(_) => {
                    waiting();
                    Arc::clone(&self.known).write_owned().await
                }
            };
            return Pass { _account: None, _known: None, _alone: Some(alone) };
        };
        let turn = {
            let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(accounts.entry(account.to_owned()).or_default())
        };
        // The account's turn first: who waits for it must not hold up those that have to be alone.
        let own = match Arc::clone(&turn).try_lock_owned() {
            Ok(own) => own,
            Err(_) => {
                waiting();
                turn.lock_owned().await
            }
        };
        let known = match Arc::clone(&self.known).try_read_owned() {
            Ok(known) => known,
            Err(_) => {
                waiting();
                Arc::clone(&self.known).read_owned().await
            }
        };
        Pass { _account: Some(own), _known: Some(known), _alone: None }
    }
}

/// A team's place among those that are graded at once. Who waits for a turn leaves it to another team meanwhile.
///
/// A clone is the same place; it is free again when the last one is dropped. By default there is no bound.
#[derive(Debug, Clone, Default)]
pub struct Slot(Option<Arc<Place>>);

#[derive(Debug)]
struct Place {
    slots: Arc<Semaphore>,
    held: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Slot {
    /// Waits for a place among `slots`.
    pub async fn take(slots: Arc<Semaphore>) -> Self {
        let slot = Self(Some(Arc::new(Place { slots, held: Mutex::default() })));
        slot.again().await;
        slot
    }

    /// Leaves the place to another team; nothing happens where it is left already.
    pub fn leave(&self) {
        if let Some(place) = &self.0 {
            *place.held.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    /// Waits for a place again, where it was left.
    pub async fn again(&self) {
        let Some(place) = &self.0 else { return };
        if place.held.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            return;
        }
        // Nobody closes the semaphore; without a permit the team would only go on beside the others.
        if let Ok(permit) = Arc::clone(&place.slots).acquire_owned().await {
            *place.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(permit);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn blocked(gate: &LoadGate, account: Option<&str>) -> bool {
        tokio::time::timeout(Duration::from_millis(20), gate.pass(account, || {})).await.is_err()
    }

    #[tokio::test]
    async fn one_account_is_loaded_once_at_a_time_and_others_meanwhile() {
        let gate = LoadGate::default();
        let pass = gate.pass(Some("111111111111"), || panic!("nobody is before it")).await;
        assert!(blocked(&gate.clone(), Some("111111111111")).await);
        assert!(!blocked(&gate, Some("222222222222")).await);
        drop(pass);
        assert!(!blocked(&gate, Some("111111111111")).await);
    }

    #[tokio::test]
    async fn a_stack_of_an_unknown_account_is_loaded_alone() {
        let gate = LoadGate::default();
        let pass = gate.pass(None, || {}).await;
        assert!(blocked(&gate, Some("111111111111")).await);
        assert!(blocked(&gate, None).await);
        drop(pass);
        let _pass = gate.pass(Some("111111111111"), || {}).await;
        assert!(blocked(&gate, None).await);
    }

    #[tokio::test]
    async fn who_waits_for_a_turn_holds_no_place() {
        let (gate, slots) = (LoadGate::default(), Arc::new(Semaphore::new(1)));
        let turn = gate.pass(Some("111111111111"), || {}).await;
        let waits = Slot::take(Arc::clone(&slots)).await;
        assert_eq!(slots.available_permits(), 0);
        let entered = async {
            let pass = gate.pass(Some("111111111111"), || waits.leave()).await;
            waits.again().await;
            pass
        };
        let meanwhile = async {
            let other = Slot::take(Arc::clone(&slots)).await;
            drop(turn);
            drop(other);
        };
        let ((), _pass) =
            tokio::time::timeout(Duration::from_secs(5), async { tokio::join!(meanwhile, entered) }).await.unwrap();
        assert_eq!(slots.available_permits(), 0, "it has its place again");
        drop(waits);
        assert_eq!(slots.available_permits(), 1);
    }
}
