//! Manifests in, complaints out: one precise complaint per mistake, at the key or value that is wrong.

use std::fmt::Write as _;

use insta::assert_snapshot;

use super::*;
use crate::text::{Limits, Source, yaml};

/// The complaints of the structural checks about a manifest: line and column, the marked text, then the
/// complaint with its remedy.
fn check(manifest: &str) -> String {
    let mut texts = Texts::default();
    let file = texts.sources.push(Source {
        path: "a.yaml".to_owned(),
        text: manifest.to_owned(),
    });
    let (documents, problems) = yaml::parse(file, manifest, &Limits::default());
    assert!(problems.is_empty(), "{problems:?}");
    texts.documents.extend(documents);
    let (_, diags) = structures(&texts);
    let mut out = String::new();
    for (diagnostic, position) in diags.located(&texts) {
        let position = position.unwrap();
        let (_, span) = texts.span(&diagnostic.at).unwrap();
        let marked = &manifest[span.start as usize..span.end as usize];
        let marked = marked.lines().next().unwrap_or_default();
        let _ = writeln!(
            out,
            "{}:{} {marked}\n  {}: {}",
            position.line, position.column, diagnostic.code.name, diagnostic.message
        );
        if let Some(help) = &diagnostic.help {
            let _ = writeln!(out, "  help: {help}");
        }
    }
    out
}

/// The complaints about a spec.
fn check_spec(kind: &str, spec: &str) -> String {
    let indented: String = spec.lines().fold(String::new(), |mut out, line| {
        let _ = writeln!(out, "  {line}");
        out
    });
    check(&format!(
        "apiVersion: campaignctl.dev/v1\nkind: {kind}\nmetadata: {{ name: sample }}\nspec:\n{indented}"
    ))
}

#[test]
fn blanks_that_are_none_are_named() {
    assert_snapshot!(check_spec("Goal", "displayName:\u{a0} Sale done"), @"
    5:3 displayName:  Sale done
      wrong-type: `displayName:  Sale done` is not a mapping
      help: it contains a no-break space (U+00A0) instead of a space: write a plain space
    ");
    assert_snapshot!(check_spec("Goal", "\u{a0} displayName: Sale done"), @"
    5:3   displayName
      unknown-field: there is no field `  displayName` here
      help: it contains a no-break space (U+00A0): write a plain space instead
    ");
    assert_snapshot!(check_spec("Goal", "displayName: Sale\nindicator:\u{202f}{ type: url }"), @"
    6:3 indicator: { type
      unknown-field: there is no field `indicator: { type` here
      help: it contains a narrow no-break space (U+202F): write a plain space instead
    ");
    assert_snapshot!(check_spec("Goal", "displayName: Sale\nindicator\u{3000}: { type: url }"), @"
    6:3 indicator　
      unknown-field: there is no field `indicator　` here
      help: it contains an ideographic space (U+3000): write a plain space instead
    ");
    assert_snapshot!(check_spec("ApiHandoff", "appNames:\n  -\u{a0}com.example.shop"), @"
    6:5 - com.example.shop
      wrong-type: `- com.example.shop` is not a list
      help: it contains a no-break space (U+00A0) instead of a space: write a plain space
    ");
    assert_snapshot!(check_spec("ApiHandoff", "appNames: [a]\nchannel:\n  -\u{a0}sms\n  -\u{a0}inApp"), @"
    7:5 - sms
      invalid-value: `- sms - inApp` is not one of `inApp`, `sms`, `whatsApp`, `appleMessages`, `rcs`
      help: it contains a no-break space (U+00A0) instead of a space: write a plain space
    ");
    // In a text it is a part of the text.
    assert_snapshot!(check_spec("Goal", "displayName: \"Soldes\u{a0}: \u{a0}50\u{a0}%\"\ndescription: Soldes\u{a0}!\u{a0}\nindicator: { type: url, url: /x }"), @"");
}

#[test]
fn open_json_keeps_the_digits_of_numbers_and_fields_do_not() {
    assert_eq!(
        check_spec(
            "Goal",
            "indicator: { type: url, url: /x }\nextra: { big: 12345678901234567890123, in: [0.12345678901234567890] }"
        ),
        ""
    );
    assert_eq!(
        check_spec(
            "EngagementWindow",
            "type: embedded\nstyle: { a: [{ b: 1e400 }] }"
        ),
        ""
    );
    assert_snapshot!(check_spec("Goal", "displayName: 12345678901234567890123\nindicator: { type: url, url: /x, count: 0.12345678901234567890 }"), @r#"
    5:16 12345678901234567890123
      yaml-number-range: the number `12345678901234567890123` does not fit in 64 bits
      help: quote it if you mean text: "12345678901234567890123"
    6:43 0.12345678901234567890
      yaml-number-range: the number `0.12345678901234567890` does not fit in 64 bits
      help: quote it if you mean text: "0.12345678901234567890"
    "#);
    assert_snapshot!(check_spec("Campaign", "weight: 0.12345678901234567890"), @r#"
    5:11 0.12345678901234567890
      yaml-number-range: the number `0.12345678901234567890` does not fit in 64 bits
      help: quote it if you mean text: "0.12345678901234567890"
    "#);
    assert_snapshot!(check_spec("ApiHandoff", "channel: inApp\nappNames: [a.b]\nlanguage: en\nlookbackPeriod: 2d\nmessage: { text: 12345678901234567890123 }"), @r#"
    9:20 12345678901234567890123
      yaml-number-range: the number `12345678901234567890123` does not fit in 64 bits
      help: quote it if you mean text: "12345678901234567890123"
    "#);
}

#[test]
fn unknown_fields() {
    assert_snapshot!(check_spec("Campaign", "displyName: Sale\nname: Sale\nschedule: { startt: 2026-09-01T00:00:00 }\nfoo: 1\ntargetAudiences: [{ live: All, lives: 1 }]"), @r##"
    5:3 displyName
      unknown-field: there is no field `displyName` here
      help: did you mean `displayName`?
    6:3 name
      unknown-field: there is no field `name` here
      help: the platform's `name` is called `displayName` here
    7:15 startt
      unknown-field: there is no field `startt` here
      help: did you mean `start`?
    8:3 foo
      unknown-field: there is no field `foo` here
      help: `campaignctl explain Campaign` lists the fields; platform keys without a field go below `spec.extra`
    9:34 lives
      unknown-field: there is no field `lives` here
      help: did you mean `live`?
    "##);
    assert_snapshot!(check("apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: a, label: {} }\ndisplayName: A\nspecs: {}\nspec: {}\nlifecycle: { protected: true }\n"), @r##"
    3:22 label
      unknown-field: there is no field `label` here
      help: did you mean `labels`?
    4:1 displayName
      unknown-field: there is no field `displayName` here
      help: it belongs below `spec`: `spec.displayName`
    5:1 specs
      unknown-field: there is no field `specs` here
      help: did you mean `spec`?
    7:14 protected
      unknown-field: there is no field `protected` here
      help: did you mean `protect`?
    "##);
    let flat = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata:\nname: a\nlabels: {}\nspec:\ndisplayName: A\nindicator: {}\nextra: {}\n";
    let told = check(flat);
    for place in [
        "metadata.name",
        "metadata.labels",
        "spec.displayName",
        "spec.indicator",
        "spec.extra",
    ] {
        assert!(told.contains(&format!(": `{place}`")), "{place}: {told}");
    }
}

#[test]
fn missing_fields() {
    assert_snapshot!(check("apiVersion: campaignctl.dev/v1\nkind: Goal\n"), @r##"
    1:1 apiVersion: campaignctl.dev/v1
      missing-field: `metadata` is missing
      help: add `metadata:`
    1:1 apiVersion: campaignctl.dev/v1
      missing-field: `spec` is missing
      help: add `spec:`
    "##);
    assert_snapshot!(check("apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata:\nspec:\n"), @r##"
    3:1 metadata
      wrong-type: `metadata` is empty
      help: it takes a mapping
    4:1 spec
      wrong-type: `spec` is empty
      help: it takes a mapping
    "##);
    assert_snapshot!(check("apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {}\nspec: {}\n"), @r##"
    3:11 {}
      missing-field: `name` is missing
      help: add `name:`
    "##);
    // The misspelt key says it all.
    assert_snapshot!(check("apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { nam: a }\nspek: {}\n"), @r##"
    3:13 nam
      unknown-field: there is no field `nam` here
      help: did you mean `name`?
    4:1 spek
      unknown-field: there is no field `spek` here
      help: did you mean `spec`?
    "##);
}

#[test]
fn wrong_types() {
    assert_snapshot!(check_spec("Campaign", "displayName: [Sale]\ndescription: 5\nschedule: tomorrow\ntargetAudiences: everyone\npriority: high\noperationHours: 1.5\nextra: [1]"), @r##"
    5:16 [Sale]
      wrong-type: a list is not a text
      help: it takes a text
    6:16 5
      wrong-type: `5` is not a text
      help: put it in quotes if you mean text: `"5"`
    7:13 tomorrow
      wrong-type: `tomorrow` is not a mapping
      help: it takes a mapping
    8:20 everyone
      wrong-type: `everyone` is not a list
      help: write a list of one: `[everyone]`
    9:13 high
      wrong-type: `high` is not a number
      help: it takes a number
    10:19 1.5
      wrong-type: `1.5` is not a whole number
      help: it takes a whole number
    11:10 [1]
      wrong-type: a list is not a mapping
      help: it takes a mapping
    "##);
    assert_snapshot!(check_spec("Engagement", "enabled: \"yes\"\nposition: { left: 1px }\ndisplayInstances: { type: online }"), @r##"
    5:12 "yes"
      wrong-type: `yes` is not `true` or `false`
      help: write `true`
    6:21 1px
      wrong-type: `1px` is not a whole number
      help: it takes a whole number
    7:21 { type: online }
      wrong-type: a mapping is not a list
      help: write a list: each item starts with `-`
    "##);
    assert_snapshot!(check("apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: 5, labels: { a: 1 } }\nspec: []\nlifecycle: { protect: maybe, ignoreChanges: all }\n"), @r##"
    3:19 5
      wrong-type: `5` is not a name such as `checkout-done`
      help: it takes a name such as `checkout-done`, unique per kind
    3:35 1
      wrong-type: `1` is not a text
      help: put it in quotes if you mean text: `"1"`
    4:7 []
      wrong-type: an empty list is not a mapping
      help: it takes a mapping
    5:23 maybe
      wrong-type: `maybe` is not `true` or `false`
      help: it takes `true` or `false`
    5:45 all
      wrong-type: `all` is not a list
      help: write a list of one: `[all]`
    "##);
}

#[test]
fn words() {
    assert_snapshot!(check_spec("Campaign", "state: publishd\ntype: 1.5\nweight: [low]\n"), @r##"
    5:10 publishd
      invalid-value: `publishd` is not one of `unpublished`, `published`, `scheduled`
      help: did you mean `published`?
    6:9 1.5
      invalid-value: `1.5` is not one of `regular`, `broadcast`
      help: write one of these words, or a whole number of the platform's own
    7:11 [low]
      invalid-value: a list is not one of `high`, `medium`, `low`
      help: write one of these words, or a number of the platform's own
    "##);
    assert_snapshot!(check_spec("ApiHandoff", "channel: whatsapp"), @r##"
    5:12 whatsapp
      invalid-value: `whatsapp` is not one of `inApp`, `sms`, `whatsApp`, `appleMessages`, `rcs`
      help: did you mean `whatsApp`?
    "##);
    assert_snapshot!(check_spec("ApiHandoff", "channel: [sms, whatsap, 5]"), @r##"
    5:18 whatsap
      invalid-value: `whatsap` is not one of `inApp`, `sms`, `whatsApp`, `appleMessages`, `rcs`
      help: did you mean `whatsApp`?
    5:27 5
      invalid-value: `5` is not one of `inApp`, `sms`, `whatsApp`, `appleMessages`, `rcs`
      help: write one of these words
    "##);
    assert_snapshot!(check_spec("ApiHandoff", "channel: []"), @r##"
    5:12 []
      invalid-value: an empty list is too short
      help: name at least 1 item
    "##);
    assert_snapshot!(check_spec("ApiHandoff", "channel: { sms: 1 }"), @r##"
    5:12 { sms: 1 }
      invalid-value: a mapping is not one of `inApp`, `sms`, `whatsApp`, `appleMessages`, `rcs`
      help: write one of these words, or a list of them
    "##);
    assert_snapshot!(check("apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: a }\nspec: {}\nlifecycle: { mode: observed }\n"), @r##"
    5:20 observed
      invalid-value: `observed` is not one of `enforce`, `createOnly`, `observe`
      help: did you mean `observe`?
    "##);
}

#[test]
fn forms() {
    assert_snapshot!(check_spec("Campaign", "controlGroup: 10\nschedule: { start: 2026-09-01, end: 2026-02-30T00:00:00 }"), @r##"
    5:17 10
      wrong-type: `10` is not a percentage
      help: it takes a percentage, `10%`
    6:22 2026-09-01
      invalid-value: `2026-09-01` is not a wall-clock date and time
      help: it takes a wall-clock date and time, `2026-09-01T00:00:00`
    6:39 2026-02-30T00:00:00
      invalid-value: February 2026 has 28 days
      help: write a day from 01 to 28
    "##);
    assert_snapshot!(check_spec("Campaign", "controlGroup: ten\nschedule: { start: 5 }"), @r##"
    5:17 ten
      invalid-value: `ten` is not a percentage
      help: it takes a percentage, `10%`
    6:22 5
      wrong-type: `5` is not a wall-clock date and time
      help: it takes a wall-clock date and time, `2026-09-01T00:00:00`
    "##);
}

#[test]
fn references() {
    assert_snapshot!(check_spec("Campaign", "goal: 4100000101"), @r##"
    5:9 4100000101
      wrong-type: `4100000101` is not the name of a manifest
      help: it takes the name of a manifest, `{ live: <display name> }` for an object that no manifest defines, or `{ system: true }` for the vendor's own row
    "##);
    assert_snapshot!(check_spec("Campaign", "goal: { name: checkout-done }"), @"
    5:11 name
      unknown-field: there is no field `name` here
      help: write the name alone: `checkout-done`
    ");
    assert_snapshot!(check_spec("Campaign", "goal: { $ref: checkout-done }\ntargetAudiences: [{ ref: all }, { name: 5 }, { name: TargetAudience/all }, { name: All of them }, { displayName: all }]"), @r#"
    5:11 $ref
      unknown-field: there is no field `$ref` here
      help: write the name alone: `checkout-done`
    6:23 ref
      unknown-field: there is no field `ref` here
      help: write the name alone: `all`
    6:37 name
      unknown-field: there is no field `name` here
      help: the fields here are live, system, id, $keep
    6:50 name
      unknown-field: there is no field `name` here
      help: write the name alone: `all`
    6:80 name
      unknown-field: there is no field `name` here
      help: write the name of its manifest alone, or `{ live: "All of them" }`
    6:103 displayName
      unknown-field: there is no field `displayName` here
      help: write the name of its manifest alone, or `{ live: "all" }`
    "#);
    assert_snapshot!(check_spec("Campaign", "goal: { live: A, id: 5 }"), @"
    5:9 { live: A, id: 5 }
      invalid-value: only 1 key is allowed here
      help: keep one of `live`, `system`, `id`, `$keep`
    ");
    assert_snapshot!(check_spec("Campaign", "goal: {}"), @"
    5:9 {}
      invalid-value: an empty mapping says nothing
      help: write one of `live`, `system`, `id`, `$keep`
    ");
    assert_snapshot!(check_spec("Campaign", "goal: { live: 5 }\nlineOfBusiness: { id: 1.5 }"), @r##"
    5:17 5
      wrong-type: `5` is not a text
      help: put it in quotes if you mean text: `"5"`
    6:25 1.5
      wrong-type: `1.5` is not a whole number or a text
      help: put it in quotes if you mean text: `"1.5"`
    "##);
    assert_snapshot!(check_spec("Campaign", "goal: [checkout-done]\ntargetAudiences: [everyone, 5, null, { lve: All }]"), @r##"
    5:9 [checkout-done]
      wrong-type: a list is not the name of a manifest
      help: it takes the name of a manifest, `{ live: <display name> }` for an object that no manifest defines, or `{ system: true }` for the vendor's own row
    6:31 5
      wrong-type: `5` is not the name of a manifest
      help: it takes the name of a manifest, `{ live: <display name> }` for an object that no manifest defines, or `{ system: true }` for the vendor's own row
    6:34 null
      wrong-type: this item is empty
      help: it takes the name of a manifest, `{ live: <display name> }` for an object that no manifest defines, or `{ system: true }` for the vendor's own row
    6:42 lve
      unknown-field: there is no field `lve` here
      help: did you mean `live`?
    "##);
    assert_snapshot!(check_spec("Campaign", "goal: { system: false }\nlineOfBusiness: { system: true }"), @"
    5:19 false
      invalid-value: `false` is not one of `true`
      help: write one of these words
    6:21 system
      unknown-field: there is no field `system` here
      help: the fields here are live, id, $keep
    ");
}

#[test]
fn nested_lists() {
    assert_snapshot!(check_spec("Engagement", "displayInstances:\n  - type: onlin\n    enabled: 1\n  - text\nzones: [{ zone: Right, type: 0 }]"), @r##"
    6:13 onlin
      invalid-value: `onlin` is not one of `online`, `offline`, `busy`, `app`
      help: did you mean `online`?
    7:16 1
      wrong-type: `1` is not `true` or `false`
      help: it takes `true` or `false`
    8:7 text
      wrong-type: `text` is not a mapping
      help: it takes a mapping
    9:11 { zone: Right, type: 0 }
      wrong-type: an earlier version wrote a zone as an object; it is a reference now
      help: write the zone alone: `Right`; the platform keeps nothing else of it
    "##);
    assert_snapshot!(check_spec("SpecialOccasion", "events:\n  - name: 5\n    start: 2026-12-25\n    recurrence: daily\n  - null"), @r##"
    6:13 5
      wrong-type: `5` is not a text
      help: put it in quotes if you mean text: `"5"`
    7:14 2026-12-25
      wrong-type: `2026-12-25` is not a mapping
      help: it takes a mapping
    8:19 daily
      wrong-type: `daily` is not a list
      help: write a list of one: `[daily]`
    9:7 null
      wrong-type: this item is empty
      help: it takes a mapping
    "##);
}

#[test]
fn what_is_right_raises_nothing() {
    for kind in KindId::manifests() {
        assert_eq!(check(kind.def().example), "");
    }
    assert_eq!(
        check_spec(
            "Campaign",
            "goal:\ntype: 7\ntargetAudiences: null\nextra: { a: [1] }"
        ),
        ""
    );
}

#[test]
fn numbers_are_quoted_as_the_file_spells_them() {
    let manifest = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: sale, labels: { release: 1.10, build: 706798e8 } }\nspec: { displayName: 0x1F, description: [0x1F] }\n";
    let told = check(manifest);
    for text in ["1.10", "706798e8", "0x1F"] {
        let lines = format!(
            "wrong-type: `{text}` is not a text\n  help: put it in quotes if you mean text: `\"{text}\"`\n"
        );
        assert!(told.contains(&lines), "{told}");
    }
    assert!(
        !told.contains("1.1`") && !told.contains("70679800000000"),
        "{told}"
    );
}

#[test]
fn the_search_for_near_names_ends() {
    let mut desired = Desired::default();
    for number in 0..3000 {
        let text = format!("kind: Goal\nmetadata: {{ name: goal-{number} }}\nspec: {{}}\n");
        let (documents, _) = yaml::parse(crate::text::FileId(0), &text, &Limits::default());
        let manifest =
            crate::manifest::parse_document(DocId(0), &documents[0], &mut Diags::default());
        desired.insert(Resource::from(manifest.unwrap()));
    }
    let kind = KindId::known("Goal");
    let mut remedies = Remedies::default();
    let helped = (0..500)
        .filter(|number| {
            let advice = remedies.of(&desired, kind, &format!("goall-{number}"));
            advice.text.starts_with("did you mean")
        })
        .count();
    assert_eq!(helped, 334, "a million comparisons among 3,000 names");
}

/// The codes of all complaints about a text, references and rules included; asked at once, and after an edit.
fn all_codes(text: &str) -> Vec<String> {
    let mut texts = Texts::default();
    let file = texts.sources.push(Source {
        path: "a.yaml".to_owned(),
        text: text.to_owned(),
    });
    texts.documents = yaml::parse(file, text, &Limits::default()).0;
    let (manifests, _) = crate::manifest::parse(&texts);
    let (desired, _) = crate::resolve::resolve(manifests);
    let diags = super::check(&texts, &desired);
    diags.iter().map(|it| it.code.name.to_owned()).collect()
}

const GOAL: &str = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: bought }\nspec:\n  displayName: Sale done\n";
const USER: &str = "---\napiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: { name: sale }\nspec: { goal: bought, targetAudiences: [{ system: true }] }\n";

/// Whether a campaign is empty cannot be said while an engagement cannot be read.
#[test]
fn a_campaign_is_not_empty_because_its_engagement_cannot_be_read() {
    let campaign = "apiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: { name: sale }\nspec: { state: published, goal: { system: true }, targetAudiences: [{ system: true }] }\n";
    let engagement = "---\napiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: { name: help }\nspec:\n  campaign: sale\n  type: app\n  appInstallation: Shop\n  language: en-US\n  entryPoints: [{ system: true }]\n  allowUnauthenticated: true\n";
    assert_eq!(all_codes(&format!("{campaign}{engagement}")), [""; 0]);
    assert_eq!(all_codes(campaign), ["campaign-published-empty"]);
    let wrong = [
        ("  type: app", "  type app", [""; 0].as_slice()),
        ("name: help", "name: Help_1", &[]),
        ("campaign: sale", "campaign: shop", &["unknown-reference"]),
        ("kind: Engagement", "kind: Engagment", &[]),
        ("kind: Engagement\n", "", &[]),
        ("  language", "\tlanguage", &[]),
        ("  language", "   language", &[]),
        ("spec:", "spec:\nspec:", &[]),
        ("type: app\n", "type: [app]\n", &["invalid-value"]),
        ("type: app\n", "sort: app\n", &["unknown-field"]),
    ];
    for (from, to, codes) in wrong {
        let text = format!("{campaign}{}", engagement.replace(from, to));
        assert_eq!(all_codes(&text), codes, "{to}");
    }
    // One that is of another campaign says nothing of this.
    let other = engagement.replace("campaign: sale", "campaign: shop");
    let other = other.replace("  type: app", "  type app");
    assert_eq!(
        all_codes(&format!("{campaign}{other}")),
        ["campaign-published-empty"]
    );
    // Neither does what is no manifest.
    for other in ["# Ours\n---\n", "---\n# Ours\n---\n", "--- # Ours\n"] {
        assert_eq!(
            all_codes(&format!("{other}{campaign}")),
            ["campaign-published-empty"],
            "{other}"
        );
    }
    // A manifest of another kind says nothing of engagements.
    let other = "---\napiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: Sold_1 }\nspec: { x }\n";
    assert_eq!(
        all_codes(&format!("{campaign}{other}")),
        ["unknown-field", "campaign-published-empty"]
    );
}

/// An engagement that cannot be read may be the one that a scenario names; another one is not.
#[test]
fn a_scenario_names_an_engagement_that_cannot_be_read() {
    let scenario = "apiVersion: campaignctl.dev/v1\nkind: Scenario\nmetadata: { name: test }\nspec:\n  web: true\n  cases: [{ when: { sections: [orders] }, then: { nothing: { because: { help: entryPoints } } } }]\n";
    let engagement = "---\napiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: { name: help }\nspec:\n  campaign: sale: x\n";
    assert_eq!(all_codes(scenario), ["scenario-because"]);
    assert_eq!(all_codes(&format!("{scenario}{engagement}")), [""; 0]);
    let other = engagement.replace("help", "offer");
    assert_eq!(
        all_codes(&format!("{scenario}{other}")),
        ["scenario-because"]
    );
}

#[test]
fn a_manifest_that_cannot_be_read_has_no_echo() {
    assert_eq!(all_codes(&format!("{GOAL}{USER}")), [""; 0]);
    let unread = [
        ("displayName: Sale done", "displayName: Sale: done"),
        ("  displayName", "   x: y\n  displayName"),
        ("kind: Goal", "kind: Gaol"),
        ("kind: Goal\n", ""),
        ("spec:", "spec:\nspec:"),
    ];
    for (from, to) in unread {
        let goal = GOAL.replace(from, to);
        for text in [
            format!("{goal}{USER}"),
            format!("{}---\n{goal}", &USER[4..]),
        ] {
            assert_eq!(all_codes(&text), [""; 0], "{text}");
        }
    }
    // What is really missing is still told.
    let other = GOAL
        .replace("bought", "read")
        .replace("Sale done", "Sale: done");
    assert_eq!(all_codes(&format!("{other}{USER}")), ["unknown-reference"]);
}
