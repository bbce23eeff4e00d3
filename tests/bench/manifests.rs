//! Believable manifests of about one kilobyte, in any number: every hundred of them is a small shop with
//! campaigns, engagements, the libraries they refer to, and handoffs.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The manifests of one shop, by kind; engagements follow from the campaigns.
const GOALS: usize = 4;
const AUDIENCES: usize = 10;
const OCCASIONS: usize = 2;
const WINDOWS: usize = 2;
const ENTRY_POINTS: usize = 12;
const BEHAVIORS: usize = 10;
const TEMPLATES: usize = 2;
const CAMPAIGNS: usize = 5;
const ENGAGEMENTS: usize = 10; // of each campaign
const HANDOFFS: usize = 3;

/// All manifests of one shop.
pub(crate) const SHOP: usize = GOALS
    + AUDIENCES
    + OCCASIONS
    + WINDOWS
    + ENTRY_POINTS
    + BEHAVIORS
    + TEMPLATES
    + CAMPAIGNS * (1 + ENGAGEMENTS)
    + HANDOFFS;

/// The skills that engagements refer to by name, and that no manifest defines.
pub(crate) const SKILLS: [&str; 4] = ["Orders", "Returns", "Payments", "Stores"];

/// The campaigns among so many manifests.
pub(crate) const fn campaigns(size: usize) -> usize {
    size / SHOP * CAMPAIGNS
}

/// The handoffs among so many manifests.
pub(crate) const fn handoffs(size: usize) -> usize {
    size / SHOP * HANDOFFS
}

/// The manifests among these that the account holds an object for: all but the templates.
pub(crate) const fn objects(size: usize) -> usize {
    size - size / SHOP * TEMPLATES
}

/// One manifest.
pub(crate) struct Manifest {
    /// The file below the folder of all manifests.
    pub(crate) path: String,
    /// The whole text.
    pub(crate) text: String,
}

/// So many manifests, a multiple of [`SHOP`].
pub(crate) fn generate(size: usize) -> Vec<Manifest> {
    assert_eq!(size % SHOP, 0);
    (0..size / SHOP).flat_map(shop).collect()
}

/// Writes each manifest to a file of its own.
pub(crate) fn write(folder: &Path, manifests: &[Manifest]) {
    for Manifest { path, text } in manifests {
        let file = folder.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
}

fn shop(shop: usize) -> Vec<Manifest> {
    let mut manifests = Vec::with_capacity(SHOP);
    let mut add = |kind: &str, name: String, spec: String| {
        let label = name.rsplit_once("-of-").map_or("all", |(_, shop)| shop);
        let text = format!(
            "# yaml-language-server: $schema=https://campaignctl.dev/schemas/v1/manifest.schema.json\n\
             apiVersion: campaignctl.dev/v1\nkind: {kind}\nmetadata:\n  name: {name}\n  labels: {{ team: retail, shop: {label} }}\n  \
             annotations:\n    owner: \"#retail-messaging\"\nspec:\n{spec}"
        );
        manifests.push(Manifest {
            path: format!("{kind}/{name}.yaml"),
            text,
        });
    };
    let of = |name: &str, index: usize| format!("{name}-{index}-of-shop-{shop}");
    for index in 0..GOALS {
        add("Goal", of("goal", index), goal(shop, index));
    }
    for index in 0..AUDIENCES {
        add(
            "TargetAudience",
            of("audience", index),
            audience(shop, index),
        );
    }
    for index in 0..OCCASIONS {
        add(
            "SpecialOccasion",
            of("occasion", index),
            occasion(shop, index),
        );
    }
    for index in 0..WINDOWS {
        add("EngagementWindow", of("window", index), window(shop, index));
    }
    for index in 0..ENTRY_POINTS {
        add("EntryPoint", of("pages", index), entry_point(shop, index));
    }
    for index in 0..BEHAVIORS {
        let location = of("pages", index % ENTRY_POINTS);
        add(
            "Behavior",
            of("behavior", index),
            behavior(shop, index, &location),
        );
    }
    for index in 0..TEMPLATES {
        let window = of("window", index % WINDOWS);
        add(
            "EngagementTemplate",
            of("look", index),
            template(index, &window),
        );
    }
    for index in 0..CAMPAIGNS {
        let (goal, audiences) = (
            of("goal", index % GOALS),
            [0, 1, 2].map(|next| of("audience", (index * 2 + next) % AUDIENCES)),
        );
        add(
            "Campaign",
            of("campaign", index),
            campaign(shop, index, &goal, &audiences.join(", ")),
        );
    }
    for index in 0..CAMPAIGNS * ENGAGEMENTS {
        let uses = Uses {
            campaign: of("campaign", index / ENGAGEMENTS),
            template: of("look", index % TEMPLATES),
            entry_points: [0, 5]
                .map(|next| of("pages", (index + next) % ENTRY_POINTS))
                .join(", "),
            behaviors: of("behavior", index % BEHAVIORS),
        };
        add(
            "Engagement",
            of("engagement", index),
            engagement(shop, index, &uses),
        );
    }
    for index in 0..HANDOFFS {
        add("ApiHandoff", of("handoff", index), handoff(shop, index));
    }
    manifests
}

const ABOUT: &str = "Agreed with the retail team in the quarterly review. Whoever changes this tells the owners of the \
                     storefront first, because the reports of the contact centre count on it and the translations follow a week later.";

fn goal(shop: usize, index: usize) -> String {
    format!(
        "  displayName: Goal {index} of shop {shop}\n  description: >-\n    A visitor of shop {shop} reaches the page behind step {index}. {ABOUT}\n    {ABOUT}\n  \
         indicator:\n    type: url\n    url: /shops/{shop}/thanks/{index}\n    match: 0\n    count: {}\n",
        index + 1
    )
}

fn audience(shop: usize, index: usize) -> String {
    format!(
        "  displayName: Audience {index} of shop {shop}\n  description: >-\n    Visitors who have been at shop {shop} before. {ABOUT}\n    {ABOUT}\n  \
         conditions:\n    - type: all\n"
    )
}

fn occasion(shop: usize, index: usize) -> String {
    let mut spec = format!(
        "  displayName: Occasion {index} of shop {shop}\n  description: Shop {shop} closes on some days and opens late before them\n  events:\n"
    );
    for month in 1..=5 {
        let _ = write!(
            spec,
            "    - name: Stocktaking {month}\n      working: false\n      start: {{ dateTime: 2037-{month:02}-{:02}, timeZone: Europe/Paris }}\n      end: {{ dateTime: 2037-{month:02}-{:02}, timeZone: Europe/Paris }}\n",
            index + 3,
            index + 4
        ); // writing to a string cannot fail
    }
    spec
}

fn window(shop: usize, index: usize) -> String {
    format!(
        "  displayName: Window {index} of shop {shop}\n  type: internal\n  default: false\n  style:\n    scheme: modern\n    language: en-US\n    sound: true\n    \
         colors: {{ header: \"#0b5fff\", text: \"#1c2733\", agent: \"#f2f4f7\", visitor: \"#dbe8ff\" }}\n    \
         fonts: {{ family: Inter, size: 14, weight: 400 }}\n    corners: {{ radius: 8, shadow: true }}\n    \
         welcomeMessage:\n      isEnabled: true\n      isDefault: false\n      text: Hello from shop {shop}, how can we help? {ABOUT}\n    \
         offlineMessage:\n      isEnabled: true\n      text: Nobody is here right now. Leave a message, and we answer as soon as we are back.\n"
    )
}

fn entry_point(shop: usize, index: usize) -> String {
    format!(
        "  displayName: Pages {index} of shop {shop}\n  description: >-\n    Every page below step {index} of shop {shop}. {ABOUT}\n    {ABOUT}\n  conditions:\n    - type: section\n      data:\n        include:\n          - sections:\n              - name: '\"shop-{shop}\"'\n              - name: '\"step-{index}\"'\n        exclude: []\n"
    )
}

fn behavior(shop: usize, index: usize, location: &str) -> String {
    format!(
        "  displayName: Behavior {index} of shop {shop}\n  description: >-\n    Stays on one page of shop {shop} for a while. {ABOUT}\n    {ABOUT}\n  conditions:\n    - type: timeOnPage\n      data:\n        seconds: {}\n        location: {{ $ref: {location} }}\n",
        20 + index
    )
}

fn template(index: usize, window: &str) -> String {
    format!(
        "  type: stickyButton\n  language: en-US\n  window: {window}\n  position: {{ left: {index}, top: 200, type: 6 }}\n  displayInstances:\n    \
         - type: online\n      enabled: true\n      presentation:\n        size: {{ width: \"120\", height: \"40\" }}\n        background: {{ color: \"#0b5fff\" }}\n        \
         border: {{ radius: 4, width: 1, color: \"#0b5fff\" }}\n        elements:\n          labels:\n            - {{ text: Chat with us, css: {{ color: \"#ffffff\", white-space: nowrap }} }}\n    \
         - type: offline\n      enabled: false\n"
    )
}

fn campaign(shop: usize, index: usize, goal: &str, audiences: &str) -> String {
    format!(
        "  displayName: Campaign {index} of shop {shop}\n  description: >-\n    Helps returning customers of shop {shop} through the season. {ABOUT}\n    {ABOUT}\n  state: {}\n  \
         schedule:\n    timeZone: Europe/Paris\n    start: 2026-09-01T00:00:00\n    end: 2026-10-01T00:00:00\n  goal: {goal}\n  targetAudiences: [{audiences}]\n  controlGroup: 10%\n  weight: {}\n",
        ["published", "unpublished"][index % 2],
        ["high", "medium", "low"][index % 3]
    )
}

/// What an engagement refers to.
struct Uses {
    campaign: String,
    template: String,
    entry_points: String,
    behaviors: String,
}

fn engagement(shop: usize, index: usize, uses: &Uses) -> String {
    let Uses {
        campaign,
        template,
        entry_points,
        behaviors,
    } = uses;
    format!(
        "  displayName: Engagement {index} of shop {shop}\n  description: >-\n    Offers help on the pages of step {index}. {ABOUT}\n  campaign: {campaign}\n  template: {template}\n  \
         entryPoints: [{entry_points}]\n  behaviors: [{behaviors}]\n  skill: {}\n  enabled: true\n  followMePages: {}\n  displayInstances:\n    - type: online\n      presentation:\n        size: {{ width: \"{}\", height: \"48\" }}\n        \
         elements:\n          labels:\n            - {{ text: Ask us about offer {index}, css: {{ color: \"#ffffff\", white-space: nowrap }} }}\n",
        SKILLS[index % SKILLS.len()],
        index % 3,
        120 + index
    )
}

fn handoff(shop: usize, index: usize) -> String {
    format!(
        "  displayName: Handoff {index} of shop {shop}\n  channel: inApp\n  appNames: [com.example.shop{shop}.ios, com.example.shop{shop}.android]\n  lookbackPeriod: {}d\n  language: en\n  message:\n    \
         text: \"Hi ${{{{1}}}}, your order is on its way from shop {shop}. Write to us here whenever something is not as you expected it, and somebody who knows your order answers. 📦\"\n    \
         notificationTitle: \"Order ${{{{2}}}}\"\n    sameForNotification: true\n    variables: [\"1\", \"2\"]\n",
        index + 1
    )
}
