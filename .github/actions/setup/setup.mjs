// Installs a released campaignctl for the platform of the runner, after its checksum was verified; or takes a given one.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { input, main, output, say, variable } from "../lib/runner.mjs";

/** The largest archive that is downloaded. */
const LARGEST = 200 * 1024 * 1024;
const TIMEOUT_MS = 300_000;

const TARGETS = {
  "linux-x64": "x86_64-unknown-linux-musl",
  "linux-arm64": "aarch64-unknown-linux-musl",
  "darwin-x64": "x86_64-apple-darwin",
  "darwin-arm64": "aarch64-apple-darwin",
  "win32-x64": "x86_64-pc-windows-msvc",
};

await main(async () => {
  const binary = input("binary") ? given() : await installed();
  const ran = spawnSync(binary, ["version"], { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`\`${binary}\` cannot be run: ${ran.error?.message ?? ran.stderr}`);
  say(`${ran.stdout.split("\n")[0]} (${binary})`);
  if (variable("GITHUB_PATH")) appendFileSync(variable("GITHUB_PATH"), `${dirname(binary)}\n`);
  output({ binary, version: ran.stdout.split("\n")[0].replace(/^campaignctl\s+/, "") });
});

function given() {
  const binary = resolve(variable("GITHUB_WORKSPACE") || ".", input("binary"));
  if (!existsSync(binary)) throw new Error(`there is no program \`${binary}\``);
  return binary;
}

/** The version that was asked for, or else the one that these actions belong to: pinning them pins the program. */
function version() {
  if (input("version")) return input("version").replace(/^v/, "");
  const cargo = join(dirname(fileURLToPath(import.meta.url)), "../../../Cargo.toml");
  const found = /^version = "([^"]+)"/m.exec(readFileSync(cargo, "utf8"))?.[1];
  if (!found) throw new Error("give the `version` to install");
  return found;
}

async function installed() {
  const repository = input("repository");
  if (!repository) throw new Error("give the `repository` whose release is to be installed, or a `binary`");
  const target = TARGETS[`${process.platform}-${process.arch}`];
  if (!target) throw new Error(`there is no release for ${process.platform}-${process.arch}: give a \`binary\``);
  const wanted = version();
  const ending = process.platform === "win32" ? "zip" : "tar.gz";
  const name = `campaignctl-${wanted}-${target}.${ending}`;
  const base = `${variable("GITHUB_SERVER_URL") || "https://github.com"}/${repository}/releases/download/v${wanted}`;
  const archive = await download(`${base}/${name}`);
  const actual = createHash("sha256").update(archive).digest("hex");
  const expected = input("checksum") || listed((await download(`${base}/SHA256SUMS`)).toString("utf8"), name);
  if (actual !== expected.toLowerCase()) {
    throw new Error(`the checksum of ${name} is ${actual}, and should be ${expected}: it is not installed`);
  }
  return extracted(archive, name);
}

async function download(url) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  if (Number(answer.headers.get("content-length")) > LARGEST) throw new Error(`${url} is too large`);
  const parts = [];
  let length = 0;
  for await (const part of answer.body) {
    length += part.length;
    if (length > LARGEST) throw new Error(`${url} is too large`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The checksum of a file in a list as `sha256sum` writes it. */
function listed(list, name) {
  const rows = list.split("\n").map((line) => line.trim().split(/\s+\*?/));
  const found = rows.find(([, file]) => file === name)?.[0];
  if (!/^[0-9a-fA-F]{64}$/.test(found ?? "")) throw new Error(`SHA256SUMS of the release has no checksum of ${name}`);
  return found;
}

/** Unpacks only what was verified. The tar of Windows itself reads zip files, the one that Git brings does not. */
function extracted(archive, name) {
  const temp = variable("RUNNER_TEMP") || tmpdir();
  mkdirSync(temp, { recursive: true });
  const folder = mkdtempSync(join(temp, "campaignctl-"));
  const file = join(folder, name);
  writeFileSync(file, archive);
  const windows = process.platform === "win32";
  const tar = windows ? join(variable("SystemRoot"), "System32", "tar.exe") : "tar";
  const ran = spawnSync(tar, ["-xf", file, "-C", folder], { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`${name} cannot be unpacked: ${ran.error?.message ?? ran.stderr}`);
  const program = windows ? "campaignctl.exe" : "campaignctl";
  const places = [join(folder, program), join(folder, name.slice(0, -(windows ? ".zip" : ".tar.gz").length), program)];
  const binary = places.find((place) => existsSync(place));
  if (!binary) throw new Error(`${name} holds no ${program}`);
  return binary;
}
