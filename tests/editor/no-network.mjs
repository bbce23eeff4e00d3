// Loaded into a language server before its own code: every connection is refused at once, and noted in the file that
// NETWORK_LOG names, a host each line.

import { appendFileSync } from "node:fs";
import { Socket } from "node:net";

Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  appendFileSync(process.env.NETWORK_LOG, `${options?.host ?? options?.path ?? options}\n`);
  process.nextTick(() => this.destroy(new Error("there is no network")));
  return this;
};
