//! Charts against the real Helm: what it packs, pushes, locks, resolves and refuses is what we
//! pack, push, lock, resolve and refuse.
//!
//! Where a golden file holds Helm's answers, the test goes by it, and one more test checks that
//! Helm still gives them; `CHARTROOM_BLESS=1` writes them anew.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod artifact;
mod constraints;
mod create;
mod ignore;
mod load;
mod lock;
mod package;
mod registry;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chartroom_chart::{Chart, Limits};
use chartroom_test_support::Peer;

/// The Helm that we go by.
const HELM: &str = "helm-4.3.1";

fn helm() -> Option<Peer> {
    Peer::find(HELM)
}

/// A file of `tests/golden/`.
fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// Compares with a golden file, or writes it when that is asked for.
#[track_caller]
fn check_golden(name: &str, found: &str) {
    let path = golden(name);
    if std::env::var_os("CHARTROOM_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, found).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap();
    assert!(expected == found, "{name} is no longer what {HELM} says:\n{found}");
}

/// A folder with files whose times are known.
struct Folder {
    path: PathBuf,
    written: u64,
}

impl Folder {
    fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        fs::create_dir_all(&path).unwrap();
        Self { path, written: 0 }
    }

    /// Writes a file. Each is changed 1,000.5 seconds after the one before it.
    fn file(&mut self, name: &str, content: impl AsRef<[u8]>) -> &mut Self {
        let path = self.path.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        self.written += 1;
        let modified = Duration::from_millis(1_700_000_000_000 + self.written * 1_000_500);
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + modified).unwrap();
        self
    }

    fn chart(&self) -> Chart {
        Chart::open(&self.path, &Limits::default()).unwrap()
    }
}

/// A `Chart.yaml` with every field, and what Helm's YAML and JSON have rules for.
const FULL_CHART_YAML: &str = "\
# a comment
name: full
apiVersion: v2
version: 1.2.3+build.5
kubeVersion: '>=1.25.0-0 <2 || ~1.30'
description: \"Says <b>\\\"hi\\\"</b> & more\\u2028next\\u200b é\"
type: application
keywords: [web, 1.10, yes, 'null']
home: https://a.example/?a=1&b=2
sources:
  - https://a.example/src
  - https://b.example/src
maintainers:
  - name: Ann
    email: ann@a.example
  - name: Bob
    url: https://bob.example
  - email: nobody@a.example
icon: https://a.example/icon.svg
appVersion: 1.10
deprecated: true
condition: full.enabled
tags: a,b
annotations:
  b: yes
  a: 1.50
  empty: ''
  multi: |
    - kind: added
      description: <x>
    - kind: fixed
  org.opencontainers.image.url: https://other.example
  org.opencontainers.image.title: no
unknownField: {a: b}
dependencies:
  - name: sub
    version: ~0.1
    repository: oci://r.example/charts
    condition: sub.enabled,global.sub
    tags: [front, 2]
    import-values:
      - data
      - child: a.b
        parent: c
        weight: 1.50
        big: 1e21
    alias: other
";
