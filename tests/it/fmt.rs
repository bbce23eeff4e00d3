//! `fmt` as people and pipelines run it: what it writes, what it names, what it leaves alone.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use insta::assert_snapshot;
use tempfile::TempDir;

use crate::program::{command, package, ran, run};

const LOOSE: &str = "kind: Goal # what it is\napiVersion: campaignctl.dev/v1\nmetadata: {name: a}\nspec:\n    type: 'purchase'\n";

/// A project with an overlay, and a file that belongs to somebody else.
fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "campaignctl.yaml",
        "environments: {sandbox: {overlays: [over]}}\nmanifests: [base]\n",
    );
    write("base/a.yaml", LOOSE);
    write("base/broken.yaml", "kind: Goal\nspec: [\n");
    write("over/a.yaml", "metadata: {name: a}\nkind: Goal\n");
    write("compose.yaml", "services: {web: {image: 'x'}}\n");
    folder
}

fn read(folder: &TempDir, path: &str) -> String {
    std::fs::read_to_string(folder.path().join(path)).unwrap()
}

#[test]
fn the_project_is_formatted_and_mistakes_are_left_as_they_are() {
    let folder = project();
    let first = run(folder.path(), &["fmt"]).expect(3);
    assert_snapshot!(first.stdout, @"
    base/a.yaml
    over/a.yaml
    campaignctl.yaml
    ");
    assert_snapshot!(first.stderr, @"
    error[yaml-syntax]: the bracket `[` is not closed
     --> base/broken.yaml:2:7
      |
    2 | spec: [
      |       ^
      |       |
      |       inside the bracket that opens here
      |
      = help: add the closing `]`

    1 error in 1 file
    3 files formatted, 0 formatted already.
    error: files with mistakes were left as they are
    ");
    assert_snapshot!(read(&folder, "base/a.yaml"), @r#"
    apiVersion: campaignctl.dev/v1
    kind: Goal # what it is
    metadata: { name: a }
    spec:
      type: "purchase"
    "#);
    assert_snapshot!(read(&folder, "campaignctl.yaml"), @"
    manifests: [base]
    environments: { sandbox: { overlays: [over] } }
    ");
    assert_eq!(read(&folder, "base/broken.yaml"), "kind: Goal\nspec: [\n");
    assert_eq!(
        read(&folder, "compose.yaml"),
        "services: {web: {image: 'x'}}\n"
    );
    std::fs::remove_file(folder.path().join("base/broken.yaml")).unwrap();
    let again = run(folder.path(), &["fmt", "--check"]).expect(0);
    assert_eq!(
        (again.stdout.as_str(), again.stderr.as_str()),
        ("", "3 files formatted already.\n")
    );
}

#[test]
fn check_names_files_and_diff_shows_them() {
    let folder = project();
    let check = run(folder.path(), &["fmt", "--check", "base/a.yaml", "over"]).expect(2);
    assert_eq!(check.stdout, "base/a.yaml\nover/a.yaml\n");
    assert_eq!(check.stderr, "2 files to format, 0 formatted already.\n");
    let diff = run(folder.path(), &["fmt", "--diff", "base/a.yaml"]).expect(0);
    assert_snapshot!(diff.stdout, @r#"
    --- a/base/a.yaml
    +++ b/base/a.yaml
    @@ -1,5 +1,5 @@
    +apiVersion: campaignctl.dev/v1
     kind: Goal # what it is
    -apiVersion: campaignctl.dev/v1
    -metadata: {name: a}
    +metadata: { name: a }
     spec:
    -    type: 'purchase'
    +  type: "purchase"
    "#);
    run(folder.path(), &["fmt", "--diff", "--check", "base/a.yaml"]).expect(2);
    assert_eq!(read(&folder, "base/a.yaml"), LOOSE, "nothing is written");
    run(folder.path(), &["fmt", "--format", "json"]).expect(3);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let through = |arguments: &[&str], text: &str| {
        let mut fmt = command(folder.path(), arguments);
        let fmt = fmt
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = fmt.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, formatted) = through(&["fmt", "-"], LOOSE);
    assert_eq!(code, Some(0));
    assert_eq!(
        through(&["fmt", "-"], &formatted),
        (Some(0), formatted.clone())
    );
    assert_eq!(
        through(&["fmt", "-", "--check"], LOOSE),
        (Some(2), "<stdin>\n".to_owned())
    );
    assert_eq!(through(&["fmt", "-"], "a: ["), (Some(3), String::new()));
}

#[cfg(unix)]
#[test]
fn a_file_keeps_its_permissions_and_a_link_stays_a_link() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = project();
    let file = folder.path().join("base/a.yaml");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("base/a.yaml", folder.path().join("link.yaml")).unwrap();
    run(folder.path(), &["fmt", "link.yaml"]).expect(0);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    assert!(folder.path().join("link.yaml").is_symlink());
    assert_ne!(read(&folder, "base/a.yaml"), LOOSE);
}

#[test]
fn the_examples_are_formatted_and_so_is_an_export() {
    let examples = [
        "examples/quickstart",
        "examples/retail",
        "examples/environments",
    ];
    for example in examples {
        run(package(), &["fmt", "--check", example]).expect(0);
    }
    let folder = tempfile::tempdir().unwrap();
    crate::program::copy_folder(&package().join("examples/retail"), folder.path());
    run(folder.path(), &["apply", "--auto-approve"]).expect(0);
    let elsewhere = tempfile::tempdir().unwrap();
    let exported = elsewhere.path().join("exported");
    let exported = exported.to_str().unwrap();
    run(folder.path(), &["export", "--out", exported]).expect(0);
    let check = run(folder.path(), &["fmt", "--check", exported]);
    assert_eq!(check.stdout, "", "{}", check.stderr);
    let streamed = run(folder.path(), &["export"]).expect(0).stdout;
    std::fs::write(folder.path().join("stream.yaml"), streamed).unwrap();
    ran(&mut command(
        Path::new(folder.path()),
        &["fmt", "--check", "stream.yaml"],
    ))
    .expect(0);
}
