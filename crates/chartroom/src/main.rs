//! The `chartroom` binary: from a command line to what it asks for, and from what came of it to an
//! exit code.

mod accounts;
mod chart_source;
mod cluster;
mod columns;
mod commands;
mod content_cache;
mod environment;
mod failure;
mod gate;
mod helm_log;
mod home;
mod key_sets;
mod logging;
mod output;
mod post_renderer;
mod printer;
mod progress;
mod provenance;
mod remote;
mod rendering;
mod storage;
mod table;
mod value_files;

use std::process::ExitCode;

use chartroom_cli::{Cli, Command, Program, Stop};

use crate::commands::Outcome;

fn main() -> ExitCode {
    let mut words = std::env::args_os();
    let program = Program::called(&words.next().unwrap_or_default());
    let outcome = match program.read(words) {
        Ok(cli) => run(program, cli),
        Err(Stop::Asked(text)) => commands::answer(&text),
        Err(Stop::Mistake(text)) => Err(anyhow::Error::msg(text)),
    };
    match outcome {
        Ok(Outcome::Success) => ExitCode::SUCCESS,
        Ok(Outcome::FoundProblems) => ExitCode::FAILURE,
        Err(error) => {
            failure::report(&error, program);
            ExitCode::FAILURE
        }
    }
}

fn run(program: Program, cli: Cli) -> anyhow::Result<Outcome> {
    match cli.command {
        Command::Serve(serve) => commands::serve(serve),
        Command::Gc(gc) => commands::gc(gc),
        Command::Fsck(fsck) => commands::fsck(fsck),
        Command::User(user) => commands::user(&user),
        Command::Token(token) => commands::token(&token),
        Command::Access(access) => commands::access(&access),
        Command::Registry(registry) => commands::registry(&registry),
        Command::Create(create) => commands::create(&create),
        Command::Package(package) => commands::package(&package),
        Command::Push(push) => commands::push(&push),
        Command::Pull(pull) => commands::pull(&pull),
        Command::Show(show) => commands::show(&show),
        Command::Lint(lint) => commands::lint(&lint, &cli.globals),
        Command::Template(template) => commands::template(&template, &cli.globals),
        Command::Dependency(dependency) => commands::dependency(&dependency),
        Command::Search(search) => commands::search(&search),
        Command::Repo(repo) => commands::repo(&repo),
        Command::Verify(verify) => commands::verify(&verify),
        Command::Tags(tags) => commands::tags(&tags),
        Command::Copy(copy) => commands::copy(&copy),
        Command::Install(install) => commands::install(&install, &cli.globals),
        Command::Rollback(rollback) => commands::rollback(&rollback, &cli.globals),
        Command::Uninstall(uninstall) => commands::uninstall(&uninstall, &cli.globals),
        Command::List(list) => commands::list(&list, &cli.globals),
        Command::Status(status) => commands::status(&status, &cli.globals),
        Command::History(history) => commands::history(&history, &cli.globals),
        Command::Get(get) => commands::get(&get, &cli.globals),
        Command::Env(env) => commands::env(&env, &cli.globals),
        Command::Completion(completion) => commands::completion(&completion, program),
        Command::Version(version) => commands::version(&version, program),
    }
}
