// The picture of the example: a browser can draw it, and no box lies on another.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { browser, open } from "./browser.mjs";
import { program, root } from "./project.mjs";

const held = browser();

test("examples/retail is drawn without overlaps, arrows to the right", async () => {
  const folder = mkdtempSync(join(tmpdir(), "campaignctl-graph-"));
  const file = join(folder, "retail.svg");
  execFileSync(program, ["graph", "examples/retail", "-o", file], { cwd: root, env: { PATH: process.env.PATH } });
  const { page, complaints, close } = await open(held.browser, file);
  const boxes = await page.evaluate(() =>
    [...document.querySelectorAll(".node rect")].map((it) => {
      const { left, right, top, bottom } = it.getBoundingClientRect();
      return { left, right, top, bottom };
    }),
  );
  assert.ok(boxes.length >= 80, `${boxes.length} boxes`);
  for (const [index, a] of boxes.entries()) {
    for (const b of boxes.slice(index + 1)) {
      const overlap = a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
      assert.ok(!overlap, `${JSON.stringify(a)} ${JSON.stringify(b)}`);
    }
  }
  const inside = await page.evaluate(() => {
    const { width, height } = document.documentElement.viewBox.baseVal;
    return [...document.querySelectorAll(".node, path")].every((it) => {
      const box = it.getBBox();
      const { e, f } = it.transform.baseVal.consolidate()?.matrix ?? { e: 0, f: 0 };
      return box.x + e >= 0 && box.y + f >= 0 && box.x + e + box.width <= width && box.y + f + box.height <= height;
    });
  });
  assert.ok(inside, "something lies outside of the picture");
  const lines = await page.evaluate(() =>
    [...document.querySelectorAll("path")].map((it) => [it.getPointAtLength(0).x, it.getPointAtLength(it.getTotalLength()).x]),
  );
  assert.ok(lines.length > 50 && lines.every(([from, to]) => from < to));
  assert.deepEqual(complaints, []);
  await close();
  rmSync(folder, { recursive: true });
});
