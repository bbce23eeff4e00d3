//! What is fuzzed: everything that reads what comes from outside, each as one function of bytes.
//!
//! No input may make one of them panic, recurse without a bound or take memory without one. Where a round
//! trip must hold as well, the function asserts it. `cargo fuzz` drives them from `fuzz_targets/`; the tests
//! drive them with the examples and mutations of these.

#![allow(dead_code, reason = "each fuzz target uses one of them")]
#![allow(clippy::unwrap_used, reason = "a target fails by panicking")]

mod answers;

use std::collections::BTreeSet;

use campaignctl::api::{Address, ApiError, ApiItem, Reader, observe};
use campaignctl::diag::{self, Diags, Texts};
use campaignctl::diff::{self, DiffInput};
use campaignctl::export::{export, exportable};
use campaignctl::format::format;
use campaignctl::kinds::KindId;
use campaignctl::ledger::LedgerStore;
use campaignctl::live::{Inventory, Ledger, Needs};
use campaignctl::manifest::Key;
use campaignctl::name::{RemoteId, Revision};
use campaignctl::plan::{self, Guards, Header, Overrides, Plan};
use campaignctl::report;
use campaignctl::resolve::{Desired, Ingredients, compose, resolve};
use campaignctl::sandbox::Fault;
use campaignctl::select::Selector;
use campaignctl::text::{FileId, Limits, Source, yaml};
use campaignctl::{check, load, manifest, project};
use serde_json::Value;

pub(crate) use answers::answers;

const ACCOUNT: &str = "10000001";

/// Limits that an input of the fuzzer's size can reach.
fn limits() -> Limits {
    Limits {
        bytes: 1 << 16,
        ..Limits::default()
    }
}

/// The text of manifests and, behind a zero byte, of an overlay: through every offline pass, with the
/// rendering of the complaints.
pub(crate) fn manifests(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let files = [("base.yaml", parts.next()), ("overlay.yaml", parts.next())];
    let (mut base, mut diags) = parsed(files.iter().filter_map(|(path, bytes)| {
        let text = String::from_utf8_lossy((*bytes)?).into_owned();
        Some((*path, text))
    }));
    let (documents, overlay): (Vec<_>, Vec<_>) = std::mem::take(&mut base.documents)
        .into_iter()
        .partition(|document| document.file == FileId(0));
    base.documents = documents;
    let (composed, found) = compose(Ingredients {
        base,
        overlays: vec![overlay],
        ..Ingredients::default()
    });
    diags.extend(found);
    let texts = composed.texts;
    let (_, found) = checked(&texts);
    diags.extend(found);
    rendered(&diags, &texts);
}

/// A text that is formatted: what comes out is in canonical form already.
pub(crate) fn layout(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(once) = format(FileId(0), &text) {
        assert_eq!(format(FileId(0), &once).as_ref(), Ok(&once));
    }
}

/// The text of a project file.
pub(crate) fn project(bytes: &[u8]) {
    let (texts, mut diags) = read(bytes);
    let catalog = project::Catalog {
        codes: Vec::new(),
        fixed: BTreeSet::new(),
    };
    let (parsed, found) = project::parse(&texts, &catalog);
    diags.extend(found);
    for name in parsed.environments.keys() {
        let _ = parsed.rules_of(name, jiff::civil::Date::constant(2026, 1, 1));
    }
    rendered(&diags, &texts);
}

/// A saved plan: read, shown in each format, and compared with an account that holds nothing.
pub(crate) fn plan(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(plan) = plan::read(text) else {
        return;
    };
    let _ = report::plan::render_plan(&plan, Overrides::default(), false);
    let _ = report::markdown::gitlab_report(&plan);
    for budget in [400, 60_000] {
        let page = report::markdown::render_markdown(&plan, Overrides::default(), budget);
        assert!(
            page.chars().count() <= budget.max(4000),
            "the budget of a page"
        );
    }
    let _ = plan::needs(&plan, None);
    let ledger = Ledger::new(ACCOUNT, "lineage");
    let today = plan::Today {
        ledger: &ledger,
        is_stored: false,
        begun: None,
    };
    let _ = plan::stale(&plan, &Inventory::default(), today);
    let again = serde_json::to_string(&plan).unwrap();
    assert_eq!(plan::read(&again).as_ref(), Ok(&plan), "read again");
}

/// A ledger and the journal that continues it, with a zero byte between them.
pub(crate) fn ledger(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.json");
    let store = LedgerStore::new(&path, ACCOUNT);
    for (file, content) in [path.as_path(), store.journal_path()]
        .into_iter()
        .zip(&mut parts)
    {
        std::fs::write(file, content).unwrap();
    }
    if let Ok(loaded) = block_on(store.load("lineage")) {
        let text = serde_json::to_string(&loaded.ledger).unwrap();
        let again: Ledger = serde_json::from_str(&text).unwrap();
        assert_eq!(again, loaded.ledger, "read again");
    }
}

/// An account: an object of rows by the plurals of kinds. Read, exported, checked and planned.
pub(crate) fn rows(bytes: &[u8]) {
    let Ok(account) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    let needs = Needs::every(KindId::all());
    let Ok(inventory) = block_on(observe(&Rows(account), &needs, 1)) else {
        return;
    };
    let ledger = Ledger::new(ACCOUNT, "lineage");
    let exported = export(&inventory, &ledger, &exportable().collect());
    let files = exported.files.into_iter();
    let (texts, found) = parsed(files.map(|file| (file.path, file.text)));
    assert!(
        !found.has_errors(),
        "{}",
        report::diagnostics::render_text(&found, &texts, false)
    );
    let (desired, diags) = checked(&texts);
    rendered(&diags, &texts);
    if diags.has_errors() {
        return;
    }
    let Some(plan) = planned(&texts, &desired, &inventory, &ledger) else {
        return; // such as two objects of one name, which the plan refuses to tell apart
    };
    let _ = report::plan::render_plan(&plan, Overrides::default(), false);
    assert!(
        !plan.changes_account(),
        "{}",
        report::plan::render_plan(&plan, Overrides::default(), false)
    );
}

/// Faults of a sandbox, one a line.
pub(crate) fn faults(bytes: &[u8]) {
    for line in String::from_utf8_lossy(bytes).lines() {
        match line.parse::<Fault>() {
            Ok(fault) => assert_eq!(fault.to_string().parse().as_ref(), Ok(&fault), "read again"),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

/// What flags select, one a line: labels, and objects by kind and name.
pub(crate) fn selectors(bytes: &[u8]) {
    for line in String::from_utf8_lossy(bytes).lines() {
        if let Ok(selector) = line.parse::<Selector>() {
            assert_eq!(selector.to_string().parse(), Ok(selector), "read again");
        }
        if let Ok(key) = line.parse::<Key>() {
            assert_eq!(key.to_string().parse(), Ok(key), "read again");
        }
    }
}

fn read(bytes: &[u8]) -> (Texts, Diags) {
    load::load(
        &load::PathGroup::of(std::path::Path::new(""), &["-".into()]),
        &mut &*bytes,
        &limits(),
    )
}

fn parsed(files: impl IntoIterator<Item = (impl Into<String>, String)>) -> (Texts, Diags) {
    let (mut texts, mut diags) = (Texts::default(), Diags::default());
    for (path, text) in files {
        let file = texts.sources.push(Source {
            path: path.into(),
            text,
        });
        let text = &texts.sources.get(file).text;
        let (documents, errors) = yaml::parse(file, text, &limits());
        texts.documents.extend(documents);
        diags.extend(
            errors
                .into_iter()
                .map(|error| diag::yaml::diagnostic(file, error)),
        );
    }
    (texts, diags)
}

fn checked(texts: &Texts) -> (Desired, Diags) {
    let (manifests, mut diags) = manifest::parse(texts);
    let (desired, found) = resolve(manifests);
    diags.extend(found);
    diags.extend(check::check(texts, &desired));
    (desired, diags)
}

fn rendered(diags: &Diags, texts: &Texts) {
    let _ = report::diagnostics::render_text(diags, texts, false);
    let json = report::diagnostics::render_json(diags, texts);
    serde_json::from_str::<Value>(&json).unwrap();
}

fn planned(
    texts: &Texts,
    desired: &Desired,
    inventory: &Inventory,
    ledger: &Ledger,
) -> Option<Plan> {
    let input = DiffInput::whole((texts, desired), inventory, ledger, "test");
    let (changes, diags) = diff::diff(&input);
    rendered(&diags, texts);
    if diags.has_errors() {
        return None;
    }
    let header = Header::new("plan", "2026-01-01T00:00:00Z", ("sandbox", ACCOUNT));
    let judged_by = (&input, Guards::default());
    Some(plan::planned(header, changes, judged_by))
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

/// An account that consists of an input.
struct Rows(Value);

impl Rows {
    fn of(&self, kind: KindId) -> impl Iterator<Item = &Value> {
        let rows = self.0.get(kind.def().plural).and_then(Value::as_array);
        rows.into_iter().flatten()
    }
}

impl Reader for Rows {
    async fn list(&self, kind: KindId, _: Option<&RemoteId>) -> Result<Vec<Value>, ApiError> {
        Ok(self.of(kind).cloned().collect())
    }

    async fn get(&self, address: &Address) -> Result<ApiItem, ApiError> {
        let is_it = |row: &&Value| {
            row.get("id").and_then(RemoteId::from_wire).as_ref() == Some(&address.id)
        };
        let row = self.of(address.kind).find(is_it);
        let body = row
            .cloned()
            .ok_or_else(|| ApiError::NotFound("row".to_owned()))?;
        Ok(ApiItem {
            body,
            revision: Revision("1".to_owned()),
        })
    }
}
