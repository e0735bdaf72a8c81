//! Waiting for objects by watching them: no question is asked twice, and every change is seen at once.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep, timeout_at};

use super::{State, Status};
use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::object::Object;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// That everything is as it should be; of a job, that it is there.
    Ready,
    /// The same, with jobs done.
    ReadyAndDone,
    /// That jobs and pods have ended, as those of hooks should.
    Done,
    /// That everything is gone.
    Gone,
}

impl Goal {
    /// How an object stands under this goal.
    fn state(self, object: &Value) -> State {
        let state = State::of(object);
        let kind = object["kind"].as_str().unwrap_or_default();
        let ends = match self {
            Self::Done => matches!(kind, "Job" | "Pod"),
            Self::ReadyAndDone => kind == "Job",
            Self::Ready | Self::Gone => false,
        };
        if !ends || matches!(state.status, Status::Terminating | Status::Failed) {
            return state;
        }
        // What still runs is fine for everybody else.
        let ended = match kind {
            "Pod" => object["status"]["phase"] == "Succeeded",
            _ => super::condition(object, "Complete").is_some_and(|one| super::is(one, "True")),
        };
        if ended { state } else { State::in_progress(format!("{kind} in progress")) }
    }

    fn is_reached(self, state: &State) -> bool {
        match self {
            Self::Gone => state.status == Status::NotFound,
            _ => state.status == Status::Current,
        }
    }

    fn is_out_of_reach(self, state: &State) -> bool {
        self != Self::Gone && state.status == Status::Failed
    }
}

/// What happened to an object.
struct News {
    collection: usize,
    name: String,
    state: State,
}

#[derive(Deserialize)]
struct Event {
    r#type: String,
    object: Value,
}

/// How long to wait before a watch that broke off is begun anew.
const PAUSE: Duration = Duration::from_secs(1);

/// The longest event that is read.
const MAX_EVENT: usize = 16 << 20;

/// Waits until all objects have reached the goal.
///
/// # Errors
///
/// [`Error::NotReady`] when time is up, or when some have failed for good and all others are settled.
pub(crate) async fn wait(
    cluster: &Cluster,
    objects: &[&Object],
    goal: Goal,
    patience: Duration,
) -> Result<()> {
    let mut collections: Vec<(&str, Vec<&str>)> = Vec::new();
    for object in objects {
        match collections.iter_mut().find(|(path, _)| *path == object.collection) {
            Some((_, names)) => names.push(&object.name),
            None => collections.push((&object.collection, vec![&object.name])),
        }
    }
    let mut states: BTreeMap<(usize, &str), State> = collections
        .iter()
        .enumerate()
        .flat_map(|(index, (_, names))| names.iter().map(move |name| (index, *name)))
        .map(|key| (key, State::new(Status::Unknown, "")))
        .collect();
    let (sender, mut receiver) = unbounded_channel();
    let mut watches: FuturesUnordered<_> = collections
        .iter()
        .enumerate()
        .map(|(index, (path, names))| watch(cluster, index, path, names, goal, sender.clone()))
        .collect();
    let deadline = Instant::now() + patience;
    let settled = async {
        loop {
            let open = states.values().any(|state| !goal.is_reached(state) && !goal.is_out_of_reach(state));
            if !open {
                return Ok(());
            }
            tokio::select! {
                news = receiver.recv() => {
                    let Some(News { collection, name, state }) = news else { return Ok(()) };
                    let known = states.iter_mut().find(|((index, own), _)| *index == collection && *own == name);
                    if let Some((_, known)) = known {
                        *known = state;
                    }
                }
                Some(ended) = watches.next() => ended?,
            }
        }
    };
    let expired = match timeout_at(deadline, settled).await {
        Ok(outcome) => {
            outcome?;
            false
        }
        Err(_) => true,
    };
    let mut problems = Vec::new();
    for object in objects {
        let state = states.iter().find(|((index, name), _)| {
            *name == object.name
                && collections.get(*index).is_some_and(|(path, _)| *path == object.collection)
        });
        let Some((_, state)) = state.filter(|(_, state)| !goal.is_reached(state)) else { continue };
        let place = format!("{}/{}/{}", object.kind, object.namespace, object.name);
        let name = state.status.name();
        problems.push(match goal {
            Goal::Gone => {
                format!("resource {place} still exists. status: {name}, message: {}", state.message)
            }
            _ => format!("resource {place} not ready. status: {name}, message: {}", state.message),
        });
    }
    if expired {
        problems.push("context deadline exceeded".to_owned());
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::NotReady(problems.join("\n"))) }
}

/// Watches some objects of a collection until nobody listens. It ends by itself only with an error.
async fn watch(
    cluster: &Cluster,
    index: usize,
    path: &str,
    names: &[&str],
    goal: Goal,
    sender: UnboundedSender<News>,
) -> Result<()> {
    let only = match names {
        [name] => format!("&fieldSelector=metadata.name%3D{name}"),
        _ => String::new(),
    };
    loop {
        match watch_once(cluster, index, path, &only, names, goal, &sender).await {
            // The connection broke, or the server doesn't remember that far back.
            Ok(()) | Err(Error::Unreachable { .. }) => sleep(PAUSE).await,
            Err(error) => return Err(error),
        }
    }
}

async fn watch_once(
    cluster: &Cluster,
    index: usize,
    path: &str,
    only: &str,
    names: &[&str],
    goal: Goal,
    sender: &UnboundedSender<News>,
) -> Result<()> {
    let say = |name: &str, state: State| {
        // Whoever waited may have gone away.
        let _ = sender.send(News { collection: index, name: name.to_owned(), state });
    };
    let list = cluster.get(&format!("{path}?resourceVersion=0{only}")).await?;
    let list: Value = parse(path, &list)?;
    let kind = list["kind"].as_str().unwrap_or_default().trim_end_matches("List").to_owned();
    let version = list["apiVersion"].clone();
    let items = list["items"].as_array().cloned().unwrap_or_default();
    for name in names {
        let found = items.iter().find(|item| item["metadata"]["name"] == **name);
        say(
            name,
            match found {
                Some(item) => {
                    // Members of lists don't say what they are.
                    let mut item = item.clone();
                    item["kind"] = Value::String(kind.clone());
                    item["apiVersion"] = version.clone();
                    goal.state(&item)
                }
                None => State::new(Status::NotFound, "Resource not found"),
            },
        );
    }
    let from = list["metadata"]["resourceVersion"].as_str().unwrap_or("0");
    let mut lines = cluster
        .stream(&format!("{path}?watch=true&allowWatchBookmarks=true&resourceVersion={from}{only}"))
        .await?;
    while let Some(line) = lines.next(MAX_EVENT).await? {
        let event: Event = parse(path, &line)?;
        let name = event.object["metadata"]["name"].as_str().unwrap_or_default();
        match event.r#type.as_str() {
            "ADDED" | "MODIFIED" if names.contains(&name) => say(name, goal.state(&event.object)),
            "DELETED" if names.contains(&name) => {
                say(name, State::new(Status::NotFound, "Resource not found"));
            }
            "ERROR" => return Ok(()),
            _ => {}
        }
    }
    Ok(())
}

fn parse<T: serde::de::DeserializeOwned>(what: &str, body: &Bytes) -> Result<T> {
    serde_json::from_slice(body)
        .map_err(|error| Error::Answer { what: what.to_owned(), problem: error.to_string() })
}
