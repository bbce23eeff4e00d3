//! An engagement and its campaign, pulled one after the other: the files agree whichever comes first.

use super::retail::care;
use crate::support::{NO_CHANGES, Project};

const ENGAGEMENT: &str = "Engagement/gift-card-button";
const CAMPAIGN: &str = "Campaign/gift-cards-pilot";

fn read(project: &Project, file: &str) -> String {
    std::fs::read_to_string(project.path().join(file)).unwrap()
}

#[track_caller]
fn only_adopts(project: &Project) {
    let plan = project.run(&["plan"]).expect(0).stdout;
    let rest = "0 to create, 0 to update, 0 to replace, 0 to delete";
    assert!(plan.contains(rest) || plan == NO_CHANGES, "{plan}");
    project.run(&["validate"]).expect(0);
}

#[test]
fn the_engagement_first_and_its_campaign_afterwards() {
    for between in [false, true] {
        let project = care();
        project.run(&["pull", ENGAGEMENT, "--write"]).expect(0);
        let file = "campaigns/gift-card-button.yaml";
        let before = read(&project, file);
        assert!(
            before.contains("campaign:\n    live: Gift cards (pilot)"),
            "{before}"
        );
        only_adopts(&project);
        if between {
            project.run(&["apply", "--auto-approve"]).expect(0);
        }
        let dry = project.run(&["pull", CAMPAIGN]).expect(0);
        let told = [
            "campaign: { live: Gift cards (pilot) } -> gift-cards-pilot",
            "by the name of the new manifest",
            "-  campaign:\n-    live: Gift cards (pilot)\n+  campaign: gift-cards-pilot\n",
            "Pull: 1 field, 1 new manifest; 0 left.",
        ];
        for told in told {
            assert!(dry.stdout.contains(told), "{told}\n{}", dry.stdout);
        }
        assert!(!dry.stderr.contains("warning"), "{}", dry.stderr);
        assert_eq!(read(&project, file), before);
        project.run(&["pull", CAMPAIGN, "--write"]).expect(0);
        assert!(read(&project, file).contains("campaign: gift-cards-pilot\n"));
        only_adopts(&project);
        project.run(&["apply", "--auto-approve"]).expect(0);
        assert_eq!(project.run(&["plan"]).expect(0).stdout, NO_CHANGES);
    }
}

#[test]
fn the_campaign_first_and_the_file_of_an_engagement_afterwards() {
    let project = care();
    project.run(&["pull", CAMPAIGN, "--write"]).expect(0);
    only_adopts(&project);
    project.run(&["apply", "--auto-approve"]).expect(0);
    let file = "campaigns/gift-cards-pilot.yaml";
    let (campaign, _) = read(&project, file).split_once("---\n").map_or_else(
        || panic!("{}", read(&project, file)),
        |(first, rest)| (first.to_owned(), rest.to_owned()),
    );
    project.write(file, &campaign);
    let told = project.run(&["plan"]).expect(3).stderr;
    assert!(told.contains("campaign-published-empty"), "{told}");
    let told = project.run(&["pull", ENGAGEMENT]).expect(0).stdout;
    assert!(told.contains("1 new manifest; 0 left"), "{told}");
    project.run(&["pull", ENGAGEMENT, "--write"]).expect(0);
    assert_eq!(project.run(&["plan"]).expect(0).stdout, NO_CHANGES);
}

/// The reference is another spelling of the campaign, so it takes nothing out of the campaign's list.
#[test]
fn a_live_reference_to_a_campaign_with_a_manifest_keeps_the_engagement_in_it() {
    let project = care();
    project.run(&["pull", CAMPAIGN, "--write"]).expect(0);
    project.run(&["apply", "--auto-approve"]).expect(0);
    let file = "campaigns/gift-cards-pilot.yaml";
    let text = read(&project, file);
    let by_live = text.replace(
        "campaign: gift-cards-pilot",
        "campaign: { live: Gift cards (pilot) }",
    );
    assert_ne!(text, by_live);
    // With another engagement, the campaign is no empty one for `validate`.
    let second = "---\napiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: { name: second }\nspec: { campaign: gift-cards-pilot, type: stickyButton, language: en-US, window: { system: true }, behaviors: [{ system: true }], entryPoints: [{ system: true }] }\n";
    project.write(file, &(by_live.clone() + second));
    let plan = project.run(&["plan"]).expect(0).stdout;
    assert!(
        plan.contains("engagements: [gift-card-button] -> [gift-card-button, second]"),
        "{plan}"
    );
    // A declared list is meant as it stands, but what leaves it is said.
    let listed = text.replace(
        "spec:\n  displayName: Gift cards",
        "spec:\n  engagements: [second]\n  displayName: Gift cards",
    );
    assert_ne!(text, listed);
    project.write(file, &(listed + second));
    let plan = project.run(&["plan"]).expect(6).stdout;
    let refused = "take Engagement/gift-card-button away from consumers: Campaign/gift-cards-pilot no longer lists it";
    assert!(plan.contains(refused), "{plan}");
    let lost = "    unchanged Engagement/gift-card-button\n      LEAVES: Campaign/gift-cards-pilot no longer lists it\n";
    assert!(plan.contains(lost), "{plan}");
    let page = project.run(&["plan", "--format", "html"]).expect(6).stdout;
    let lost =
        "<span class=\"tag loses\">LEAVES: Campaign/gift-cards-pilot no longer lists it</span>";
    assert_eq!(page.matches(lost).count(), 1, "{page}");
}

/// References of any kind are by name once the object has a manifest, in lists as well.
#[test]
fn what_an_engagement_refers_to_is_named_once_it_has_a_manifest() {
    let project = care();
    project.run(&["pull", ENGAGEMENT, "--write"]).expect(0);
    let file = "campaigns/gift-card-button.yaml";
    let commented = read(&project, file).replace(
        "    - live: Gift card pages\n",
        "    # the shelf of cards\n    - live: Gift card pages\n",
    );
    project.write(file, &commented);
    let pull = ["pull", "EntryPoint/gift-card-pages", "--write"];
    project.run(&pull).expect(0);
    let pull = ["pull", "EngagementWindow", "--foreign", "--write"];
    project.run(&pull).expect(0);
    let text = read(&project, file);
    assert!(!text.contains("live:"), "{text}");
    assert!(
        text.contains("    # the shelf of cards\n    - gift-card-pages\n"),
        "{text}"
    );
    only_adopts(&project);
}
