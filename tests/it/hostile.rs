//! Text from the account and from files is data: whatever it holds, no output of any command in any format carries it
//! raw to a terminal, a log, a page, a table or a pull request.
//!
//! Every string of an account and of a project that can hold it gets [`EVIL`]; then every command runs in every format.

use std::fmt::Write as _;
use std::path::Path;

use campaignctl::diag::Texts;
use campaignctl::kinds::{Geo, When};
use campaignctl::offers::Unasked;
use campaignctl::plan::{ExampleVisit, Impact, Shift, Shifted};
use campaignctl::report::impact::{render_impact, render_impact_markdown};
use campaignctl::report::scenarios::{Proof, Tested, render_markdown, render_tests};
use campaignctl::resolve::Desired;
use campaignctl::text::safe::json_line;
use campaignctl::text::{FileId, Limits, yaml};
use quick_xml::Reader;
use quick_xml::events::Event;
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::examples::files;
use crate::launches::Shop;
use crate::program::{REST_OF_RETAIL, package};
use crate::support::{ACCOUNT, AUDIENCES, Account, CAMPAIGNS, GOALS, Project, Run};

/// Commands of a terminal and of pipelines, lines that look like ours, marks of direction and of no width, markup,
/// mentions, links and the ends of what may be around it, and a token that nobody should read.
const EVIL: &str = " x ghp_16C7e42F292c6912E7710c838347Ae178B4a \"\u{1b}[2J\u{1b}]0;pwned\u{7}\u{9b}31m\u{7f}\u{0}\r\n\n::error::made up\n##[add-mask]y ##vso[task.complete]\nFORGED LINE\n\u{202e}rtl\u{2066}\u{200b}\u{2028}\u{feff}\t@octo-org/team @octo |\\| ` `` ``` --> ]]> </script><img src=x onerror=alert(1)> [l](http://evil.example) https://evil.example www.evil.example #1 'q' ${{ x }} $(id) =1+1";

/// The formats of a command, which it names itself.
fn formats(project: &Project, command: &str) -> Vec<String> {
    let told = project.run(&[command, "--format", "?"]).expect(3).stderr;
    let (_, listed) = told.split_once("[possible values: ").unwrap();
    let (listed, _) = listed.split_once(']').unwrap();
    listed.split(", ").map(str::to_owned).collect()
}

/// What was looked at, and what was wrong with it.
#[derive(Default)]
struct Looked {
    outputs: usize,
    wrong: String,
}

impl Looked {
    /// Runs a command in all of its formats.
    fn run(&mut self, project: &Project, command: &[&str]) {
        for format in formats(project, command[0]) {
            let run = project.run(&[command, &["--format", &format]].concat());
            self.look(&run, command, &format);
        }
        let coloured = project.run(&[command, &["--color", "always", "-v"]].concat());
        let bare = Run {
            stdout: without_styles(&coloured.stdout),
            stderr: without_styles(&coloured.stderr),
            ..coloured
        };
        self.look(&bare, command, "text");
    }

    fn look(&mut self, run: &Run, command: &[&str], format: &str) {
        self.outputs += 2;
        let shows_manifests =
            format == "text" && ["resolve", "fmt", "export"].contains(&command[0]);
        let of_stdout = if shows_manifests { "manifests" } else { format };
        let (out, mut err) = (
            wrong_of(&run.stdout, of_stdout),
            wrong_of(&run.stderr, "text"),
        );
        // A help is set in by blanks, and quotes names.
        if run.stderr.lines().any(|line| line.trim() == "FORGED LINE") {
            err.push("a line of somebody else's in a help".to_owned());
        }
        for (stream, wrong) in [("stdout", out), ("stderr", err)] {
            for it in wrong {
                let _ = writeln!(self.wrong, "{command:?} --format {format}, {stream}: {it}");
            }
        }
    }

    #[track_caller]
    fn assert_clean(&self) {
        assert!(self.wrong.is_empty(), "{}", self.wrong);
    }
}

/// What an output holds that it should not. Documents for programs hold values as they are, and so does what is written to a file
/// that is read again.
fn wrong_of(text: &str, format: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let is_raw_by_design = ["json", "gitlab", "audit", "manifests"].contains(&format);
    if !is_raw_by_design && text.contains("16C7e42F") {
        let shown = text.lines().find(|line| line.contains("16C7e42F"));
        wrong.push(format!("a token in {shown:?}"));
    }
    let text = if format == "csv" {
        &text.replace("\r\n", "\n")
    } else {
        text
    };
    for line in text.split('\n') {
        if line.chars().any(is_raw) {
            wrong.push(format!("hidden characters in {line:?}"));
        }
        if line == "FORGED LINE" && format != "html" {
            wrong.push("a line of somebody else's".to_owned());
        }
        let command = line.trim_start();
        let ours = [
            "::error ",
            "::warning ",
            "::notice ",
            "::error title",
            "::group::",
            "::stop-commands::",
            "::endgroup::",
        ];
        let is_ours = format == "github"
            && (ours.iter().any(|it| command.starts_with(it)) || command.ends_with("::"));
        // How an excerpt of a second file begins.
        let is_ours = is_ours || command.starts_with("::: ");
        if command.starts_with("::") && !is_ours {
            wrong.push(format!("a command {line:?}"));
        }
        if line.contains("##[") || line.contains("##vso[") {
            wrong.push(format!("a mark {line:?}"));
        }
    }
    wrong.extend(wrong_of_format(text, format));
    wrong
}

fn wrong_of_format(text: &str, format: &str) -> Option<String> {
    match format {
        "json" | "sarif" | "code-quality" | "gitlab" if !text.is_empty() => {
            let read: Result<Value, _> = serde_json::from_str(text);
            read.err().map(|error| format!("no JSON: {error}"))
        }
        "markdown" => exposed(text),
        "html" => text.contains("<img").then(|| "markup".to_owned()),
        "csv" => text
            .split('\n')
            .flat_map(cells)
            .find(|cell| cell.starts_with(['=', '+', '-', '@', '\t']))
            .map(|cell| format!("a formula {cell:?}")),
        "junit" | "svg" => {
            let mut reader = Reader::from_str(text);
            loop {
                match reader.read_event() {
                    Err(error) => return Some(format!("no XML: {error}")),
                    Ok(Event::Eof) => return None,
                    Ok(_) => {}
                }
            }
        }
        _ => None,
    }
}

/// The cells of a line of comma-separated values.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for ch in line.chars() {
        match ch {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            ch => cells.last_mut().unwrap().push(ch),
        }
    }
    cells
}

/// What Markdown would make of text that is not ours: in no span of code, and not in pieces of elements.
fn exposed(markdown: &str) -> Option<String> {
    let mut bare = String::new();
    for line in markdown.lines() {
        let mut rest = line;
        while let Some(at) = rest.find('`') {
            bare.push_str(&rest[..at]);
            let fence = rest[at..].len() - rest[at..].trim_start_matches('`').len();
            let behind = &rest[at + fence..];
            let mut ends = behind.match_indices(&rest[at..at + fence]);
            let Some((end, _)) = ends.find(|(end, _)| {
                !behind[..*end].ends_with('`') && !behind[end + fence..].starts_with('`')
            }) else {
                return Some(format!("an open fence in {line:?}"));
            };
            bare.push('\u{1}');
            rest = &behind[end + fence..];
        }
        bare.push_str(rest);
        bare.push('\n');
    }
    for ours in [
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
        "<code>",
        "</code>",
        "<span>",
        "</span>",
    ] {
        bare = bare.replace(ours, "\u{1}");
    }
    let comments = bare.matches("<!-- ").count();
    bare = bare.replace("<!-- ", "").replacen(" -->", "", comments);
    bare = bare.replace("&#", "");
    let suspicious = ["<", "-->", "@o", "://", "www.e", "#1", "](", "octo|"];
    let found = suspicious.iter().find(|it| bare.contains(**it))?;
    let line = bare
        .lines()
        .find(|line| line.contains(found))
        .unwrap_or_default();
    Some(format!("{found:?} in {line:?}"))
}

/// Whether a character should not be there: the program has no use for any of them.
fn is_raw(ch: char) -> bool {
    ch.is_control()
        || matches!(ch, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Text without the styles of the program's own.
fn without_styles(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        let end = behind.find(|ch: char| !ch.is_ascii_digit() && ch != ';');
        let end = end.filter(|end| behind[*end..].starts_with('m') && behind[..*end] != *"8");
        if end.is_none() {
            out.push('\u{1b}');
        }
        rest = end.map_or(behind, |end| &behind[end + 1..]);
    }
    out.push_str(rest);
    out
}

/// As much of the text as the rules of a kind let through.
fn evil_of(kind: &str) -> String {
    match kind {
        "SpecialOccasion" => " \u{1b}[2J\n\nFORGED LINE\n\u{202e}@o".to_owned(),
        "ApiHandoff" => EVIL.replace(['<', '>'], "%"),
        _ => EVIL.to_owned(),
    }
}

/// A value with the text behind every string that no reference, id or rule depends on.
fn planted(value: &mut Value, (key, open): (&str, bool), evil: &str) {
    match value {
        Value::String(text) if open || ["displayName", "description"].contains(&key) => {
            text.push_str(evil);
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|it| planted(it, (key, open), evil)),
        Value::Object(fields) => {
            let opens = open || ["style", "presentation"].contains(&key);
            fields
                .iter_mut()
                .for_each(|(key, it)| planted(it, (key, opens), evil));
            if opens {
                fields.insert(format!("zz{EVIL}"), EVIL.into());
            }
        }
        _ => {}
    }
}

/// The manifests of half of the retail example with the text in all of them.
fn manifests() -> String {
    let mut out = String::new();
    let others = [&["campaignctl.yaml"], &REST_OF_RETAIL[..]].concat();
    for file in files(&package().join("examples/retail"), "yaml") {
        if others.iter().any(|it| file.ends_with(it)) {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let (documents, _) = yaml::parse(FileId(0), &text, &Limits::default());
        for document in documents {
            let mut manifest = Value::clone(&document.value);
            let name = manifest["metadata"]["name"].clone();
            manifest["metadata"]["annotations"] = json!({ format!("a{EVIL}"): EVIL });
            let kind = manifest["kind"].clone();
            let has_name =
                !["EngagementTemplate", "Persona", "Scenario"].contains(&kind.as_str().unwrap());
            let spec = &mut manifest["spec"];
            if has_name && spec.get("displayName").is_none() {
                spec["displayName"] = name;
            }
            planted(spec, ("spec", false), &evil_of(kind.as_str().unwrap()));
            let _ = write!(out, "---\n{}", json_line(&manifest));
        }
    }
    out
}

/// The rows of the retail example with the text in what no manifest refers to.
fn seed() -> Value {
    let mut seed = Map::new();
    for file in files(&package().join("examples/retail/seed"), "json") {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut rows: Value = serde_json::from_str(&text).unwrap();
        for row in rows.as_array_mut().unwrap() {
            planted(row, ("row", false), EVIL);
            row[format!("zz{EVIL}")] = EVIL.into();
        }
        let stem = Path::new(&file).file_stem().unwrap().to_str().unwrap();
        seed.insert(stem.to_owned(), rows);
    }
    Value::Object(seed)
}

fn project() -> Project {
    let account = Account::new();
    account.seed(&seed());
    let project = Project::on(account);
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    project.write("campaignctl.yaml", &format!("{file}    prune: owned\n"));
    project.write("manifests.yaml", &manifests());
    project
}

/// A person renames and edits everything in the console.
fn edit_all(project: &Project) {
    for collection in [CAMPAIGNS, GOALS, AUDIENCES] {
        for row in project.account.get(collection).as_array().unwrap() {
            let path = Account::path_of(collection, &row["id"]);
            let (status, revision, mut body) = project.account.call(Method::GET, &path, &[], None);
            if status != 200 {
                continue;
            }
            body["description"] = format!("edited{EVIL}").into();
            body["name"] = format!("{}, renamed{EVIL}", body["name"].as_str().unwrap()).into();
            let headers = [
                ("X-HTTP-Method-Override", "PUT"),
                ("If-Match", revision.as_str()),
            ];
            let _ = project
                .account
                .call(Method::POST, &path, &headers, Some(&body));
        }
    }
}

const ALLOWED: [&str; 4] = [
    "--auto-approve",
    "--allow-unpublish",
    "--allow-mass-update",
    "--allow-mass-delete",
];

/// The first entry of each kind: the entries of a kind are drawn alike.
fn one_of_each_kind(ledger: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = Vec::new();
    for key in ledger["entries"].as_object().unwrap().keys() {
        let kind = key.split('/').next();
        if keys.iter().all(|it| it.split('/').next() != kind) {
            keys.push(key);
        }
    }
    keys
}

/// At once: a session a second is for a platform that others use.
const PROVE: &[&str] = &["prove", "--rate", "100000"];

#[test]
fn hostile_text_reaches_no_output_raw() {
    let project = project();
    let mut looked = Looked::default();
    for command in [
        "validate", "resolve", "plan", "graph", "doctor", "export", "status", "ids", "test",
        "visit",
    ] {
        looked.run(&project, &[command]);
    }
    looked.run(&project, PROVE);
    looked.look(
        &project.run(&["plan", "--out", "plan.json"]),
        &["plan"],
        "text",
    );
    let saved = std::fs::read_to_string(project.path().join("plan.json")).unwrap();
    assert!(wrong_of(&saved, "json").is_empty(), "the plan file");
    looked.run(&project, &["show", "plan.json"]);
    looked.run(&project, &["plan", "--impact"]);
    looked.look(&project.run(&["fmt", "--diff"]), &["fmt"], "text");
    looked.run(&project, &["apply"]); // which shows its plan, and asks
    let audited = [
        &["apply", "-vv", "--audit-log", "audit.jsonl"],
        &ALLOWED[..],
    ]
    .concat();
    let applied = project.run(&audited).expect(0);
    looked.look(&applied, &["apply"], "text");
    let audit = std::fs::read_to_string(project.path().join("audit.jsonl")).unwrap();
    assert!(wrong_of(&audit, "audit").is_empty(), "the audit log");
    looked.run(&project, &["ledger", "list"]);
    looked.run(&project, &["ledger", "show"]);
    let ledger: Value = serde_json::from_str(&project.ledger()).unwrap();
    for key in one_of_each_kind(&ledger) {
        let run = project.run(&["ledger", "show", key]);
        looked.look(&run.expect(0), &["ledger", "show", key], "text");
    }
    looked.run(&project, &["undo"]);
    edit_all(&project);
    looked.run(&project, &["pull"]);
    let keys = ledger["entries"].as_object().unwrap().keys();
    for goal in keys.filter(|key| key.starts_with("Goal/")).take(1) {
        looked.run(&project, &["uses", goal]);
    }
    looked.run(
        &project,
        &["uses", &format!("Goal/x{EVIL}").replace('\0', "")],
    );
    for command in ["drift", "plan", "status", "export"] {
        looked.run(&project, &[command]);
    }
    // Everything goes but one goal.
    project.write("manifests.yaml", "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: left }\nspec: { indicator: { url: /left } }\n");
    looked.run(&project, &["plan"]);
    project.account.fault("POST */goals/* 500");
    let applied = project.run(&[&["apply", "--retry-budget", "0s"], &ALLOWED[..]].concat());
    looked.look(&applied, &["apply"], "text");
    looked.assert_clean();
    assert!(looked.outputs > 130, "{}", looked.outputs);
}

/// The text behind every skill and section: what a visit is told in sentences of ours.
fn told_in_sentences(value: &mut Value) {
    const KEYS: [&str; 3] = ["skill", "sections", "language"];
    let foul = |value: &mut Value| {
        if let Value::String(text) = value {
            text.push_str(EVIL);
        }
    };
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::Array(items) if KEYS.contains(&key.as_str()) => {
                        items.iter_mut().for_each(foul);
                    }
                    Value::String(_) if KEYS.contains(&key.as_str()) => foul(value),
                    value => told_in_sentences(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(told_in_sentences),
        _ => {}
    }
}

#[test]
fn hostile_text_in_what_a_visit_is_told_is_shown_escaped() {
    let project = project();
    let mut fouled = String::new();
    for document in manifests().split("---\n").filter(|it| !it.is_empty()) {
        let mut document: Value = document.parse().unwrap();
        if document["kind"] != "ApiHandoff" {
            told_in_sentences(&mut document);
        }
        let _ = write!(fouled, "---\n{}", json_line(&document));
    }
    let mut looked = Looked::default();
    let evil = EVIL.replace('\0', "");
    let attribute = format!("ctmrinfo.ctype=v{evil}");
    for manifests in [manifests(), fouled] {
        project.write("manifests.yaml", &manifests);
        for command in [
            &["visit", "--section", &evil][..],
            &["visit", "--section", "home", "--all"],
            &["visit", "--attribute", &attribute],
            &["visit", "--var", &evil],
            &["plan", "--target", &evil],
            &["plan", "--selector", &evil],
            &["plan", "--retry-budget", &evil],
            &["test"],
            PROVE,
        ] {
            looked.run(&project, command);
        }
        let run = project.run(&["plan", "--format", &evil]);
        looked.look(&run, &["plan"], "text");
    }
    looked.assert_clean();
}

/// The account and the manifest of a launch name what is sent, whereto and by whom.
/// An impact with the text in everything of it that can hold any.
fn hostile_impact() -> Impact {
    let evil = EVIL.to_owned();
    let geo = Geo {
        country: Some(evil.clone()),
        ..Geo::default()
    };
    let when = When {
        sections: Some(vec![evil.clone()]),
        url: Some(evil.clone()),
        attributes: Some(vec![json!({ "type": evil, "x": { EVIL: EVIL } })]),
        geo: Some(geo),
        ..When::default()
    };
    let visit = ExampleVisit {
        app: Some(evil.clone()),
        at: Some(evil.clone()),
        closed: vec![evil.clone()],
        when,
        ..ExampleVisit::default()
    };
    let row = |shift| Shifted {
        engagement: "Engagement/help".parse().unwrap(),
        shift,
        before: json!({ "live": EVIL }),
        after: json!({ EVIL: EVIL, "x": [EVIL] }),
        visit: Some(visit.clone()),
        instead: None,
        closes: Vec::new(),
        alone: false,
        with: vec!["Engagement/other".parse().unwrap()],
        share: None,
        reasons: vec![EVIL.to_owned()],
        rests_on: vec![EVIL.to_owned()],
    };
    Impact {
        differences: [Shift::OtherSkill, Shift::MayChange].map(row).to_vec(),
    }
}

/// Each cell of the table of an impact.
#[test]
fn hostile_text_in_an_impact_is_shown_escaped() {
    let impact = hostile_impact();
    let table = render_impact_markdown(Some(&impact), 9);
    assert_eq!(
        wrong_of(&table, "markdown"),
        Vec::<String>::new(),
        "{table}"
    );
    let rows: Vec<&str> = table.lines().filter(|it| it.starts_with("| ")).collect();
    assert_eq!(rows.len(), 3, "{table}");
    for row in rows {
        let bars = row.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 4, "{row}");
    }
    let text = render_impact(Some(&impact));
    assert_eq!(wrong_of(&text, "text"), Vec::<String>::new(), "{text}");
}

/// Where a proof is made, and why a case is not asked of the platform.
#[test]
fn hostile_text_in_what_is_not_asked_is_shown_escaped() {
    let unasked = Unasked {
        scenario: "Scenario/help".parse().unwrap(),
        name: EVIL.to_owned(),
        why: EVIL.to_owned(),
    };
    let proof = Proof {
        environment: EVIL.to_owned(),
        account: EVIL.to_owned(),
        sessions: 1,
        unasked: vec![unasked],
    };
    let tested = Tested {
        desired: &Desired::default(),
        texts: &Texts::default(),
        results: &[],
        allows_undecided: false,
        clock: None,
        coverage: None,
        proof: Some(&proof),
    };
    let page = render_markdown(&tested);
    assert!(page.contains("- not asked: "), "{page}");
    assert_eq!(wrong_of(&page, "markdown"), Vec::<String>::new(), "{page}");
    let text = render_tests(&tested, false);
    assert_eq!(wrong_of(&text, "text"), Vec::<String>::new(), "{text}");
}

#[test]
fn hostile_text_in_a_launch_is_shown_escaped() {
    let evil = EVIL
        .replace('\0', "")
        .replace(['<', '>', '{', '}', '$'], "%");
    let shop = Shop::on(Account::new(), 3);
    let (project, account) = (&shop.0, &shop.0.account);
    let skill = format!("Orders{evil}");
    account.seed(&json!({ "skills": [{ "name": skill }] }));
    let path = format!("/_sandbox/account/{ACCOUNT}/handoffs");
    let mut handoff = account.get(&path)[0].clone();
    let name = format!("Order updates{evil}");
    handoff["name"] = json!(name);
    let message = &mut handoff["channels"][0]["messageComponents"][0];
    for field in ["messageText", "notificationTitle", "notificationMessage"] {
        message[field] = format!("{}{evil}", message[field].as_str().unwrap()).into();
    }
    let one = format!("{path}/{}", handoff["id"].as_str().unwrap());
    let (status, _, told) = account.call(Method::PUT, &one, &[], Some(&handoff));
    assert_eq!(status, 200, "{told}");
    let launch = json!({
        "apiVersion": "campaignctl.dev/v1", "kind": "Launch",
        "metadata": { "name": "orders", "annotations": { format!("a{evil}"): evil } },
        "spec": {
            "displayName": format!("Orders on their way{evil}"),
            "sender": { "proactive": {
                "handoff": { "live": name }, "skill": skill, "consent": true,
                "recipients": { "file": "recipients.csv", "consumer": "customerId", "variables": { "1": "firstName" } },
            } },
            "maxRecipients": 5000,
        },
    });
    project.write("launches/orders.yaml", &json_line(&launch));
    let mut looked = Looked::default();
    looked.run(project, &["validate"]);
    looked.run(
        project,
        &[
            "launch",
            "plan",
            "launches/orders.yaml",
            "--out",
            "orders.json",
        ],
    );
    let plan = std::fs::read_to_string(project.path().join("orders.json")).unwrap();
    assert!(plan.contains("16C7e42F"), "{plan}");
    for command in [
        &["launch", "send", "orders.json", "--approved-by", &evil][..],
        &["launch", "status", "orders"],
        &["launch", "list"],
        &["launch", "stop", "orders", "--because", &evil],
        &["launch", "settle", "orders", "--batch", &evil, "--sent"],
        &["report"],
    ] {
        looked.run(project, command);
    }
    looked.assert_clean();
}

#[test]
fn hostile_text_in_complaints_and_errors_is_shown_escaped() {
    let project = project();
    let mut looked = Looked::default();
    let quoted = json_line(&format!("a{EVIL}"));
    let quoted = quoted.trim_end();
    let goal = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: NAME }\nspec: { indicator: { url: /x } }\n";
    // An unknown key, a bad name, a bad label, an unknown reference, an unknown variable, a duplicate key, a bad value.
    let broken = [
        goal.replace(
            "NAME",
            &format!("bad, labels: {{ {quoted}: {quoted} }}, {quoted}: 1"),
        ),
        goal.replace("NAME", quoted),
        goal.replace("NAME", "ref")
            .replace("kind: Goal", &format!("kind: {quoted}")),
        format!(
            "apiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: {{ name: c }}\nspec: {{ goal: {{ live: {quoted} }}, weight: {quoted}, {quoted}: 1, {quoted}: 2 }}\n"
        ),
        format!(
            "apiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: {{ name: d }}\nspec: {{ goal: {quoted}, description: \"${{var.nothing}}\" }}\n"
        ),
    ];
    let path = |at| format!("sub/x{at}\u{1b}[31m\u{202e}\n::error::file @octo.yaml");
    for (at, text) in broken.iter().enumerate() {
        project.write(&path(at), text);
    }
    for command in ["validate", "plan", "resolve", "test", "prove"] {
        looked.run(&project, &[command]);
    }
    looked.look(&project.run(&["fmt", "--check"]), &["fmt"], "text");
    let told = project.run(&["validate"]).stdout;
    for at in 0..broken.len() {
        assert!(told.contains(&format!("sub/x{at}")), "{told}");
        project.remove(&path(at));
    }
    // An object that nobody can tell from another one.
    for _ in 0..2 {
        let row = json!({ "name": format!("twin{EVIL}"), "type": 2, "indicatorType": 0 });
        project.account.post(GOALS, &row);
    }
    let twin = json!({ "apiVersion": "campaignctl.dev/v1", "kind": "Goal", "metadata": { "name": "twin" }, "spec": { "displayName": format!("twin{EVIL}"), "indicator": { "url": "/t" } } });
    project.write("twin.yaml", &json_line(&twin));
    looked.run(&project, &["plan"]);
    looked.run(&project, &["export"]);
    // A platform whose messages are not its own.
    let message = json!({ "message": EVIL }).to_string();
    project.account.fault("GET */goals 400");
    looked.run(&project, &["plan"]);
    looked.run(&project, &["status"]);
    project.write("plan.json", &message);
    looked.run(&project, &["show", "plan.json"]);
    looked.assert_clean();
    assert!(looked.outputs > 80, "{}", looked.outputs);
}

#[test]
fn what_writes_for_people_and_programs_is_one_module() {
    // The last one looks at what a person typed, and shows nothing of it.
    let allowed = [
        "src/text/safe/",
        "src/cli/ui.rs",
        "src/run/launching/approving.rs",
    ];
    for file in files(&package().join("src"), "rs") {
        let path = file
            .strip_prefix(package())
            .unwrap()
            .to_str()
            .unwrap()
            .replace('\\', "/");
        let is_shown = [
            "src/report/",
            "src/cli/",
            "src/run/",
            "src/language_server/",
        ]
        .iter()
        .any(|it| path.starts_with(it));
        if !is_shown
            || allowed.iter().any(|it| path.starts_with(it))
            || path.contains("/lsp/")
            || path.contains("tests")
        {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for way in [
            "to_string_pretty",
            "serde_json::to_string(",
            "is_control",
            "&lt;",
            "io::stdout()",
        ] {
            assert!(
                !text.contains(way),
                "{path} has a way of its own: {way}; use crate::text::safe"
            );
        }
    }
}
