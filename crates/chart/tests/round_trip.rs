//! What is packed is what was there: for any files, in any order.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use bytes::Bytes;
use chartroom_chart::{Chart, File, Limits};
use jiff::Timestamp;
use proptest::prelude::*;

fn any_files() -> impl Strategy<Value = BTreeMap<String, Vec<u8>>> {
    let name = "(templates/|crds/|x/y/|charts/s/|charts/s/templates/|)[a-zé]{1,3}\\.[a-z]{1,4}";
    let data =
        prop_oneof![proptest::collection::vec(any::<u8>(), 0..40), "[ -~]{0,9}".prop_map(String::into_bytes)];
    proptest::collection::btree_map(name, data, 0..12)
}

fn chart_of(files: &BTreeMap<String, Vec<u8>>, order: usize) -> Result<Chart, chartroom_chart::Error> {
    let own =
        ["Chart.yaml", "charts/s/Chart.yaml"].map(|name| (name, "apiVersion: v2\nname: s\nversion: 1.0.0\n"));
    let own = own.into_iter().map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
    let files = files.iter().map(|(name, data)| (name.clone(), data.clone()));
    let mut files: Vec<File> = own
        .chain(files)
        .map(|(name, data)| File { name, modified: Some(Timestamp::UNIX_EPOCH), data: Bytes::from(data) })
        .collect();
    let length = files.len();
    files.rotate_left(order % length);
    Chart::from_files(files, &Limits::default())
}

fn contents(chart: &Chart) -> BTreeMap<&str, &[u8]> {
    let own = chart.raw().iter().filter(|file| !file.name.ends_with("Chart.yaml"));
    own.map(|file| (file.name.as_str(), &file.data[..])).collect()
}

proptest! {
    #[test]
    fn files_survive(files in any_files(), order: usize) {
        let chart = chart_of(&files, order).unwrap();
        let archive = chart.to_archive().unwrap();
        prop_assert_eq!(&archive, &chart.to_archive().unwrap());
        let again = Chart::from_archive(&archive[..], &Limits::default()).unwrap();
        prop_assert_eq!(contents(&again), contents(&chart));
        prop_assert_eq!(again.metadata(), chart.metadata());
        prop_assert_eq!(again.subcharts().len(), 1);
        prop_assert_eq!(again.to_archive().unwrap(), archive, "packed again, it is the same");
    }
}
