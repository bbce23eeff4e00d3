// Chromium, with nothing of the machine and no network, and a page in it that keeps what goes wrong.

import { existsSync } from "node:fs";
import { after, before } from "node:test";
import { pathToFileURL } from "node:url";

import { chromium } from "playwright-core";

const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";

const args = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export async function launch() {
  if (!existsSync(executablePath)) throw new Error(`${executablePath} is not there: install chromium, or name it in CHROMIUM`);
  return chromium.launch({ executablePath, args, chromiumSandbox: process.getuid?.() !== 0, timeout: 60_000 });
}

/** Opens a file. `complaints` holds console errors, exceptions and every request for anything but the file. */
export async function open(browser, file, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const url = pathToFileURL(file).href;
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (request.url().split("#")[0] !== url) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints, close: () => context.close() };
}

/** A browser for all tests of a file. */
export function browser() {
  const held = {};
  before(async () => (held.browser = await launch()));
  after(() => held.browser?.close());
  return held;
}
