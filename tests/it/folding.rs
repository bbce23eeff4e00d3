//! Long plans fold: what says the same is told once, and what consumers gain or lose is never folded away.

use std::fmt::Write as _;

use crate::support::Project;

const HEAD: &str = "apiVersion: campaignctl.dev/v1\n";

/// So many engagements in one campaign, and goals.
fn manifests(engagements: usize, language: &str, state: &str) -> String {
    let mut out = format!(
        "{HEAD}kind: Goal\nmetadata: {{ name: bought }}\nspec: {{ displayName: Bought, indicator: {{ url: /thanks }} }}\n---\n\
         {HEAD}kind: Campaign\nmetadata: {{ name: sale }}\nspec: {{ displayName: Sale, goal: bought, state: {state} }}\n"
    );
    for at in 1..=engagements {
        let _ = write!(
            out,
            "---\n{HEAD}kind: Engagement\nmetadata: {{ name: help-{at} }}\nspec: {{ campaign: sale, type: stickyButton, language: {language}, window: {{ system: true }}, entryPoints: [{{ system: true }}], behaviors: [{{ system: true }}] }}\n"
        );
    }
    out
}

fn planned(project: &Project, more: &[&str]) -> String {
    let plan = [
        "plan",
        "--allow-mass-update",
        "--allow-unpublish",
        "--allow-mass-delete",
    ];
    project.run(&[&plan[..], more].concat()).expect(0).data()
}

#[test]
fn the_same_change_is_told_once_with_a_count() {
    let project = Project::with(&manifests(12, "en-US", "published"));
    project.apply();
    project.write("manifests.yaml", &manifests(12, "de-DE", "published"));
    insta::assert_snapshot!(planned(&project, &[]), @"
      ~ update 12 engagements
          language: en-US -> de-DE  (edit)
          help-1, help-10, help-11, help-12, help-2 and 7 more

    `--full` shows every object and field.

    allowed[mass-update]: the plan would update 12 of 12 owned Engagement objects, more than 30 %
      = Engagement/help-1, Engagement/help-10, Engagement/help-11, Engagement/help-12, Engagement/help-2, Engagement/help-3, Engagement/help-4, Engagement/help-5, Engagement/help-6, Engagement/help-7, 2 more
      = `--allow-mass-update` is given

    Plan: 0 to create, 12 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    let full = planned(&project, &["--full"]);
    assert_eq!(
        full.matches("language: en-US -> de-DE").count(),
        12,
        "{full}"
    );
    assert!(!full.contains("--full"), "{full}");
    // In a pull request, too; the page has each of them inside, and says of the block what is true of all.
    let markdown = planned(&project, &["--format", "markdown"]);
    let (_, markdown) = markdown.split_once("#### Update").unwrap();
    insta::assert_snapshot!(markdown.trim_start(), @"
    (12)

    <details><summary>12 engagements, 1 field: help-1, help-10, help-11, help-12, help-2 and 7 more</summary>

    | field | before | after | cause |
    |---|---|---|---|
    | `language` | `en-US` | `de-DE` | edit |

    </details>

    `--full` shows every object and field.
    ");
    let full = planned(&project, &["--format", "markdown", "--full"]);
    assert_eq!(full.matches("<code>Engagement/help-").count(), 12, "{full}");
    let page = planned(&project, &["--format", "html"]);
    let (_, block) = page.split_once("<details class=\"alike").unwrap();
    let (block, _) = block.split_once("</summary>").unwrap();
    assert!(
        block.contains("<span class=\"tag live\">live</span>"),
        "{block}"
    );
    // Three are told one by one: that is not long.
    let three = manifests(12, "en-US", "published").replacen("en-US", "de-DE", 3);
    project.write("manifests.yaml", &three);
    let plan = planned(&project, &[]);
    assert_eq!(
        plan.matches("language: en-US -> de-DE").count(),
        3,
        "{plan}"
    );
}

/// Forty objects that leave are one block with the mark, in every format.
#[test]
fn what_leaves_for_the_same_reason_is_told_once() {
    let shown = manifests(40, "en-US", "published");
    let project = Project::with(&shown);
    project.apply();
    project.write(
        "manifests.yaml",
        &shown
            .replace("language:", "enabled: false, language:")
            .replacen("enabled: false, ", "", 1),
    );
    let plan = planned(&project, &[]);
    assert!(plan.lines().count() < 30, "{plan}");
    for at in 2..=40 {
        assert!(plan.contains(&format!("help-{at}")), "{plan}");
    }
    assert_eq!(
        plan.matches("LEAVE: of each, it is disabled").count(),
        1,
        "{plan}"
    );
    let full = planned(&project, &["--full"]);
    assert_eq!(full.matches("LEAVES: it is disabled").count(), 39, "{full}");
    let json = planned(&project, &["--format", "json"]);
    assert_eq!(json.matches("\"leaves\"").count(), 39, "{json}");
    let markdown = planned(&project, &["--format", "markdown"]);
    assert_eq!(markdown.matches("<b>LEAVE</b>").count(), 1, "{markdown}");
    for at in 2..=40 {
        assert!(markdown.contains(&format!("help-{at}")), "{markdown}");
    }
    let page = planned(&project, &["--format", "html"]);
    assert_eq!(
        page.matches("LEAVES: it is disabled</span>").count(),
        39,
        "{page}"
    );
    assert!(
        page.contains("LEAVE: of each, it is disabled</span>"),
        "{page}"
    );
}

/// A list that grows by many shows how many, and the first of them.
#[test]
fn what_a_long_list_gains_is_counted() {
    let project = Project::with(&manifests(2, "en-US", "unpublished"));
    project.apply();
    project.write("manifests.yaml", &manifests(30, "en-US", "unpublished"));
    let plan = planned(&project, &[]);
    let at = plan.find("      engagements:").unwrap();
    let shown: Vec<&str> = plan[at..].lines().take(2).collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    engagements: 2 -> 30 items  (edit)
      + help-3, help-4, help-5, help-6, help-7 and 23 more
    ");
    let full = planned(&project, &["--full"]);
    assert!(full.contains("        + - help-30"), "{full}");
}

#[test]
fn many_creates_are_told_by_kind_and_what_goes_live_is_marked() {
    let project = Project::with(&manifests(60, "en-US", "published"));
    insta::assert_snapshot!(planned(&project, &[]), @r#"
      + create Goal/bought "Bought"  manifests.yaml:1
          displayName: Bought
          indicator.url: /thanks

      + create Campaign/sale "Sale"  manifests.yaml:6
          GOES LIVE
          displayName: Sale
          state: published
          goal: bought
          engagements: [help-1, help-2, help-3, help-4, help-5, help-6, help-7, help-8, help-9, help-10… (451 more characters)

      + create 60 engagements
          help-1, help-10, help-11, help-12, help-13 and 55 more

    `--full` shows every object and field.

      KIND         CREATE
      Goal              1
      Campaign          1
      Engagement       60

    Plan: 62 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    assert_eq!(
        planned(&project, &["--full"])
            .matches("+ create Engagement/")
            .count(),
        60
    );
}

/// What goes live is marked, and its names are counted as those of other creates are.
#[test]
fn of_many_that_go_live_a_few_are_named() {
    let head = format!(
        "{HEAD}kind: Goal\nmetadata: {{ name: bought }}\nspec: {{ displayName: Bought, indicator: {{ url: /thanks }} }}\n"
    );
    let manifests = (10..60).fold(head, |all, at| {
        format!(
            "{all}---\n{HEAD}kind: Campaign\nmetadata: {{ name: sale-{at} }}\nspec: {{ displayName: Sale {at}, goal: bought, state: published }}\n\
             ---\n{HEAD}kind: Engagement\nmetadata: {{ name: help-{at} }}\nspec: {{ campaign: sale-{at}, type: stickyButton, language: en-US, window: {{ system: true }}, entryPoints: [{{ system: true }}], behaviors: [{{ system: true }}] }}\n"
        )
    });
    let project = Project::with(&manifests);
    let plan = planned(&project, &[]);
    let (_, block) = plan.split_once("+ create 50 campaigns\n").unwrap();
    let shown: Vec<&str> = block.lines().take(2).map(str::trim).collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    GO LIVE
    sale-10, sale-11, sale-12, sale-13, sale-14 and 45 more
    ");
    let markdown = planned(&project, &["--format", "markdown"]);
    assert!(
        markdown.contains("- 50 campaigns **GO LIVE**: "),
        "{markdown}"
    );
    let page = planned(&project, &["--format", "html"]);
    assert!(
        page.contains("<span class=\"tag gains\">GO LIVE</span>"),
        "{page}"
    );
    let full = planned(&project, &["--full"]);
    assert_eq!(full.matches("GOES LIVE").count(), 50, "{full}");
    assert!(full.contains("sale-59"), "{full}");
}

#[test]
fn every_name_of_what_leaves_or_is_deleted_is_shown() {
    let project = Project::with(&manifests(12, "en-US", "published"));
    project.apply();
    project.write("manifests.yaml", &manifests(2, "en-US", "published"));
    let plan = planned(&project, &[]);
    for at in 3..=12 {
        assert!(plan.contains(&format!("help-{at}")), "{plan}");
    }
    let markdown = planned(&project, &["--format", "markdown"]);
    for at in 3..=12 {
        assert!(
            markdown.contains(&format!("- `Engagement/help-{at}` **LEAVES**")),
            "{markdown}"
        );
    }
    // The mark stands once, above all the names, and so does the guard.
    assert_eq!(
        plan.matches("LEAVE: of each, it is deleted").count(),
        1,
        "{plan}"
    );
    assert!(plan.contains("- delete 10 engagements"), "{plan}");
    assert!(
        plan.contains("allowed[live-object]: the plan would delete 10 live objects\n"),
        "{plan}"
    );
    // A plan document says what each of them was.
    let document = project.run(&[
        "plan",
        "--allow-mass-delete",
        "--allow-unpublish",
        "--format",
        "json",
    ]);
    let changes = document.json()["changes"].clone();
    let deletes = changes.as_array().unwrap().iter();
    let deletes = deletes.filter(|change| change["action"] == "delete");
    let was: Vec<_> = deletes
        .map(|change| change["was"]["language"].clone())
        .collect();
    assert_eq!(was, vec![serde_json::json!("en-US"); 10]);
    // Of a campaign that shows nothing, ten deletes are one block.
    project.write("manifests.yaml", &manifests(12, "en-US", "unpublished"));
    project.apply();
    project.write("manifests.yaml", &manifests(2, "en-US", "unpublished"));
    insta::assert_snapshot!(planned(&project, &[]), @r#"
      - delete 10 engagements
          its manifest is gone from manifests.yaml
          help-10, help-11, help-12, help-3, help-4, help-5, help-6, help-7, help-8, help-9

      ~ update Campaign/sale "Sale" (<id>)  manifests.yaml:6
          engagements: 12 -> 2 items  (edit)
            - help-3, help-4, help-5, help-6, help-7 and 5 more
          3 unchanged fields

    `--full` shows every object and field.

    allowed[mass-delete]: the plan would delete 10 of 12 owned Engagement objects, more than 30 %
      = Engagement/help-10, Engagement/help-11, Engagement/help-12, Engagement/help-3, Engagement/help-4, Engagement/help-5, Engagement/help-6, Engagement/help-7, Engagement/help-8, Engagement/help-9
      = `--allow-mass-delete` is given

    Plan: 0 to create, 1 to update, 0 to replace, 10 to delete, 0 to adopt, 0 manual.
    "#);
}
