//! Labels, targets and dependants, without an account.

use indexmap::IndexMap;
use insta::assert_snapshot;
use serde_json::json;

use super::*;
use crate::diag::Texts;
use crate::live::Entry;
use crate::name::RemoteId;
use crate::text::{FileId, Limits, Source, yaml};

const MANIFESTS: &str = "\
{apiVersion: campaignctl.dev/v1, kind: Goal, metadata: {name: bought, labels: {area: shop}}, spec: {}}
---
{apiVersion: campaignctl.dev/v1, kind: Goal, metadata: {name: joined, labels: {area: service}}, spec: {}}
---
{apiVersion: campaignctl.dev/v1, kind: Campaign, metadata: {name: sale, labels: {area: shop}}, spec: {goal: bought}}
---
{apiVersion: campaignctl.dev/v1, kind: EngagementTemplate, metadata: {name: look}, spec: {}}
---
{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {name: home}, spec: {campaign: sale, template: look}}
---
{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {name: cart}, spec: {campaign: sale}}
";

fn desired() -> Desired {
    let mut texts = Texts::default();
    let file = texts.sources.push(Source {
        path: "a.yaml".to_owned(),
        text: MANIFESTS.to_owned(),
    });
    let (documents, _) = yaml::parse(file, MANIFESTS, &Limits::default());
    texts.documents = documents;
    let (manifests, diags) = crate::manifest::parse(&texts);
    assert!(!diags.has_errors(), "{diags:?}");
    crate::resolve::resolve(manifests).0
}

/// A ledger with a campaign whose manifest has gone, and an engagement inside it.
fn ledger() -> Ledger {
    let id = |id: u64| RemoteId::from_wire(&json!(id)).unwrap();
    let mut ledger = Ledger::new("1", "a");
    for (key, own, parent) in [
        ("Campaign/old", 7, None),
        ("Engagement/old-home", 8, Some(7)),
    ] {
        let entry = Entry {
            id: id(own),
            parent: parent.map(id),
            display_name: key.to_owned(),
            applied: json!({}).into(),
            vocabulary: crate::kinds::words::VOCABULARY,
            protect: false,
            observed: false,
            file: "a.yaml".to_owned(),
            link: None,
            at: String::new(),
            plan: String::new(),
        };
        ledger.entries.insert(key.parse().unwrap(), entry);
    }
    ledger
}

fn keys(texts: &[&str]) -> Vec<Key> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// What is selected, and how many objects each flag leaves out.
fn selected(request: SelectionRequest) -> String {
    let (desired, ledger) = (desired(), ledger());
    let selection = match Selection::new(request, &desired, &ledger, &|_| true) {
        Ok(selection) => selection,
        Err(UnknownSelection { message, help }) => return format!("{message}\n{help}"),
    };
    let owned = ledger.entries.keys();
    let all = desired.iter().map(|resource| &resource.key).chain(owned);
    let all = all.filter(|key| key.kind.def().role != Role::Local && selection.has(key));
    let mut lines: Vec<String> = all.map(Key::to_string).collect();
    let narrowed = selection.narrowed().unwrap();
    assert_eq!(narrowed.selected, lines.len());
    for LeftOutCount { flag, objects, .. } in narrowed.left_out {
        lines.push(format!("{objects} by {flag}"));
    }
    lines.join("\n")
}

fn since(touched: &[&str]) -> SelectionRequest {
    SelectionRequest {
        changed: Some(Changed {
            since: "main".to_owned(),
            commit: "0".to_owned(),
            touched: Some(keys(touched).into_iter().collect()),
        }),
        ..SelectionRequest::default()
    }
}

#[test]
fn a_target_brings_what_it_refers_to_and_not_what_lies_beside_it() {
    let targets = |targets: &[&str]| {
        selected(SelectionRequest {
            targets: keys(targets),
            ..SelectionRequest::default()
        })
    };
    assert_snapshot!(targets(&["Engagement/home"]), @"
    Goal/bought
    Campaign/sale
    Engagement/home
    4 by --target
    ");
    assert_snapshot!(targets(&["Campaign/old"]), @"
    Campaign/old
    Engagement/old-home
    5 by --target
    ");
    assert_snapshot!(targets(&["Goal/bougt"]), @"
    `--target Goal/bougt`: there is no such manifest, and no such object in the ledger
    did you mean `Goal/bought`?
    ");
    assert_snapshot!(targets(&["EngagementTemplate/look"]), @"
    `--target EngagementTemplate/look`: an account holds no EngagementTemplate
    name the objects that use it
    ");
}

#[test]
fn labels_select_manifests_and_never_what_has_none() {
    let labels = |labels: &str| {
        selected(SelectionRequest {
            selectors: vec![labels.parse().unwrap()],
            ..SelectionRequest::default()
        })
    };
    assert_snapshot!(labels("area=shop"), @"
    Goal/bought
    Campaign/sale
    5 by --selector
    ");
    assert_snapshot!(labels("area!=shop"), @"
    Goal/joined
    Engagement/cart
    Engagement/home
    4 by --selector
    ");
    assert_snapshot!(labels("area=shp"), @"
    `--selector area=shp`: no manifest has these labels
    did you mean `area=shop`?
    ");
}

#[test]
fn every_flag_narrows_and_an_exclusion_has_the_last_word() {
    assert_snapshot!(selected(SelectionRequest {
        selectors: vec!["area".parse().unwrap()],
        targets: keys(&["Engagement/home", "Goal/joined"]),
        excludes: keys(&["Goal/joined"]),
        ..SelectionRequest::default()
    }), @"
    Goal/bought
    Campaign/sale
    3 by --target
    1 by --selector
    1 by --exclude
    ");
}

#[test]
fn a_change_reaches_what_depends_on_it() {
    assert_snapshot!(selected(since(&["EngagementTemplate/look"])), @"
    Campaign/sale
    Engagement/home
    5 by --changed-since
    ");
    assert_snapshot!(selected(since(&["Goal/bought"])), @"
    Goal/bought
    Campaign/sale
    Engagement/cart
    Engagement/home
    3 by --changed-since
    ");
    assert_snapshot!(selected(since(&["Campaign/old"])), @"
    Campaign/old
    Engagement/old-home
    5 by --changed-since
    ");
    assert_snapshot!(selected(since(&[])), @"7 by --changed-since");
}

#[test]
fn nothing_asked_for_leaves_nothing_out() {
    let selection = Selection::new(SelectionRequest::default(), &desired(), &ledger(), &|_| {
        true
    })
    .unwrap();
    assert!(!selection.is_partial() && selection.narrowed().is_none());
}

#[test]
fn labels_are_conditions() {
    let labels = |text: &str| -> IndexMap<String, String> {
        let pairs = text
            .split_whitespace()
            .map(|pair| pair.split_once('=').unwrap());
        pairs
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    };
    let matches = |selector: &str, text: &str| {
        let selector: Selector = selector.parse().unwrap();
        selector.matches(&labels(text))
    };
    for (selector, text, expected) in [
        ("team=retail", "team=retail season=autumn", true),
        ("team==retail", "team=retail", true),
        ("team=retail", "team=other", false),
        ("team=retail,season=autumn", "team=retail", false),
        ("team!=retail", "season=autumn", true),
        ("team!=retail", "team=retail", false),
        ("team, !season", "team=retail", true),
        ("!season", "season=", false),
        ("season=", "season=", true),
    ] {
        assert_eq!(matches(selector, text), expected, "{selector} {text}");
    }
    for wrong in ["", "=a", "!", "a b", "!=x", "a,", "!a=b"] {
        assert!(wrong.parse::<Selector>().is_err(), "{wrong}");
    }
    let told: Selector = " a = b ,c!=d,e,!f".parse().unwrap();
    assert_eq!(told.to_string(), "a=b,c!=d,e,!f");
}

#[test]
fn a_manifest_is_touched_when_its_document_differs() {
    let described = |layer: &str, text: &str| {
        let (documents, _) = yaml::parse(FileId(0), text, &Limits::default());
        let described = documents.into_iter().map(|document| Described {
            layer: layer.to_owned(),
            value: document.into_value(),
        });
        described.collect::<Vec<_>>()
    };
    let goal = |name: &str, spec: &str| {
        format!("kind: Goal\nmetadata: {{ name: {name} }}\nspec: {spec}\n---\n")
    };
    let touched = |before: &[Described], now: &[Described]| {
        let keys = touched(before, now).into_iter();
        keys.map(|key| key.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let before = described("", &(goal("a", "{ x: 1 }") + &goal("b", "{}")));
    let moved = described(
        "",
        &(goal("b", "{}") + "# a comment\n" + &goal("a", "{x: 1}")),
    );
    assert_eq!(touched(&before, &moved), "");
    let edited = described("", &(goal("a", "{ x: 2 }") + &goal("b", "{}")));
    assert_eq!(touched(&before, &edited), "Goal/a");
    assert_eq!(
        touched(&before, &described("", &goal("a", "{ x: 1 }"))),
        "Goal/b"
    );
    assert_eq!(touched(&[], &before), "Goal/a Goal/b");
    let overlay = described("overlay", &goal("a", "{ x: 1 }"));
    assert_eq!(touched(&before, &overlay), "Goal/a Goal/b");
    let strange = described("", "just text\n---\nkind: Nothing\n");
    assert_eq!(touched(&strange, &[]), "");
}
