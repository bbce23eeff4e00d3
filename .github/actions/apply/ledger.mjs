// A ledger that is a file of the repository: the newest one is fetched before planning, and pushed after applying.
//
// Merges wait for each other, so the commit of a job is often older than the ledger that the job before has pushed. And
// what was pushed meanwhile may be anything else: the commit is made on top of the branch, not of the job's checkout.

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";

import { annotate, environment, input, project, say, variable } from "../lib/runner.mjs";

const TRIES = 4;
const AUTHOR = [
  ...["-c", "user.name=github-actions[bot]"],
  ...["-c", "user.email=41898282+github-actions[bot]@users.noreply.github.com"],
];

/** The ledger of the environment and, after a crash, its journal; below the root of the repository. */
function files() {
  const ledger = posix.join(project(), ".campaignctl/ledger", `${environment()}.json`);
  return [ledger, `${ledger}.journal`];
}

function workspace() {
  return variable("GITHUB_WORKSPACE") || process.cwd();
}

function isKept() {
  return input("commit-ledger") === "true";
}

/** Puts the ledger as it stands on the branch into the checkout. */
export function bringLedger() {
  if (!isKept() || !fetch()) return;
  for (const file of files().filter((file) => isIn("FETCH_HEAD", file))) {
    git(workspace(), "checkout", "--quiet", "FETCH_HEAD", "--", file);
  }
}

/** Commits the ledger to the branch; or says that it is lost. */
export function keepLedger() {
  const present = files().filter((file) => existsSync(join(workspace(), file)));
  if (present.length === 0) return;
  if (!isKept()) {
    const changed = git(workspace(), "status", "--porcelain", "--", ...present).trim();
    if (changed) annotate("warning", LOST);
    return;
  }
  for (let left = TRIES - 1; ; left -= 1) {
    try {
      return pushed();
    } catch (error) {
      if (left === 0) throw new Error(`the ledger could not be pushed to ${branch()}: ${error.stderr ?? error.message}`);
      say("The branch moved on: the ledger is committed once more.");
    }
  }
}

const LOST =
  "the ledger changed and is lost with this job: set `commit-ledger: true`, or keep it elsewhere with `ledger:` of the environment";

/** Commits the files on top of the branch and pushes that, in a checkout of its own. */
function pushed() {
  fetch();
  const place = mkdtempSync(join(variable("RUNNER_TEMP") || tmpdir(), "campaignctl-ledger-"));
  try {
    git(workspace(), "worktree", "add", "--quiet", "--detach", place, "FETCH_HEAD");
    for (const file of files()) copied(join(workspace(), file), join(place, file));
    git(place, "add", "--all", "--force", "--", ...files().filter((file) => existsSync(join(place, file)) || isIn("HEAD", file, place)));
    if (git(place, "status", "--porcelain").trim() === "") return;
    git(place, ...AUTHOR, "commit", "--quiet", "--message", `campaignctl: ledger of ${environment()}`);
    git(place, "push", "--quiet", "origin", `HEAD:refs/heads/${branch()}`);
  } finally {
    git(workspace(), "worktree", "remove", "--force", place);
  }
}

function copied(from, to) {
  if (!existsSync(from)) return rmSync(to, { force: true });
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}

function branch() {
  return variable("GITHUB_REF_NAME");
}

/** Fetches the branch. Whether there is one. */
function fetch() {
  try {
    git(workspace(), "fetch", "--quiet", "--depth=1", "origin", `refs/heads/${branch()}`);
    return true;
  } catch (error) {
    annotate("warning", `the branch ${branch()} cannot be fetched: ${error.stderr ?? error.message}`);
    return false;
  }
}

function isIn(commit, file, place = workspace()) {
  return git(place, "ls-tree", "--name-only", commit, "--", file).trim() !== "";
}

/** Git with the token of the job, which stands in no file and in no list of processes. */
function git(place, ...given) {
  const basic = Buffer.from(`x-access-token:${input("github-token")}`).toString("base64");
  const header = {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `http.${variable("GITHUB_SERVER_URL")}/.extraheader`,
    GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${basic}`,
  };
  const options = { cwd: place, env: { ...process.env, ...header }, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] };
  return execFileSync("git", given, options);
}
