//! The tasks: what each is called, consists of, and is held against.

use clap::ValueEnum;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Task {
    /// Saying the version
    Version,
    /// Pushing one chart of 20 kB
    Push,
    /// Pulling one chart of 20 kB
    Pull,
    /// Pushing 20 chart folders
    #[value(name = "push-20")]
    Push20,
    /// Packaging the scaffold chart
    Package,
    /// Showing Chart.yaml of a folder
    ShowChart,
    /// Showing the values of a chart in the registry
    ShowValues,
    /// The same, pinned by its digest, for a second time
    ShowPinned,
    /// Rendering the scaffold chart
    Template,
}

/// What is to hold of a task.
#[derive(Clone, Copy)]
pub(super) enum Bar {
    /// So many times as fast as Helm.
    Faster(f64),
    /// So many times less CPU time than Helm.
    LessCpu(f64),
    /// At most so many milliseconds.
    Within(f64),
    /// At most this part of Helm's memory.
    Memory(f64),
}

const MEMORY: Bar = Bar::Memory(1.0 / 3.0);

impl Task {
    pub(super) const ALL: &[Self] = &[
        Self::Version,
        Self::Push,
        Self::Pull,
        Self::Push20,
        Self::Package,
        Self::ShowChart,
        Self::ShowValues,
        Self::ShowPinned,
        Self::Template,
    ];

    pub(super) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Version => "`version`",
            Self::Push => "`push` of an archive of 20 kB that the registry does not have",
            Self::Pull => "`pull` of an archive of 20 kB, nothing of it in a cache",
            Self::Push20 => {
                "20 chart folders of 20 kB each: with Helm a loop over `package`, `show chart` and `push`, as \
                 pipelines have it; with Chartroom `push charts/*/`"
            }
            Self::Package => "`package` of the chart that `chartroom create` makes",
            Self::ShowChart => "`show chart` of that folder",
            Self::ShowValues => "`show values` of a chart in the registry",
            Self::ShowPinned => {
                "`show values` of a chart in the registry by version and digest, which is in the content cache. Helm \
                 asks the registry whether the version is still the same; so does Chartroom, and hashes what it \
                 takes from the cache"
            }
            Self::Template => "`template` of the chart that `chartroom create` makes",
        }
    }

    pub(super) fn bars(self) -> &'static [Bar] {
        match self {
            Self::Version => &[Bar::Within(5.0), Bar::Faster(8.0), MEMORY],
            Self::Push | Self::Pull => &[Bar::Faster(5.0), Bar::LessCpu(10.0), MEMORY],
            Self::Push20 => &[Bar::Faster(15.0), MEMORY],
            Self::Package | Self::ShowChart => &[Bar::Faster(10.0), MEMORY],
            Self::ShowValues | Self::ShowPinned => &[MEMORY],
            Self::Template => &[Bar::Faster(15.0), Bar::Memory(1.0 / 4.0)],
        }
    }
}
