// The page of a large plan: what people do with it, and that it stays a page of its own.

import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { after, before, test } from "node:test";

import { browser, open } from "./browser.mjs";
import { HOSTILE, planned, small } from "./project.mjs";

const held = browser();
let made;
before(async () => (made = await planned()));
after(() => made?.end());

/** Opens the page for one test, and holds it to silence. */
async function visit(work, options) {
  const { page, complaints, close } = await open(held.browser, made.page, options);
  try {
    await work(page);
    assert.deepEqual(complaints, []);
  } finally {
    await close();
  }
}

const shown = (page) => page.locator(".change:not([hidden])").count();
const said = (page) => page.locator("#shown").textContent();

/** The counter without a filter: what the plan leaves alone is no change. */
function counted(changes) {
  const kept = changes.filter((change) => change.action === "none").length;
  return `${changes.length - kept} changes${kept > 0 ? `, ${kept} left alone` : ""}`;
}

test("holds a plan of 500 changes in less than two megabytes", async () => {
  const { changes } = made.plan;
  assert.ok(changes.length >= 500, `${changes.length} changes`);
  assert.ok(statSync(made.page).size < 2_000_000);
  await visit(async (page) => {
    assert.equal(await shown(page), changes.length);
    assert.equal(await said(page), counted(changes));
    assert.ok((await page.locator(".notice.blocked").count()) > 0);
  });
});

test("equal changes are together, open while they are searched, and lead to each of them", async () => {
  await visit(async (page) => {
    const block = page.locator(".alike").first();
    const inside = await block.locator(".change").count();
    assert.ok(inside > 3, `${inside} changes`);
    assert.equal(await block.locator(".change:visible").count(), 0);
    assert.match(await block.locator("> summary").innerText(), new RegExp(`^\\W*\\s*${inside} `));
    const name = await block.locator(".change b").last().textContent();
    await page.fill("#q", name);
    await page.waitForFunction(() => document.querySelector("#shown").textContent.includes(" of "));
    await block.locator(".change:visible", { hasText: name }).first().waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await block.locator(".change:visible").count(), 0);
    const id = await block.locator(".change").last().getAttribute("id");
    await page.evaluate((id) => (location.hash = id), id);
    await page.locator(`#${id}:visible`).waitFor();
  });
});

test("what people call their objects stays text", async () => {
  await visit(async (page) => {
    const name = page.locator(".change bdi.shown", { hasText: "onerror" }).first();
    assert.equal(await name.textContent(), HOSTILE);
    assert.equal(await page.locator("img").count(), 0);
    assert.equal(await page.title(), "Plan for live");
  });
});

test("no script but its own runs", async () => {
  const { page, complaints, close } = await open(held.browser, made.page);
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "document.title = 'taken'";
    document.body.append(script);
    document.body.insertAdjacentHTML("beforeend", `<img src="http://127.0.0.1:9/x.png" onerror="document.title = 'taken'">`);
  });
  await page.waitForTimeout(100);
  assert.equal(await page.title(), "Plan for live");
  assert.ok(complaints.some((it) => it.includes("Content Security Policy")), complaints.join("\n"));
  await close();
});

test("search and filters find changes by text, action, kind, cause and effect", async () => {
  const { changes } = made.plan;
  const count = (fits) => changes.filter(fits).length;
  await visit(async (page) => {
    await page.fill("#q", "newsletter engagement");
    await page.waitForFunction(() => document.querySelector("#shown").textContent.includes(" of "));
    const found = await shown(page);
    assert.ok(found > 10 && found < changes.length, `${found} found`);
    await page.keyboard.press("Escape");
    assert.equal(await shown(page), changes.length);

    await page.click('.counts a[data-action="create"]');
    const creates = count((it) => it.action === "create");
    assert.equal(await shown(page), creates);
    assert.ok((await said(page)).startsWith(`${creates} of ${counted(changes).replace(/,.*/, "")}`));
    await page.selectOption("#kind", "Campaign");
    assert.equal(await shown(page), count((it) => it.action === "create" && it.kind === "Campaign"));
    await page.click('.counts a[data-action="create"]');
    await page.selectOption("#kind", "");
    await page.selectOption("#cause", "template");
    assert.equal(await shown(page), count((it) => it.fields.some((field) => field.cause === "template")));
    await page.selectOption("#cause", "");
    await page.check("#live");
    const live = await shown(page);
    assert.ok(live > 0 && live < changes.length, `${live} live`);

    await page.fill("#q", "no such thing anywhere");
    await page.locator("#none").waitFor();
    await page.click("#clear");
    assert.equal(await shown(page), changes.length);
  });
});

test("a change opens with its fields, their causes, and what is around it", async () => {
  await visit(async (page) => {
    const card = page.locator('.change.update[data-kind="Campaign"]').first();
    await card.locator("summary").click();
    assert.match(await card.locator(".fields").innerText(), /controlGroup\s+edit\s+5%\s+10%/);
    assert.match(await card.locator(".fields pre").innerText(), /^- As it was\.\n\+ Rewritten for the season\.\n {2}Line two/);
    assert.match(await card.locator(".around").innerText(), /refers to\s+Goal\//);
    const template = page.locator('.change[data-causes*="template"]').first();
    await page.fill("#q", await template.locator("b").first().textContent());
    await template.locator("summary").click();
    assert.match(await template.locator(".fields").innerText(), /template EngagementTemplate\/brand-button/);
    await page.fill("#q", "");
    await page.waitForFunction(() => !document.querySelector("#shown").textContent.includes(" of "));
    assert.equal(await page.locator("#manual .change[open]").count(), 1);
    await page.click("#all");
    assert.equal(await page.locator(".change[open]").count(), made.plan.changes.length);
  });
});

test("the graph shows what a change reaches, and leads on from there", async () => {
  await visit(async (page) => {
    const card = page.locator('.change.update[data-kind="EngagementWindow"]');
    await card.locator("summary").click();
    await card.getByRole("button", { name: "Show in the graph" }).click();
    assert.match(await page.locator("#told").innerText(), /EngagementWindow\/brand-window.*used by \d+ objects, \d+ of them live/);
    assert.equal(await page.locator('.node[aria-current="true"]').getAttribute("title"), "EngagementWindow/brand-window “Brand window”");
    const template = page.getByRole("button", { name: "EngagementTemplate, brand-button" });
    await template.click();
    assert.match(await page.locator("#told").innerText(), /brand-button: does not change itself; used by/);
    const nodes = await page.locator(".node").count();
    await page.locator(".more").first().click();
    assert.ok((await page.locator(".node").count()) > nodes);
    assert.ok((await page.locator(".net path").count()) > 20);
    await page.selectOption("#focus", { label: "Goal/returns-paris-1" });
    await page.getByRole("link", { name: "Open the change" }).click();
    assert.equal(await page.locator(".change[open] summary:focus").innerText().then((it) => it.includes("returns-paris-1")), true);
  });
});

test("everything can be done with the keyboard", async () => {
  await visit(async (page) => {
    const at = (selector) => page.evaluate((it) => document.activeElement.matches(it), selector);
    await page.keyboard.press("Tab");
    assert.ok(await at(".skip"));
    await page.keyboard.press("/");
    assert.ok(await at("#q"));
    await page.keyboard.type("gift");
    await page.waitForFunction(() => document.querySelector("#shown").textContent.includes(" of "));
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    assert.ok(await at(".change summary"));
    await page.keyboard.press("Enter");
    assert.ok(await at(".change[open] summary"));
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineWidth);
    assert.equal(outline, "2px");

    await page.locator("#tab-changes").focus();
    await page.keyboard.press("ArrowRight");
    assert.ok(await at('#tab-graph[aria-selected="true"]'));
    await page.keyboard.press("Tab");
    assert.ok(await at("#focus"));
    await page.locator(".node").first().focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    assert.ok(await at(".col:nth-of-type(n+2) .node"));
    await page.keyboard.press("Enter");
    assert.ok(await at('.node[aria-current="true"]'));
  });
});

test("a graph that is drawn whole says so in the list of objects, and comes back by it", async () => {
  const one = small();
  const { page, complaints, close } = await open(held.browser, one.page);
  try {
    const picked = () => page.locator("#focus option:checked").textContent();
    await page.click("#tab-graph");
    assert.equal(await picked(), "All objects");
    const all = await page.locator(".col button").count();
    await page.selectOption("#focus", { index: 1 });
    assert.notEqual(await picked(), "All objects");
    await page.selectOption("#focus", { label: "All objects" });
    assert.equal(await page.locator(".col button").count(), all);
    assert.deepEqual(complaints, []);
  } finally {
    await close();
    one.end();
  }
});

test("light and dark follow the system until somebody chooses", async () => {
  const ground = (page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await visit(async (page) => {
    const dark = await ground(page);
    await page.getByRole("button", { name: "Light theme" }).click();
    const light = await ground(page);
    assert.notEqual(light, dark);
    await page.reload();
    assert.equal(await ground(page), light);
  }, { colorScheme: "dark" });
});

for (const width of [360, 800, 1440]) {
  test(`nothing sticks out at ${width} pixels`, async () => {
    await visit(async (page) => {
      await page.click("#all");
      await page.evaluate(() => {
        const reason = ": it is now for users of the app Shop for iOS; visitors of the web site and users of the app Shop for Android lose it";
        for (const tag of document.querySelectorAll(".tag.loses")) tag.textContent += reason;
      });
      for (const tab of ["changes", "graph", "steps"]) {
        await page.click(`#tab-${tab}`);
        const extra = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(extra <= 0, `${tab} is ${extra} pixels too wide`);
        const out = await page.evaluate(() => {
          const edge = document.querySelector("main").getBoundingClientRect().right + 1;
          const all = [...document.querySelectorAll("main *:not(.net, .net *)")];
          return all.filter((it) => it.getBoundingClientRect().right > edge).map((it) => it.outerHTML.slice(0, 80));
        });
        assert.deepEqual(out, []);
      }
    }, { viewport: { width, height: 900 } });
  });
}

test("without JavaScript all is there to read", async () => {
  await visit(async (page) => {
    assert.equal(await shown(page), made.plan.changes.length);
    assert.equal(await page.locator(".tools").isVisible(), false);
    const block = page.locator(".alike").first();
    await block.locator("> summary").click();
    const card = block.locator(".change").first();
    await card.locator("summary").click();
    assert.equal(await card.locator(".body").isVisible(), true);
    assert.equal(await page.locator("#steps li").count(), made.plan.steps.length);
  }, { javaScriptEnabled: false });
});
