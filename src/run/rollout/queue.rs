//! The environments of a wave, dealt out to those who work on them side by side: of one account, one at a time.
//!
//! Two applies to one account at the same moment would each look for an object, find none, and create it twice; and each would
//! find the revision of a list moved on under it by the other. One behind the other, the second finds what the first made.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::Member;

/// The environments that wait.
pub(super) struct Queue<'a> {
    state: Mutex<QueueState<'a>>,
    /// That an account is free again.
    freed: Condvar,
}

struct QueueState<'a> {
    waiting: Vec<&'a Member>,
    /// The accounts that are worked on.
    busy: BTreeSet<&'a str>,
}

/// An environment that is worked on, until this is dropped.
pub(super) struct Turn<'q, 'a> {
    queue: &'q Queue<'a>,
    /// The environment.
    pub(super) member: &'a Member,
}

impl<'a> Queue<'a> {
    pub(super) fn of(members: &[&'a Member]) -> Self {
        Self {
            state: Mutex::new(QueueState {
                waiting: members.to_vec(),
                busy: BTreeSet::new(),
            }),
            freed: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, QueueState<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next environment whose account is free, as soon as there is one; none when nothing waits any more.
    pub(super) fn next(&self) -> Option<Turn<'_, 'a>> {
        let mut state = self.state();
        loop {
            if state.waiting.is_empty() {
                return None;
            }
            let is_free = |it: &&Member| account(it).is_none_or(|it| !state.busy.contains(it));
            if let Some(at) = state.waiting.iter().position(is_free) {
                let member = state.waiting.remove(at);
                state.busy.extend(account(member));
                return Some(Turn {
                    queue: self,
                    member,
                });
            }
            state = self
                .freed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Turn<'_, '_> {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        if let Some(account) = account(self.member) {
            state.busy.remove(account);
        }
        drop(state);
        self.queue.freed.notify_all();
    }
}

/// The account, where one is known: what is not, gets no turn that writes.
fn account(member: &Member) -> Option<&str> {
    member.account.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(environment: &str, account: Option<&str>) -> Member {
        Member {
            environment: environment.to_owned(),
            account: account.map(str::to_owned),
            wave: 1,
        }
    }

    #[test]
    fn of_one_account_one_is_worked_on_at_a_time() {
        let all = [
            member("a", Some("1")),
            member("b", Some("1")),
            member("c", Some("2")),
            member("d", None),
            member("e", None),
        ];
        let queue = Queue::of(&all.iter().collect::<Vec<_>>());
        let mut turns: Vec<Turn> = (0..4).map_while(|_| queue.next()).collect();
        let names = |turns: &[Turn]| {
            let names = turns.iter().map(|it| it.member.environment.as_str());
            names.collect::<String>()
        };
        assert_eq!(names(&turns), "acde");
        turns.remove(0);
        let last = queue.next();
        assert_eq!(last.as_ref().unwrap().member.environment, "b");
        assert!(queue.next().is_none());
    }

    #[test]
    fn what_waits_for_an_account_goes_on_when_it_is_free() {
        let all: Vec<Member> = (0..20)
            .map(|n| member(&n.to_string(), Some(if n % 2 == 0 { "1" } else { "2" })))
            .collect();
        let queue = Queue::of(&all.iter().collect::<Vec<_>>());
        let done = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    while let Some(turn) = queue.next() {
                        done.lock().unwrap().push(turn.member.environment.clone());
                        std::thread::yield_now();
                    }
                });
            }
        });
        assert_eq!(done.into_inner().unwrap().len(), 20);
    }
}
