// What the editor offers: tables of cursors, each with what appears there. `|` is the cursor.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { editor, head, labels, offered } from "./editor.mjs";

const server = await editor();
after(() => server.stop());

const KINDS = [
  ["Goal", "What a campaign is measured by: a page that visitors reach, a purchase, an interaction."],
  ["TargetAudience", "Which visitors a campaign is for: by where they come from, what they use, or what is known of them."],
  ["SpecialOccasion", "Days with working hours of their own: holidays, sales, company outings. Skills follow them."],
  ["EngagementWindow", "How a conversation looks on a web page: colors, logos, welcome message, surveys."],
  ["EntryPoint", "Where in an app or web site an engagement is shown: everywhere, or in sections."],
  ["Behavior", "What a visitor must do before an engagement is offered: stay for a while, visit a place, fill a cart."],
  [
    "EngagementTemplate",
    "A look that several engagements share. An engagement that names it in `template` has every field of it that it does not set itself; `displayInstances` merge by `type`.",
  ],
  ["Campaign", "Who is engaged, when and to which end; its engagements say where and with what."],
  ["Engagement", "What a visitor sees: a button, an overlay or an entry in an app, and the conversation that it opens."],
  ["ApiHandoff", "What a proactive send says, over which channels, and how long replies to it count."],
  ["Persona", "What an app or page reports of a visitor, under a name that scenarios use. Nothing of it is ever sent."],
  ["Scenario", "A test of who is offered what, decided by `campaignctl test` without an account."],
  ["Launch", "A message that `launch send` sends once, to the recipients of a list or to an audience."],
];

const LOOK =
  "type subType source channel language window offlineWindow popOut unifiedWindow rendering zones displayInstances position effects followMePages followMeTime showSmsPreSurveyOnMobile extra";

/** The fields of each kind's spec, and nothing of another kind's. */
const FIELDS = {
  Goal: "displayName description type indicator extra",
  TargetAudience: "displayName description conditions extra",
  SpecialOccasion: "displayName description default events extra",
  EngagementWindow: "displayName type order baseTemplate default style extra",
  EntryPoint: "displayName description appInstallation conditions extra",
  Behavior: "displayName description conditions extra",
  EngagementTemplate: `extends ${LOOK}`,
  Campaign:
    "displayName description type state schedule goal lineOfBusiness targetAudiences controlGroup priority weight engagements operationHours extra",
  Engagement: `displayName description campaign template enabled entryPoints behaviors skill useSystemRouting appInstallation connector allowUnauthenticated conversationType availability availabilityForMessaging weight timeInQueue externalTargets survey offlineSurvey ${LOOK}`,
  ApiHandoff:
    "displayName channel appNames language lookbackPeriod routeReopened message image inApp sms whatsApp appleMessages rcs extra",
  Persona: "description attributes",
  Scenario: "description app web url at given cases always never",
  Launch: "displayName description sender Launch maxRecipients",
};

const NEW = KINDS.map(([kind]) => `new ${kind}`).join(" ");

/** What is offered, by its labels. */
const LABELS = [
  ["a new file", "|", `${NEW} spec apiVersion object kind metadata lifecycle`],
  ["a second document", `${head("Goal")}spec: {}\n---\na|`, `${NEW} spec apiVersion object kind metadata lifecycle`],
  ["after apiVersion", "apiVersion: campaignctl.dev/v1\n|", `${NEW} spec kind object metadata lifecycle`],
  ["after kind: the rest of that kind", "apiVersion: campaignctl.dev/v1\nkind: Goal\n|", "new Goal spec metadata object lifecycle"],
  ["below metadata", "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata:\n  |", "name object labels annotations"],
  ["below lifecycle", `${head("Goal")}spec: {}\nlifecycle:\n  |`, "protect ignoreChanges mode previousName"],
  ["a schedule", `${head("Campaign")}spec:\n  schedule:\n    |`, "from start to end from a start on timeZone start end"],
  ["a time zone", `${head("Campaign")}spec:\n  schedule:\n    timeZone: |`, "Europe/Paris America/New_York UTC null"],
  ["shares of a control group", `${head("Campaign")}spec:\n  controlGroup: |`, "0% 5% 10% 15% 20% 25% null"],
  ["look-back periods", `${head("ApiHandoff")}spec:\n  lookbackPeriod: |`, "2d 36h 1d12h 30d null"],
  ["an environment", "environments:\n  |", "an account the sandbox", "campaignctl.yaml"],
  ["the levels of a rule", "rules:\n  handoff-lookback-long: |", 'error warn "off"', "campaignctl.yaml"],
  ["an overlay", "kind: Goal\nmetadata: { name: a }\n|", "spec apiVersion lifecycle $patch", "overlays/staging/a.yaml"],
  ["a project file", "|", "project manifests variables rules assume clevertap defaultEnvironment environments waves maxFailures", "campaignctl.yaml"],
];

for (const [where, marked, expected, file] of LABELS) {
  test(`offered: ${where}`, async () => assert.equal(await labels(server, marked, file), expected));
}

test("offered: the spec of every kind has the fields of that kind", async () => {
  assert.deepEqual(
    Object.keys(FIELDS),
    KINDS.map(([kind]) => kind),
  );
  for (const [kind, expected] of Object.entries(FIELDS)) {
    assert.equal(await labels(server, `${head(kind)}spec:\n  |`), expected, kind);
  }
});

const REFERENCE = [
  "an object that a manifest defines: The name of its manifest.",
  "an object that no manifest defines: Its display name in the account.",
      "the vendor's own row: The row that every account has, whatever it is called there: all visitors, any behavior, the whole site.",
];
const CHANNELS = [
  "inApp: Inside an app, with a push notification. Never together with another channel.",
  "sms: SMS.",
  "whatsApp: WhatsApp.",
  "appleMessages: Apple Messages for Business.",
  "rcs: Google RCS.",
];

/** What is offered, with its texts: words, and every union. A null among it removes what an overlay has. */
const TEXTS = [
  ["apiVersion", "apiVersion: |", ["campaignctl.dev/v1: The version of the manifest format."]],
  ["kind", "apiVersion: campaignctl.dev/v1\nkind: |", KINDS.map(([kind, text]) => `${kind}: ${text}`)],
  [
    "a word or a number",
    `${head("Campaign")}spec:\n  state: |`,
    [
      "unpublished: Consumers see nothing of it.",
      "published: Consumers see it within its schedule.",
      "scheduled: It waits for its start. Unconfirmed: no page of the vendor and no captured answer shows its number.",
      "null:",
    ],
  ],
  [
    "a word or a share",
    `${head("Campaign")}spec:\n  weight: |`,
    ["medium: About 20 % of the choices. Unconfirmed: no page of the vendor and no captured answer shows its number.", "high: About 70 % of the choices. Unconfirmed: no page of the vendor and no captured answer shows its number.", "low: About 10 % of the choices. Unconfirmed: no page of the vendor and no captured answer shows its number.", "null:"],
  ],
  ["one channel or several", `${head("ApiHandoff")}spec:\n  channel: |`, [...CHANNELS, "null:"]],
  ["the first of several channels", `${head("ApiHandoff")}spec:\n  channel:\n    - |`, CHANNELS],
  ["a reference", `${head("Campaign")}spec:\n  goal: |`, [...REFERENCE, "null:"]],
  [
    "a reference, as a mapping",
    `${head("Campaign")}spec:\n  goal:\n    l|`,
    [
      "live: The display name of an object that no manifest defines.",
      "system: The row of the kind that the vendor made. Its name differs from account to account.",
      "id: The id of a live object. Ids differ between accounts: prefer `live` and `system`.",
      "$keep: The account's value stays, because no name expresses it; written by `export`. An object cannot be created with it.",
      ...REFERENCE,
    ],
  ],
  [
    "a condition",
    `${head("Behavior")}spec:\n  conditions:\n    - |`,
    [
      "type: What the condition looks at: a word, or the platform's own number. `campaignctl explain KIND.conditions -e ENVIRONMENT` lists the numbers that an account uses.",
      "data: The particulars, in the platform's own words: their shape depends on `type`. Build one in the console and export it to see what belongs here.",
      "means: What `type` and `data` ask of a visitor, in words of campaignctl, because the platform's are not public. It is checked, shown beside the condition, and never sent.",
      "extra: Wire keys without a field, kept unchanged.",
      "any behavior: Every visitor, whatever they do.",
      "time on a page: The visitor stays at a place for some seconds.",
    ],
  ],
  [
    "what a condition looks at",
    `${head("Behavior")}spec:\n  conditions:\n    - type: |`,
    [
      "all: Every visitor, whatever they do.",
      "flow: The visitor goes through a flow of steps. Unconfirmed: no page of the vendor and no captured answer shows its number.",
      "timeOnPage: The visitor stays on a page for some time. Unconfirmed: no page of the vendor and no captured answer shows its number.",
      "engagementAttribute: An engagement attribute is reported. Unconfirmed: no page of the vendor and no captured answer shows its number.",
      "cart: The cart has some value or content. Unconfirmed: no page of the vendor and no captured answer shows its number.",
      "null:",
    ],
  ],
  [
    "the state of a look",
    `${head("Engagement")}spec:\n  displayInstances:\n    - type: |`,
    [
      "online: An agent is available.",
      "offline: No agent is available.",
      "busy: All agents are busy.",
      "app: The only state of app engagements.",
      "null:",
    ],
  ],
  [
    "what apply may do",
    `${head("Goal")}spec: {}\nlifecycle:\n  mode: |`,
    [
      "enforce: Create it and keep it as declared.",
      "createOnly: Create it when it is missing, then leave it to people.",
      "observe: Never write; show differences only. From the apply that brings this mode on, the live object is not deleted when the manifest goes.",
    ],
  ],
  [
    "dropping a manifest",
    "kind: Goal\nmetadata: { name: a }\n$patch: |",
    ["delete: The manifest is not there in this environment."],
    "overlays/staging/a.yaml",
  ],
  [
    "where a secret is",
    "environments:\n  production:\n    credentials:\n      clientId:\n        |",
    [
      "env: In the environment variable of this name.",
      "file: In this file, relative to the project file; white space at its end is dropped.",
    ],
    "campaignctl.yaml",
  ],
  [
    "what is pruned",
    "environments:\n  production:\n    prune: |",
    [
      "owned: Owned objects whose manifest has gone are deleted. Objects that people made in the console never are.",
      "none: Nothing is deleted.",
      "null:",
    ],
    "campaignctl.yaml",
  ],
];

for (const [where, marked, expected, file] of TEXTS) {
  test(`told beside the offers: ${where}`, async () => assert.deepEqual(await offered(server, marked, file), expected));
}

test("rules are offered with what they are about, and without those that cannot be lowered", async () => {
  const rules = await offered(server, "rules:\n  |", "campaignctl.yaml");
  assert.ok(rules.includes("handoff-lookback-long: A look-back is longer than 30 days. Without a rule: error."), rules.join("\n"));
  assert.ok(rules.length > 40 && rules.every((rule) => !rule.startsWith("yaml-syntax")), rules.join("\n"));
});
