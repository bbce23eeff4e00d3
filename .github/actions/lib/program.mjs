// Runs campaignctl for a script.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

import { credentials, environment, input, lines, project, quote, say, variable } from "./runner.mjs";

/** The environment of the program: what the job has, without what is for the script alone. */
function childEnvironment() {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("INPUT_"));
  const commits = input("commit-ledger") === "true" ? { CAMPAIGNCTL_COMMITS_LEDGER: "true" } : {};
  return { ...Object.fromEntries(inherited), ...credentials(), ...commits, CAMPAIGNCTL_COLOR: "never" };
}

/** Runs the program at the root of the repository, so that it names files as GitHub does. */
export function campaignctl(command, ...given) {
  const place = ["--project", project(), ...(input("environment") ? ["-e", environment()] : [])];
  const all = [command, ...place, ...given];
  if (command !== "show") say(`campaignctl ${all.join(" ")}`);
  const ran = spawnSync(input("binary") || "campaignctl", all, {
    cwd: variable("GITHUB_WORKSPACE") || process.cwd(),
    env: childEnvironment(),
    encoding: "utf8",
    maxBuffer: 512 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (ran.error) throw new Error(`campaignctl cannot be run: ${ran.error.message}`);
  quote(ran.stderr);
  // Killed by a signal, as it is when a job is cancelled.
  return { code: ran.status ?? 130, stdout: ran.stdout, stderr: ran.stderr };
}

/** What else the caller wants: arguments, one a line. */
export function extra() {
  return lines("args");
}

/** The manifests that the run is about, the whole project when there are none. */
export function paths() {
  return lines("paths");
}

const GUARDS = ["mass-delete", "mass-update", "unpublish", "impact"];

/** The flags of the guards that are lifted, by the input `allow` or by labels of the pull request. */
export function allowed(labels) {
  const names = labels.map((label) => label.name ?? "").filter((name) => name.startsWith("campaignctl/allow-"));
  const wanted = [...input("allow").split(/[\s,]+/), ...names.map((name) => name.slice("campaignctl/allow-".length))];
  const unknown = input("allow").split(/[\s,]+/).filter((name) => name && !GUARDS.includes(name));
  if (unknown.length > 0) throw new Error(`\`allow\` knows ${GUARDS.join(", ")}, not ${unknown.join(", ")}`);
  return GUARDS.filter((guard) => wanted.includes(guard)).map((guard) => `--allow-${guard}`);
}

/** The variables of clouds: their tools read them, no project has to name them. */
const CLOUD = /^(AWS|GOOGLE|AZURE)_/;

/** The flags for a project that is not trusted: what `credentials` holds may be named, and what the caller allows. */
export function restricted() {
  if (input("restricted") === "false") return [];
  const names = Object.keys(credentials()).filter((name) => !CLOUD.test(name));
  const all = (flag, values) => values.map((value) => `${flag}=${value}`);
  return [
    "--restricted",
    ...all("--allow-variable", names),
    ...all("--allow-host", lines("allow-host")),
    ...all("--allow-ledger", lines("allow-ledger")),
  ];
}

/** A document that the program wrote, `undefined` when it did not get that far. */
export function document(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}
