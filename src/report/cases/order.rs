//! The order of the writes.

use insta::assert_snapshot;

use super::Case;

fn steps(manifests: &str, account: &str, ledger: &str) -> String {
    Case {
        manifests,
        account,
        ledger,
        ..Case::default()
    }
    .steps()
}

const SHOP: &str = "\
Engagement/help { displayName: Help, campaign: sale, entryPoints: [home], behaviors: [any], window: brand }
Campaign/sale { displayName: Sale, goal: paid, targetAudiences: [everybody], state: published }
Behavior/any { displayName: Any, conditions: [{ type: all }] }
EngagementWindow/brand { displayName: Brand }
EntryPoint/home { displayName: Home, conditions: [{ type: section, data: { include: [{ sections: [{ name: home }] }], exclude: [] } }] }
Goal/paid { displayName: Paid }
TargetAudience/everybody { displayName: Everybody, conditions: [{ type: all }] }
";

#[test]
fn what_is_referred_to_comes_first_and_publishing_last() {
    assert_snapshot!(steps(SHOP, "", ""), @r"
    create goal/paid
    create targetaudience/everybody
    create engagementwindow/brand
    create entrypoint/home
    create behavior/any
    create campaign/sale
    create engagement/help
    publish campaign/sale
    ");
}

#[test]
fn users_go_before_what_they_use() {
    let goal = "Goal/kept { displayName: Kept }\n";
    let draft = SHOP.replace(", state: published", "");
    let before = format!("{goal}{draft}");
    assert_snapshot!(steps(goal, &before, &before), @r"
    delete engagement/help
    delete campaign/sale
    delete behavior/any
    delete goal/paid
    delete targetaudience/everybody
    delete engagementwindow/brand
    delete entrypoint/home
    ");
}

#[test]
fn a_campaign_is_unpublished_before_it_is_deleted() {
    let goal = "Goal/kept { displayName: Kept }\n";
    let before = format!("{goal}{SHOP}");
    assert_snapshot!(steps(goal, &before, &before), @r"
    unpublish campaign/sale
    delete engagement/help
    delete campaign/sale
    delete behavior/any
    delete goal/paid
    delete targetaudience/everybody
    delete engagementwindow/brand
    delete entrypoint/home
    ");
}

#[test]
fn a_new_goal_comes_before_the_campaign_that_turns_to_it_and_the_old_one_goes_after() {
    let before = "Goal/paid { displayName: Paid }\nCampaign/sale { displayName: Sale, goal: paid }";
    let after =
        "Goal/bought { displayName: Bought }\nCampaign/sale { displayName: Sale, goal: bought }";
    assert_snapshot!(steps(after, before, before), @r"
    create goal/bought
    update campaign/sale
    delete goal/paid
    ");
}

#[test]
fn an_engagement_that_moves_is_deleted_and_created() {
    let campaigns = "Campaign/one { displayName: One }\nCampaign/two { displayName: Two }\n";
    let before = format!("{campaigns}Engagement/x {{ displayName: Help, campaign: one }}");
    let after = format!("{campaigns}Engagement/x {{ displayName: Help, campaign: two }}");
    assert_snapshot!(steps(&after, &before, &before), @r"
    update campaign/one
    create engagement/x
    update campaign/two
    delete engagement/x
    ");
}

#[test]
fn nothing_to_do_writes_nothing() {
    assert_snapshot!(steps(SHOP, SHOP, SHOP), @"");
}
