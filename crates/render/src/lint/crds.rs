//! The rules for `crds/`.

use std::fs;
use std::io::ErrorKind;

use super::Check;
use super::Severity::Error;
use super::file;
use super::stream::Objects;

const PATH: &str = "crds/";

impl Check<'_> {
    pub(super) fn crds(&mut self) {
        let path = self.folder.join("crds");
        let rule = match fs::metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return,
            Err(error) => Err(file::problem("stat", &path, &error)),
            Ok(metadata) if !metadata.is_dir() => Err("not a directory".to_owned()),
            Ok(_) => Ok(()),
        };
        if !self.report.check(Error, PATH, rule) {
            return;
        }
        let chart = match self.load() {
            Ok(chart) => chart,
            Err(error) => {
                self.report.check(Error, PATH, Err(error));
                return;
            }
        };
        for crd in chart.crds() {
            for object in Objects::new(&crd.data) {
                let object = match object {
                    Ok(object) => object,
                    Err(error) => {
                        self.report.check(Error, &crd.name, Err(format!("unable to parse YAML: {error}")));
                        return;
                    }
                };
                let Some(object) = object else { continue };
                let is_group = object.api_version.starts_with("apiextensions.k8s.io");
                let rule =
                    if is_group { Ok(()) } else { Err("apiVersion is not in 'apiextensions.k8s.io'".into()) };
                self.report.check(Error, &crd.name, rule);
                let is_crd = object.kind == "CustomResourceDefinition";
                let rule =
                    if is_crd { Ok(()) } else { Err("object kind is not 'CustomResourceDefinition'".into()) };
                self.report.check(Error, &crd.name, rule);
            }
        }
    }
}
