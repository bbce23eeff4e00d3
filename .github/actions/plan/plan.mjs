// Plans for a pull request. `plan.mjs plan` makes the plan and keeps it, `plan.mjs report` tells about it: in between,
// the step that uploads the plan learns its address.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { complain, environment, event, input, main, output, project, quote, scratch, slug, summarize } from "../lib/runner.mjs";
import { commentOn, marker } from "../lib/github.mjs";
import { allowed, campaignctl, document, extra, paths, restricted } from "../lib/program.mjs";
import { COMMENT, cut, failure, footer } from "../lib/page.mjs";

/** No changes, changes, and changes that a guard holds back: there is a plan to look at. */
const PLANNED = [0, 2, 6];
const BLOCKED = 6;

const folder = scratch("plan");
const planFile = join(folder, "plan.json");
const state = join(folder, "state.json");

await main(process.argv[2] === "report" ? report : plan);

function plan() {
  const documentFile = join(folder, "document.json");
  const labels = event().pull_request?.labels ?? [];
  const ran = campaignctl(
    "plan",
    ...["--impact", "--detailed-exitcode", "--out", planFile, "--json-into", documentFile],
    ...["--format", "markdown", "--markdown-budget", "60000"],
    ...allowed(labels),
    ...restricted(),
    ...extra(),
    ...paths(),
  );
  const made = PLANNED.includes(ran.code) ? document(planFile) : undefined;
  if (made) {
    quote(shown("text"));
  } else {
    complain(document(documentFile)?.complaints);
  }
  const { summary = {}, id = "" } = made ?? {};
  const counts = ["create", "update", "replace", "delete", "adopt", "manual"].map((name) => [name, summary[name] ?? ""]);
  output({
    exitcode: ran.code,
    "has-changes": made ? (made.steps.length > 0).toString() : "",
    ...Object.fromEntries(counts),
    "plan-file": made ? planFile : "",
    "plan-id": id,
    blocked: (ran.code === BLOCKED).toString(),
    artifact: `campaignctl-plan-${slug()}`,
  });
  writeFileSync(state, JSON.stringify({ ran, id, planned: made !== undefined }));
}

/** The plan once more, in another form. */
function shown(format, budget = 60_000) {
  return campaignctl("show", planFile, "--format", format, "--markdown-budget", String(budget)).stdout;
}

async function report() {
  const { ran, id, planned } = JSON.parse(readFileSync(state, "utf8"));
  const title = `No plan for \`${environment()}\``;
  const page = planned ? cut(ran.stdout, COMMENT) : failure(title, ran);
  const link = input("artifact-url") && `[plan ${id}](${input("artifact-url")})`;
  const signed = page + footer(planned && (link || `plan ${id}`));
  // A summary has more room than a comment: what was left out for the one stands in the other.
  const isLong = planned && ran.stdout.length > 50_000;
  summarize(isLong ? shown("markdown", 200_000) : signed);
  const number = input("pull-request") || event().pull_request?.number;
  const url = await commentOn(number, marker("plan", project(), environment()), signed);
  output({ "comment-url": url });
  return planned && ran.code !== BLOCKED ? 0 : ran.code;
}
