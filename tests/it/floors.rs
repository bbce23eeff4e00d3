//! The floors of the crate: modules use only what lies below them, and kinds keep to their folders.
//!
//! Reads the sources as text. Comments and test code are left out: tests may use anything.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use campaignctl::check::schema::file_stem;
use campaignctl::kinds::{ALL, KindId, Role};

use crate::program::package;

/// The modules from the ground up; each floor may use those below it. Within a floor, a module may use
/// those before it where [`SIDEWAYS`] says so.
const FLOORS: &[&[&str]] = &[
    &["text", "diag", "name"],
    &["kinds"],
    &[
        "manifest", "resolve", "check", "project", "format", "live", "select", "diff", "export",
        "pull", "plan", "users", "offers", "status", "ids", "launch", "sends", "diagnose",
    ],
    &["files"],
    &["load", "api", "ledger", "apply", "audit", "sandbox"],
    &["report", "editor"],
    &["run"],
    &["language_server"],
    &["cli"],
];

/// Where modules of one floor may use each other, always to the left.
const SIDEWAYS: &[(&str, &[&str])] = &[
    ("diag", &["text"]),
    // The passes in their order.
    ("resolve", &["manifest"]),
    ("check", &["manifest", "resolve"]),
    ("project", &["manifest", "resolve", "check"]),
    ("format", &["check", "project"]),
    ("live", &["manifest", "resolve", "project"]),
    ("select", &["manifest", "resolve", "live"]),
    (
        "diff",
        &["manifest", "resolve", "check", "project", "live", "select"],
    ),
    (
        "export",
        &[
            "manifest", "resolve", "check", "format", "live", "select", "diff",
        ],
    ),
    (
        "pull",
        &["manifest", "resolve", "check", "live", "diff", "export"],
    ),
    (
        "users",
        &["manifest", "resolve", "check", "live", "select", "diff"],
    ),
    (
        "offers",
        &["manifest", "resolve", "live", "diff", "export", "plan"],
    ),
    ("status", &["manifest", "resolve", "live", "diff", "users"]),
    (
        "ids",
        &["manifest", "resolve", "check", "live", "diff", "users"],
    ),
    ("launch", &["check", "live"]),
    ("diagnose", &["manifest", "resolve", "project", "offers"]),
    ("sends", &["live", "select"]),
    (
        "plan",
        &[
            "manifest", "resolve", "check", "project", "format", "live", "select", "diff",
        ],
    ),
    ("editor", &["report"]),
    // Through their traits only.
    ("apply", &["api", "ledger"]),
];

/// What a floor or a module may not say, and why.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "text diag name kinds manifest resolve check project format live select diff export pull plan users offers status launch sends diagnose report editor",
        &[
            "std::fs",
            "tokio",
            "reqwest",
            "axum",
            "rusqlite",
            "std::env",
            "std::net",
            "async fn",
            "Timestamp::now",
            "Instant::now",
            "SystemTime",
        ],
    ),
    ("api apply", &["std::fs", "std::env"]),
    ("files load ledger audit sandbox", &["std::env"]),
    (
        "run language_server",
        &[
            "std::env::var",
            "current_dir",
            "current_exe",
            "Timestamp::now",
            "process::exit",
            "io::stdout",
            "io::stderr",
            "io::stdin",
            "clap",
            "indicatif",
            "process::id",
        ],
    ),
    ("sandbox", &["reqwest"]),
];

/// A source file without its comments and tests.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) module: String,
    /// Nothing for a file of tests.
    pub(crate) code: String,
    pub(crate) text: String,
}

pub(crate) fn files() -> Vec<File> {
    let root = package().join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    let file = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let below: Vec<_> = path.strip_prefix(&root).unwrap().iter().collect();
        let first = Path::new(below[0]).file_stem().unwrap();
        let below: Vec<_> = below.iter().map(|part| part.to_str().unwrap()).collect();
        File {
            path: format!("src/{}", below.join("/")),
            module: first.to_str().unwrap().to_owned(),
            code: if is_test(&path) {
                String::new()
            } else {
                code(&text)
            },
            text,
        }
    };
    paths.into_iter().map(file).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            paths.push(path);
        }
    }
}

fn is_test(path: &Path) -> bool {
    path.iter()
        .any(|part| part == "tests" || part == "tests.rs" || part == "testing.rs")
}

/// The code of a file: up to its test module, without comments, and one `use` per line for braces.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = text.lines().map(str::trim_start);
    let lines = lines.filter(|line| !line.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The modules that a file names as `crate::module`, also inside `crate::{a, b}`.
fn edges(code: &str) -> BTreeSet<&str> {
    let is_name = |ch: char| ch.is_ascii_lowercase() || ch == '_';
    let mut found = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        let Some(list) = after.strip_prefix('{') else {
            found.insert(after.split(|ch| !is_name(ch)).next().unwrap());
            continue;
        };
        let mut depth = 0;
        for part in list.split_inclusive([',', '{', '}']) {
            if depth == 0 {
                found.insert(part.trim().split(|ch| !is_name(ch)).next().unwrap());
            }
            match part.chars().last() {
                Some('{') => depth += 1,
                Some('}') if depth == 0 => break,
                Some('}') => depth -= 1,
                _ => {}
            }
        }
    }
    found.remove("");
    found
}

fn floor(module: &str) -> usize {
    FLOORS
        .iter()
        .position(|floor| floor.contains(&module))
        .unwrap_or_else(|| {
            panic!("`{module}` has no floor: add it to tests/it/floors.rs and src/lib.rs")
        })
}

fn may_use(from: &str, to: &str) -> bool {
    let sideways = SIDEWAYS.iter().find(|(module, _)| *module == from);
    from == to
        || floor(to) < floor(from) && !(from == "sandbox" && to == "api")
        || sideways.is_some_and(|(_, allowed)| allowed.contains(&to))
}

/// Fails with all violations at once.
fn none(what: &str, violations: &str) {
    assert!(violations.is_empty(), "{what}:\n{violations}");
}

#[test]
fn modules_use_what_lies_below_them() {
    let mut wrong = String::new();
    for File {
        path, module, code, ..
    } in files()
    {
        if module == "main" || module == "lib" {
            continue;
        }
        for edge in edges(&code) {
            if !may_use(&module, edge) {
                let _ = writeln!(
                    wrong,
                    "{path}: `{module}` (F{}) uses `{edge}` (F{})",
                    floor(&module),
                    floor(edge)
                );
            }
        }
    }
    none(
        "upward or sideways edges, see the floors in src/lib.rs",
        &wrong,
    );
}

#[test]
fn floors_keep_away_from_the_world() {
    let mut wrong = String::new();
    for File {
        path, module, code, ..
    } in files()
    {
        for (modules, words) in FORBIDDEN {
            if !modules.split(' ').any(|name| name == module) {
                continue;
            }
            for word in words.iter().filter(|word| code.contains(**word)) {
                let _ = writeln!(wrong, "{path}: `{word}` has no place in `{module}`");
            }
        }
    }
    none("a floor reaches further than it may", &wrong);
}

#[test]
fn a_kind_is_one_folder_and_its_two_lines() {
    let kinds = package().join("src/kinds");
    let entries = std::fs::read_dir(&kinds).unwrap();
    let mut folders: BTreeSet<String> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    for common in [
        "account_ids",
        "mapping",
        "offering",
        "reference",
        "shared",
        "tests",
    ] {
        assert!(folders.remove(common), "src/kinds/{common} is gone");
    }
    for kind in KindId::manifests() {
        let name = file_stem(kind).replace('-', "_");
        assert!(
            folders.remove(&name),
            "{kind} has no folder src/kinds/{name}"
        );
        let mut parts = vec!["mod.rs", "wire.rs", "tests.rs", "fixtures/valid.yaml"];
        if !kind.def().codes.is_empty() {
            parts.extend(["rules.rs", "fixtures/invalid"]);
        }
        if kind.def().role != Role::Local {
            parts.push("fixtures/live.json");
        }
        for part in parts {
            let path = kinds.join(&name).join(part);
            assert!(path.exists(), "{kind} lacks src/kinds/{name}/{part}");
        }
    }
    assert!(
        folders.is_empty(),
        "not in `ALL` of src/kinds/mod.rs: {folders:?}"
    );
}

#[test]
fn kinds_know_nothing_of_each_other_and_nobody_of_them() {
    let folders: Vec<_> = KindId::manifests()
        .map(|kind| file_stem(kind).replace('-', "_"))
        .collect();
    let mut wrong = String::new();
    for File {
        path, module, code, ..
    } in files()
    {
        if path == "src/kinds/mod.rs" {
            continue; // the only list
        }
        let own = path
            .strip_prefix("src/kinds/")
            .and_then(|below| below.split_once('/'));
        for folder in folders
            .iter()
            .filter(|folder| own.is_none_or(|(own, _)| own != **folder))
        {
            for base in ["crate::kinds", "super", "super::super"] {
                let other = format!("{base}::{folder}::");
                if code.contains(&other) && (module == "kinds" || base == "crate::kinds") {
                    let _ = writeln!(wrong, "{path}: `{other}` is another kind's module");
                }
            }
        }
        if module == "kinds" {
            continue;
        }
        for name in ALL.iter().map(|def| format!("\"{}\"", def.name)) {
            if code.contains(&name) {
                let _ = writeln!(
                    wrong,
                    "{path}: {name}; ask the contract in src/kinds/kind.rs instead"
                );
            }
        }
    }
    none("a kind is named outside of its folder", &wrong);
}

#[test]
fn every_file_says_what_it_is_for() {
    let mut wrong = String::new();
    for File { path, text, .. } in files() {
        if !text.starts_with("//! ") {
            let _ = writeln!(wrong, "{path}: does not open with `//!`");
        }
        let stem = path.rsplit('/').next().unwrap().trim_end_matches(".rs");
        if ["utils", "util", "helpers", "helper", "common", "misc"].contains(&stem) {
            let _ = writeln!(wrong, "{path}: name it after what it does");
        }
        if path.ends_with("/mod.rs") {
            let sibling = format!("{}.rs", path.trim_end_matches("/mod.rs"));
            if package().join(&sibling).exists() {
                let _ = writeln!(wrong, "{sibling}: stands beside a folder of its name");
            }
        }
    }
    none("files", &wrong);
}

#[test]
fn no_test_file_is_forgotten() {
    let folder = package().join("tests/it");
    let main = std::fs::read_to_string(folder.join("main.rs")).unwrap();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let is_module =
            path.extension().is_some_and(|ending| ending == "rs") || path.join("mod.rs").exists();
        let line = format!("\nmod {stem};\n");
        assert!(
            !is_module || stem == "main" || main.contains(&line),
            "{stem} is not in tests/it/main.rs"
        );
    }
}

#[test]
fn edges_are_found_and_judged() {
    let found = edges("use crate::{api, report::{a, cli}, diff};\nlet x = crate::live::y();");
    assert_eq!(
        found.into_iter().collect::<Vec<_>>(),
        ["api", "diff", "live", "report"]
    );
    assert!(may_use("plan", "diff") && may_use("cli", "text") && may_use("apply", "api"));
    assert!(!may_use("diff", "plan") && !may_use("api", "apply") && !may_use("kinds", "check"));
    assert!(!may_use("sandbox", "api") && !may_use("report", "cli"));
    assert_eq!(code("a\n// crate::cli\n#[cfg(test)]\nmod tests {\n"), "a");
}
