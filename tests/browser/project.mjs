// A project of some 500 objects on a sandbox of its own, and the plan of a large edit of it.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const program = process.env.CAMPAIGNCTL ?? join(root, "target/debug/campaignctl");

/** What somebody called a goal to see what a careless page does with it. */
export const HOSTILE = `</script><img src=x onerror="document.title='taken'">`;

/** How many campaigns there are; all other numbers follow. */
const CAMPAIGNS = 55;

function run(args, folder) {
  if (!existsSync(program)) throw new Error(`${program} is not there: run \`cargo build\` first`);
  const environment = { PATH: process.env.PATH, HOME: folder, CLIENT: "sandbox" };
  return execFileSync(program, args, { cwd: folder, env: environment, timeout: 120_000, maxBuffer: 1 << 26, stdio: ["ignore", "pipe", "inherit"] }).toString();
}

const document = (kind, name, spec) =>
  JSON.stringify({ apiVersion: "campaignctl.dev/v1", kind, metadata: { name }, spec });

/** The manifests: a goal, an audience and a place per campaign, and five engagements in it. */
function manifests(isEdited) {
  const all = [];
  for (let number = 0; number < CAMPAIGNS; number += 1) {
    // Some campaigns go, with all that is theirs, and others come.
    if (number >= CAMPAIGNS - 6 && isEdited) continue;
    all.push(...campaign(number, isEdited));
  }
  for (let number = CAMPAIGNS; number < CAMPAIGNS + 8 && isEdited; number += 1) all.push(...campaign(number, true));
  const color = isEdited ? "#0b5fff" : "#14532d";
  all.push(document("EngagementTemplate", "brand-button", {
    type: "stickyButton", language: "en-US", window: "brand-window", position: { left: 0, top: 200, type: 6 },
    displayInstances: [{ type: "online", enabled: true, presentation: { size: { width: "132", height: "44" }, background: { color }, elements: { labels: [{ text: "Ask us", css: { color: "#ffffff" } }] } } }],
  }));
  all.push(document("EngagementWindow", "brand-window", {
    displayName: "Brand window", type: "embedded",
    style: { scheme: "modern", language: "en-US", sound: !isEdited, welcomeMessage: { isEnabled: true, isDefault: false, text: isEdited ? "Good to see you. What can we do for you?" : "Hello, how can we help?" } },
  }));
  return all.join("\n---\n");
}

function campaign(number, isEdited) {
  const [theme, place] = [THEMES[number % THEMES.length], PLACES[Math.floor(number / THEMES.length) % PLACES.length]];
  const name = `${theme}-${place}-${number}`;
  const title = number === 3 ? HOSTILE : `${theme} in ${place}, no. ${number}`;
  const parts = [
    document("Goal", name, { displayName: title, description: isEdited ? "Reached the last page" : "Reached the page", indicator: { type: "url", url: `/${theme}/thanks` } }),
    document("TargetAudience", name, { displayName: `Visitors of ${name}`, description: isEdited ? "Everybody who comes" : "Everybody", conditions: [{ type: "all" }] }),
    document("EntryPoint", name, {
      displayName: `Pages of ${name}`,
      conditions: [{ type: "section", data: { include: [{ sections: [{ name: `"${theme}${isEdited && number % 4 === 0 ? "-new" : ""}"` }] }], exclude: [] } }],
    }),
    document("Campaign", name, {
      displayName: `Campaign ${name}`, description: isEdited ? `Rewritten for the season.\nLine two of ${name}.\nLine three.` : `As it was.\nLine two of ${name}.\nLine three.`,
      state: number % 3 === 0 ? "published" : "unpublished", goal: number % 2 === 0 ? name : `${THEMES[0]}-${PLACES[0]}-0`, targetAudiences: [name], controlGroup: isEdited ? "10%" : "5%", weight: "medium",
    }),
  ];
  for (let index = 0; index < 5; index += 1) {
    parts.push(document("Engagement", `${name}-${index}`, {
      displayName: `${title.length > 40 ? name : title}, ${WORDS[index]}`, campaign: name, template: "brand-button", entryPoints: [name], allowUnauthenticated: true, description: isEdited ? "Second draft" : "First draft",
    }));
  }
  return parts;
}

const THEMES = ["checkout", "returns", "autumn-sale", "loyalty", "style-advice", "gift-cards", "delivery", "newsletter", "store-visit", "outlet"];
const PLACES = ["paris", "lyon", "berlin", "madrid", "milan", "lisbon"];
const WORDS = ["button", "overlay", "toaster", "card", "peeling corner"];

/** A handoff, which only people write on a real account. */
const handoff = () =>
  document("ApiHandoff", "order-updates", {
    displayName: "Order updates", channel: "inApp", appNames: ["com.example.shop"], language: "en",
    message: { text: "Hi ${{1}}", sameForNotification: true, variables: ["1"] },
  });

/** The account of the sandbox as a real one: over HTTP, with credentials, and with handoffs that programs only read. */
async function served(folder) {
  const server = spawn(program, ["sandbox", "start"], { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
  const [base] = await once(createInterface({ input: server.stdout }), "line");
  const credentials = "{ clientId: { env: CLIENT }, clientSecret: { env: CLIENT } }";
  const live = `{ account: '10000001', domainApi: '${base}', hosts: { handoff: '${base}' }, credentials: ${credentials} }`;
  writeFileSync(join(folder, "campaignctl.yaml"), `project: browser\nenvironments:\n  live: ${live}\n`);
  return () => server.kill();
}

/** The page of the first plan of the quickstart, whose graph is drawn whole; `end` removes it. */
export function small() {
  const folder = mkdtempSync(join(tmpdir(), "campaignctl-browser-"));
  cpSync(join(root, "examples/quickstart"), folder, { recursive: true, filter: (path) => !path.includes(".campaignctl/") });
  const page = join(folder, "plan.html");
  writeFileSync(page, run(["plan", "--format", "html", "-q"], folder));
  return { page, end: () => rmSync(folder, { recursive: true }) };
}

/** The files of a plan of some 500 changes; `end` removes them. */
export async function planned() {
  const folder = mkdtempSync(join(tmpdir(), "campaignctl-browser-"));
  const file = (name) => join(folder, name);
  writeFileSync(file("campaignctl.yaml"), "project: browser\n");
  const end = await served(folder);
  writeFileSync(file("all.yaml"), manifests(false));
  run(["apply", "-e", "live", "--auto-approve", "-q"], folder);
  writeFileSync(file("all.yaml"), `${manifests(true)}\n---\n${handoff()}`);
  try {
    run(["plan", "-e", "live", "--out", "plan.json", "-q"], folder);
  } catch (error) {
    if (error.status !== 6) throw error; // the guards hold it back, which the page is to show
  } finally {
    end();
  }
  const plan = JSON.parse(readFileSync(file("plan.json"), "utf8"));
  writeFileSync(file("plan.html"), run(["show", "plan.json", "--format", "html"], folder));
  return { plan, page: file("plan.html"), folder, end: () => rmSync(folder, { recursive: true }) };
}
