//! Clients for tests, with a clock that doesn't wait and somebody who watches.

use std::future;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use chartroom_registry_client::{
    Client, Clock, Credential, CredentialError, CredentialSource, Observer, Options, Progress, Proxies,
    Registry, Repository, RequestEvent, ResponseEvent, RetryEvent, StaticCredential,
};
use futures_util::future::BoxFuture;

/// A clock whose waits take no time, and are written down.
#[derive(Debug)]
pub struct TestClock {
    start: Instant,
    date: SystemTime,
    waits: Mutex<Vec<Duration>>,
}

impl TestClock {
    pub fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        self.waits.lock().unwrap().push(time);
    }

    fn passed(&self) -> Duration {
        self.waits.lock().unwrap().iter().sum()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        self.start + self.passed()
    }

    fn date(&self) -> SystemTime {
        self.date + self.passed()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        self.pass(time);
        Box::pin(future::ready(()))
    }

    fn chance(&self) -> f64 {
        0.5
    }
}

/// Writes down all that it is told.
#[derive(Default)]
pub struct Diary {
    pub lines: Mutex<Vec<String>>,
    pub warnings: Mutex<Vec<String>>,
    pub progress: Mutex<Vec<Progress>>,
}

impl Diary {
    fn note(&self, line: String) {
        self.lines.lock().unwrap().push(line);
    }

    pub fn text(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }
}

impl Observer for Diary {
    fn request(&self, request: &RequestEvent<'_>) {
        self.note(format!("{request:?}"));
    }

    fn response(&self, response: &ResponseEvent<'_>) {
        self.note(format!("{response:?}"));
    }

    fn body(&self, id: u64, text: &str) {
        self.note(format!("{id} {text}"));
    }

    fn failure(&self, id: u64, reason: &str) {
        self.note(format!("{id} {reason}"));
    }

    fn retry(&self, retry: &RetryEvent<'_>) {
        self.note(format!("{retry:?}"));
    }

    fn warning(&self, host: &str, text: &str) {
        self.warnings.lock().unwrap().push(format!("{host}: {text}"));
    }

    fn progress(&self, progress: &Progress) {
        self.progress.lock().unwrap().push(progress.clone());
    }
}

/// A client with all that a test wants to look at.
pub struct Setup {
    pub client: Client,
    pub clock: Arc<TestClock>,
    pub diary: Arc<Diary>,
}

/// A client that shows this.
pub fn with(credential: Credential) -> Setup {
    with_options(Arc::new(StaticCredential(credential)), |_| {})
}

/// A client that shows nothing.
pub fn anonymous() -> Setup {
    with(Credential::Anonymous)
}

/// Who everybody is in these tests.
pub fn alice() -> Credential {
    Credential::basic("alice", "hunter2")
}

/// `alice:hunter2` as Basic has it.
pub const ALICE: &str = "Basic YWxpY2U6aHVudGVyMg==";

pub fn with_options(source: Arc<dyn CredentialSource>, set: impl FnOnce(&mut Options)) -> Setup {
    let clock = Arc::new(TestClock {
        start: Instant::now(),
        date: SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777),
        waits: Mutex::default(),
    });
    let diary = Arc::new(Diary::default());
    let mut options = Options {
        plain_http: true,
        proxies: Proxies::none(),
        observer: Arc::clone(&diary) as _,
        clock: Arc::clone(&clock) as _,
        ..Options::default()
    };
    set(&mut options);
    Setup { client: Client::new(options, source).unwrap(), clock, diary }
}

impl Setup {
    pub fn registry(&self, host: &str) -> Registry {
        self.client.registry(&host.parse().unwrap()).unwrap()
    }

    pub fn repository(&self, host: &str, name: &str) -> Repository {
        self.registry(host).repository(&name.parse().unwrap())
    }
}

/// A source that counts how often it is asked.
#[derive(Default)]
pub struct Counting(pub Mutex<Vec<String>>);

impl CredentialSource for Counting {
    fn credential<'a>(
        &'a self,
        host: &'a str,
        repository: Option<&'a chartroom_oci::RepositoryName>,
    ) -> BoxFuture<'a, Result<Credential, CredentialError>> {
        let repository = repository.map_or("-", |name| name.as_str());
        self.0.lock().unwrap().push(format!("{host} {repository}"));
        Box::pin(future::ready(Ok(alice())))
    }
}
