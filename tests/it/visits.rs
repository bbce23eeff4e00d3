//! `visit`: all that a scenario can say of a visit, and its document.

use serde_json::{Value, json};

use crate::support::Project;

/// One engagement of an app and one of web pages, the second with an audience and a behavior of its own.
fn shop(audience: &str, behavior: &str) -> Project {
    Project::with(&format!(
        "\
apiVersion: campaignctl.dev/v1
kind: EntryPoint
metadata: {{ name: orders }}
spec:
  appInstallation: Shop
  conditions:
    - {{ type: section, data: {{ include: [{{ sections: [{{ name: '\"orders\"' }}] }}], exclude: [] }} }}
---
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: {{ name: care }}
spec: {{ displayName: Care, state: published, goal: {{ system: true }}, targetAudiences: [{{ system: true }}] }}
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: {{ name: help }}
spec:
  campaign: care
  type: app
  appInstallation: Shop
  allowUnauthenticated: true
  entryPoints: [orders]
  behaviors: [{{ system: true }}]
  skill: Orders
---
apiVersion: campaignctl.dev/v1
kind: TargetAudience
metadata: {{ name: some }}
spec: {{ conditions: [{{ type: 9, data: {{}}, means: {audience} }}] }}
---
apiVersion: campaignctl.dev/v1
kind: Behavior
metadata: {{ name: some }}
spec: {{ conditions: [{{ type: 13, data: {{}}, means: {behavior} }}] }}
---
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: {{ name: web }}
spec: {{ displayName: Web, state: published, goal: {{ system: true }}, targetAudiences: [some] }}
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: {{ name: offer }}
spec:
  campaign: web
  type: overlay
  window: {{ system: true }}
  language: en-US
  entryPoints: [{{ system: true }}]
  behaviors: [some]
  skill: Orders
"
    ))
}

/// The properties of an object of the schema of scenarios, and their types.
fn properties(schema: &Value, of: &str) -> Vec<String> {
    let found = schema.pointer(&format!("/$defs/{of}/properties"));
    let found = found.and_then(Value::as_object);
    let found = found.unwrap_or_else(|| panic!("no {of}"));
    found.keys().cloned().collect()
}

/// `secondsOnPage` is `--seconds-on-page`.
fn flag(key: &str) -> String {
    let mut flag = "--".to_owned();
    for ch in key.chars() {
        if ch.is_uppercase() {
            flag.push('-');
        }
        flag.extend(ch.to_lowercase());
    }
    flag
}

#[test]
fn a_visit_can_say_all_that_a_scenario_can() {
    let project = shop("{ returning: true }", "{ aboutToAbandon: true }");
    let schema = project.run(&["schema", "Scenario"]).expect(0).stdout;
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let help = project.run(&["visit", "--help"]).expect(0).stdout;
    let mut keys = properties(&schema, "Given");
    keys.extend(properties(&schema, "When"));
    keys.extend(properties(&schema, "Geo"));
    assert!(keys.len() > 20, "{keys:?}");
    for key in keys.iter().filter(|it| *it != "geo") {
        let word = match key.as_str() {
            // A flag for each of several.
            "sections" | "attributes" | "searchKeywords" => key.trim_end_matches('s'),
            other => other,
        };
        let flag = format!("{} <", flag(word));
        assert!(help.contains(&flag), "no {flag} for `{key}`: {help}");
    }
}

/// Each flag decides the condition that asks for it, and the one that is missing is named.
#[test]
fn each_flag_decides_what_asks_for_it() {
    let any = "{ aboutToAbandon: true }";
    let everybody = "{ returning: true }";
    let cases = [
        ("{ returning: true }", any, "--returning", "true", "false"),
        (
            "{ geo: { country: France } }",
            any,
            "--country",
            "France",
            "Spain",
        ),
        ("{ geo: { state: Texas } }", any, "--state", "Texas", "Ohio"),
        ("{ geo: { city: Lyon } }", any, "--city", "Lyon", "Oslo"),
        (
            "{ ip: 203.0.113.0/24 }",
            any,
            "--ip",
            "203.0.113.7",
            "198.51.100.7",
        ),
        (
            "{ companySize: { atLeast: 50 } }",
            any,
            "--company-size",
            "50",
            "49",
        ),
        (
            "{ referral: { contains: shop.example } }",
            any,
            "--referral",
            "https://shop.example/",
            "https://else.example/",
        ),
        (
            "{ searchKeywords: shoes }",
            any,
            "--search-keyword",
            "shoes",
            "",
        ),
        (
            "{ marketingSource: { channel: paidSearch } }",
            any,
            "--channel",
            "paidSearch",
            "email",
        ),
        ("{ platform: mobile }", any, "--device", "mobile", "desktop"),
        (
            everybody,
            "{ timeOnPage: { atLeast: 30 } }",
            "--seconds-on-page",
            "30",
            "29.5",
        ),
        (
            everybody,
            "{ aboutToAbandon: true }",
            "--about-to-abandon",
            "true",
            "false",
        ),
        (
            everybody,
            "{ engagedInSession: clicked }",
            "--engaged",
            "clicked",
            "",
        ),
    ];
    let mut wrong = Vec::new();
    for (audience, behavior, flag, holds, fails) in cases {
        let project = shop(audience, behavior);
        let others = [
            ("--returning", everybody, audience),
            ("--about-to-abandon", any, behavior),
        ];
        let others = others
            .iter()
            .filter(|(other, usual, own)| *other != flag && usual == own);
        let others: Vec<&str> = others.flat_map(|(flag, ..)| [*flag, "true"]).collect();
        let of = |more: &[&str]| {
            let visit = ["visit", "--section", "home"];
            let ran = project.run(&[&visit, others.as_slice(), more].concat());
            ran.expect(0).stdout
        };
        let told = [of(&[]), of(&[flag, holds]), of(&[flag, fails])];
        let is_so = told[0].contains("unknown  offer")
            && told[0].contains(&format!("give `{flag}`"))
            && told[1].contains("yes      offer")
            && told[2].contains("no       offer");
        if !is_so {
            wrong.push(format!("{flag}: {}", told.join("\n-\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n===\n"));
}

#[test]
fn who_has_signed_in_and_words_that_nothing_has() {
    let project = shop("{ returning: true }", "{ aboutToAbandon: true }");
    let visit = ["visit", "--app", "Shop", "--section", "orders"];
    let of = |more: &[&str]| project.run(&[visit.as_slice(), more].concat());
    let customer = ["--attribute", "ctmrinfo.customerId=c1"];
    let told = of(&customer).expect(0).stdout;
    assert!(told.contains("to decide it: give `--signed-in`"), "{told}");
    let told = of(&[&customer[..], &["--signed-in", "true"]].concat())
        .expect(0)
        .stdout;
    assert!(
        told.contains("Signed in: yes\n") && told.contains("yes      help"),
        "{told}"
    );
    let told = of(&[&customer[..], &["--signed-in", "false"]].concat())
        .expect(0)
        .stdout;
    assert!(
        told.contains("Signed in: no\n") && told.contains("no       help"),
        "{told}"
    );
    for wrong in [
        ["--channel", "fax"],
        ["--ip", "203.0.113"],
        ["--company-size", "-1"],
        ["--seconds-on-page", "NaN"],
        ["--engaged", "seen"],
        ["--returning", "maybe"],
    ] {
        of(&wrong).expect(3);
    }
}

/// What would still be open after the nearest change stands in the document, as people are told it.
#[test]
fn the_document_says_what_is_open_after_a_change() {
    let project = shop("{ returning: true }", "{ aboutToAbandon: true }");
    let visit = ["visit", "--app", "Shop", "--section", "old-orders"];
    let of = |agents: &str| {
        let more = ["--agents", agents, "--format", "json"];
        let ran = project.run(&[&visit[..], &more].concat()).expect(0);
        let read: Value = serde_json::from_str(&ran.stdout).unwrap();
        let rows = read["engagements"].as_array().unwrap();
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows[0].clone()
    };
    let open = of("unknown");
    assert_eq!(open["name"], "help");
    assert_eq!(open["eligible"], "no");
    assert_eq!(
        open["changes"],
        json!(["a visit where `sections` is `orders`"])
    );
    let then = open["then"].as_array().unwrap();
    assert_eq!(then.len(), 1, "{then:?}");
    assert_eq!(then[0]["name"], "agents");
    let known = of("available");
    assert_eq!(known["changes"], open["changes"]);
    assert_eq!(known.get("then"), None, "{known}");
}

/// What asks for an app on web pages is told before there is any visit, and what asks for a page there is not.
#[test]
fn a_web_engagement_at_the_entry_points_of_an_app_is_never_shown() {
    let told = |entry_points: &str| {
        let project = shop("{ returning: true }", "{ aboutToAbandon: true }");
        let file = project.path().join("manifests.yaml");
        let text = std::fs::read_to_string(&file).unwrap();
        let there = "entryPoints: [{ system: true }]";
        assert!(text.contains(there), "{text}");
        let pages = "---\n{apiVersion: campaignctl.dev/v1, kind: EntryPoint, metadata: {name: pages}, spec: {conditions: [{type: 3, data: {}, means: {url: {contains: /orders}}}]}}\n";
        project.write(
            "manifests.yaml",
            &(text.replace(there, entry_points) + pages),
        );
        project.run(&["validate"]).expect(0).stdout
    };
    let in_an_app = told("entryPoints: [orders]");
    assert_eq!(
        in_an_app.matches("engagement-never-shown").count(),
        1,
        "{in_an_app}"
    );
    let message =
        "the engagement is served on web pages, and `EntryPoint/orders` belongs to the app Shop";
    assert!(in_an_app.contains(message), "{in_an_app}");
    for elsewhere in [
        "entryPoints: [orders, pages]",
        "entryPoints: [pages]",
        "entryPoints: [{ system: true }]",
    ] {
        let told = told(elsewhere);
        assert!(
            !told.contains("engagement-never-shown"),
            "{elsewhere}: {told}"
        );
    }
}

/// Two engagements of web pages, each with its format, and what `visit` says of both.
fn beside(one: &str, other: &str) -> (String, Value) {
    let engagement = |name: &str, format: &str| {
        format!(
            "---\n{{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {{name: {name}}}, spec: {{campaign: web, window: {{system: true}}, language: en-US, entryPoints: [{{system: true}}], availability: always, availabilityForMessaging: always, {format}}}}}\n"
        )
    };
    let campaign = "{apiVersion: campaignctl.dev/v1, kind: Campaign, metadata: {name: web}, spec: {displayName: Web, state: published, goal: {system: true}}}\n";
    let project = Project::with(&format!(
        "{campaign}{}{}",
        engagement("one", one),
        engagement("other", other)
    ));
    let flags = [
        "visit",
        "--assume",
        "undeclared=unrestricted",
        "--at",
        "2026-11-27T12:00:00[Europe/Paris]",
    ];
    let text = project.run(&flags).expect(0).stdout;
    let document = project.run(&[&flags[..], &["--format", "json"]].concat());
    (
        text,
        serde_json::from_str(&document.expect(0).stdout).unwrap(),
    )
}

/// What of a visit is not decided between two zones of the page is said with the fact, in both forms.
#[test]
fn two_zones_that_may_be_one_decide_nothing() {
    let open = [
        ("type: overlay", "type: overlay, zones: [Overlay]"),
        ("type: stickyButton", "type: overlay"),
        ("type: stickyButton", "type: stickyButton"),
        (
            "type: embedded, zones: [hero]",
            "type: embedded, zones: [hero]",
        ),
    ];
    for (one, other) in open {
        let (text, document) = beside(one, other);
        assert!(!text.contains(" is offered"), "{text}");
        for (name, rival) in [("one", "other"), ("other", "one")] {
            let line = format!(
                "Not decided: {name} may be offered: whether it shares a zone of the page with {rival} is not known.\n"
            );
            assert!(text.contains(&line), "{line}{text}");
        }
        let offers = document["offers"].as_array().unwrap();
        assert_eq!(offers.len(), 2, "{document:#}");
        for offer in offers {
            assert_eq!(offer["shares"], json!({}), "{document:#}");
            assert_eq!(offer["undecided"][0]["name"], "zone", "{document:#}");
        }
    }
    let (text, document) = beside("type: overlay", "type: embedded");
    assert!(
        text.contains("one is offered.\n") && text.contains("other is offered.\n"),
        "{text}"
    );
    assert_eq!(document["offers"][0]["undecided"], Value::Null);
}

/// A change of such a field is one that may change who is offered what; a visit is decided without it, and says so.
#[test]
fn a_visit_says_which_fields_it_assumes_to_have_no_say() {
    let visit = ["visit", "--app", "Shop", "--section", "orders"];
    let assumed = ["--assume", "undeclared=unrestricted"];
    let no_say = ["--assume", "undocumented-fields=no-say"];
    let base = shop("{ returning: true }", "{ aboutToAbandon: true }");
    let base = std::fs::read_to_string(base.path().join("manifests.yaml")).unwrap();
    let told = |fields: &str, more: &[&str]| {
        let project = Project::with(&base.replacen("  skill: Orders\n", fields, 1));
        let arguments = [&visit[..], &assumed, more].concat();
        let text = project.run(&arguments).expect(0).stdout;
        let json = project.run(&[&arguments[..], &["--format", "json"]].concat());
        let document = json.expect(0).json();
        let said = text.lines().find(|it| it.starts_with("This assumes that"));
        (
            said.unwrap_or_default().to_owned(),
            document["unproven"].clone(),
        )
    };
    let fields = "  skill: Orders\n  conversationType: chat\n  followMePages: 3\n";
    let (said, unproven) = told(fields, &[]);
    insta::assert_snapshot!(said, @"This assumes that fields of unknown effect have no say: Engagement/help/conversationType, Engagement/help/followMePages.");
    let both = json!([
        "Engagement/help/conversationType",
        "Engagement/help/followMePages"
    ]);
    assert_eq!(unproven, both);
    // What is assumed is no news, and neither is a default.
    assert_eq!(told(fields, &no_say), (String::new(), Value::Null));
    let default = "  skill: Orders\n  conversationType: messaging\n";
    assert_eq!(told(default, &[]), (String::new(), Value::Null));
}
