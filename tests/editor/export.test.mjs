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

/** The settings with whole paths, since the server of these tests is opened with another folder. */
const whole = Object.entries(exported["yaml.schemas"]).map(([path, globs]) => [join(project, path), globs]);
const server = await editor(Object.fromEntries(whole));
after(() => server.stop());

const MODELINES =
  /^# yaml-language-server: \$schema=(\.\.\/\.campaignctl\/schemas\/manifest\.schema\.json)\n# \$schema: \1\n/;

test("every exported file names its schema, and fits it", async () => {
  const files = readdirSync(project, { recursive: true }).filter((path) => path.endsWith(".yaml"));
  assert.ok(files.length > 50, files.join());
  await each(files, async (file) => {
    const text = readFileSync(join(project, file), "utf8");
    assert.match(text, MODELINES, file);
    // By the first line, and by the settings.
    for (const content of [text, text.replace(MODELINES, "")]) {
      const complaints = await server.diagnose(uriOf(join(project, file)), content);
      assert.deepEqual(complaints, [], `${file}:\n${content}`);
    }
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
