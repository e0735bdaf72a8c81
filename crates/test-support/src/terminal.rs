//! Somebody at a terminal: a program that believes to be watched, and can ask.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::eventually;

/// How long a program may take to say or do what is expected.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program that runs at a terminal of its own. Dropping it kills the program.
#[derive(Debug)]
pub struct Terminal {
    keyboard: File,
    child: Child,
    screen: Arc<Mutex<String>>,
    output: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Terminal {
    /// Runs a command with all its streams at a terminal of 100 columns.
    #[track_caller]
    pub fn start(command: &Command) -> Self {
        Self::run(command, false)
    }

    /// Runs a command whose standard output goes into a pipe instead.
    #[track_caller]
    pub fn with_piped_output(command: &Command) -> Self {
        Self::run(command, true)
    }

    #[track_caller]
    fn run(command: &Command, piped: bool) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&master).expect("a terminal of ours");
        unlockpt(&master).expect("a terminal of ours");
        let name = ptsname(&master, Vec::new()).expect("a terminal has a name").into_string();
        let slave = OpenOptions::new().read(true).write(true).open(name.expect("a path")).expect("it opens");
        tcsetwinsize(&slave, Winsize { ws_row: 40, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 })
            .expect("a terminal has a size");
        let stream = || Stdio::from(slave.try_clone().expect("a handle"));

        // Only who leads a session has a terminal, and only a program can become one without unsafe code.
        let mut leader = Command::new("setsid");
        leader
            .env("TERM", "xterm")
            .args(["--ctty", "--wait"])
            .arg(command.get_program())
            .args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => leader.env(name, value),
                None => leader.env_remove(name),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            leader.current_dir(folder);
        }
        leader.stdin(stream()).stderr(stream());
        leader.stdout(if piped { Stdio::piped() } else { stream() });
        let mut child = leader.spawn().expect("setsid starts");
        drop(leader);
        drop(slave);

        let screen = Arc::<Mutex<String>>::default();
        let output = Arc::<Mutex<String>>::default();
        let shown = File::from(master.try_clone().expect("a handle"));
        let mut readers = vec![collect(shown, &screen)];
        readers.extend(child.stdout.take().map(|pipe| collect(pipe, &output)));
        Self { keyboard: File::from(master), child, screen, output, readers }
    }

    /// All that was shown so far, with what moves the cursor.
    pub fn screen(&self) -> String {
        self.screen.lock().unwrap().clone()
    }

    /// Waits until this is shown.
    #[track_caller]
    pub fn shows(&self, text: &str) {
        eventually(&format!("{text:?} on the screen"), PATIENCE, || {
            self.screen().contains(text).then_some(())
        });
    }

    /// Waits until what is typed is no longer shown.
    #[track_caller]
    pub fn hides(&self) {
        eventually("a terminal that hides what is typed", PATIENCE, || {
            let modes = tcgetattr(&self.keyboard).ok()?.local_modes;
            (!modes.contains(LocalModes::ECHO)).then_some(())
        });
    }

    /// Types something.
    #[track_caller]
    pub fn types(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).expect("somebody reads");
    }

    /// Waits for the end. Gives how it ended, what was shown, and what went into the pipe.
    #[track_caller]
    pub fn finish(mut self) -> (ExitStatus, String, String) {
        let status = eventually("the end of the program", PATIENCE, || self.child.try_wait().unwrap());
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        let output = self.output.lock().unwrap().clone();
        (status, self.screen(), output)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // The program goes when its terminal does.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Reads until nobody writes any more: terminals say so with an error.
fn collect(mut from: impl Read + Send + 'static, into: &Arc<Mutex<String>>) -> JoinHandle<()> {
    let into = Arc::clone(into);
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            into.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..length]));
        }
    })
}
