// What `campaignctl validate` says, as a program reads it.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { root } from "./server.mjs";

const program = process.env.CAMPAIGNCTL ?? join(root, "target/debug/campaignctl");

/** The complaints of one run; of a broken project file, those about it. */
export async function validate(args, input = "") {
  if (!existsSync(program)) throw new Error(`${program} is not there: run \`cargo build\` first`);
  const out = await new Promise((done, failed) => {
    const child = execFile(
      program,
      ["validate", "--format", "json", ...args],
      { cwd: root, timeout: 30_000, maxBuffer: 1 << 24, env: { PATH: process.env.PATH } },
      // Complaints end it with 3, which is no failure here.
      (error, stdout, stderr) => (error && error.code !== 3 ? failed(new Error(`${error}\n${stderr}`)) : done(stdout)),
    );
    // Who reads no input may be gone before it is written.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
  const said = JSON.parse(out);
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
