//! A project with many engagements and with scenarios: brands of 250 engagements each, every fourth of them on the web
//! and all others in an app of their own, with 25 cases each.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The engagements of one brand.
pub(crate) const ENGAGEMENTS: usize = CAMPAIGNS * EACH;
/// The cases of one brand.
pub(crate) const CASES: usize = CAMPAIGNS;

const CAMPAIGNS: usize = 25;
const EACH: usize = 10; // engagements of a campaign
const ENTRY_POINTS: usize = 25;
const AUDIENCES: usize = 10;
const BEHAVIORS: usize = 5;

/// Writes a project of so many brands.
pub(crate) fn write(folder: &Path, brands: usize) {
    let project = "manifests: [manifests]\nenvironments:\n  sandbox: {}\n";
    fs::write(folder.join("campaignctl.yaml"), project).unwrap();
    let manifests = folder.join("manifests");
    fs::create_dir(&manifests).unwrap();
    for number in 0..brands {
        let text = brand(number);
        fs::write(manifests.join(format!("brand-{number}.yaml")), text).unwrap();
    }
}

/// All manifests of one brand.
pub(crate) fn brand(brand: usize) -> String {
    let mut text = String::new();
    let mut add = |kind: &str, name: &str, spec: &str| {
        let _ = write!(
            text,
            "---\napiVersion: campaignctl.dev/v1\nkind: {kind}\nmetadata: {{ name: {name}-of-{brand} }}\nspec:\n{spec}"
        );
    };
    let goal = format!("  indicator: {{ type: url, url: /thanks/{brand} }}\n");
    add("Goal", "goal", &goal);
    // Whether an app meets the entry points of web pages is not known.
    let app = if is_on_the_web(brand) {
        String::new()
    } else {
        format!("  appInstallation: Brand {brand}\n")
    };
    for index in 0..ENTRY_POINTS {
        let spec = format!(
            "{app}  conditions:\n    - type: section\n      data:\n        include:\n          - sections: [{{ name: '\"brand-{brand}/section-{index}\"' }}]\n          - sections: [{{ name: '\"brand-{brand}/more-{index}\"' }}]\n        exclude: []\n"
        );
        add("EntryPoint", &format!("section-{index}"), &spec);
    }
    for index in 0..AUDIENCES {
        let spec = format!(
            "  conditions:\n    - type: 9\n      data: {{ customerTypes: [type-{index}] }}\n      means: {{ customerType: [type-{index}, gold-{index}] }}\n"
        );
        add("TargetAudience", &format!("type-{index}"), &spec);
    }
    for index in 0..BEHAVIORS {
        let least = 50 + index * 25;
        let spec = format!(
            "  conditions:\n    - type: cart\n      data: {{ minimumValue: {least} }}\n      means: {{ cart: {{ value: {{ atLeast: {least} }} }} }}\n"
        );
        add("Behavior", &format!("cart-{index}"), &spec);
    }
    for index in 0..CAMPAIGNS {
        add(
            "Campaign",
            &format!("campaign-{index}"),
            &campaign(brand, index),
        );
    }
    for index in 0..ENGAGEMENTS {
        let spec = engagement(brand, index);
        add("Engagement", &format!("engagement-{index}"), &spec);
    }
    add("Scenario", "visits", &scenario(brand));
    text
}

const fn is_on_the_web(brand: usize) -> bool {
    brand % 4 == 3
}

fn campaign(brand: usize, index: usize) -> String {
    let (audience, day) = (index % AUDIENCES, index + 1);
    let weight = ["high", "medium", "low"][index % 3];
    format!(
        "  state: published\n  goal: goal-of-{brand}\n  targetAudiences: [type-{audience}-of-{brand}]\n  weight: {weight}\n  priority: 0.5\n  schedule: {{ timeZone: Europe/Paris, start: 2026-09-{day:02}T00:00:00, end: 2027-03-{day:02}T00:00:00 }}\n"
    )
}

fn engagement(brand: usize, index: usize) -> String {
    let place = if is_on_the_web(brand) {
        "  type: embedded\n  window: { system: true }\n".to_owned()
    } else {
        format!("  type: app\n  appInstallation: Brand {brand}\n")
    };
    format!(
        "  campaign: campaign-{}-of-{brand}\n{place}  language: en-US\n  allowUnauthenticated: true\n  entryPoints: [section-{}-of-{brand}]\n  behaviors: [cart-{}-of-{brand}]\n  skill: Skill {}\n",
        index / EACH,
        index % ENTRY_POINTS,
        index % BEHAVIORS,
        index % 4
    )
}

/// One case for each campaign: one of its engagements is offered.
fn scenario(brand: usize) -> String {
    let place = if is_on_the_web(brand) {
        "  web: true\n".to_owned()
    } else {
        format!("  app: Brand {brand}\n")
    };
    let mut text = format!(
        "{place}  at: 2026-12-01T12:00:00[Europe/Paris]\n  given: {{ agents: available, controlGroup: outside, conversation: none, signedIn: false }}\n  cases:\n"
    );
    for case in 0..CASES {
        let index = case * EACH + case % EACH;
        let _ = write!(
            text,
            "    - when:\n        sections: [brand-{brand}/section-{}]\n        attributes:\n          - {{ type: ctmrinfo, info: {{ ctype: type-{} }} }}\n          - {{ type: cart, total: {} }}\n      then: {{ eligible: [engagement-{index}-of-{brand}] }}\n",
            index % ENTRY_POINTS,
            case % AUDIENCES,
            50 + index % BEHAVIORS * 25
        );
    }
    text
}
