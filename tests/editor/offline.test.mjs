// A new project and a fresh clone of it, in an editor that has no network: the lines in its files and its own settings
// lead to schemas beside it, and nothing but the editor's own catalogue is asked for elsewhere.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { head, labels, told } from "./editor.mjs";
import { run } from "./program.mjs";
import { Server, uriOf } from "./server.mjs";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "campaignctl-")));
after(() => rmSync(folder, { recursive: true }));
const [project, clone] = ["project", "clone"].map((name) => join(folder, name));
await run(["init", "--yes", "--name", "shop", "--dir", project]);
const git = (...args) => execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args]);
git("init", "--quiet", project);
git("-C", project, "add", "--all");
git("-C", project, "commit", "--quiet", "--message", "shop");
git("clone", "--quiet", project, clone);

const log = join(folder, "network.log");
writeFileSync(log, "");

/** An editor with the settings of the clone, or with none of its own; nothing of it is changed. */
async function offline(own = JSON.parse(readFileSync(join(clone, ".vscode/settings.json"), "utf8"))) {
  const yaml = { completion: true, hover: true, validate: true, schemas: own["yaml.schemas"] ?? {} };
  const node = ["--import", uriOf("tests/editor/no-network.mjs")];
  const env = { ...process.env, NETWORK_LOG: log };
  const warmUp = { "warm-up.yaml": "# yaml-language-server: $schema=.campaignctl/schemas/campaignctl.schema.json\n" };
  return Server.start({ yaml, editor: { tabSize: 2 }, http: {} }, { folder: clone, node, env, warmUp });
}

const read = (file) => readFileSync(join(clone, file), "utf8");
const LINES = /^# yaml-language-server: \$schema=(\S+)\n# \$schema: \1\n/;

test("a fresh clone is ready by the lines in its files", async (t) => {
  const server = await offline({});
  t.after(() => server.stop());
  for (const file of ["campaignctl.yaml", "manifests/campaign.yaml", "manifests/library.yaml"]) {
    assert.match(read(file), LINES, file);
    assert.deepEqual(await server.diagnose(uriOf(join(clone, file)), read(file)), [], file);
  }
  const lines = LINES.exec(read("manifests/campaign.yaml"))[0];
  const nested = join(clone, "manifests/new.yaml");
  assert.match(await labels(server, `${lines}|`, nested), /^new Goal /);
  const broken = await server.diagnose(uriOf(nested), `${lines}${head("Goal")}spec: { typ: lead }\n`);
  assert.match(broken.map(({ message }) => message).join(), /typ/);
  assert.match(await told(server, `${lines}${head("Goal")}sp|ec: {}\n`, join(clone, "manifests/a.yaml")), /^What a campaign/);
});

test("a fresh clone is ready by its settings", async (t) => {
  const server = await offline();
  t.after(() => server.stop());
  const offered = (file, text = "|") => labels(server, text, join(clone, file));
  assert.match(await offered("manifests/deep/er/new.yaml"), /^new Goal /);
  assert.match(await offered("other.yml"), /^new Goal /);
  assert.match(await offered("overlays/production/change.yaml", "kind: Goal\nmetadata: { name: a }\n|"), /\$patch/);
  assert.doesNotMatch(await offered(".github/workflows/ci.yml"), /new Goal/);
});

test("what export and pull write leads to the same schemas from every folder", async (t) => {
  await run(["apply", "--project", clone, "--auto-approve"]);
  await run(["export", "Goal", "--project", clone, "--out", join(clone, "copies/of/goals")]);
  const server = await offline({});
  t.after(() => server.stop());
  const file = "copies/of/goals/goals/checkout-done.yaml";
  assert.equal(LINES.exec(read(file))[1], "../../../../.campaignctl/schemas/manifest.schema.json");
  assert.deepEqual(await server.diagnose(uriOf(join(clone, file)), read(file)), []);
  const lines = LINES.exec(read(file))[0];
  assert.match(await labels(server, `${lines}${head("Goal")}spec:\n  |`, join(clone, file)), /^displayName /);
});

test("no schema was looked for elsewhere", () => {
  const hosts = new Set(readFileSync(log, "utf8").split("\n").filter(Boolean));
  // The catalogue of all schemas, which editors ask for unless they are told not to.
  hosts.delete("www.schemastore.org");
  hosts.delete("json.schemastore.org");
  assert.deepEqual([...hosts], []);
});
