//! What GitHub can take: a plan of any size fits into a comment, its deletes first.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use super::{PLAN_MARKER, PULL, Sample};

/// A program that plans the deletion of many goals, which the real one lists whatever the budget.
const PROGRAM: &str = r#"#!/usr/bin/env bash
set -eu
here="$(dirname "$0")"
case "$1" in
    version) echo "campaignctl 9.9.9" ;;
    plan)
        while [ "$1" != --out ]; do shift; done
        cp "$here/plan.json" "$2"
        cat "$here/plan.md"
        exit 2
        ;;
    show) cat "$here/plan.md" ;;
esac
"#;

#[test]
fn a_plan_beyond_the_limit_is_cut_with_its_deletes_first() {
    let Some(sample) = Sample::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut plan = "### Plan for `test`\n\n#### Delete (900)\n\n".to_owned();
    for number in 0..900 {
        let _ = writeln!(plan, "- `Goal/deleted-{number:04}` “{}”", "🛍".repeat(8));
    }
    plan.push_str("\n#### Create (600)\n\n<details><summary>many</summary>\n\n");
    for number in 0..600 {
        let _ = writeln!(plan, "- `Goal/created-{number:04}` {}", "x".repeat(50));
    }
    plan.push_str("\n</details>\n");
    std::fs::write(folder.path().join("plan.md"), &plan).unwrap();
    let document = r#"{ "id": "p", "steps": [{}], "summary": { "create": 600, "delete": 900 } }"#;
    std::fs::write(folder.path().join("plan.json"), document).unwrap();
    let program = folder.path().join("campaignctl");
    std::fs::write(&program, PROGRAM).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();

    let with = [
        ("binary", program.to_str().unwrap()),
        ("environment", "test"),
    ];
    let done = sample.pushed().run("plan", &with).expect(0);
    let held = sample.hub.held();
    let comment = held.marked(PULL, PLAN_MARKER)[0];
    // GitHub counts characters; this is what it counts at most.
    assert!(comment.encode_utf16().count() <= 65_536);
    assert!(
        comment.encode_utf16().count() > 60_000,
        "more would have fitted"
    );
    assert_eq!(comment.matches("Goal/deleted-").count(), 900);
    assert!(comment.contains("more lines, which do not fit here"));
    assert_eq!(
        comment.matches("<details>").count(),
        comment.matches("</details>").count()
    );
    assert!(comment.contains("[plan p](https://hub/artifacts/1)"));
    assert!(done.summary.contains("Goal/created-0599"));
    assert_eq!(done.output("delete"), "900");
}
