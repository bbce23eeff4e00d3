//! The page as text: what is escaped, what it says, and what it lets in.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{SCRIPT, STYLE, digest, render_failure_html, render_html};
use crate::plan::{Overrides, Plan};
use crate::report::failure::{FORMAT, FailureReport};
use crate::text::safe::{html as escaped, html_json as embedded};

const HOSTILE: &str = "</script><img src=x onerror='alert(1)'>\u{202e}";

fn change(kind: &str, name: &str, action: &str, fields: &Value) -> Value {
    json!({
        "kind": kind, "name": name, "displayName": name, "action": action, "fields": fields, "unchanged": 0,
    })
}

fn field(path: &str, before: &Value, after: &Value, cause: &str) -> Value {
    json!({ "pointer": format!("/spec/{path}"), "before": before, "after": after, "cause": cause })
}

/// A plan in which every text of other people's is hostile.
fn plan() -> Plan {
    let mut goal = change(
        "Goal",
        "sold",
        "update",
        &json!([
            field("description", &json!(HOSTILE), &json!("Sold"), "drift"),
            field(HOSTILE, &json!(1), &json!(2), "edit"),
            field(
                "text",
                &json!(format!("one\ntwo\n{HOSTILE}")),
                &json!("one\nthree"),
                "edit"
            ),
        ]),
    );
    goal["displayName"] = json!(HOSTILE);
    goal["remoteId"] = json!("4100000001");
    goal["reasons"] = json!([HOSTILE]);
    goal["source"] = json!({ "file": HOSTILE, "line": 3, "column": 1 });
    let handoff = change(
        "ApiHandoff",
        "updates",
        "manual",
        &json!([field("language", &json!("en"), &json!("de"), "edit")]),
    );
    serde_json::from_value(json!({
        "format": crate::plan::PLAN_FORMAT, "id": "1", "createdAt": "2026-06-01T12:00:00Z", "toolVersion": "0",
        "project": HOSTILE, "environment": HOSTILE, "account": HOSTILE, "manifestDigest": "",
        "summary": { "create": 0, "update": 1, "replace": 0, "delete": 0, "adopt": 0, "manual": 1, "unchanged": 0 },
        "changes": [goal, handoff], "steps": [], "references": {},
        "dependencies": [{ "of": "Campaign/sale", "on": ["Goal/sold"] }],
        "reaches": [{ "of": "Goal/sold", "objects": [
            { "kind": "Campaign", "key": "Campaign/sale", "displayName": HOSTILE, "live": true },
            { "kind": "Campaign", "displayName": HOSTILE, "remoteId": "7", "live": true },
        ] }],
        "refusals": [{ "rule": "mass-update", "message": HOSTILE, "objects": ["Goal/sold"], "flag": "--allow-mass-update", "help": "give `--allow-mass-update`" }],
    }))
    .unwrap()
}

#[test]
fn what_other_people_wrote_stays_text() {
    let page = render_html(&plan(), Overrides::default());
    assert!(!page.contains("<img"), "{page}");
    assert!(!page.contains('\u{202e}'));
    assert_eq!(
        page.matches("<script").count(),
        2,
        "the data and the script"
    );
    assert_eq!(page.matches("</script>").count(), 2);
    assert_eq!(escaped("a<b>&\"'\u{0}"), "a&lt;b&gt;&amp;&quot;&#39;\\u{0}");
    assert_eq!(
        embedded(&json!("</script><!--\u{2028}")),
        r#""\u003c/script\u003e\u003c!--\\u{2028}""#
    );
}

#[test]
fn what_is_deleted_shows_what_it_was() {
    let delete = |was: Value| {
        let mut goal = change("Goal", "old", "delete", &json!([]));
        goal["was"] = was;
        let mut plan = plan();
        plan.changes = vec![serde_json::from_value(goal).unwrap()];
        render_html(&plan, Overrides::default())
    };
    let shown = |page: &str| {
        let (_, list) = page.split_once("<dl class=\"fields was\">").unwrap();
        list.split_once("</dl>").unwrap().0.to_owned()
    };
    let page = delete(json!({
        "displayName": HOSTILE, "description": "one\ntwo\nthree", "indicator": { "url": "/thanks" }, "color": "#ff0000",
    }));
    let list = shown(&page);
    for field in ["displayName", "description", "indicator"] {
        assert!(list.contains(&format!("<dt>{field}</dt>")), "{list}");
    }
    assert!(
        list.contains("one\ntwo\nthree") && list.contains("/thanks"),
        "{list}"
    );
    assert!(list.contains("class=\"swatch\""), "{list}");
    assert!(!list.contains("<img"), "{list}");
    // What the account no longer holds, and what is not deleted for its content, has nothing to show.
    assert!(!delete(Value::Null).contains("fields was"));
    assert!(!delete(json!({})).contains("fields was"));
}

#[test]
fn the_page_admits_its_own_style_and_script_alone() {
    let page = render_html(&plan(), Overrides::default());
    let policy = page
        .lines()
        .find(|line| line.contains("Content-Security-Policy"));
    let policy = policy.unwrap().to_owned();
    assert!(policy.contains(&digest(STYLE)) && policy.contains(&digest(SCRIPT)));
    let policy = policy
        .replace(&digest(STYLE), "STYLE")
        .replace(&digest(SCRIPT), "SCRIPT");
    assert_snapshot!(policy, @r#"<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'STYLE'; script-src 'SCRIPT'; base-uri 'none'; form-action 'none'">"#);
    assert!(!page.contains(" style=") && !page.contains(" onclick="));
    assert!(!SCRIPT.contains("</") && !STYLE.contains("</"));
    for word in [
        "http://",
        "https://",
        "url(",
        "@import",
        "fetch(",
        "innerHTML",
    ] {
        let found = format!("{STYLE}{SCRIPT}").replace("http://www.w3.org/2000/svg", "");
        assert!(!found.contains(word), "{word}");
    }
}

#[test]
fn a_change_tells_what_the_text_of_the_plan_tells() {
    let page = render_html(&plan(), Overrides::default());
    let from = page.find("<details class=\"change update\"").unwrap();
    let to = page[from..].find("</details>").unwrap();
    assert_snapshot!(page[from..from + to], @r#"
    <details class="change update" id="c0" data-action="update" data-kind="Goal" data-causes="drift|edit" data-live open><summary><span class="mark" title="update">~</span><span class="what"><span class="kind">Goal</span> <b>sold</b> <bdi class="shown">&lt;/script&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;\u{202e}</bdi></span><span class="tags"><span class="tag live">used by live objects</span><span class="tag">drift</span><span class="tag">edit</span><span class="size">3 fields</span></span></summary>
    <div class="body"><p class="where"><code>&lt;/script&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;\u{202e}:3</code> · id 4100000001</p><p class="why">&lt;/script&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;\u{202e}</p><p class="reach">used by 2 campaigns; live: Campaign/sale &quot;&lt;/script&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;\u{202e}&quot;, Campaign &quot;&lt;/script&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;\u{202e}&quot;</p><dl class="fields">
    <div><dt>description <span class="cause">drift</span></dt><dd class="pair"><del>&quot;&lt;/script&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;\u{202e}&quot;</del><ins>Sold</ins></dd></div>
    <div><dt>&lt;.<wbr>script&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;\u{202e} <span class="cause">edit</span></dt><dd class="pair"><del>1</del><ins>2</ins></dd></div>
    <div><dt>text <span class="cause">edit</span></dt><dd><pre>  one
    <del>- two</del>
    <del>- &lt;/script&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;\u{202e}</del>
    <ins>+ three</ins>
    </pre></dd></div>
    </dl><dl class="around"><div><dt>used by</dt><dd>Campaign/sale</dd></div></dl></div>
    "#);
    let manual = page.find("<section class=\"group\" id=\"manual\"").unwrap();
    assert!(page[manual..].contains("data-causes=\"edit\" open>"));
}

#[test]
fn a_guard_says_what_it_holds_back_until_its_flag_is_given() {
    let allowed = Overrides::of(&["--allow-mass-update"]);
    for (overrides, words) in [
        (Overrides::default(), "Blocked by <code>mass-update</code>"),
        (allowed, "Allowed although <code>mass-update</code>"),
    ] {
        assert!(render_html(&plan(), overrides).contains(words));
    }
}

#[test]
fn a_run_that_fails_has_a_page_that_says_so() {
    let failure = FailureReport {
        format: FORMAT,
        exit: 4,
        message: HOSTILE.to_owned(),
        help: Some("look at `doctor`".to_owned()),
        complaints: None,
    };
    let page = render_failure_html(&failure, "production");
    assert!(page.contains("<h1>No plan for <bdi>production</bdi></h1>"));
    assert!(page.contains("look at <code>doctor</code>") && !page.contains("<img"));
}
