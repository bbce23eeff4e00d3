//! References and ids in open JSON, and what is ignored in lists: what is written is what was meant, and what nobody declares
//! any more without meaning it stays.

use serde_json::{Value, json};

use crate::support::{Account, CAMPAIGNS, NO_CHANGES, Project, WINDOWS, plain};

/// An account with two skills.
fn account() -> Account {
    let account = Account::new();
    account.seed(&json!({ "skills": [
        { "id": 6_100_000_570_u64, "name": "Orders", "deleted": false },
        { "id": 6_100_000_571_u64, "name": "Returns", "deleted": false },
    ]}));
    account
}

fn window(place: &str) -> String {
    format!(
        "apiVersion: campaignctl.dev/v1\nkind: EngagementWindow\nmetadata: {{ name: w }}\n\
         spec: {{ displayName: W, type: internal, style: {{ scheme: x, place: {place} }} }}\n"
    )
}

fn held(project: &Project) -> Value {
    project.account.item(WINDOWS, "W")["json"]["place"].clone()
}

/// Whatever stood in the place of a reference, and whatever stands there afterwards, is replaced as a whole.
#[test]
fn a_reference_in_open_json_is_one_value() {
    const ORDERS: u64 = 6_100_000_570;
    const RETURNS: u64 = 6_100_000_571;
    let forms = [
        ("{ $ref: Orders, kind: Skill }", json!(ORDERS)),
        ("{ $ref: Returns, kind: Skill }", json!(RETURNS)),
        (
            "{ $ref: Returns, kind: Skill, as: text }",
            json!(RETURNS.to_string()),
        ),
        ("{ a: 1 }", json!({ "a": 1 })),
        ("[{ $ref: Orders, kind: Skill }]", json!([ORDERS])),
    ];
    let project = Project::on(account());
    // From each to each later one and back, and on to the next: every way from one to another.
    let ways = (0..forms.len()).flat_map(|at| {
        let later = at + 1..forms.len();
        std::iter::once(at).chain(later.flat_map(move |other| [other, at]))
    });
    let mut before = "nothing";
    for (after, wanted) in ways.map(|at| &forms[at]) {
        project.write("m.yaml", &window(after));
        project.apply();
        assert_eq!(held(&project), *wanted, "{before} -> {after}");
        before = after;
    }
    project.settled();
}

#[test]
fn drift_of_a_reference_in_open_json_is_healed() {
    let project = Project::on(account());
    project.write("m.yaml", &window("{ $ref: Orders, kind: Skill }"));
    project.apply();
    let path = project.account.item_path(WINDOWS, "W");
    for theirs in [
        json!(6_100_000_571_u64),
        json!({ "$ref": "Orders" }),
        json!({ "a": 1 }),
        json!("x"),
    ] {
        project
            .account
            .edit(&path, |body| body["json"]["place"] = theirs.clone());
        project.apply();
        assert_eq!(held(&project), json!(6_100_000_570_u64), "{theirs}");
        project.settled();
    }
}

/// An id that a variable or a manifest gave is left out of the export, or kept by it: the account keeps it.
#[test]
fn a_plan_of_an_export_takes_no_id_away_that_we_set() {
    let project = Project::on(account());
    project.account.seed(&json!({ "campaigns": [{ "id": 6_100_000_070_u64, "name": "Alpha", "type": 0, "status": 0 }] }));
    let audience = "---\napiVersion: campaignctl.dev/v1\nkind: TargetAudience\nmetadata: { name: a }\n\
         spec: { displayName: A, conditions: [{ type: 11, data: { campaignId: 6100000070, include: [FR] } }] }\n";
    let survey =
        window("{ surveyPreChatId: '3031323334353637', surveys: { surveyOfflineId: '31' } }");
    project.write("m.yaml", &format!("{survey}{audience}"));
    project.apply();
    let before = project.account.item(WINDOWS, "W");
    project.remove("m.yaml");
    project
        .run(&[
            "export",
            "EngagementWindow",
            "TargetAudience",
            "--out",
            "exported",
        ])
        .expect(0);
    let exported =
        std::fs::read_to_string(project.path().join("exported/engagement-windows/w.yaml")).unwrap();
    assert!(!exported.contains("3031323334353637"), "{exported}");
    assert!(exported.contains("$keep: survey"), "{exported}");
    assert_eq!(project.plan(), NO_CHANGES);
    project.apply();
    project.settled();
    assert_eq!(project.account.item(WINDOWS, "W"), before);
    // What is no longer kept goes, since it is said now.
    let path = "exported/engagement-windows/w.yaml";
    project.write(
        path,
        &exported
            .replace("surveyPreChatId:", "other:")
            .replace("$keep: survey", "a: 1"),
    );
    let plan = project.plan();
    assert!(plan.contains("other"), "{plan}");
}

/// A list that somebody else made longer is written whole: what is ignored in it stays all the same.
#[test]
fn what_is_ignored_in_a_list_stays_when_a_colleague_adds_an_item() {
    let manifests = |life: &str| {
        format!(
            "apiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: {{ name: c }}\nspec: {{ displayName: C }}\n---\n\
             apiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: {{ name: e }}\n\
             spec:\n  displayName: E\n  campaign: c\n  type: embedded\n  language: en-US\n  allowUnauthenticated: true\n  \
             displayInstances: [{{ type: online, enabled: true, presentation: {{ html: ours, elements: {{ labels: [{{ text: ours }}] }} }} }}]\n{life}"
        )
    };
    for (pointer, inside) in [
        (
            "/spec/displayInstances/0/presentation/html",
            "/presentation/html",
        ),
        (
            "/spec/displayInstances/0/presentation/elements/labels/0/text",
            "/presentation/elements/labels/0/text",
        ),
        ("/spec/displayInstances/0/enabled", "/enabled"),
    ] {
        for grows in [false, true] {
            let project = Project::on(account());
            let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
            project.write(
                "campaignctl.yaml",
                &format!("{file}rules: {{ engagement-web-incomplete: off }}\n"),
            );
            project.write("m.yaml", &manifests(""));
            project.run(&["apply", "--auto-approve"]).expect(0);
            project.write(
                "m.yaml",
                &manifests(&format!("lifecycle: {{ ignoreChanges: [{pointer}] }}\n")),
            );
            let engagements = project.account.engagements("C");
            let path = project.account.item_path(&engagements, "E");
            let theirs = json!("a colleague's");
            project.account.edit(&path, |body| {
                *body["displayInstances"][0].pointer_mut(inside).unwrap() = theirs.clone();
                if grows {
                    let more = json!({ "displayInstanceType": 2, "enabled": true, "presentation": { "html": "c" } });
                    body["displayInstances"].as_array_mut().unwrap().push(more);
                }
            });
            project.run(&["apply", "--auto-approve"]).expect(0);
            let now = project.account.get(&path);
            let instances = now["displayInstances"].as_array().unwrap().iter();
            let mut ours = instances.filter(|it| it["displayInstanceType"] == json!(1));
            assert_eq!(
                ours.next().unwrap().pointer(inside),
                Some(&theirs),
                "{pointer} {grows}"
            );
            project.settled();
        }
    }
}

/// `pull` of one object knows the ids of engagements, which only the items of campaigns show.
#[test]
fn a_pull_of_one_object_writes_no_id_of_an_engagement() {
    let project = Project::on(account());
    project.account.seed(&json!({
        "campaigns": [{ "id": 6_100_000_070_u64, "name": "Alpha", "type": 0, "status": 0, "engagementIds": [6_100_000_270_u64],
            "engagements": [{ "id": 6_100_000_270_u64, "name": "Emb", "type": 5, "channel": 1, "source": 0, "enabled": true, "language": "en-US" }] }],
        "engagement-windows": [{ "id": 6_100_000_670_u64, "name": "Main", "type": "internal", "order": 0, "isUserDefault": false,
            "json": { "scheme": "x", "customVars": { "promo": "6100000270", "camp": "6100000070" } } }],
    }));
    assert!(project.account.row(CAMPAIGNS, "Alpha").is_some());
    project.write("m.yaml", &window("1"));
    project.apply();
    project
        .run(&["pull", "EngagementWindow/main", "--write"])
        .expect(0);
    let all = walk(project.path());
    assert!(all.contains("Main"), "{all}");
    assert!(
        !all.contains("6100000270") && !all.contains("6100000070"),
        "{all}"
    );
}

/// The texts of all manifests of a project.
fn walk(folder: &std::path::Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') {
            all += &walk(&path);
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            all += &std::fs::read_to_string(&path).unwrap();
        }
    }
    all
}

/// An engagement that moves is created again: what a colleague gave it moves along.
#[test]
fn what_nobody_declares_moves_along_with_a_replaced_object() {
    let manifests = |campaign: &str| {
        let campaigns = ["a", "b"].map(|name| {
            format!("apiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: {{ name: {name} }}\nspec: {{ displayName: {name} }}\n---\n")
        });
        format!(
            "{}apiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: {{ name: e }}\n\
             spec: {{ displayName: E, campaign: {campaign}, type: embedded, language: en-US, allowUnauthenticated: true }}\n",
            campaigns.concat()
        )
    };
    let project = Project::on(account());
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    project.write(
        "campaignctl.yaml",
        &format!("{file}rules: {{ engagement-web-incomplete: off }}\n"),
    );
    project.write("m.yaml", &manifests("a"));
    project.apply();
    let path = project
        .account
        .item_path(&project.account.engagements("a"), "E");
    project.account.edit(&path, |body| {
        body["description"] = json!("by a colleague");
        body["botId"] = json!("B77");
        body["followMePages"] = json!(9);
        body["displayInstances"] = json!([{ "displayInstanceType": 1, "enabled": true, "presentation": { "html": "made in the console" } }]);
    });
    project.write("m.yaml", &manifests("b"));
    project.apply();
    project.settled();
    let moved = project.account.item(&project.account.engagements("b"), "E");
    for (field, wanted) in [
        ("description", json!("by a colleague")),
        ("botId", json!("B77")),
        ("followMePages", json!(9)),
    ] {
        assert_eq!(moved[field], wanted, "{moved}");
    }
    assert_eq!(
        moved["displayInstances"][0]["presentation"]["html"],
        "made in the console"
    );
}

/// A list that changes while its object moves: what is declared of it is all, with what people made of the items that stay.
#[test]
fn items_that_a_replaced_object_no_longer_declares_do_not_come_back() {
    let engagement = |campaign: &str, instances: &str| {
        let campaigns = ["a", "b"].map(|name| {
            format!("apiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: {{ name: {name} }}\nspec: {{ displayName: {name} }}\n---\n")
        });
        format!(
            "{}apiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: {{ name: e }}\n\
             spec: {{ displayName: E, campaign: {campaign}, type: embedded, language: en-US, displayInstances: [{instances}] }}\n",
            campaigns.concat()
        )
    };
    let project = Project::on(account());
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    project.write(
        "campaignctl.yaml",
        &format!("{file}rules: {{ engagement-web-incomplete: off }}\n"),
    );
    let online = "{ type: online, enabled: true }";
    let offline = "{ type: offline, enabled: true }";
    let both = format!("{online}, {offline}");
    project.write("m.yaml", &engagement("a", &both));
    project.apply();
    let path = project
        .account
        .item_path(&project.account.engagements("a"), "E");
    project.account.edit(&path, |body| {
        body["displayInstances"][0]["presentation"] = json!({ "html": "made in the console" });
    });
    for (campaign, instances, count) in [("b", online, 1), ("a", &both, 2), ("b", "", 0)] {
        project.write("m.yaml", &engagement(campaign, instances));
        project.run(&["plan", "--out", "plan.json"]).expect(0);
        project
            .run(&["apply", "plan.json", "--auto-approve"])
            .expect(0);
        let moved = project
            .account
            .item(&project.account.engagements(campaign), "E");
        let held = moved["displayInstances"].as_array().map_or(0, Vec::len);
        assert_eq!(held, count, "{moved}");
        if count > 0 {
            let html = &moved["displayInstances"][0]["presentation"]["html"];
            assert_eq!(html, "made in the console", "{moved}");
        }
        project.settled();
    }
}

/// What takes an apply back, and what takes a console change over, both write a reference as what it is: an id on the
/// account, a name in the files.
#[test]
fn a_reference_in_open_json_is_taken_back_and_taken_over() {
    const ORDERS: u64 = 6_100_000_570;
    const RETURNS: u64 = 6_100_000_571;
    let forms = [
        ("{ $ref: Orders, kind: Skill }", json!(ORDERS)),
        (
            "{ $ref: Returns, kind: Skill, as: text }",
            json!(RETURNS.to_string()),
        ),
        ("[{ $ref: Orders, kind: Skill }, 1]", json!([ORDERS, 1])),
        (
            "{ inner: { $ref: Returns, kind: Skill }, other: x }",
            json!({ "inner": RETURNS, "other": "x" }),
        ),
        ("{ a: 1 }", json!({ "a": 1 })),
    ];
    let project = Project::on(account());
    // From each to the next two, which are of other shapes.
    let after = |at: usize| [1, 2].map(|step| &forms[(at + step) % forms.len()]);
    for (at, (before, was)) in forms.iter().enumerate() {
        for (after, is) in after(at) {
            let way = format!("{before} -> {after}");
            project.write("m.yaml", &window(before));
            project.apply();
            project.write("m.yaml", &window(after));
            project.apply();
            assert_eq!(held(&project), *is, "{way}");
            let rollback = ".campaignctl/ledger/test.rollback.plan.json";
            project
                .run(&["apply", rollback, "--auto-approve"])
                .expect(0);
            assert_eq!(held(&project), *was, "{way} and back");
            // The manifest says what the account held before: there is nothing to do.
            project.write("m.yaml", &window(before));
            assert_eq!(project.plan(), NO_CHANGES, "{way} and back");
        }
    }
    let path = project.account.item_path(WINDOWS, "W");
    for (at, (before, _)) in forms.iter().enumerate() {
        for (theirs, is) in after(at) {
            let way = format!("{before}, in the console {theirs}");
            project.write("m.yaml", &window(before));
            project.apply();
            project
                .account
                .edit(&path, |body| body["json"]["place"] = is.clone());
            project.run(&["pull", "--write"]).expect(0);
            let file = std::fs::read_to_string(project.path().join("m.yaml")).unwrap();
            assert!(!file.contains("6100000"), "{way}: {file}");
            assert_eq!(held(&project), *is, "{way}");
            let plan = project.plan();
            assert!(!plan.contains("->"), "{way}: {plan}\n{file}");
        }
    }
}

/// What no field says, in the place of a field that has a default: a create writes it, and the default is not laid over it.
#[test]
fn extra_in_the_place_of_a_field_settles_with_the_first_apply() {
    for (at, extra) in [
        "status: [1]",
        "status: { soon: 1 }",
        "status: soon",
        "controlGroup: true",
        "controlGroup: { percentage: [null] }",
        "description: [a]",
        "type: '012'",
        "weight: []",
    ]
    .iter()
    .enumerate()
    {
        let project = Project::new();
        project.write(
            "m.yaml",
            &format!(
                "apiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: {{ name: c }}\nspec:\n  displayName: C\n  extra: {{ {extra} }}\n"
            ),
        );
        let refused = project.run(&["validate"]);
        if refused.code == Some(0) {
            project.apply();
        } else {
            assert!(
                refused.stdout.contains("error[extra-of-field]"),
                "{at}: {}",
                refused.stdout
            );
        }
    }
}

/// What people write where a payload takes an entry point: the complaint about each names the form that works, and that form does.
#[test]
fn a_place_in_a_condition_is_a_reference_and_nothing_else() {
    const CHECKOUT: &str = "---\napiVersion: campaignctl.dev/v1\nkind: EntryPoint\nmetadata: { name: checkout }\nspec: { displayName: Checkout, conditions: [{ type: everywhere }] }\n---\napiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: paid }\nspec: { displayName: Paid }\n";
    let project = Project::new();
    let validated = |data: &str| {
        let behavior = format!(
            "apiVersion: campaignctl.dev/v1\nkind: Behavior\nmetadata: {{ name: b }}\nspec:\n  displayName: B\n  conditions:\n    - {data}\n"
        );
        project.write("m.yaml", &format!("{behavior}{CHECKOUT}"));
        project.run(&["validate", "--format", "json"])
    };
    let staying =
        |place: &str| format!("{{ type: timeOnPage, data: {{ seconds: 3, location: {place} }} }}");
    let going =
        |place: &str| format!("{{ type: flow, data: {{ steps: [{{ location: {place} }}] }} }}");
    let raw = |place: &str| format!("{{ type: 7, data: {{ place: {place} }} }}");
    let right = [
        "{ $ref: checkout }",
        "{ $ref: { live: C } }",
        "{ $ref: { id: 7 } }",
        "{ $ref: { system: true } }",
    ];
    for condition in [staying, going, raw] as [fn(&str) -> String; 3] {
        for place in right {
            validated(&condition(place)).expect(0);
        }
    }
    let mut told = String::new();
    for place in [
        "checkout",
        "EntryPoint/checkout",
        "\"4100000102\"",
        "$ref checkout",
        "\"${ref:checkout}\"",
        "all",
        "/checkout",
        "https://shop.example/checkout",
        "{ $ref:checkout }",
        "{ $Ref: checkout }",
        "{ $ref: Goal/paid }",
        "{ $ref: EntryPoint/checkout }",
        "{ ref: checkout }",
        "{ ref: EntryPoint/checkout }",
        "{ name: checkout }",
        "{ live: C }",
        "{ id: 7 }",
        "{ system: true }",
        "{}",
        "[]",
        "[{ $ref: checkout }]",
        "true",
    ] {
        for condition in [staying, going] as [fn(&str) -> String; 2] {
            let run = validated(&condition(place)).expect(3);
            let found: Value = serde_json::from_str(&run.stdout).unwrap();
            let found = found["diagnostics"].as_array().unwrap();
            assert_eq!(found.len(), 1, "{place} is told once: {found:?}");
            let found = &found[0];
            let line = format!(
                "{place}: {}; {}\n",
                plain(&found["message"]),
                plain(&found["help"])
            );
            if !told.contains(&line) {
                told.push_str(&line);
            }
        }
    }
    insta::assert_snapshot!(told, @r#"
    checkout: `checkout` is a text, and the platform knows entry points by their ids; refer to the entry point: `{ $ref: checkout }`
    EntryPoint/checkout: `EntryPoint/checkout` is a text, and the platform knows entry points by their ids; refer to the entry point: `{ $ref: checkout }`
    "4100000102": `4100000102` is a text, and the platform knows entry points by their ids; refer to the entry point: `{ $ref: { id: 4100000102 } }`
    $ref checkout: `$ref checkout` is a text, and the platform knows entry points by their ids; refer to the entry point: `{ $ref: checkout }`
    "${ref:checkout}": `${ref:checkout}` is a text, and the platform knows entry points by their ids; refer to the entry point: `{ $ref: checkout }`
    all: `all` is a text, and the platform knows entry points by their ids; refer to an entry point: `{ $ref: <name> }`, or leave `location` out for any page
    /checkout: `/checkout` is a text, and the platform knows entry points by their ids; refer to an entry point: `{ $ref: <name> }`, or leave `location` out for any page
    https://shop.example/checkout: `https://shop.example/checkout` is a text, and the platform knows entry points by their ids; refer to an entry point: `{ $ref: <name> }`, or leave `location` out for any page
    { $ref:checkout }: a key here is nearly `$ref` or `$keep`, and would be sent as it is; write it in small letters, with a blank behind the colon: `{ $ref: <name> }`
    { $Ref: checkout }: a key here is nearly `$ref` or `$keep`, and would be sent as it is; write it in small letters, with a blank behind the colon: `{ $ref: <name> }`
    { $ref: Goal/paid }: `Goal/paid` is a Goal, and this field takes an EntryPoint; define it in a manifest, or refer to an existing object with `{ live: <display name of the EntryPoint> }`
    { $ref: EntryPoint/checkout }: no EntryPoint manifest is named `EntryPoint/checkout`; write the name alone: `checkout`
    { ref: checkout }: a reference in `data` is a `$ref`; refer to the entry point: `{ $ref: checkout }`
    { ref: EntryPoint/checkout }: a reference in `data` is a `$ref`; refer to the entry point: `{ $ref: checkout }`
    { name: checkout }: a reference in `data` is a `$ref`; refer to the entry point: `{ $ref: checkout }`
    { live: C }: a reference in `data` is a `$ref`; refer to the entry point: `{ $ref: { live: C } }`
    { id: 7 }: a reference in `data` is a `$ref`; refer to the entry point: `{ $ref: { id: 7 } }`
    { system: true }: a reference in `data` is a `$ref`; refer to the entry point: `{ $ref: { system: true } }`
    {}: `{}` is not a place; refer to an entry point: `{ $ref: <name> }`, or leave `location` out for any page
    []: a list is not a place; refer to an entry point: `{ $ref: <name> }`, or leave `location` out for any page
    [{ $ref: checkout }]: a list is not a place; refer to an entry point: `{ $ref: <name> }`, or leave `location` out for any page
    true: `true` is not a place; refer to an entry point: `{ $ref: <name> }`, or leave `location` out for any page
    "#);
    for place in ["checkout", "EntryPoint/checkout"] {
        let run = validated(&raw(place)).expect(0);
        assert!(
            run.stdout.contains("refer to it: `{ $ref: checkout }`"),
            "{}",
            run.stdout
        );
    }
}
