//! Folders in, paths and complaints out.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use tempfile::TempDir;

use super::*;

/// A folder with these files; the content of each is one document with its own path.
fn folder(files: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for file in files {
        write(&folder, file, format!("path: {file}\n").as_bytes());
    }
    folder
}

fn write(folder: &TempDir, file: &str, content: &[u8]) {
    let path = folder.path().join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// What was read: every source with its documents, then the complaints.
fn read(folder: &TempDir, paths: &[&str], stdin: &str) -> String {
    let paths: Vec<_> = paths
        .iter()
        .map(|path| {
            if *path == "-" {
                PathBuf::from(path)
            } else {
                folder.path().join(path)
            }
        })
        .collect();
    let limits = Limits {
        bytes: 1000,
        ..Limits::default()
    };
    let (texts, diags) = load(
        &PathGroup::of(Path::new(""), &paths),
        &mut stdin.as_bytes(),
        &limits,
    );
    let mut lines = Vec::new();
    for (file, source) in texts.sources.iter() {
        let documents = texts
            .documents
            .iter()
            .filter(|document| document.file == file);
        let values: Vec<_> = documents
            .map(|document| document.value.to_string())
            .collect();
        lines.push(format!("{}: {}", source.path, values.join(" ")));
    }
    for (diagnostic, position) in diags.located(&texts) {
        let file = position.map_or(String::new(), |position| position.file);
        lines.push(format!(
            "{file}: {}: {}",
            diagnostic.code.name, diagnostic.message
        ));
    }
    lines
        .join("\n")
        .replace(&folder.path().display().to_string(), "@")
}

#[test]
fn folders_are_read_sorted_and_without_other_peoples_files() {
    let folder = folder(&[
        "m/b.yaml",
        "m/a/z.yml",
        "m/a/a.yaml",
        "m/c.json",
        "m/.hidden/x.yaml",
        "m/.ci.yml",
        "m/node_modules/x.yaml",
        "m/target/x.yaml",
        "m/campaignctl.yaml",
        "m/a.b/x.yaml",
        "m/d.YAML",
    ]);
    assert_snapshot!(read(&folder, &["m"], ""), @r#"
    @/m/a/a.yaml: {"path":"m/a/a.yaml"}
    @/m/a/z.yml: {"path":"m/a/z.yml"}
    @/m/a.b/x.yaml: {"path":"m/a.b/x.yaml"}
    @/m/b.yaml: {"path":"m/b.yaml"}
    @/m/d.YAML: {"path":"m/d.YAML"}
    @/m/target/x.yaml: {"path":"m/target/x.yaml"}
    "#);
    assert_snapshot!(read(&folder, &["m/c.json", "m/campaignctl.yaml", "m/.hidden"], ""), @r#"
    @/m/c.json: {"path":"m/c.json"}
    @/m/campaignctl.yaml: {"path":"m/campaignctl.yaml"}
    @/m/.hidden/x.yaml: {"path":"m/.hidden/x.yaml"}
    "#);
    assert_snapshot!(read(&folder, &["m/b.yaml", "m/../m", "m/a/", "m/b.yaml"], ""), @r#"
    @/m/b.yaml: {"path":"m/b.yaml"}
    @/m/../m/a/a.yaml: {"path":"m/a/a.yaml"}
    @/m/../m/a/z.yml: {"path":"m/a/z.yml"}
    @/m/../m/a.b/x.yaml: {"path":"m/a.b/x.yaml"}
    @/m/../m/d.YAML: {"path":"m/d.YAML"}
    @/m/../m/target/x.yaml: {"path":"m/target/x.yaml"}
    "#);
}

#[test]
fn standard_input_is_read_once_and_in_its_place() {
    let folder = folder(&["a.yaml", "b.yaml"]);
    assert_snapshot!(read(&folder, &["b.yaml", "-", "a.yaml", "-"], "x: 1\n---\ny: [\n"), @r#"
    @/b.yaml: {"path":"b.yaml"}
    <stdin>: {"x":1}
    @/a.yaml: {"path":"a.yaml"}
    <stdin>: yaml-syntax: the bracket `[` is not closed
    "#);
    assert_snapshot!(read(&folder, &["-"], ""), @"<stdin>:");
}

#[test]
fn what_cannot_be_read_is_a_complaint() {
    let folder = folder(&["good.yaml"]);
    write(&folder, "latin.yaml", b"a: 1\nb: caf\xe9\n");
    write(&folder, "utf16.yaml", b"\xff\xfea\0:\0");
    write(&folder, "large.yaml", "x".repeat(1001).as_bytes());
    write(&folder, "twice.yaml", b"a: 1\na: 2\n---\nb: 3\n");
    assert_snapshot!(read(&folder, &["missing", "missing.yaml", "."], ""), @r#"
    @/missing: 
    @/missing.yaml: 
    @/./good.yaml: {"path":"good.yaml"}
    @/./large.yaml: 
    @/./latin.yaml: 
    @/./twice.yaml: {"b":3}
    @/./utf16.yaml: 
    @/./large.yaml: yaml-limit: the file is larger than the limit of 1000 bytes
    @/./latin.yaml: file-not-utf8: the text is not UTF-8: byte 0xe9 on line 2
    @/./twice.yaml: duplicate-key: the key `a` is defined twice
    @/./utf16.yaml: file-not-utf8: the text is UTF-16, not UTF-8
    @/missing: file-not-found: no file or folder has this name
    @/missing.yaml: file-not-found: no file or folder has this name
    "#);
}

#[cfg(unix)]
#[test]
fn links_are_followed_once() {
    let folder = folder(&["m/a.yaml", "other/b.yaml"]);
    let link = |target: &Path, name: &str| {
        std::os::unix::fs::symlink(target, folder.path().join(name)).unwrap();
    };
    link(folder.path(), "m/loop");
    link(&folder.path().join("other"), "m/linked");
    link(&folder.path().join("m/a.yaml"), "m/z.yaml");
    link(Path::new("nowhere"), "m/gone.yaml");
    link(Path::new("self.yaml"), "m/self.yaml");
    assert_snapshot!(read(&folder, &["m"], ""), @r#"
    @/m/a.yaml: {"path":"m/a.yaml"}
    @/m/gone.yaml: 
    @/m/linked/b.yaml: {"path":"other/b.yaml"}
    @/m/self.yaml: 
    @/m/gone.yaml: file-not-found: the link leads to a file or folder that is not there
    @/m/self.yaml: file-unreadable: cannot be read: Too many levels of symbolic links (os error 40)
    "#);
    assert_snapshot!(read(&folder, &["/dev/zero"], ""), @"
    /dev/zero: 
    /dev/zero: yaml-limit: the file is larger than the limit of 1000 bytes
    ");
}

#[test]
fn no_path_and_no_manifest_are_told_apart() {
    assert_snapshot!(no_manifests(&[]).message, @"no path to look for manifests was given");
    let paths = [PathBuf::from("a"), PathBuf::from("b")];
    assert_snapshot!(no_manifests(&paths).message, @"there is no manifest in `a`, `b`");
}

#[test]
fn what_is_read_and_what_would_be_are_the_same() {
    let files = [
        "a.yaml",
        "A.YML",
        "b.json",
        ".c.yaml",
        "campaignctl.yml",
        "target/a.yaml",
        "node_modules/a.yaml",
        "x/node_modules/y/a.yaml",
        "x/.y/a.yaml",
        "x/y/z/a.yaml",
    ];
    let folder = folder(&files);
    let groups = [PathGroup {
        paths: vec![folder.path().to_owned()],
        ..PathGroup::default()
    }];
    let listed = list(&groups);
    for file in files {
        let whole = folder.path().join(file);
        let is_read = listed.iter().any(|listed| listed.path == whole);
        assert_eq!(is_read_below(Path::new(file)), is_read, "{file}");
    }
}
