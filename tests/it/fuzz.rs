//! What the fuzzer runs for hours, run for a second: every reader of outside input, on the examples and on
//! mutations of them.
//!
//! `PROPTEST_CASES` sets how many mutations each reader gets. `CAMPAIGNCTL_FUZZ_CORPUS=DIR` writes the inputs
//! that the mutations start from into `DIR/<target>/`, which is how `tests/fuzz/run` makes its corpora.

#[path = "../fuzz/targets.rs"]
mod targets;

use std::path::Path;

use campaignctl::kinds::KindId;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};

use crate::program::{copy_folder, entries, package};
use crate::support::{ACCOUNT, Account, Project, cases, plain};

/// Mutations of each reader's inputs unless `PROPTEST_CASES` says otherwise.
const CASES: u32 = 300;

/// The same for the answers of a platform, of which each is read some fifty times.
const ANSWERS: u32 = 15;

/// Where an input is cut, and what is put there.
#[derive(Clone, Debug)]
enum Edit {
    Drop(Index, u8),
    Insert(Index, Vec<u8>),
    Repeat(Index, u8, u8),
    Splice(Index, Index, u16),
}

fn edit() -> impl Strategy<Value = Edit> {
    let tokens = [
        "\0",
        "\n",
        "- ",
        ": ",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "---\n",
        "\"",
        "\\u0000",
        "é",
        "💬",
        "null",
        "-1",
        "1e999",
        "99999999999999999999",
        "${var.",
        "${{1}}",
        "!!",
        "|\n",
        "?",
    ];
    let token = proptest::sample::select(tokens.map(|token| token.as_bytes().to_vec()).to_vec());
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, size)| Edit::Drop(at, size)),
        (any::<Index>(), token).prop_map(|(at, token)| Edit::Insert(at, token)),
        (any::<Index>(), vec(any::<u8>(), 1..4)).prop_map(|(at, bytes)| Edit::Insert(at, bytes)),
        (any::<Index>(), any::<u8>(), 1..40_u8)
            .prop_map(|(at, size, times)| Edit::Repeat(at, size, times)),
        (any::<Index>(), any::<Index>(), any::<u16>())
            .prop_map(|(at, from, size)| Edit::Splice(at, from, size)),
    ]
}

fn mutate(seeds: &[Vec<u8>], start: Index, edits: &[Edit]) -> Vec<u8> {
    let mut bytes = seeds[start.index(seeds.len())].clone();
    for edit in edits {
        let place = |at: &Index| at.index(bytes.len() + 1);
        let piece = |at: usize, size: usize| bytes[at..bytes.len().min(at + size)].to_vec();
        match edit {
            Edit::Drop(at, size) => {
                let at = place(at);
                let end = bytes.len().min(at + usize::from(*size));
                bytes.drain(at..end);
            }
            Edit::Insert(at, token) => {
                let at = place(at);
                bytes.splice(at..at, token.iter().copied());
            }
            Edit::Repeat(at, size, times) => {
                let at = place(at);
                let piece = piece(at, usize::from(*size)).repeat(usize::from(*times));
                bytes.splice(at..at, piece);
            }
            Edit::Splice(at, from, size) => {
                let at = place(at);
                let other = &seeds[from.index(seeds.len())];
                let from = from.index(other.len() + 1);
                let end = other.len().min(from + usize::from(*size));
                bytes.splice(at..at, other[from..end].iter().copied());
            }
        }
    }
    bytes
}

#[track_caller]
fn run(target: &str, read: fn(&[u8]), seeds: &[Vec<u8>]) {
    run_times(CASES, target, read, seeds);
}

#[track_caller]
fn run_times(times: u32, target: &str, read: fn(&[u8]), seeds: &[Vec<u8>]) {
    if let Some(folder) = std::env::var_os("CAMPAIGNCTL_FUZZ_CORPUS") {
        let folder = Path::new(&folder).join(target);
        std::fs::create_dir_all(&folder).unwrap();
        for (number, seed) in seeds.iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number}")), seed).unwrap();
        }
    }
    for seed in seeds {
        read(seed);
    }
    let config = Config {
        cases: cases(times),
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let inputs = (any::<Index>(), vec(edit(), 1..6));
    TestRunner::new_with_rng(config, rng)
        .run(&inputs, |(start, edits)| {
            read(&mutate(seeds, start, &edits));
            Ok(())
        })
        .unwrap();
}

fn yaml_below(folder: &Path, found: &mut Vec<Vec<u8>>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            yaml_below(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            found.push(std::fs::read(&path).unwrap());
        }
    }
}

fn examples() -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    yaml_below(&package().join("examples"), &mut found);
    found
}

#[test]
fn manifests() {
    let mut seeds = examples();
    let overlaid: Vec<Vec<u8>> = seeds.windows(2).map(|pair| pair.join(&0)).collect();
    seeds.extend(overlaid);
    run("manifests", targets::manifests, &seeds);
}

#[test]
fn layout() {
    run("layout", targets::layout, &examples());
}

#[test]
fn project() {
    let is_project = |text: &Vec<u8>| text.windows(13).any(|part| part == b"environments:");
    let seeds: Vec<_> = examples().into_iter().filter(is_project).collect();
    assert!(!seeds.is_empty());
    run("project", targets::project, &seeds);
}

#[test]
fn answers() {
    let answer = |head: &str, body: &str| {
        let length = body.len();
        format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
            .into_bytes()
    };
    let item = r#"{"id":4100000001,"name":"x","deleted":false,"bearer":"b","csrf":"c","sessionTTl":"28800","access_token":"t","expires_in":3600}"#;
    let list = format!("[{item},{{\"id\":\"u-2\",\"name\":\"y\"}}]");
    let handoffs = r#"{"page":{"limit":30,"total":1},"handoffs":[{"id":"H1","name":"a","channels":[{"type":"inapp"}]}]}"#;
    let channel = r#"[{"type":"inapp","appNames":["com.example.shop"],"language":"en","messageComponents":[{"type":"text","messageText":"Hi"}]}]"#;
    let look_up = r#"{"baseURIs":[{"service":"accountConfigReadWrite","baseURI":"127.0.0.1:9"},{"service":"sentinel","baseURI":"127.0.0.1:9"},{"service":"agentVep","baseURI":"127.0.0.1:9"}]}"#;
    let seeds = [
        answer("200 OK\r\nac-revision: 7\r\ndate: Wed, 21 Oct 2026 07:28:00 GMT\r\nset-cookie: a=b; Path=/", item),
        answer("200 OK\r\neTag: \"7\"\r\nx-total-count: 2", &list),
        answer("200 OK", handoffs),
        answer("200 OK", channel),
        answer("200 OK", look_up),
        answer("201 Created\r\nlocation: /a/4100000001?v=1", ""),
        answer("202 Accepted", r#"{"internalCode":38,"visitorId":"v-1"}"#),
        answer("302 Found\r\nlocation: http://127.0.0.1:9/", ""),
        answer("400 Bad Request", r#"{"error":{"message":"secret-of-the-run","internalCode":12}}"#),
        answer("401 Unauthorized", "<html>secret-of-the-run</html>"),
        answer("429 Too Many Requests\r\nretry-after: 0", ""),
        answer("503 Service Unavailable\r\nretry-after: Wed, 21 Oct 2026 07:28:00 GMT\r\ndate: Wed, 21 Oct 2026 07:28:00 GMT", "[[[[[[[["),
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nac-revision: 1\r\n\r\n2\r\n[]\r\n0\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n[".to_vec(),
        answer("200 OK", &"[".repeat(5000)),
    ];
    run_times(ANSWERS, "answers", targets::answers, &seeds);
}

#[test]
fn flags() {
    let lines = |texts: &[&str]| {
        texts
            .iter()
            .map(|text| text.as_bytes().to_vec())
            .collect::<Vec<_>>()
    };
    let faults = lines(&[
        "PUT */engagements/* 503 x3\nPOST */goals lost after-commit once",
        "GET * delay 200ms\nGET */campaigns truncate once\nPUT * expire-token once",
        "PUT */campaigns/{id} race edit:status once\nPUT * move refused once",
        "* * 429 retry-after 60 every 3\nGET * loading x2\nGET * garbage html",
    ]);
    run("faults", targets::faults, &faults);
    let selectors = lines(&[
        "team=retail,season!=autumn,campaign,!draft\nGoal/checkout-done",
        "a==b\na===b\nCampaign/autumn-sale.2026",
    ]);
    run("selectors", targets::selectors, &selectors);
}

/// The retail example in an account: plans before and after, the ledger, and the rows of the account.
struct Retail {
    plans: [Vec<u8>; 2],
    ledger: Vec<u8>,
    rows: Map<String, Value>,
}

fn retail() -> Retail {
    let project = Project::new();
    let example = package().join("examples/retail");
    let settings = std::fs::read(project.path().join("campaignctl.yaml")).unwrap();
    copy_folder(&example, project.path());
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
    let saved = |paths: &[&str]| {
        project
            .run(&[&["plan", "--out", "plan.json"], paths].concat())
            .expect(0);
        std::fs::read(project.path().join("plan.json")).unwrap()
    };
    let first = saved(&[]);
    project.run(&["apply", "--auto-approve"]).expect(0);
    project.remove("goals/shop.yaml");
    Retail {
        plans: [first, saved(&["windows"])],
        ledger: project.ledger().into_bytes(),
        rows: rows_of(&project.account),
    }
}

/// Every row of an account by the plurals of kinds, as the lists and items give them.
fn rows_of(account: &Account) -> Map<String, Value> {
    let list = |kind: KindId, parent: Option<&Value>| {
        let collection = kind.def().collection?;
        let path = parent.map_or_else(
            || collection.path.to_owned(),
            |id| collection.path.replace("{parent}", &plain(id)),
        );
        (!path.contains('{') && !path.starts_with("app/")).then(|| {
            account.get(&format!(
                "{path}?v={}&select=$all&field_set=all",
                collection.version
            ))
        })
    };
    let mut rows = Map::new();
    for kind in KindId::all() {
        let parents = kind
            .def()
            .parent
            .as_ref()
            .and_then(|parent| rows.get(KindId::known(parent.kind).def().plural));
        let found = match parents {
            Some(parents) => parents
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|parent| list(kind, Some(&parent["id"])))
                .flat_map(|rows| rows.as_array().unwrap().clone())
                .collect(),
            None => list(kind, None).unwrap_or_default(),
        };
        if found.is_array() {
            rows.insert(kind.def().plural.to_owned(), found);
        }
    }
    rows
}

/// Accounts that the fuzzer found trouble with: a nameless object, a campaign without its list of engagements.
fn odd(rows: &Map<String, Value>) -> impl Iterator<Item = Value> {
    [("behaviors", "name"), ("campaigns", "engagementIds")]
        .into_iter()
        .map(|(plural, key)| {
            let mut rows = rows[plural].clone();
            rows[0].as_object_mut().unwrap().remove(key).unwrap();
            json!({ plural: rows })
        })
}

#[test]
fn plan_ledger_and_rows() {
    let Retail {
        plans,
        ledger,
        rows,
    } = retail();
    run("plan", targets::plan, &plans);
    let header = json!({ "format": "campaignctl.journal/v1", "account": ACCOUNT, "lineage": "l", "serial": 0 });
    let journal = format!("\0{header}\n").into_bytes();
    let both = [ledger.as_slice(), &journal].concat();
    run("ledger", targets::ledger, &[ledger, journal, both]);
    let each = rows.iter().map(|(plural, rows)| json!({ plural: rows }));
    let seeds = each.chain([Value::Object(rows.clone())]).chain(odd(&rows));
    let seeds: Vec<_> = seeds.map(|seed| seed.to_string().into_bytes()).collect();
    run("rows", targets::rows, &seeds);
}
