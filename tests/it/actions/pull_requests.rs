//! From the pull request to the account: what is reviewed is what is applied.

use super::hub::{Hub, TOKEN};
use super::runner::keep;
use super::{APPLY_MARKER, PLAN_MARKER, PULL, Sample, TWO, settled};
use crate::support::{GOALS, SECRET};

#[test]
fn two_pushes_update_the_same_comment() {
    let Some(sample) = Sample::new() else { return };
    // A talkative pull request: the comment is not on the first page.
    for id in 1..=150 {
        let said = (PULL, format!("> {PLAN_MARKER} quoted, {id}"));
        sample.hub.held().comments.insert(id, said);
    }
    let first = sample.pushed().run_on_account("plan", &[]).expect(0);
    let url = first.output("comment-url").to_owned();
    let body = sample.hub.held().marked(PULL, PLAN_MARKER).join("");
    assert!(
        body.contains("2 to create") && body.contains("[plan "),
        "{body}"
    );
    sample
        .project
        .write("manifests.yaml", TWO.split("---").next().unwrap());
    let second = sample.pushed().run_on_account("plan", &[]).expect(0);
    assert_eq!(second.output("comment-url"), url);
    let held = sample.hub.held();
    let [only] = held.marked(PULL, PLAN_MARKER)[..] else {
        panic!("{:?}", held.comments);
    };
    assert!(only.contains("1 to create"), "{only}");
    assert!(second.summary.contains("1 to create"), "{}", second.summary);
    for (name, value) in [
        ("exitcode", "2"),
        ("has-changes", "true"),
        ("create", "1"),
        ("delete", "0"),
        ("blocked", "false"),
        ("artifact-url", "https://hub/artifacts/2"),
    ] {
        assert_eq!(second.output(name), value, "{name}");
    }
    assert!(!second.output("plan-id").is_empty());
    assert_eq!(sample.project.account.writes(), 0);
}

#[test]
fn a_merge_applies_the_plan_that_was_reviewed_and_only_once() {
    let Some(sample) = Sample::new() else { return };
    sample.pushed().run_on_account("plan", &[]).expect(0);
    let job = sample.merged();
    let done = job.run_on_account("apply", &[]).expect(0);
    assert_eq!(
        sample.project.account.item(GOALS, "First")["description"],
        "one"
    );
    for (name, value) in [
        ("exitcode", "0"),
        ("stale", "false"),
        ("applied", "2"),
        ("create", "2"),
        ("pull-request", "12"),
    ] {
        assert_eq!(done.output(name), value, "{name}\n{}", done.log);
    }
    let held = sample.hub.held();
    let comment = held.marked(PULL, APPLY_MARKER).join("");
    assert!(comment.contains("Applied: 2 done, 0 failed"), "{comment}");
    let names = held.artifacts.iter().map(|it| it["name"].as_str().unwrap());
    let names: Vec<_> = names.collect();
    assert_eq!(
        names,
        [
            "campaignctl-plan-root-test",
            "campaignctl-rollback-root-test"
        ]
    );
    drop(held);
    // The job once more, as people do who are not sure.
    let writes = sample.project.account.writes();
    let again = job.run_on_account("apply", &[]).expect(0);
    assert!(
        again.summary.contains("Nothing to apply"),
        "{}",
        again.summary
    );
    assert_eq!(sample.project.account.writes(), writes);
}

#[test]
fn an_account_that_changed_after_the_review_stops_the_apply() {
    let Some(sample) = Sample::new() else { return };
    sample.project.apply();
    sample
        .project
        .write("manifests.yaml", &TWO.replace("one", "another"));
    sample.pushed().run_on_account("plan", &[]).expect(0);
    sample.edit_in_console("by somebody");
    let writes = sample.project.account.writes();
    let done = sample.merged().run_on_account("apply", &[]).expect(7);
    assert_eq!(sample.project.account.writes(), writes, "{}", done.log);
    assert_eq!(done.output("stale"), "true");
    assert_eq!(done.output("applied"), "0");
    let held = sample.hub.held();
    insta::assert_snapshot!(settled(held.marked(PULL, APPLY_MARKER)[0]), @"
    <!-- campaignctl/apply . test -->
    ### Not applied to `test`: this is not what was reviewed

    Nothing was written.

    ```text
    Plan for test, account <account>
    error: this is not the plan of the pull request
      Goal/first: `description` changes in another way
      = help: review this one, or find out who changed what
    ```

    To go on: run the plan job of this pull request again, look at the new plan, and then run this job again. Or revert.

    <details><summary>The plan as it would be now</summary>

    <!-- campaignctl:plan:test -->
    ### Plan for `test` (account <account>)

    **Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.**

    #### Update (1)

    <details><summary><code>Goal/first</code> “<code>First</code>”: 1 field</summary>

    | field | before | after | cause |
    |---|---|---|---|
    | `description` | `by somebody` | `another` | edit and drift |

    </details>

    </details>
    ");
}

#[test]
fn manifests_that_changed_after_the_review_stop_the_apply() {
    let Some(sample) = Sample::new() else { return };
    sample.pushed().run_on_account("plan", &[]).expect(0);
    let head = sample.git(&["rev-parse", "HEAD"]);
    sample
        .project
        .write("manifests.yaml", &TWO.replace("/second", "/elsewhere"));
    let job = sample.merged();
    sample.hub.held().pulls[0]["head"]["sha"] = head.into();
    let done = job.run_on_account("apply", &[]).expect(7);
    assert_eq!(sample.project.account.writes(), 0);
    assert!(
        done.log
            .contains("Goal/second: `indicator.url` changes in another way"),
        "{}",
        done.log
    );
}

#[test]
fn what_nobody_reviewed_is_not_applied() {
    let Some(sample) = Sample::new() else { return };
    // A push past the pull requests.
    let sha = sample.commit();
    let done = sample
        .job(sha, serde_json::json!({}))
        .run_on_account("apply", &[])
        .expect(7);
    assert!(
        done.summary
            .contains("no merged pull request brought commit"),
        "{}",
        done.summary
    );
    // A pull request whose plan was made for an earlier commit.
    sample.pushed().run_on_account("plan", &[]).expect(0);
    sample.commit();
    let done = sample.merged().run_on_account("apply", &[]).expect(7);
    assert!(
        done.summary
            .contains("the plan of #12 for its last commit was not found"),
        "{}",
        done.summary
    );
    assert_eq!(sample.project.account.writes(), 0);
    // One whose plan was kept too long ago.
    sample.pushed().run_on_account("plan", &[]).expect(0);
    for artifact in &mut sample.hub.held().artifacts {
        artifact["expired"] = true.into();
    }
    let done = sample.merged().run_on_account("apply", &[]).expect(7);
    assert!(
        done.summary.contains("is no longer kept"),
        "{}",
        done.summary
    );
    assert_eq!(sample.project.account.writes(), 0);
}

#[test]
fn a_plan_that_a_fork_left_is_no_reviewed_plan() {
    let Some(sample) = Sample::new() else { return };
    let head = sample.commit();
    sample
        .project
        .run(&["plan", "--out", "forged.json"])
        .expect(0);
    let forged = sample.project.path().join("forged.json");
    keep(&sample.hub, "campaignctl-plan-root-test", &forged, &head, 2);
    sample.project.remove("forged.json");
    let done = sample.merged().run_on_account("apply", &[]).expect(7);
    assert!(done.summary.contains("was not found"), "{}", done.summary);
    assert_eq!(sample.project.account.writes(), 0);
}

#[test]
fn a_plan_that_was_tampered_with_is_not_applied() {
    let Some(sample) = Sample::new() else { return };
    sample.pushed().run_on_account("plan", &[]).expect(0);
    let job = sample.merged();
    {
        let mut held = sample.hub.held();
        let plan = String::from_utf8(held.files[&1].clone()).unwrap();
        let plan = plan.replace("\"/second\"", "\"/phishing\"").into_bytes();
        held.files.insert(1, plan);
    }
    job.run_on_account("apply", &[]).expect(3);
    assert_eq!(sample.project.account.writes(), 0);
}

#[test]
fn a_guard_holds_until_a_label_lifts_it() {
    let Some(sample) = Sample::new() else { return };
    sample.project.write("manifests.yaml", &super::goals(12));
    sample.project.apply();
    sample.project.write("manifests.yaml", &super::goals(6));
    let mut job = sample.pushed();
    let held_back = job.run_on_account("plan", &[]).expect(6);
    assert_eq!(held_back.output("blocked"), "true");
    let comment = sample.hub.held().marked(PULL, PLAN_MARKER).join("");
    assert!(comment.contains("--allow-mass-delete"), "{comment}");
    job.event["pull_request"]["labels"] =
        serde_json::json!([{ "name": "campaignctl/allow-mass-delete" }]);
    job.run_on_account("plan", &[]).expect(0);
    let job = sample.merged();
    job.run_on_account("apply", &[]).expect(6);
    sample.hub.held().pulls[0]["labels"] =
        serde_json::json!([{ "name": "campaignctl/allow-mass-delete" }]);
    job.run_on_account("apply", &[]).expect(0);
}

/// Two pull requests, planned side by side and merged one right after the other: the second job waits for the first,
/// and its checkout is older than the ledger that the first one pushes.
#[test]
fn a_ledger_in_the_repository_is_handed_from_job_to_job() {
    let Some(sample) = Sample::new() else { return };
    let git = |arguments: &[&str]| sample.git(arguments);
    let goal = |name: &str| {
        let text = TWO.split("---").next().unwrap();
        let text = text.replace("first", name).replace("First", name);
        sample.project.write(&format!("{name}.yaml"), &text);
    };
    sample.project.apply();
    sample
        .project
        .write(".gitignore", "*.lock\n*.rollback.plan.json\n");
    let base = sample.commit();
    let mut heads = Vec::new();
    for name in ["a", "b"] {
        git(&["checkout", "--quiet", "-b", name, &base]);
        goal(name);
        sample.pushed().run_on_account("plan", &[]).expect(0);
        heads.push(git(&["rev-parse", "HEAD"]));
    }
    git(&["checkout", "--quiet", "main"]);
    let jobs: Vec<_> = ["a", "b"]
        .iter()
        .zip(heads)
        .map(|(name, head)| {
            git(&["merge", "--quiet", "--no-edit", name]);
            let job = sample.merged();
            sample.hub.held().pulls.last_mut().unwrap()["head"]["sha"] = head.into();
            job
        })
        .collect();
    let remote = tempfile::tempdir().unwrap();
    let url = remote.path().to_str().unwrap();
    git(&["init", "--quiet", "--bare", url]);
    git(&["remote", "add", "origin", url]);
    git(&["push", "--quiet", "origin", "main"]);
    for (job, name) in jobs.iter().zip(["Goal/a", "Goal/b"]) {
        git(&["checkout", "--quiet", "--force", "--detach", &job.sha]);
        let with = [("commit-ledger", "true")];
        let done = job.run_on_account("apply", &with).expect(0);
        assert_eq!(done.output("applied"), "1", "{}", done.log);
        let ledger = git(&[
            "--git-dir",
            url,
            "show",
            "main:.campaignctl/ledger/test.json",
        ]);
        assert!(
            ledger.contains("Goal/first") && ledger.contains(name),
            "{}",
            done.log
        );
    }
    let log = git(&["--git-dir", url, "log", "--format=%s", "-2", "main"]);
    assert_eq!(log, ["campaignctl: ledger of test"; 2].join("\n"));
    assert!(!git(&["config", "--list"]).contains("extraheader"));
    sample.project.settled();
}

#[test]
fn a_ledger_that_would_be_lost_is_told() {
    let Some(sample) = Sample::new() else { return };
    sample.project.write(".gitignore", "");
    sample.pushed().run_on_account("plan", &[]).expect(0);
    let done = sample.merged().run_on_account("apply", &[]).expect(0);
    assert!(
        done.log
            .contains("::warning::the ledger changed and is lost"),
        "{}",
        done.log
    );
}

#[test]
fn a_secret_that_a_manifest_quotes_is_not_published() {
    let Some(sample) = Sample::new() else { return };
    let quoting = TWO.replace("one", &format!("uses {SECRET} and {TOKEN}"));
    sample.project.write("manifests.yaml", &quoting);
    let mut job = sample.pushed();
    job.env.push((
        "DEPLOY_TOKEN".to_owned(),
        "planted-in-the-environment".to_owned(),
    ));
    sample.project.write(
        "manifests.yaml",
        &quoting.replace("two", "planted-in-the-environment"),
    );
    // What is not published is looked for after every run.
    let done = job.run_on_account("plan", &[]).expect(0);
    let comment = sample.hub.held().marked(PULL, PLAN_MARKER).join("");
    assert!(comment.contains("uses *** and ***"), "{comment}");
    for text in [&comment, &done.summary, &done.log] {
        assert!(!text.contains("planted-in-the-environment"), "{text}");
    }
}

#[test]
fn a_plan_is_no_worse_for_a_comment_that_may_not_be_written() {
    let Some(sample) = Sample::new() else { return };
    sample.hub.held().read_only = true;
    let done = sample.pushed().run_on_account("plan", &[]).expect(0);
    assert!(
        done.log
            .contains("::warning::the comment could not be written"),
        "{}",
        done.log
    );
    assert!(done.summary.contains("2 to create"));
    assert_eq!(done.output("comment-url"), "");
}

#[test]
fn manifests_that_cannot_be_used_are_annotated_and_told() {
    let Some(sample) = Sample::new() else { return };
    sample
        .project
        .write("manifests.yaml", &TWO.replace("count: 1", "cuont: 1"));
    let done = sample.pushed().run_on_account("plan", &[]).expect(3);
    let annotation = "::error file=manifests.yaml,line=4,col=";
    assert!(done.log.contains(annotation), "{}", done.log);
    let held = sample.hub.held();
    let comment = held.marked(PULL, PLAN_MARKER)[0];
    assert!(
        comment.contains("### No plan for `test` (exit 3)"),
        "{comment}"
    );
    assert!(held.artifacts.is_empty());
}

/// The stand-in is one that refuses a wrong token.
#[test]
fn the_stand_in_wants_the_token() {
    let account = crate::support::Account::new();
    let hub = Hub::start(&account);
    let answer = account.block_on(reqwest::get(format!("{}/repos/acme/shop/issues", hub.url)));
    assert_eq!(answer.unwrap().status().as_u16(), 401);
}

#[test]
fn a_pull_request_may_not_name_other_secrets_of_the_job() {
    let Some(sample) = Sample::new() else { return };
    let file = sample.project.path().join("campaignctl.yaml");
    let text = std::fs::read_to_string(file).unwrap();
    let hostile = text.replace("TEST_CLIENT_ID", "GITHUB_TOKEN");
    sample.project.write("campaignctl.yaml", &hostile);
    let refused = sample.pushed().run_on_account("plan", &[]).expect(4);
    let said = "refuses the client id from the environment variable `GITHUB_TOKEN`";
    assert!(refused.summary.contains(said), "{}", refused.summary);
    // The sandbox knows no such client: what was sent is answered.
    let trusted = sample
        .pushed()
        .run_on_account("plan", &[("restricted", "false")]);
    assert!(
        !trusted.summary.contains("--restricted"),
        "{}",
        trusted.summary
    );
}
