// The editor and `campaignctl validate` are of one mind about every example and every fixture.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, test } from "node:test";

import { editor } from "./editor.mjs";
import { each, validate } from "./program.mjs";
import { root, uriOf, version } from "./server.mjs";

/** The errors that only the program can know, each group with the reason. All others the editor shows too. */
const ONLY_THE_PROGRAM = [
  ["what a field writes, and what the account fills in, is known by the program alone", ["extra-of-field", "null-is-filled"]],
  [
    "a rule of a kind: a project may lower it, so that a schema must not refuse it",
    [
      "audience-condition-untyped",
      "audience-conditions-empty",
      "audience-means-contradicts",
      "audience-means-unclear",
      "behavior-condition-untyped",
      "behavior-conditions-empty",
      "behavior-flow-location",
      "behavior-means-contradicts",
      "behavior-means-unclear",
      "behavior-reference-form",
      "behavior-time-on-page",
      "campaign-control-group",
      "campaign-priority",
      "campaign-engagement-elsewhere",
      "campaign-published-empty",
      "campaign-published-goal",
      "campaign-schedule-order",
      "campaign-time-zone",
      "campaign-weight",
      "engagement-app-installation",
      "engagement-app-window",
      "engagement-campaign-missing",
      "engagement-display-format",
      "engagement-display-twice",
      "engagement-sign-in",
      "engagement-web-incomplete",
      "entry-point-condition-untyped",
      "entry-point-conditions-empty",
      "entry-point-means-contradicts",
      "entry-point-means-unclear",
      "entry-point-section",
      "goal-count-low",
      "goal-url-missing",
      "handoff-app-name-twice",
      "handoff-app-names",
      "handoff-app-names-channel",
      "handoff-channel-mix",
      "handoff-channel-twice",
      "handoff-display-name",
      "handoff-inapp-template",
      "handoff-lookback-format",
      "handoff-lookback-long",
      "handoff-lookback-short",
      "handoff-section-channel",
      "handoff-variables",
      "launch-audience",
      "launch-batch-size",
      "launch-channel",
      "launch-consent",
      "launch-content",
      "launch-label",
      "launch-medium",
      "launch-recipients-form",
      "launch-sender",
      "launch-variables",
      "launch-window",
      "occasion-date-form",
      "occasion-description-long",
      "occasion-end-before-start",
      "occasion-events-missing",
      "occasion-name-long",
      "occasion-recurrence-form",
      "occasion-recurrence-long",
      "occasion-time-missing",
      "occasion-zone-mismatch",
      "occasion-zone-unknown",
      "open-json-form",
      "persona-attribute-shape",
      "scenario-attribute-shape",
      "scenario-because",
      "scenario-case",
      "scenario-place",
      "scenario-time",
      "window-style-id",
    ],
  ],
  [
    "about several documents: a schema sees one",
    ["duplicate-manifest", "flag-twice", "previous-name-taken", "reference-cycle", "unknown-reference", "wrong-kind-reference"],
  ],
  ["about the variables of the project", ["malformed-variable", "unknown-variable"]],
  ["about several fields of the project file", ["project-environment", "project-wave"]],
  ["about bytes: an editor has decoded them before", ["file-not-utf8"]],
  ["the reader of the language server is more lenient", ["yaml-alias", "yaml-merge-key", "yaml-number-range"]],
];

const reasons = new Map(ONLY_THE_PROGRAM.flatMap(([reason, codes]) => codes.map((code) => [code, reason])));

/** The files, and how the program has to be asked about each. */
function files() {
  const below = (folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .map((path) => join(folder, path))
      .filter((path) => /\.ya?ml$/.test(path) && !path.includes("node_modules"));
  // Pipelines are written for other programs.
  const examples = below("examples").filter((path) => !path.startsWith("examples/pipelines/")).sort();
  const fixtures = below("src/kinds").filter((path) => path.includes("/fixtures/")).sort();
  const projects = examples.filter((path) => path.endsWith("campaignctl.yaml")).map((path) => dirname(path));
  const runs = new Map(projects.map((folder) => [folder, ["--project", folder]]));
  for (const path of examples) {
    if (!projects.some((folder) => path.startsWith(`${folder}/`))) runs.set(path, [path]);
  }
  // Fixtures of a kind share names, so that they are asked about one by one.
  for (const path of fixtures) runs.set(path, [path]);
  return { paths: [...examples, ...fixtures], runs: [...runs.values()] };
}

/** The codes of the errors by file. */
async function errors(runs) {
  const found = new Map();
  await each(runs, async (args) => {
    for (const { severity, file, code } of await validate(args)) {
      if (severity !== "error") continue;
      found.set(file, (found.get(file) ?? new Set()).add(code));
    }
  });
  return found;
}

const server = await editor();
after(() => server.stop());

test("the editor and the program judge every file alike", { timeout: 120_000 }, async (t) => {
  const { paths, runs } = files();
  const found = await errors(runs);
  const seen = new Set();
  const counts = { valid: 0, invalid: 0, passed: 0 };
  const disagreements = [];
  await each(paths, async (path) => {
    const complaints = await server.diagnose(uriOf(path), readFileSync(join(root, path), "utf8"));
    const refuses = complaints.some(({ severity }) => severity === 1);
    const codes = [...(found.get(path) ?? [])];
    const mustRefuse = codes.some((code) => !reasons.has(code));
    for (const code of codes) seen.add(code);
    counts[codes.length === 0 ? "valid" : mustRefuse ? "invalid" : "passed"] += 1;
    if (refuses !== mustRefuse) {
      const said = complaints.map(({ message }) => message).join("; ") || "nothing";
      disagreements.push(`${path}: the program says ${codes.join(", ") || "nothing"}, the editor ${said}`);
    }
  });
  assert.deepEqual(disagreements, []);
  const unproven = [...reasons.keys()].filter((code) => !seen.has(code));
  assert.deepEqual(unproven, [], "listed, but no file raises them");
  assert.ok(counts.valid > 30 && counts.invalid > 10 && counts.passed > 40, JSON.stringify(counts));
  t.diagnostic(
    `yaml-language-server ${version()} and validate agree on ${paths.length} of ${paths.length} files: ` +
      `${counts.valid} accepted by both, ${counts.invalid} refused by both, ` +
      `${counts.passed} refused by the program alone for ${reasons.size} codes that only it can know`,
  );
});
