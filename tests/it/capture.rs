//! `doctor --capture`: the shapes of an account, and nothing of what it says.

use serde_json::{Value, json};

use crate::support::{ACCOUNT, Project};

/// What must never be in a capture, planted wherever an account can hold it.
const PLANTED: [&str; 12] = [
    "Ada Lovelace",
    "ada@example.com",
    "hush-hush-secret",
    "4100777777",
    "4100777778",
    "0a1b2c3d-0000-4000-8000-00000000cafe",
    "shop.example",
    "+15550100",
    "Rue de Rivoli",
    "2026-11-05",
    "Europe/Paris",
    "de-CH",
];

/// Rows of every collection, with all of it in names, texts, ids, addresses and keys.
fn seed() -> Value {
    let person = json!({
        "name": "Ada Lovelace", "description": "ada@example.com, Rue de Rivoli", "language": "de-CH",
        "url": "https://shop.example/?token=hush-hush-secret", "phone": "+15550100",
        "Ada Lovelace": 1, "ada@example.com": {"4100777777": true}, "4100777778": null,
        "0a1b2c3d-0000-4000-8000-00000000cafe": [],
        "customVars": {"lovelace": "ada@example.com"}, "variables": {"hush": "hush-hush-secret"},
    });
    let conditions = json!([
        {"type": 4, "data": {"include": [{"sections": [{"name": "\"Ada Lovelace\""}]}], "exclude": []}},
        {"type": 4_100_777_777_u64, "data": person},
    ]);
    let row = |extra: Value| {
        let mut row = person.clone();
        for (key, value) in extra.as_object().unwrap() {
            row[key] = value.clone();
        }
        row
    };
    json!({
        "goals": [row(json!({"type": 0, "indicatorType": 0, "indicatorValue": {"url": "https://shop.example"}}))],
        "target-audiences": [row(json!({"conditionBoxes": conditions}))],
        "behaviors": [row(json!({"conditionBoxes": conditions}))],
        "entry-points": [row(json!({"conditionBoxes": conditions}))],
        "engagement-windows": [row(json!({"type": "internal", "json": person}))],
        "special-occasions": [row(json!({"events": [{"meta": {"name": "Ada Lovelace", "working": false},
            "start": {"dateTime": "2036-11-05", "timeZone": "Europe/Paris"},
            "end": {"dateTime": "2036-11-05", "timeZone": "Europe/Paris"}, "recurrence": []}]}))],
        "campaigns": [row(json!({"id": 4_100_777_777_u64, "type": 0, "status": 1, "timeZone": "Europe/Paris",
            "startDate": "2026-11-05 00:00:00", "controlGroup": {"percentage": 10.0},
            "engagementIds": [4_100_777_778_u64]}))],
        "engagements": [row(json!({"id": 4_100_777_778_u64, "campaignId": 4_100_777_777_u64, "type": 5, "source": 0,
            "displayInstances": [{"displayInstanceType": 1, "presentation": {"html": "<b>Ada Lovelace</b>"}},
                {"displayInstanceType": 2, "enabled": false, "macros": [person]}]}))],
        "skills": [row(json!({"id": 4_100_777_778_u64}))],
        "app-installations": [row(json!({"id": "0a1b2c3d-0000-4000-8000-00000000cafe",
            "client_name": "Ada Lovelace", "client_secret": "hush-hush-secret"}))],
        "connectors": [row(json!({"configuration": {"clientSecret": "hush-hush-secret", "issuer": "shop.example"}}))],
        "api-handoffs": [row(json!({"channels": [{"type": "sms-twilio", "outboundnumber": "+15550100"}]}))],
    })
}

fn shapes(project: &Project) -> String {
    std::fs::read_to_string(project.path().join("shapes.json")).unwrap()
}

fn collection<'c>(capture: &'c Value, kind: &str) -> &'c Value {
    let mut all = capture["collections"].as_array().unwrap().iter();
    all.find(|one| one["kind"] == kind).unwrap()
}

#[test]
fn a_capture_has_shapes_and_nothing_of_the_account() {
    let project = Project::new();
    project.account.seed(&seed());
    let writes = project.account.writes();
    let run = project
        .run(&["doctor", "--capture", "shapes.json"])
        .expect(0);
    assert_eq!(project.account.writes(), writes, "doctor wrote");
    assert!(run.stdout.contains("capture"), "{}", run.stdout);
    let text = shapes(&project);
    let host = project.account.base_url();
    let host = host.trim_start_matches("http://");
    for planted in PLANTED.into_iter().chain([host, ACCOUNT]) {
        assert!(
            !text.contains(planted),
            "`{planted}` is in the capture:\n{text}"
        );
    }
    let capture: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(capture["format"], "campaignctl.capture/v1");
    let campaign = &collection(&capture, "Campaign")["items"]["keys"];
    assert_eq!(campaign["status"]["numbers"], json!({"1": 1}));
    let percentage = &campaign["controlGroup"]["keys"]["percentage"];
    assert_eq!(percentage["types"], json!({"float": 1}));
    assert_eq!(
        campaign["startDate"]["types"],
        json!({"text, yyyy-MM-dd HH:mm:ss": 1})
    );
    assert_eq!(
        campaign["*"]["types"],
        json!({"integer": 1, "list": 1, "object": 1})
    );
    let engagement = &collection(&capture, "Engagement")["list"]["keys"];
    let states = &engagement["displayInstances"]["elements"]["keys"]["displayInstanceType"];
    assert_eq!(states["numbers"], json!({"1": 1, "2": 1}));
    let audience = &collection(&capture, "TargetAudience")["items"]["keys"];
    let types = &audience["conditionBoxes"]["elements"]["keys"]["type"]["numbers"];
    assert_eq!(types["large"], 1, "{types}");
}

#[test]
fn what_cannot_be_read_is_said_in_a_word() {
    let project = Project::new();
    project.account.fault("GET */skills 403");
    project
        .run(&["doctor", "--capture", "shapes.json"])
        .expect(0);
    let capture: Value = serde_json::from_str(&shapes(&project)).unwrap();
    let skills = collection(&capture, "Skill");
    assert_eq!(skills["unreadable"], "not permitted");
    assert_eq!(skills.get("list"), None);
}

#[test]
fn a_file_that_cannot_be_written_is_a_failure() {
    let project = Project::new();
    let run = project
        .run(&["doctor", "--capture", "nowhere/shapes.json"])
        .expect(1);
    assert!(
        run.stderr.contains("cannot write `nowhere/shapes.json`"),
        "{}",
        run.stderr
    );
}
