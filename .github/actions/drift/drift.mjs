// Looks for drift, and keeps one issue about it: opened with the first, updated when it changes, closed when it is gone.

import { createHash } from "node:crypto";
import { join } from "node:path";

import { complain, environment, input, main, output, project, quote, redacted, scratch, summarize } from "../lib/runner.mjs";
import { marker, openIssue, send } from "../lib/github.mjs";
import { campaignctl, document, extra, paths } from "../lib/program.mjs";
import { COMMENT, failure, fenced, footer } from "../lib/page.mjs";

const DRIFT = 2;

await main(async () => {
  const file = join(scratch("drift"), "drift.json");
  const ran = campaignctl("drift", "--json-into", file, ...extra(), ...paths());
  quote(ran.stdout);
  const found = document(file);
  const known = ran.code === 0 || ran.code === DRIFT;
  output({
    exitcode: ran.code,
    "has-drift": known ? (ran.code === DRIFT).toString() : "",
    objects: known ? found.objects.length : "",
  });
  if (!known) {
    // Nobody knows whether there is drift: the issue stays as it is.
    complain(found?.complaints);
    summarize(failure(`Nobody knows whether \`${environment()}\` drifted`, ran) + footer());
    return ran.code;
  }
  const page = ran.code === DRIFT ? told(ran.stdout) : `### No drift on \`${environment()}\`\n`;
  summarize(page + footer());
  output({ "issue-url": input("github-token") ? await tell(ran, page) : "" });
  return ran.code === DRIFT && input("fail-on-drift") === "true" ? DRIFT : 0;
});

/** Brings the issue up to date. Returns its address, empty when there is none. */
async function tell(ran, page) {
  const mark = marker("drift", project(), environment());
  const label = input("label") || "campaignctl-drift";
  const issue = await openIssue(label, mark);
  if (ran.code !== DRIFT) {
    return issue ? close(issue) : "";
  }
  const digest = `<!-- digest ${createHash("sha256").update(ran.stdout).digest("hex")} -->`;
  const body = `${mark}\n${digest}\n${redacted(page)}${footer()}`;
  if (!issue) {
    const title = `Drift on ${environment()}${project() === "." ? "" : ` (${project()})`}`;
    return (await send("POST", "issues", { title, body, labels: [label] })).html_url;
  }
  const isKnown = issue.body.split("\n")[1]?.trim() === digest;
  return (isKnown ? issue : await send("PATCH", `issues/${issue.number}`, { body })).html_url;
}

async function close(issue) {
  const body = `The account is as it was last applied.\n${footer()}`;
  await send("POST", `issues/${issue.number}/comments`, { body });
  const closed = { state: "closed", state_reason: "completed" };
  return (await send("PATCH", `issues/${issue.number}`, closed)).html_url;
}

function told(text) {
  return `### Somebody changed \`${environment()}\`

What the account holds differs from what was last applied to it, from the old value to the new one:

${fenced(text, COMMENT - 2000)}

To keep it, write it into the manifests (\`campaignctl export\` shows how); to undo it, run \`campaignctl apply\`.
To have the console decide in future, name the field in \`lifecycle.ignoreChanges\`. This issue closes by itself.
`;
}
