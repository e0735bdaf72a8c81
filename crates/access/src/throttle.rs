//! Slowing down those who guess.
//!
//! Failures are counted for each account and for each address. The first few cost nothing (people
//! mistype); after that, each further attempt has to wait for twice as long as the one before, up to a
//! minute. A success of an account forgives its failures, and time forgives all. What is counted is
//! bounded: under a flood, the oldest counts are dropped first.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use quick_cache::sync::Cache;

/// How many failures are free.
const FREE: u32 = 5;
/// From one address many people may come (a company's proxy), so more are free.
const FREE_FROM_ADDRESS: u32 = 50;
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(60);
/// After what time without a failure all is forgiven.
const FORGIVEN: Duration = Duration::from_secs(15 * 60);
/// How many accounts and addresses are counted.
const COUNTED: usize = 20_000;

/// Counts failed logins.
pub(crate) struct Throttle {
    failures: Cache<Key, Failures>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Account(String),
    Address(IpAddr),
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: Instant,
}

impl Failures {
    /// Until when the next attempt has to wait.
    fn until(self, free: u32) -> Option<Instant> {
        let excess = self.count.checked_sub(free)?;
        let wait = Duration::from_secs(1 << excess.min(6)).min(LONGEST);
        Some(self.last + wait)
    }
}

impl Throttle {
    pub(crate) fn new() -> Self {
        Self { failures: Cache::new(COUNTED) }
    }

    /// How long an attempt has to wait, if it has to. Without an account (an identity token names one
    /// only once it is believed) the address alone counts.
    pub(crate) fn wait(&self, account: Option<&str>, address: IpAddr, now: Instant) -> Option<Duration> {
        let wait = |key: &Key, free: u32| {
            let until =
                self.failures.get(key).filter(|failures| now < failures.last + FORGIVEN)?.until(free)?;
            until.checked_duration_since(now).filter(|wait| !wait.is_zero())
        };
        let account = account.and_then(|account| wait(&Key::Account(account.to_owned()), FREE));
        let address = wait(&Key::Address(prefix(address)), FREE_FROM_ADDRESS);
        account.max(address)
    }

    /// Counts a failure.
    pub(crate) fn failed(&self, account: Option<&str>, address: IpAddr, now: Instant) {
        let account = account.map(|account| Key::Account(account.to_owned()));
        for key in account.into_iter().chain([Key::Address(prefix(address))]) {
            let before = self.failures.get(&key).filter(|failures| now < failures.last + FORGIVEN);
            let count = before.map_or(0, |failures| failures.count).saturating_add(1);
            self.failures.insert(key, Failures { count, last: now });
        }
    }

    /// Forgives an account.
    pub(crate) fn succeeded(&self, account: Option<&str>) {
        if let Some(account) = account {
            self.failures.remove(&Key::Account(account.to_owned()));
        }
    }
}

/// What one person can have many of: of an IPv6 address, the 64 bits that a network is.
fn prefix(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn a_few_failures_are_free_and_then_the_wait_doubles() {
        let throttle = Throttle::new();
        let now = Instant::now();
        for _ in 0..FREE {
            assert_eq!(throttle.wait(Some("anna"), HERE, now), None);
            throttle.failed(Some("anna"), HERE, now);
        }
        let mut waits = Vec::new();
        for _ in 0..9 {
            waits.push(throttle.wait(Some("anna"), HERE, now).unwrap().as_secs());
            throttle.failed(Some("anna"), HERE, now);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(throttle.wait(Some("bob"), HERE, now), None, "others go on");
        assert_eq!(
            throttle.wait(Some("anna"), HERE, now + LONGEST),
            None,
            "after the wait, one more attempt"
        );
        throttle.succeeded(Some("anna"));
        assert_eq!(throttle.wait(Some("anna"), HERE, now), None);
    }

    #[test]
    fn an_address_that_tries_many_accounts_has_to_wait_too() {
        let throttle = Throttle::new();
        let now = Instant::now();
        for account in 0..FREE_FROM_ADDRESS {
            throttle.failed(Some(&account.to_string()), HERE, now);
        }
        assert!(throttle.wait(Some("anna"), HERE, now).is_some());
        assert_eq!(throttle.wait(Some("anna"), "10.0.0.1".parse().unwrap(), now), None);
        assert_eq!(throttle.wait(Some("anna"), HERE, now + FORGIVEN), None);
        throttle.failed(Some("x"), "2001:db8::1".parse().unwrap(), now);
        assert_eq!(prefix("2001:db8::1".parse().unwrap()), prefix("2001:db8::ffff:1".parse().unwrap()));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let throttle = Throttle::new();
        let now = Instant::now();
        for account in 0..3 * COUNTED {
            throttle.failed(Some(&account.to_string()), HERE, now);
        }
        assert!(throttle.failures.len() <= COUNTED + 1000);
    }
}
