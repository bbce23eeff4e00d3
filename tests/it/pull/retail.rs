//! The retail example after a day of edits in the console: the files differ in exactly these values.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use campaignctl::kinds::KindId;
use campaignctl::sandbox::SandboxSettings;
use serde_json::{Map, Value, json};

use crate::left::LeftProject;
use crate::program::{copy_folder, entries, package};
use crate::support::{Account, NO_CHANGES, Project, cases, plain};

/// How many fields people change, at least.
const EDITS: usize = 20;

/// The customer care of the retail example, applied to an account that holds more than it: what tests about one campaign need, in a
/// third of the time.
pub(super) fn care() -> Project {
    static APPLIED: OnceLock<LeftProject> = OnceLock::new();
    let kept = [
        "audiences/audiences.yaml",
        "behaviors/behaviors.yaml",
        "campaigns/customer-care.yaml",
        "entry-points/web.yaml",
        "goals/service.yaml",
        "templates/web.yaml",
        "windows/special.yaml",
        "windows/storefront.yaml",
    ];
    APPLIED
        .get_or_init(|| {
            LeftProject::by(SandboxSettings::default(), |project| {
                apply_to(project, &kept);
            })
        })
        .copy()
}

/// The retail example, applied to an account that holds more than it.
pub(super) fn retail() -> Project {
    static APPLIED: OnceLock<LeftProject> = OnceLock::new();
    APPLIED
        .get_or_init(|| {
            LeftProject::by(SandboxSettings::default(), |project| apply_to(project, &[]))
        })
        .copy()
}

/// Applies some files of the retail example, all where none are named, to an account that holds more than it.
fn apply_to(project: &Project, kept: &[&str]) {
    let example = package().join("examples/retail");
    let settings = std::fs::read(project.path().join("campaignctl.yaml")).unwrap();
    copy_folder(&example, project.path());
    // Programs cannot write handoffs on a real account, and the launches refer to them.
    for folder in ["handoffs", "launches"] {
        std::fs::remove_dir_all(project.path().join(folder)).unwrap();
    }
    for path in files(project).keys() {
        if !kept.is_empty() && !kept.contains(&path.as_str()) {
            project.remove(path);
        }
    }
    std::fs::write(project.path().join("campaignctl.yaml"), settings).unwrap();
    let seed: Map<String, Value> = entries(&example.join("seed"))
        .iter()
        .map(|path| {
            let plural = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = std::fs::read_to_string(path).unwrap();
            (plural, serde_json::from_str(&text).unwrap())
        })
        .collect();
    project.account.seed(&Value::Object(seed));
    project.run(&["fmt"]).expect(0);
    project.run(&["apply", "--auto-approve"]).expect(0);
}

/// The paths of all owned objects that programs can write.
fn owned(project: &Project) -> Vec<String> {
    let ledger: Value = serde_json::from_str(&project.ledger()).unwrap();
    let entries = ledger["entries"].as_object().unwrap();
    let paths = entries.iter().filter_map(|(key, entry)| {
        let kind = KindId::named(key.split('/').next().unwrap()).unwrap();
        let collection = kind.def().collection.unwrap();
        let parent = entry.get("parent").map(plain).unwrap_or_default();
        let path = collection.path.replace("{parent}", &parent);
        let path = format!("{path}?v={}", collection.version);
        let is_edited = ["app/", "ac-common/"]
            .iter()
            .all(|it| !path.starts_with(it));
        is_edited.then(|| Account::path_of(&path, &entry["id"]))
    });
    paths.collect()
}

/// The scalars of a body that people edit in the console.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    let is_fixed = |key: &str| {
        let ids = key.ends_with("Id") || key.ends_with("Ids") || key == "id";
        let fixed = [
            "type",
            "status",
            "state",
            "weight",
            "timeZone",
            "deleted",
            "systemDefault",
            "source",
            "channel",
            "matchType",
            "indicatorType",
            "startDate",
            "expirationDate",
            "revision",
            "engagementCollectionRevision",
            "startTimeInMinutes",
            "expirationTimeInMinutes",
            "goal",
            "location",
            "displayInstance",
            "category",
            "operator",
            "conditionType",
        ];
        ids || key.ends_with("Date") || fixed.contains(&key)
    };
    match value {
        Value::Object(fields) => {
            for (key, value) in fields.iter().filter(|(key, _)| !is_fixed(key)) {
                let key = key.replace('~', "~0").replace('/', "~1");
                leaves(value, &format!("{at}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                leaves(value, &format!("{at}/{index}"), found);
            }
        }
        Value::String(_) | Value::Bool(_) => found.push(at.to_owned()),
        Value::Number(number) if number.is_u64() => found.push(at.to_owned()),
        _ => {}
    }
}

/// What people type.
const TEXTS: [&str; 12] = [
    "Zwei Wörter",
    "it's here",
    "say \"hello\"",
    "a: b # c",
    "no",
    "012",
    "${var.brand}",
    "- x",
    "two\nlines\n",
    "{ x }",
    "📦 é",
    "*star",
];

fn another(rng: &mut fastrand::Rng, value: &Value) -> Value {
    match value {
        Value::Bool(is_set) => json!(!is_set),
        Value::Number(number) => json!(number.as_u64().unwrap() + 1 + rng.u64(0..5)),
        _ => json!(format!(
            "{} {}",
            TEXTS[rng.usize(0..TEXTS.len())],
            rng.u16(..)
        )),
    }
}

/// Edits random values of random objects, of which manifests declare most.
fn edit_at_random(project: &Project, rng: &mut fastrand::Rng) {
    let paths = owned(project);
    let mut seen = BTreeSet::new();
    for _ in 0..3 * EDITS {
        let path = &paths[rng.usize(0..paths.len())];
        let body = project.account.get(path);
        let mut places = Vec::new();
        leaves(&body, "", &mut places);
        if places.is_empty() {
            continue;
        }
        let place = &places[rng.usize(0..places.len())];
        if !seen.insert((path, place.clone())) {
            continue;
        }
        let value = another(rng, body.pointer(place).unwrap());
        project
            .account
            .edit(path, |body| *body.pointer_mut(place).unwrap() = value);
    }
}

/// Every manifest of a project, by its path.
fn files(project: &Project) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for folder in entries(project.path()) {
        for file in folder
            .is_dir()
            .then(|| entries(&folder))
            .into_iter()
            .flatten()
        {
            if file.extension().is_some_and(|ending| ending == "yaml") {
                let name = file.strip_prefix(project.path()).unwrap();
                let name = name.to_str().unwrap().to_owned();
                found.insert(name, std::fs::read_to_string(&file).unwrap());
            }
        }
    }
    found
}

/// The comments of a text: what stands behind ` #` in lines that no text in quotes has one in.
fn comments(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| {
        let at = if line.trim_start().starts_with('#') {
            line.find('#')
        } else {
            line.find(" # ")
        };
        let comment = &line[at?..];
        (!comment.contains(['\'', '"'])).then(|| comment.trim().to_owned())
    });
    lines
        .filter(|it| !it.starts_with("# c ") && it != "# c")
        .collect()
}

/// The manifests as a plan sees them, by kind and name.
fn resolved(project: &Project) -> BTreeMap<String, Value> {
    let run = project
        .run(&["resolve", "--format", "json"])
        .expect(0)
        .json();
    let manifests = run["manifests"].as_array().unwrap().iter();
    manifests
        .map(|it| {
            let text = |key: &str| it[key].as_str().unwrap();
            let key = format!("{}/{}", text("kind"), text("name"));
            (
                key,
                json!({ "spec": it["spec"], "lifecycle": it["lifecycle"] }),
            )
        })
        .collect()
}

/// The places at which two values differ; lists differ as wholes where they are not of one length.
fn differences(before: &Value, after: &Value, at: &str, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let (a, b) = (a.get(key), b.get(key));
                let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                differences(
                    a.unwrap_or(&Value::Null),
                    b.unwrap_or(&Value::Null),
                    &at,
                    found,
                );
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                differences(a, b, &format!("{at}/{index}"), found);
            }
        }
        _ if before != after => found.push(at.to_owned()),
        _ => {}
    }
}

fn pulled(seed: u64) {
    let project = retail();
    let mut rng = fastrand::Rng::with_seed(seed);
    edit_at_random(&project, &mut rng);
    let drift = project.run(&["drift", "--format", "json"]).expect(2).json();
    let drifted: BTreeSet<String> = fields(&drift["objects"], "fields");
    assert!(drifted.len() >= EDITS, "seed {seed}: {drift:#}");
    let (before, was) = (files(&project), resolved(&project));

    let dry = project.run(&["pull", "--format", "json"]);
    assert_eq!(files(&project), before, "a dry run wrote");
    let run = project.run(&["pull", "--write", "--format", "json"]);
    let pull = run.json();
    assert_eq!(pull["left"], json!([]), "seed {seed}: {pull:#}");
    assert_eq!((dry.code, run.code), (Some(0), Some(0)));
    let taken: BTreeSet<String> = pull["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(name_of)
        .collect();
    assert_eq!(taken, drifted, "seed {seed}");

    // The manifests differ at these places and nowhere else.
    let is = resolved(&project);
    assert_eq!(
        was.keys().collect::<Vec<_>>(),
        is.keys().collect::<Vec<_>>()
    );
    for (key, was) in &was {
        let mut found = Vec::new();
        differences(was, &is[key], "", &mut found);
        for place in found {
            let place = format!("{key}{place}");
            let mut taken = taken.iter();
            let is_taken = |it: &String| {
                // What `means` repeats of the data is the same value.
                let item = it
                    .split_once("/data/")
                    .map(|(item, _)| format!("{item}/means/"));
                place.starts_with(it) || item.is_some_and(|it| place.starts_with(&it))
            };
            assert!(taken.any(is_taken), "seed {seed}: {place}");
        }
    }
    // Comments and everything around the values are as they were.
    let after = files(&project);
    assert_eq!(
        before.keys().collect::<Vec<_>>(),
        after.keys().collect::<Vec<_>>()
    );
    for (path, text) in &before {
        assert_eq!(
            comments(text),
            comments(&after[path]),
            "seed {seed}: {path}"
        );
        let (old, new) = (text.lines().count(), after[path].lines().count());
        assert!(new.abs_diff(old) <= 3 * EDITS, "{path}");
        let kept: BTreeSet<&str> = after[path].lines().collect();
        let lost = text.lines().filter(|line| !kept.contains(line)).count();
        let here = pull["fields"].as_array().unwrap().iter();
        let here = here.filter(|it| it["files"][0] == path.as_str()).count();
        assert!(
            lost <= 3 * here,
            "seed {seed}: {path}: {lost} lines for {here} values"
        );
    }
    assert_eq!(
        project.run(&["plan"]).expect(0).stdout,
        NO_CHANGES,
        "seed {seed}"
    );
    let again = project.run(&["pull"]).expect(0).stdout;
    assert!(again.ends_with("Nothing to pull.\n"), "{again}");
    // What was formatted is formatted.
    assert_eq!(
        project.run(&["fmt", "--diff"]).expect(0).stdout,
        "",
        "seed {seed}"
    );
    project.run(&["apply", "--auto-approve"]).expect(0);
    project.run(&["drift"]).expect(0);
}

fn name_of(field: &Value) -> String {
    format!(
        "{}{}",
        field["key"].as_str().unwrap(),
        field["pointer"].as_str().unwrap()
    )
}

fn fields(objects: &Value, list: &str) -> BTreeSet<String> {
    let objects = objects.as_array().unwrap().iter();
    let all = objects.flat_map(|object| {
        let fields = object[list].as_array().unwrap().iter();
        fields.map(|field| {
            format!(
                "{}{}",
                object["key"].as_str().unwrap(),
                field["pointer"].as_str().unwrap()
            )
        })
    });
    all.collect()
}

#[test]
fn a_day_of_edits_goes_into_the_files_and_nothing_else_changes() {
    for seed in 0..u64::from(cases(2)) {
        pulled(seed);
    }
}
