//! The guide's commands, to the letter and in its order, each block under its heading.
//!
//! Where a block says `instead`, the text beside it says what is run, and why the guide's own words
//! can't be. Commands that need a cluster are here too, and are not run.

mod basics;
mod examples;
mod practice;
mod reference;

pub(crate) use basics::BASICS;
pub(crate) use examples::EXAMPLES;
pub(crate) use practice::{PRACTICE, PUSH_CHARTS};
pub(crate) use reference::REFERENCE;

use crate::names::GITHUB_TOKEN;
use crate::place::Desk;

/// The reader of the guide has a token of GitHub, which some blocks set and some take for granted.
const WITH_TOKEN: &[(&str, &str)] = &[("GITHUB_TOKEN", GITHUB_TOKEN)];

/// The key under which logins at Docker Hub are stored, by Helm as by Docker.
const DOCKER_HUB_KEY: &str = "https://index.docker.io/v1/";
const ECR: &str = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

/// Nothing is needed before.
fn nothing(_: &Desk<'_>) {}

/// The reader has a chart of their own.
fn mychart(desk: &Desk<'_>) {
    desk.chart("mychart", "0.1.0");
}
