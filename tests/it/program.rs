//! The built program, run as a person runs it: in a folder, with nothing of the tester's environment.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The run, which must have ended with this code.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        self
    }
}

/// The folder of the package.
pub(crate) fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Has the program trust one certificate, which no server has: to read those of the computer takes a third of a short run,
/// and no test talks to anything but this computer, without TLS.
pub(crate) fn trust_nobody(command: &mut Command) -> &mut Command {
    let folder = package().join("tests/it");
    command
        .env("SSL_CERT_FILE", folder.join("trusted.pem"))
        .env("SSL_CERT_DIR", folder.join("no-such-folder"))
}

/// The program with its arguments, in a folder, without environment and input.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_campaignctl"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::null());
    trust_nobody(&mut command);
    command
}

/// Runs the program to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Ran {
    ran(&mut command(folder, arguments))
}

/// Runs a command to its end.
pub(crate) fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A served sandbox, killed with the value.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: String,
}

impl Server {
    /// Serves the sandbox of a folder on a free port.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut process = command(folder, &["sandbox", "start", "--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut address = String::new();
        let stdout = process.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut address).unwrap();
        Self {
            process,
            address: address.trim_end().to_owned(),
        }
    }
}

#[cfg(unix)]
impl Server {
    /// Asks it to stop, and waits for its exit code.
    pub(crate) fn stop(mut self, signal: &str) -> Option<i32> {
        let id = self.process.id().to_string();
        let kill = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(kill.unwrap().success());
        self.process.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A copy of the examples in a folder that goes with the value. What runs left in the originals stays there.
pub(crate) fn examples_copy() -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_folder(&package().join("examples"), &copy.path().join("examples"));
    copy
}

/// What the retail example has besides one half of it: three of its six campaigns, and the scenarios of the site. The half has every
/// kind; what takes each engagement apart, or shows all in every format, is done with it in a small part of the time.
pub(crate) const REST_OF_RETAIL: [&str; 4] = [
    "campaigns/autumn-sale.yaml",
    "campaigns/checkout-rescue.yaml",
    "campaigns/lyon-opening.yaml",
    "scenarios/web.yaml",
];

/// Copies a folder into another one.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for path in entries(from) {
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            std::fs::copy(&path, target).unwrap();
        }
    }
}

/// What a folder holds, sorted, without hidden entries.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            !path
                .file_name()
                .unwrap()
                .as_encoded_bytes()
                .starts_with(b".")
        })
        .collect();
    paths.sort();
    paths
}
