//! Making a chart archive: the files that `helm package` puts into one, in its order, and the
//! same bytes every time.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::{Compression, GzBuilder};
use jiff::{SignedDuration, Timestamp};
use serde::de::IgnoredAny;

use crate::chart::Chart;
use crate::chart_file::ChartFile;
use crate::error::Error;
use crate::lock::Lock;
use crate::version::Version;

/// What to change about a chart while it is packaged.
#[derive(Clone, Debug, Default)]
pub struct PackageOptions {
    /// Another version; any that [`Version::coerce`] reads.
    pub version: Option<String>,
    /// Another version of what it installs.
    pub app_version: Option<String>,
    /// One time for all files and the lock, instead of when each was last changed; see
    /// [`source_date_epoch`].
    pub modified: Option<Timestamp>,
}

/// Reads the variable `SOURCE_DATE_EPOCH`: seconds since 1970. The error is Helm's.
pub fn source_date_epoch(value: &str) -> Result<Timestamp, String> {
    let invalid = |problem: String| format!("invalid SOURCE_DATE_EPOCH: {problem}");
    let seconds: i64 = value.parse().map_err(|error: std::num::ParseIntError| {
        use std::num::IntErrorKind::{NegOverflow, PosOverflow};
        let problem = match error.kind() {
            NegOverflow | PosOverflow => "value out of range",
            _ => "invalid syntax",
        };
        invalid(format!("strconv.ParseInt: parsing {}: {problem}", crate::go_text::quote(value)))
    })?;
    if seconds < 0 {
        return Err(invalid("must not be negative".into()));
    }
    Timestamp::from_second(seconds).map_err(|_| invalid("must be before the year 10000".into()))
}

impl Chart {
    /// Makes the changes that come with packaging, and checks what Helm checks then: the version,
    /// and that `charts/` has every dependency.
    pub fn prepare(&mut self, options: &PackageOptions) -> Result<(), Error> {
        self.check_api_version()?;
        if let Some(version) = &options.version {
            self.metadata.version.clone_from(version);
        }
        Version::coerce(&self.metadata.version)?;
        if let Some(version) = &options.app_version {
            self.metadata.app_version.clone_from(version);
        }
        if let Some(modified) = options.modified {
            self.stamp(modified);
        }
        self.metadata.validate()?;
        self.check_dependencies()
    }

    /// Gives every file, the lock, and those of the subcharts this time.
    pub fn stamp(&mut self, modified: Timestamp) {
        self.modified = Some(modified);
        if let Some(lock) = &mut self.lock {
            lock.stamp(modified);
        }
        for file in self.raw.iter_mut().chain(&mut self.templates).chain(&mut self.files) {
            file.modified = Some(modified);
        }
        for subchart in &mut self.subcharts {
            subchart.stamp(modified);
        }
    }

    /// The name of the chart's archive.
    pub fn archive_name(&self) -> String {
        format!("{}-{}.tgz", self.metadata.name, self.metadata.version)
    }

    /// The bytes of the chart's archive. They depend on the chart alone: names, contents and
    /// times of its files.
    ///
    /// An archive is a USTAR file without entries for folders: `Chart.yaml` (written anew),
    /// `Chart.lock`, `values.yaml`, `values.schema.json`, templates, other files, and the
    /// subcharts, unpacked and sorted by their names in `charts/`. A second subchart of one name
    /// gets its version into the name of its folder; Helm mixes the files of both.
    pub fn to_archive(&self) -> Result<Vec<u8>, Error> {
        let gzip = GzBuilder::new().mtime(0).operating_system(255);
        let gzip = gzip.write(Vec::new(), Compression::default());
        let mut writer = Writer { tar: tar::Builder::new(gzip) };
        writer.chart(self, &self.metadata.name)?;
        let unwritable = |error: io::Error| Error::Encode { what: "the archive", problem: error.to_string() };
        writer.tar.into_inner().and_then(flate2::write::GzEncoder::finish).map_err(unwritable)
    }

    /// Writes the chart's archive into a folder, which is made if it isn't there, and gives its
    /// path. The file is there as a whole or not at all; one of the same name is replaced.
    pub fn package_to(&self, folder: &Path) -> Result<PathBuf, Error> {
        let archive = self.to_archive()?;
        match fs::metadata(folder) {
            Ok(metadata) if !metadata.is_dir() => return Err(Error::NotAFolder(folder.to_owned())),
            Ok(_) => {}
            Err(_) => fs::create_dir_all(folder).map_err(|error| Error::io("mkdir", folder, error))?,
        }
        let path = folder.join(self.archive_name());
        write_whole(&path, &archive)?;
        Ok(path)
    }
}

/// Writes a file under another name, and renames it when all of it is there.
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> Result<(), Error> {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let unfinished = path.with_file_name(format!(".{name}.{}-{number}", std::process::id()));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).open(&unfinished)?;
        file.write_all(content)?;
        drop(file);
        fs::rename(&unfinished, path)
    })();
    if let Err(error) = written {
        let _ = fs::remove_file(&unfinished);
        return Err(Error::io("open", path, error));
    }
    Ok(())
}

struct Writer<W: Write> {
    tar: tar::Builder<W>,
}

impl<W: Write> Writer<W> {
    fn chart(&mut self, chart: &Chart, base: &str) -> Result<(), Error> {
        let own = chart.metadata.to_yaml()?;
        self.file(base, ChartFile::PATH, own.as_bytes(), chart.modified)?;
        if let Some(lock) = chart.lock.as_ref().filter(|_| chart.metadata.api_version == "v2") {
            let modified = lock.generated().or(chart.modified);
            self.file(base, Lock::PATH, lock.to_yaml()?.as_bytes(), modified)?;
        }
        if let Some(values) = chart.raw_file(Chart::VALUES) {
            self.file(base, Chart::VALUES, &values.data, values.modified)?;
        }
        if let Some(schema) = chart.raw_file(Chart::SCHEMA) {
            serde_json::from_slice::<IgnoredAny>(&schema.data).map_err(|_| Error::SchemaNotJson)?;
            self.file(base, Chart::SCHEMA, &schema.data, schema.modified)?;
        }
        for file in chart.templates.iter().chain(&chart.files) {
            self.file(base, &file.name, &file.data, file.modified)?;
        }
        let mut taken = HashSet::new();
        for subchart in &chart.subcharts {
            let mut folder = subchart.metadata.name.clone();
            if taken.contains(&folder) {
                folder = format!("{folder}-{}", subchart.metadata.version);
            }
            for number in 2.. {
                if taken.insert(folder.clone()) {
                    break;
                }
                folder = format!("{}-{}-{number}", subchart.metadata.name, subchart.metadata.version);
            }
            self.chart(subchart, &format!("{base}/charts/{folder}"))?;
        }
        Ok(())
    }

    fn file(
        &mut self,
        base: &str,
        name: &str,
        data: &[u8],
        modified: Option<Timestamp>,
    ) -> Result<(), Error> {
        let mut header = tar::Header::new_ustar();
        header.set_size(data.len() as u64);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_entry_type(tar::EntryType::Regular);
        for set in [tar::Header::set_device_major, tar::Header::set_device_minor] {
            set(&mut header, 0)
                .map_err(|error| Error::Encode { what: "the archive", problem: error.to_string() })?;
        }
        header.set_mtime(modified.map_or(0, whole_seconds));
        let path = format!("{base}/{name}");
        self.tar
            .append_data(&mut header, &path, data)
            .map_err(|error| Error::Encode { what: "the archive", problem: format!("{path}: {error}") })
    }
}

/// Go rounds times to the nearest second when it writes them into a tar header. What is before
/// 1970 can't be written portably.
fn whole_seconds(time: Timestamp) -> u64 {
    let rounded = time.checked_add(SignedDuration::from_millis(500)).unwrap_or(time);
    u64::try_from(rounded.as_millisecond().div_euclid(1000)).unwrap_or(0)
}
