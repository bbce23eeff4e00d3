// What the editor tells about what stands at the cursor: the field, and every value that it could have.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { editor, head, told } from "./editor.mjs";

const server = await editor();
after(() => server.stop());

const STATES = `Whether consumers see the campaign. An apply publishes it after all that it shows.

Allowed Values:

* \`published\`: Consumers see it within its schedule.
* \`unpublished\`: Consumers see nothing of it.
* \`scheduled\`: It waits for its start. Unconfirmed: no page of the vendor and no captured answer shows its number.`;

const TOLD = [
  ["a name", "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata:\n  na|me: a\n", "A name such as \\`checkout-done\\`, unique per kind; the stable key of the manifest."],
  ["the spec of a kind", `${head("Goal")}sp|ec:\n  type: lead\n`, "What a campaign is measured by: a page that visitors reach, a purchase, an interaction."],
  ["a field with words", `${head("Campaign")}spec:\n  sta|te: published\n`, STATES],
  ["a word", `${head("Campaign")}spec:\n  state: publ|ished\n`, STATES],
  [
    "a field with a variable",
    `${head("Campaign")}spec:\n  sta|te: \${var.state}\n`,
    "Whether consumers see the campaign. An apply publishes it after all that it shows.",
  ],
  ["a reference", `${head("Campaign")}spec:\n  go|al: checkout-done\n`, "What the campaign is measured by: a \\`Goal\\`."],
  [
    "a reference by its live name",
    `${head("Campaign")}spec:\n  goal:\n    li|ve: Checkout done\n`,
    "The display name of an object that no manifest defines.",
  ],
  [
    "a field with an example",
    `${head("Campaign")}spec:\n  schedule:\n    time|Zone: UTC\n`,
    "The IANA time zone of start and end, \\`Europe/Paris\\`.\n\nExample:\n\n```yaml\nEurope/Paris\n```",
  ],
  [
    "a type with a form of its own: the text of the field",
    `${head("Campaign")}spec:\n  control|Group: 10%\n`,
    "The share of matching visitors who are shown nothing, for comparison. The console offers 0 %, 5 %, 10 %, 15 %, 20 % and 25 %.\n\nExample:\n\n```yaml\n5%\n```",
  ],
  [
    "a condition",
    `${head("EntryPoint")}spec:\n  conditions:\n    - ty|pe: section\n`,
    "What the condition looks at: a word, or the platform's own number. `campaignctl explain KIND.conditions -e ENVIRONMENT` lists the numbers that an account uses.\n\nAllowed Values:\n\n* `section`: Sections, by name: \\`data: \\{ include: \\[\\{ sections: \\[\\{ name: .. \\}\\] \\}\\], exclude: \\[\\] \\}\\`.\n* `everywhere`: The whole app or web site.",
  ],
  [
    "a rule",
    "rules:\n  handoff-lookback|-long: warn\n",
    'A look-back is longer than 30 days. Without a rule: error.\n\nAllowed Values:\n\n* `warn`: The manifests are valid, but deserve a look.\n* `error`: The manifests cannot be used.\n* `"off"`: Nothing is said.',
    "campaignctl.yaml",
  ],
  [
    "a guard",
    "environments:\n  production:\n    guards:\n      maxDelete|Percent: 10\n",
    "The largest share of the owned objects of a kind that a plan may delete, in percent.",
    "campaignctl.yaml",
  ],
  [
    "a patch",
    "kind: Goal\nmetadata: { name: a }\n$pat|ch: delete\n",
    "What else than merging happens to the manifest.\n\nAllowed Values:\n\n* `delete`: The manifest is not there in this environment.",
    "overlays/staging/a.yaml",
  ],
];

for (const [what, marked, expected, file] of TOLD) {
  test(`hover: ${what}`, async () => assert.equal(await told(server, marked, file), expected));
}
