// An exported project is ready for an editor: its own settings bring the schemas, and nothing is complained about.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { editor, head, labels } from "./editor.mjs";
import { each, run } from "./program.mjs";
import { root, uriOf } from "./server.mjs";

const folder = mkdtempSync(join(tmpdir(), "campaignctl-"));
after(() => rmSync(folder, { recursive: true }));
const [origin, project] = ["origin", "project"].map((name) => join(folder, name));
cpSync(join(root, "examples/retail"), origin, { recursive: true, filter: (path) => !path.includes(".campaignctl") });
await run(["apply", "--project", origin, "--auto-approve"]);
await run(["export", "--project", origin, "--out", project]);
const exported = JSON.parse(readFileSync(join(project, ".vscode/settings.json"), "utf8"));

/** The settings with the schemas of this repository where they name the published ones. */
const local = Object.entries(exported["yaml.schemas"]).map(([url, globs]) => [
  url.replace(/^https:\/\/campaignctl\.dev\/schemas\/v1\//, "schemas/"),
  globs,
]);
const server = await editor(Object.fromEntries(local));
after(() => server.stop());

const MODELINES =
  /^# yaml-language-server: \$schema=(https:\/\/campaignctl\.dev\/schemas\/v1\/manifest\.schema\.json)\n# \$schema: \1\n/;

test("every exported file names its schema, and fits it", async () => {
  const files = readdirSync(project, { recursive: true }).filter((path) => path.endsWith(".yaml"));
  assert.ok(files.length > 50, files.join());
  await each(files, async (file) => {
    const text = readFileSync(join(project, file), "utf8");
    assert.match(text, MODELINES, file);
    // The schema of the repository by the settings, not the published one by the first line.
    const complaints = await server.diagnose(uriOf(join(project, file)), text.replace(MODELINES, ""));
    assert.deepEqual(complaints, [], `${file}:\n${text}`);
  });
});

test("the settings bring each file its schema", async () => {
  const offers = (file) => labels(server, "|", join(project, file));
  assert.match(await offers("goals/new.yaml"), /^new Goal /);
  assert.match(await offers("goals/new.yml"), /^new Goal /);
  assert.match(await offers("campaignctl.yaml"), /^project manifests /);
  const overlay = join(project, "overlays/production/change.yaml");
  assert.match(await labels(server, "kind: Goal\nmetadata: { name: a }\n|", overlay), /\$patch/);
  assert.doesNotMatch(await offers(".gitlab-ci.yml"), /new Goal/);
  assert.doesNotMatch(await offers(".github/workflows/ci.yml"), /new Goal/);
});
