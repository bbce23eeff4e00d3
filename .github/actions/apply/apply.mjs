// Applies what was reviewed, and nothing else. `apply.mjs find` looks for the plan of the pull request that was merged,
// another step downloads it, `apply.mjs apply` plans again, compares and applies, `apply.mjs report` tells.

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { environment, input, main, output, project, quote, scratch, slug, summarize, variable } from "../lib/runner.mjs";
import { artifactOf, commentOn, get, marker, mergedBy } from "../lib/github.mjs";
import { allowed, campaignctl, document, extra, paths } from "../lib/program.mjs";
import { COMMENT, HALF, cut, failure, fenced, footer } from "../lib/page.mjs";
import { bringLedger, keepLedger } from "./ledger.mjs";

const BLOCKED = 6;
const STALE = 7;

const RECOVERY =
  "To go on: run the plan job of this pull request again, look at the new plan, and then run this job again. Or revert.";

const folder = scratch("apply");
const state = join(folder, "state.json");
const known = () => (existsSync(state) ? JSON.parse(readFileSync(state, "utf8")) : {});
const remember = (more) => writeFileSync(state, JSON.stringify({ ...known(), ...more }));

await main({ find, apply, report }[process.argv[2]]);

/** Which plan was reviewed, or why there is none. */
async function find() {
  writeFileSync(state, "{}");
  rmSync(join(folder, "plan.json"), { force: true });
  if (input("plan-file")) return;
  const sha = variable("GITHUB_SHA");
  const number = input("pull-request");
  const pull = number ? await get(`pulls/${number}`) : await mergedBy(sha);
  if (!pull) {
    return remember({ missing: `no merged pull request brought commit ${sha.slice(0, 7)}` });
  }
  const { number: pullRequest, labels = [] } = pull;
  remember({ pullRequest, labels });
  output({ "pull-request": pullRequest });
  const name = `campaignctl-plan-${slug()}`;
  const artifact = await artifactOf(name, pull.head.sha);
  if (!artifact || artifact.expired) {
    const why = artifact ? "is no longer kept" : "was not found";
    const again = "run its plan job again, look at the plan, and run this job again";
    return remember({ missing: `the plan of #${pullRequest} for its last commit ${why}: ${again}` });
  }
  output({ "artifact-id": artifact.id, "run-id": artifact.workflow_run.id, path: folder });
}

/** Plans again and compares; then, and only then, applies. */
function apply() {
  const { labels = [], missing } = known();
  const reviewed = input("plan-file") || join(folder, "plan.json");
  const fresh = join(folder, "fresh.json");
  const guards = allowed(labels);
  const has = existsSync(reviewed);
  bringLedger();
  const planned = campaignctl(
    "plan",
    ...["--out", fresh, "--format", "markdown", "--markdown-budget", "30000"],
    ...(has ? ["--expect", reviewed] : []),
    ...guards,
    ...extra(),
    ...paths(),
  );
  const plan = [0, BLOCKED, STALE].includes(planned.code) ? document(fresh) : undefined;
  if (!plan) return ended("failed", planned);
  if (writes(plan).length === 0) return settle(plan, fresh);
  if (!has) {
    const why = missing ?? `there is no file \`${reviewed}\``;
    return ended("unreviewed", { code: STALE, stderr: why, stdout: planned.stdout }, plan);
  }
  if (planned.code === STALE) {
    const stderr = planned.stderr.replaceAll(`\`${reviewed}\``, "the pull request");
    return ended("stale", { ...planned, stderr }, plan);
  }
  if (planned.code === BLOCKED) return ended("blocked", planned, plan);
  const outcome = join(folder, "outcome.json");
  const applied = campaignctl("apply", reviewed, "--json-into", outcome, ...guards);
  quote(applied.stdout);
  ended(applied.code === STALE ? "stale" : "applied", applied, document(reviewed), document(outcome));
  keepLedger();
}

/** The steps that change the account; the others bring the records of the ledger up to date. */
function writes(plan) {
  return plan.steps.filter((step) => step.verb !== "record");
}

/** Ends what has nothing left to do but to be recorded: a run that was killed after its last write stays unfinished else. */
function settle(plan, fresh) {
  if (plan.steps.length === 0 && !isUnfinished()) return ended("nothing", { code: 0 }, plan);
  const applied = campaignctl("apply", fresh);
  quote(applied.stdout);
  ended(applied.code === 0 ? "nothing" : "failed", applied, plan);
  keepLedger();
}

/** Whether an earlier run did not finish. */
function isUnfinished() {
  const file = join(folder, "drift.json");
  campaignctl("drift", "--json-into", file, ...extra(), ...paths());
  return (document(file)?.unsettled ?? []).length > 0;
}

/** Notes how it ended, for the report. The step itself goes on, so that there is one. */
function ended(how, { code, stdout = "", stderr = "" }, plan, outcome) {
  const { summary = {}, id = "" } = plan ?? {};
  const counts = ["create", "update", "replace", "delete", "adopt", "manual"].map((name) => [name, summary[name] ?? ""]);
  const rollback = join(workspace(), project(), `.campaignctl/ledger/${environment()}.rollback.plan.json`);
  const wrote = (outcome?.counts?.applied ?? 0) > 0;
  output({
    exitcode: code,
    stale: ["stale", "unreviewed"].includes(how).toString(),
    "has-changes": plan ? (writes(plan).length > 0).toString() : "",
    ...Object.fromEntries(counts),
    applied: outcome?.counts?.applied ?? 0,
    failed: outcome?.counts?.failed ?? 0,
    "plan-id": id,
    "rollback-artifact": `campaignctl-rollback-${slug()}`,
    "rollback-file": wrote && existsSync(rollback) ? rollback : "",
  });
  remember({ how, id, ran: { code, stdout, stderr } });
}

function workspace() {
  return variable("GITHUB_WORKSPACE") || process.cwd();
}

async function report() {
  const { how, id, ran, pullRequest } = known();
  if (!ran) throw new Error("campaignctl was not run: nothing was written");
  const page = cut(told(how, ran), COMMENT) + footer(id && `plan ${id}`);
  summarize(page);
  const worth = how !== "nothing";
  const url = worth ? await commentOn(pullRequest, marker("apply", project(), environment()), page) : "";
  output({ "comment-url": url });
  return ran.code;
}

function told(how, ran) {
  const on = `\`${environment()}\``;
  const now = `\n<details><summary>The plan as it would be now</summary>\n\n${cut(ran.stdout, HALF)}\n</details>\n`;
  switch (how) {
    case "nothing":
      return `### Nothing to apply to ${on}\n\nThe account matches the manifests.\n`;
    case "applied":
      return `### ${ran.code === 0 ? "Applied to" : "Not everything was applied to"} ${on} (exit ${ran.code})\n\n${fenced(ran.stdout + ran.stderr)}\n`;
    case "unreviewed":
      return `### Not applied to ${on}: this plan was not reviewed\n\nNothing was written: ${ran.stderr}.\n${now}`;
    case "stale":
      return `### Not applied to ${on}: this is not what was reviewed\n\nNothing was written.\n\n${fenced(ran.stderr)}\n\n${RECOVERY}\n${now}`;
    case "blocked":
      return `### Not applied to ${on}: a guard holds it back\n\nNothing was written.\n${now}`;
    default:
      return failure(`Not applied to ${on}`, ran);
  }
}
