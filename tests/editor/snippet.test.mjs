// What the snippets write is right at once: the editor and the program take it as it was proposed.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { editor, head, offers, taken } from "./editor.mjs";
import { validate } from "./program.mjs";
import { uriOf } from "./server.mjs";

const server = await editor();
after(() => server.stop());

/** A snippet refers to manifests that its reader has, or still has to write. */
const LEFT_TO_THE_READER = ["unknown-reference"];

/** Takes what is offered under each label at the cursor. */
async function each(marked, labels, file = "new.yaml") {
  const items = await offers(server, marked, file);
  for (const label of labels ?? items.map(({ label }) => label).filter((label) => label.startsWith("new "))) {
    const item = items.find((item) => item.label === label);
    assert.ok(item, `${label} is not offered among ${items.map((item) => item.label).join(", ")}`);
    const text = taken(marked, item);
    const complaints = await server.diagnose(uriOf(`tests/editor/snippets/${label}-${text.length}/${file}`), text);
    assert.deepEqual(complaints, [], `${label}:\n${text}`);
    if (file === "campaignctl.yaml") continue;
    const said = (await validate(["-"], text)).filter(({ code }) => !LEFT_TO_THE_READER.includes(code));
    assert.deepEqual(said, [], `${label}:\n${text}`);
  }
  return items;
}

test("a new manifest of every kind can be used as it is", { timeout: 60_000 }, async () => {
  const items = await each("|");
  assert.equal(items.filter(({ label }) => label.startsWith("new ")).length, 13);
});

test("what stands already is not written again", async () => {
  const [item] = await each("apiVersion: campaignctl.dev/v1\nkind: TargetAudience\n|");
  assert.equal(
    taken("apiVersion: campaignctl.dev/v1\nkind: TargetAudience\n|", item),
    `apiVersion: campaignctl.dev/v1
kind: TargetAudience
metadata:
  name: every-visitor
spec:
  displayName: Every visitor
  conditions:
    - type: all`,
  );
});

/** Fragments, by the cursors at which they are offered. */
const FRAGMENTS = [
  [`${head("Campaign")}spec:\n  schedule:\n    |`, ["from start to end", "from a start on"]],
  [`${head("Campaign")}spec:\n  schedule: |`, ["from start to end", "from a start on"]],
  [`${head("Campaign")}spec:\n  goal: |`, ["an object that a manifest defines", "an object that no manifest defines"]],
  [`${head("Campaign")}spec:\n  targetAudiences:\n    - |`, ["an object that a manifest defines", "an object that no manifest defines"]],
  [`${head("Goal")}spec:\n  indicator:\n    |`, ["an address is reached", "an interaction"]],
  [`${head("EntryPoint")}spec:\n  conditions:\n    |`, ["everywhere", "in a section"]],
  [`${head("EntryPoint")}spec:\n  conditions:\n    - |`, ["everywhere", "in a section"]],
  [`${head("Behavior")}spec:\n  conditions:\n    - type: all\n    - |`, ["any behavior", "time on a page"]],
  [`${head("TargetAudience")}spec:\n  conditions:\n    |`, ["every visitor"]],
  [`${head("SpecialOccasion")}spec:\n  events:\n    - |`, ["a closed day", "other hours"]],
  [`${head("Engagement")}spec:\n  campaign: { live: Sale }\n  displayInstances:\n    - |`, ["shown while an agent is available", "hidden while no agent is available"]],
  [
    `${head("ApiHandoff")}spec:\n  channel: inApp\n  appNames: [com.example.shop]\n  lookbackPeriod: 2d\n  language: en\n  message:\n    |`,
    ["a text with a variable", "two texts"],
  ],
];

test("every fragment can be used where it is offered", { timeout: 60_000 }, async () => {
  for (const [marked, labels] of FRAGMENTS) await each(marked, labels);
});

test("an environment can be used as it is", async () => {
  await each("environments:\n  |", ["an account", "the sandbox"], "campaignctl.yaml");
});
