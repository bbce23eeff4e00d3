//! Handoffs that a list shows with an id and without a name, through the binary: no id gets into a file or its name.

use serde_json::json;

use super::stub::{Canned, Stub, token};
use crate::support::{NO_CHANGES, Run, binary};

const ID: &str = "H100000000000777";

fn rows(text: &str) -> String {
    let row = |number: u32, text: &str| {
        json!({ "id": format!("{ID}{number}"), "createdAt": "2026-05-01T08:00:00.000Z", "lookbackPeriodDay": 2, "lookbackPeriodHour": 0,
            "channels": [{ "type": "inapp", "appNames": ["com.example.shop"], "language": "en",
                "messageComponents": [{ "type": "text", "messageText": text, "isSameMessageForNotification": true }] }] })
    };
    json!([row(1, text), row(2, "Bye")]).to_string()
}

#[test]
fn a_nameless_handoff_is_exported_under_a_name_that_is_no_id() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let stub = runtime.block_on(Stub::start(|_, call| {
        if call.starts_with("POST") {
            token()
        } else if call.ends_with("/handoffs/list") {
            Canned::new(200, rows("Hi"))
        } else {
            Canned::new(200, "[]")
        }
    }));
    let folder = tempfile::tempdir().unwrap();
    let file = format!(
        "environments:\n  test:\n    account: '10000001'\n    domainApi: {base}\n    hosts: {{ handoff: '{base}' }}\n    credentials: {{ clientId: {{ env: A }}, clientSecret: {{ env: A }} }}\n",
        base = stub.base_url
    );
    std::fs::write(folder.path().join("campaignctl.yaml"), file).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = binary(folder.path());
        command.env("CAMPAIGNCTL_ENVIRONMENT", "test").env("A", "a");
        Run::from(command.args(arguments).output().unwrap())
    };
    let exported = run(&["export", "ApiHandoff", "--out", "account"]).expect(0);
    assert!(!exported.stderr.contains(ID), "{}", exported.stderr);
    let mut files = 0;
    for entry in std::fs::read_dir(folder.path().join("account/api-handoffs")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap().to_uppercase();
        assert!(!name.contains(ID), "{name}");
        assert!(!text.to_uppercase().contains(ID), "{text}");
        files += 1;
    }
    assert_eq!(files, 2);
    let plan = run(&["plan", "account"]).expect(0).stdout;
    assert!(plan.ends_with("2 to adopt, 0 manual.\n"), "{plan}");
    run(&["apply", "account", "--auto-approve"]).expect(0);
    assert_eq!(run(&["plan", "account"]).expect(0).stdout, NO_CHANGES);
}
