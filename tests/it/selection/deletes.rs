//! Deletes of a part: only what is selected goes, and nothing of ours is left holding on to it.

use insta::assert_snapshot;

use super::{GOALS_FILE, SALE, applied, apply, engagement, listed, part, planned};
use crate::support::{CAMPAIGNS, GOALS, Project};

/// The goals without the one that visitors join.
fn without_joined(project: &Project) {
    let (bought, _) = GOALS_FILE.split_once("---").unwrap();
    project.write("goals.yaml", bought);
}

#[test]
fn an_object_without_a_manifest_goes_only_when_it_is_named() {
    let project = applied();
    without_joined(&project);
    assert_snapshot!(part(&project, &["-l", "area=shop"]), @"
    Partial plan: 1 of 5 objects left out by --selector.
      --selector: Goal/joined
    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    assert_snapshot!(part(&project, &["--target", "Campaign/sale"]), @"
    Partial plan: 3 of 5 objects left out by --target.
      --target: Goal/joined, Engagement/cart, Engagement/home
    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    assert_snapshot!(part(&project, &["--exclude", "Goal/joined"]), @"
    Partial plan: 1 of 5 objects left out by --exclude.
      --exclude: Goal/joined
    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    assert_snapshot!(part(&project, &["--target", "Goal/joined"]), @r#"
      - delete Goal/joined "Joined" (<id>)
    Partial plan: 4 of 5 objects left out by --target.
      --target: Goal/bought, Campaign/sale, Engagement/cart, Engagement/home
    Plan: 0 to create, 0 to update, 0 to replace, 1 to delete, 0 to adopt, 0 manual.
    "#);
    apply(&project, &["--target", "Goal/joined"]);
    assert_eq!(project.account.row(GOALS, "Joined"), None);
    project.settled();
}

#[test]
fn what_still_refers_to_a_deleted_object_comes_along() {
    let project = applied();
    let (_, joined) = GOALS_FILE.split_once("---\n").unwrap();
    project.write("goals.yaml", joined);
    project.write("sale.yaml", &SALE.replace("goal: bought", "goal: joined"));
    assert_snapshot!(part(&project, &["--target", "Goal/bought"]), @r#"
      - delete Goal/bought "Bought" (<id>)
      ~ update Campaign/sale "Sale" (<id>)  sale.yaml:1
    Partial plan: 3 of 5 objects left out by --target.
      --target: Goal/joined, Engagement/cart, Engagement/home
    Plan: 0 to create, 1 to update, 0 to replace, 1 to delete, 0 to adopt, 0 manual.
    "#);
    let run = planned(
        &project,
        &["--target", "Goal/bought", "--exclude", "Campaign/sale"],
    );
    assert_snapshot!(run.expect(3).stderr, @"
    Plan for test, account 10000001
    error[selection-incomplete]: Goal/bought would be deleted, and Campaign/sale still holds on to it, and `--exclude` leaves Campaign/sale out
     = help: take `--exclude Campaign/sale` back, or exclude Goal/bought, too

    1 error
    error: no plan was made
      = help: for more, run `campaignctl explain selection-incomplete`
    ");
    apply(&project, &["--target", "Goal/bought"]);
    project.settled();
}

#[test]
fn the_campaign_around_a_deleted_engagement_comes_along() {
    let project = applied();
    project.remove("cart.yaml");
    assert_snapshot!(part(&project, &["--target", "Engagement/cart"]), @r#"
      - delete Engagement/cart (<id>)
      ~ update Campaign/sale "Sale" (<id>)  sale.yaml:1
    Partial plan: 3 of 5 objects left out by --target.
      --target: Goal/bought, Goal/joined, Engagement/home
    Plan: 0 to create, 1 to update, 0 to replace, 1 to delete, 0 to adopt, 0 manual.
    "#);
    apply(&project, &["--target", "Engagement/cart"]);
    assert_eq!(listed(&project, "Sale"), 1);
    project.settled();
}

#[test]
fn an_engagement_that_is_left_out_stays_in_its_campaign() {
    let project = applied();
    project.remove("cart.yaml");
    project.write(
        "sale.yaml",
        &SALE.replace("displayName", "description: new\n  displayName"),
    );
    apply(&project, &["--target", "Campaign/sale"]);
    assert_eq!(listed(&project, "Sale"), 2);
    apply(&project, &[]);
    assert_eq!(listed(&project, "Sale"), 1);
}

#[test]
fn a_campaign_goes_with_what_is_left_inside_it() {
    let project = applied();
    for file in ["sale.yaml", "home.yaml", "cart.yaml"] {
        project.remove(file);
    }
    assert_snapshot!(part(&project, &["--target", "Campaign/sale"]), @r#"
      - delete Campaign/sale "Sale" (<id>)
      - delete Engagement/cart (<id>)
      - delete Engagement/home (<id>)
    Partial plan: 2 of 5 objects left out by --target.
      --target: Goal/bought, Goal/joined
    Plan: 0 to create, 0 to update, 0 to replace, 3 to delete, 0 to adopt, 0 manual.
    "#);
    let run = planned(
        &project,
        &["--target", "Campaign/sale", "--exclude", "Engagement/cart"],
    );
    assert_snapshot!(run.expect(3).stderr, @"
    Plan for test, account 10000001
    error[selection-incomplete]: Campaign/sale would be deleted, and Engagement/cart still holds on to it, and `--exclude` leaves Engagement/cart out
     = help: take `--exclude Engagement/cart` back, or exclude Campaign/sale, too

    1 error
    error: no plan was made
      = help: for more, run `campaignctl explain selection-incomplete`
    ");
    apply(&project, &["--target", "Campaign/sale"]);
    assert_eq!(project.account.row(CAMPAIGNS, "Sale"), None);
    project.settled();
}

#[test]
fn an_engagement_moves_together_with_both_campaigns() {
    let project = applied();
    let other = SALE
        .replace("name: sale", "name: other")
        .replace("displayName: Sale", "displayName: Other");
    project.write("other.yaml", &other);
    project.apply();
    project.write("cart.yaml", &engagement("cart", "other"));
    // A change of one of the campaigns alone moves nothing.
    assert_snapshot!(part(&project, &["--target", "Campaign/sale"]), @"
    Partial plan: 4 of 6 objects left out by --target.
      --target: Goal/joined, Campaign/other, Engagement/cart, Engagement/home
    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    assert_snapshot!(part(&project, &["--target", "Campaign/other"]), @"
    Partial plan: 4 of 6 objects left out by --target.
      --target: Goal/joined, Campaign/sale, Engagement/cart, Engagement/home
    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    let run = planned(
        &project,
        &["--target", "Engagement/cart", "--exclude", "Campaign/sale"],
    );
    assert_snapshot!(run.expect(3).stderr, @"
    Plan for test, account 10000001
    error[selection-incomplete]: Engagement/cart is inside Campaign/sale, which must list it, and `--exclude` leaves Campaign/sale out
     --> cart.yaml:3:19
      |
    3 | metadata: { name: cart, labels: { area: shop } }
      |                   ^^^^
      |
      = help: take `--exclude Campaign/sale` back, or exclude Engagement/cart, too

    1 error in 1 file
    error: no plan was made
      = help: for more, run `campaignctl explain selection-incomplete`
    ");
    assert_snapshot!(part(&project, &["--target", "Engagement/cart"]), @r#"
      ~ update Campaign/other "Other" (<id>)  other.yaml:1
      ~ update Campaign/sale "Sale" (<id>)  sale.yaml:1
    Partial plan: 2 of 6 objects left out by --target.
      --target: Goal/joined, Engagement/home
    Plan: 0 to create, 2 to update, 1 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    apply(&project, &["--target", "Engagement/cart"]);
    assert_eq!(
        (listed(&project, "Sale"), listed(&project, "Other")),
        (1, 1)
    );
    project.settled();
}

#[test]
fn a_renamed_manifest_keeps_its_object_whatever_is_selected() {
    let project = applied();
    let renamed = GOALS_FILE.replace("name: joined,", "name: member,");
    let renamed = renamed.replace(
        "displayName: Joined, indicator: { url: /welcome }",
        "displayName: Joined, indicator: { url: /welcome } }\nlifecycle: { previousName: joined",
    );
    project.write("goals.yaml", &renamed);
    assert_snapshot!(part(&project, &["-l", "area=shop"]), @"
    Partial plan: 1 of 5 objects left out by --selector.
      --selector: Goal/member
    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    assert_snapshot!(part(&project, &["--target", "Goal/member"]), @r#"
      ~ update Goal/member "Joined" (<id>)  goals.yaml:6
    Partial plan: 4 of 5 objects left out by --target.
      --target: Goal/bought, Campaign/sale, Engagement/cart, Engagement/home
    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual, 1 to rename in the ledger.
    "#);
    let run = planned(&project, &["--target", "Goal/joined"]).expect(3);
    assert_snapshot!(run.stderr, @"
    Plan for test, account 10000001
    error: `--target Goal/joined`: its manifest has another name now
      = help: it is Goal/member
    ");
}
