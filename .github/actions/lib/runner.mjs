// What a script and the runner tell each other: inputs, outputs, the log, annotations and the summary of the job.
//
// Everything comes from the environment and goes to the files that it names, so that a script runs anywhere. Only
// what Node.js itself brings is used: there is nothing to install, and nothing of others to trust.

import { createHash, randomUUID } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const env = process.env;

/** An input of the action, trimmed; empty when it is not given. */
export function input(name) {
  return (env[`INPUT_${name.toUpperCase().replaceAll("-", "_")}`] ?? "").trim();
}

/** An input of one value a line. */
export function lines(name) {
  return input(name).split("\n").map((line) => line.trim()).filter(Boolean);
}

/** A variable that every runner sets. */
export function variable(name) {
  return env[name] ?? "";
}

/** The folder of the project, as a person names it: `.` is the root of the repository. */
export function project() {
  return input("project").replace(/\/+$/, "") || ".";
}

/** The environment of `campaignctl.yaml`; the program's own default when none is given. */
export function environment() {
  return input("environment") || "sandbox";
}

/** What tells one project and environment from all others, fit for the name of an artifact or folder. */
export function slug() {
  const plain = `${project() === "." ? "root" : project()}-${environment()}`;
  const safe = plain.replaceAll(/[^A-Za-z0-9._-]/g, "-");
  const digest = createHash("sha256").update(`${project()} ${environment()}`).digest("hex");
  return safe === plain ? safe : `${safe}-${digest.slice(0, 8)}`;
}

/** A folder for what one step leaves to the next. */
export function scratch(purpose) {
  const folder = join(variable("RUNNER_TEMP") || tmpdir(), `campaignctl-${purpose}-${slug()}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The pairs of the input `credentials`: a `NAME=value` a line. */
export function credentials() {
  const pairs = lines("credentials").map((line) => {
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line) ?? [];
    if (name === undefined) {
      throw new Error("the input `credentials` holds a line that is not `NAME=value`");
    }
    return [name, value];
  });
  return Object.fromEntries(pairs);
}

const SECRET_NAME = /SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|BEARER|PRIVATE|API_?KEY|ACCESS_?KEY/i;

/** Values that may never be published: credentials, and whatever the environment holds under a telling name. */
function secrets() {
  const named = Object.entries(env).filter(([name]) => SECRET_NAME.test(name)).map(([, value]) => value);
  const all = [...named, ...Object.values(credentials())].flatMap((value) => [value, ...value.split("\n")]);
  const worth = all.map((value) => value.trim()).filter((value) => value.length >= 6);
  return [...new Set(worth)].sort((a, b) => b.length - a.length);
}

/** A text as it may be published. The program writes no secret; a manifest that quotes one could. */
export function redacted(text) {
  return secrets().reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
}

/** Has the runner hide the credentials in its log. Other secrets it knows by itself. */
export function mask() {
  for (const value of Object.values(credentials()).filter((value) => value.length >= 6)) {
    say(`::add-mask::${escaped(value)}`);
  }
}

/** A line in the log. */
export function say(text) {
  process.stdout.write(`${text}\n`);
}

/** What others wrote, into the log: none of it is a command to the runner. */
export function quote(text) {
  if (text.trim() === "") return;
  const pause = randomUUID();
  say(`::stop-commands::${pause}\n${redacted(text).trimEnd()}\n::${pause}::`);
}

function escaped(text) {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text) {
  return escaped(String(text)).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** An annotation: `error`, `warning` or `notice`. */
export function annotate(level, message, place = {}) {
  const known = Object.entries(place).filter(([, value]) => value !== undefined);
  const where = known.map(([name, value]) => `${name}=${property(value)}`).join(",");
  say(`::${level}${where ? ` ${where}` : ""}::${escaped(redacted(message))}`);
}

/** A step shows ten annotations of a kind, and drops the rest without a word. */
const ANNOTATIONS = 10;

/** Annotates the lines that complaints are about, errors first, and tells how many are left out. */
export function complain(complaints) {
  const found = [...(complaints?.diagnostics ?? [])];
  found.sort((a, b) => Number(b.severity === "error") - Number(a.severity === "error"));
  for (const it of found.slice(0, ANNOTATIONS)) {
    annotate(it.severity === "error" ? "error" : "warning", it.help ? `${it.message}\nhelp: ${it.help}` : it.message, {
      file: it.file,
      line: it.line,
      col: it.column,
      endLine: it.endLine,
      endColumn: it.endLine === it.line ? it.endColumn : undefined,
      title: it.code,
    });
  }
  const rest = found.length - ANNOTATIONS;
  if (rest > 0) {
    annotate("notice", `${rest} more ${rest === 1 ? "problem is" : "problems are"} listed in the log and the summary`);
  }
}

/** Outputs of the step. Values may have any characters. */
export function output(values) {
  const file = variable("GITHUB_OUTPUT");
  if (!file) return;
  for (const [name, value] of Object.entries(values)) {
    const end = randomUUID();
    appendFileSync(file, `${name}<<${end}\n${redacted(String(value ?? ""))}\n${end}\n`);
  }
}

/** A step may add 1 MiB to the summary of the job; beyond, all of it is dropped. */
const SUMMARY_BYTES = 1_000_000;

/** Adds Markdown to the summary of the job. */
export function summarize(markdown) {
  const file = variable("GITHUB_STEP_SUMMARY");
  const text = `${redacted(markdown)}\n`;
  if (file && Buffer.byteLength(text) <= SUMMARY_BYTES) appendFileSync(file, text);
}

/** The event that started the workflow. */
export function event() {
  const file = variable("GITHUB_EVENT_PATH");
  return file && existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}

/** Where this run can be looked at. */
export function runUrl() {
  return `${variable("GITHUB_SERVER_URL")}/${variable("GITHUB_REPOSITORY")}/actions/runs/${variable("GITHUB_RUN_ID")}`;
}

/** Runs a script to its end; an exit code, or what it throws, is that of the step. */
export async function main(work) {
  try {
    mask();
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    annotate("error", error.message);
    process.exitCode = 1;
  }
}
