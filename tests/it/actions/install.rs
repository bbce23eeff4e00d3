//! Installing a release: only what has the right checksum is run.

use std::path::Path;
use std::process::Command;

use sha2::{Digest as _, Sha256};

use super::Sample;

/// Puts a release of the version that the actions belong to into the stand-in: for every platform the same script.
/// Returns the names of its archives, and the checksum.
fn release(sample: &Sample) -> (Vec<String>, String) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("campaignctl");
    std::fs::write(&program, "#!/bin/sh\necho campaignctl 9.9.9\n").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let archive = packed(folder.path());
    let checksum = format!("{:x}", Sha256::digest(&archive));
    let version = env!("CARGO_PKG_VERSION");
    let targets = [
        "x86_64-unknown-linux-musl",
        "aarch64-unknown-linux-musl",
        "x86_64-apple-darwin",
        "aarch64-apple-darwin",
    ];
    let names = targets.map(|target| format!("campaignctl-{version}-{target}.tar.gz"));
    let rows: Vec<String> = names
        .iter()
        .map(|name| format!("{checksum}  {name}"))
        .collect();
    let list = rows.join(
        "
",
    );
    let mut held = sample.hub.held();
    let base = format!("/acme/campaignctl/releases/download/v{version}");
    for name in &names {
        held.releases
            .insert(format!("{base}/{name}"), archive.clone());
    }
    held.releases
        .insert(format!("{base}/SHA256SUMS"), list.into_bytes());
    (names.to_vec(), checksum)
}

fn packed(folder: &Path) -> Vec<u8> {
    let mut tar = Command::new("tar");
    tar.args(["-czf", "-", "campaignctl"]).current_dir(folder);
    tar.output().unwrap().stdout
}

#[test]
fn the_release_of_the_actions_is_installed() {
    let Some(sample) = Sample::new() else { return };
    let (_, checksum) = release(&sample);
    let job = sample.job(sample.commit(), serde_json::json!({}));
    let done = job.run("setup", &[]).expect(0);
    assert_eq!(done.output("version"), "9.9.9");
    assert!(Path::new(done.output("binary")).ends_with("campaignctl"));
    // A checksum that the caller gives is trusted before the one of the release.
    sample
        .hub
        .held()
        .releases
        .retain(|path, _| !path.ends_with("SHA256SUMS"));
    job.run("setup", &[("checksum", &checksum)]).expect(0);
    job.run("setup", &[]).expect(1);
}

#[test]
fn a_download_that_was_tampered_with_is_not_installed() {
    let Some(sample) = Sample::new() else { return };
    let (names, _) = release(&sample);
    for (path, bytes) in &mut sample.hub.held().releases {
        if names.iter().any(|name| path.ends_with(name)) {
            bytes.push(0);
        }
    }
    let job = sample.job(sample.commit(), serde_json::json!({}));
    let done = job.run("setup", &[]).expect(1);
    assert!(done.log.contains("it is not installed"), "{}", done.log);
    assert!(!done.log.contains("campaignctl 9.9.9"), "{}", done.log);
    assert_eq!(done.output("binary"), "");
    // No other action goes on without the program.
    let done = job.run("validate", &[]).expect(1);
    assert_eq!(done.output("exitcode"), "");
}

#[test]
fn a_program_that_is_missing_is_told() {
    let Some(sample) = Sample::new() else { return };
    let job = sample.job(sample.commit(), serde_json::json!({}));
    let done = job.run("setup", &[("binary", "bin/none")]).expect(1);
    assert!(
        done.log.contains("::error::there is no program"),
        "{}",
        done.log
    );
    let done = job.run("setup", &[("version", "v0.0.1")]).expect(1);
    assert!(done.log.contains("404"), "{}", done.log);
}

#[test]
fn a_runner_without_node_is_told_what_is_missing() {
    let Some(_) = Sample::new() else { return };
    let script = crate::program::package().join(".github/actions/lib/run.sh");
    let mut bash = Command::new("bash");
    bash.args(["-c", r#"PATH=/none; set -- setup/setup.mjs; . "$0""#]);
    let output = bash.arg(script).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.starts_with("::error::campaignctl's actions need Node.js 20"),
        "{said}"
    );
}
