// The program, and what its `validate` says.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { root } from "./server.mjs";

export const program = process.env.CAMPAIGNCTL ?? join(root, "target/debug/campaignctl");

/** What the program writes to stdout. Complaints end it with 3, which is no failure here. */
export function run(args, input = "") {
  if (!existsSync(program)) throw new Error(`${program} is not there: run \`cargo build\` first`);
  return new Promise((done, failed) => {
    const child = execFile(
      program,
      args,
      { cwd: root, timeout: 30_000, maxBuffer: 1 << 24, env: { PATH: process.env.PATH } },
      (error, stdout, stderr) => (error && error.code !== 3 ? failed(new Error(`${error}\n${stderr}`)) : done(stdout)),
    );
    // Who reads no input may be gone before it is written.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

/** The complaints of one run; of a broken project file, those about it. */
export async function validate(args, input) {
  const said = JSON.parse(await run(["validate", "--format", "json", ...args], input));
  return (said.complaints ?? said).diagnostics;
}

/** Runs `work` for each item, a few at a time. */
export async function each(items, work) {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}
