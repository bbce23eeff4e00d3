// The extension for VS Code without VS Code: its manifest, and its code with a stand-in for the editor that starts what the
// extension says, and talks to it. `vscode/run` beside this file tries it in the real one.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire, Module } from "node:module";
import { join } from "node:path";
import { test } from "node:test";

import { program } from "./program.mjs";
import { root } from "./server.mjs";

const folder = join(root, "examples/editors/vscode");
const read = (path) => readFileSync(join(root, path), "utf8");
const manifest = JSON.parse(read("examples/editors/vscode/package.json"));

test("the manifest of the extension fits the program and the code", () => {
  assert.equal(manifest.version, /^version = "(.*)"/m.exec(read("Cargo.toml"))[1]);
  const repository = /^repository = "(.*)"/m.exec(read("Cargo.toml"))[1];
  assert.equal(manifest.repository.url, `${repository}.git`);
  assert.equal(manifest.publisher, repository.split("/").at(-2));
  assert.deepEqual(manifest.activationEvents, ["workspaceContains:**/campaignctl.yaml"]);
  assert.equal(manifest.dependencies, undefined, "everything is in one file");
  const code = read("examples/editors/vscode/extension.js");
  for (const { command } of manifest.contributes.commands) assert.ok(code.includes(`"${command}"`), command);
  for (const name of Object.keys(manifest.contributes.configuration.properties)) {
    assert.ok(code.includes(`"${name}"`), name);
    assert.ok(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations.includes(name), name);
  }
  const [, oldest] = /^\^(\d+\.\d+)\./.exec(manifest.engines.vscode);
  assert.ok(manifest.devDependencies["@types/vscode"].startsWith(`${oldest}.`), "types of the oldest editor");
  assert.ok(existsSync(join(folder, "package-lock.json")));
});

/** A process that says what the language server answers to `initialize`. */
function answer({ command, args }) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    child.on("error", failed);
    child.on("exit", (code) => failed(new Error(`the server ended with ${code}`)));
    let said = "";
    child.stdout.on("data", (bytes) => {
      said += bytes;
      const [head, body] = said.split("\r\n\r\n");
      if (body === undefined || Buffer.byteLength(body) < Number(/\d+/.exec(head)[0])) return;
      child.removeAllListeners("exit");
      child.kill();
      done(JSON.parse(body).result);
    });
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: { capabilities: {} } });
    child.stdin.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
  });
}

/** The extension in an editor with these settings, and what it did there. */
function started(path) {
  const did = { clients: [], commands: new Map(), errors: [], changed: undefined, disposed: 0 };
  class LanguageClient {
    constructor(id, name, server, options) {
      did.clients.push({ id, name, server, options });
      this.server = server;
    }
    async start() {
      did.result = await answer(this.server);
    }
    async dispose() {
      did.disposed += 1;
    }
  }
  const vscode = {
    commands: {
      registerCommand: (name, run) => (did.commands.set(name, run), { dispose() {} }),
      executeCommand: async (...args) => did.errors.push(args.join(" ")),
    },
    window: { showErrorMessage: async (text, choice) => (did.errors.push(text), choice) },
    workspace: {
      getConfiguration: () => ({ get: () => path }),
      onDidChangeConfiguration: (listener) => ((did.changed = listener), { dispose() {} }),
    },
  };
  const original = Module._load;
  Module._load = (name, ...rest) =>
    ({ vscode, "vscode-languageclient/node": { LanguageClient } })[name] ?? original(name, ...rest);
  try {
    const require = createRequire(import.meta.url);
    const file = join(folder, "extension.js");
    delete require.cache[file];
    did.extension = require(file);
  } finally {
    Module._load = original;
  }
  return did;
}

test("the extension starts the language server for YAML files, and again when it is asked to", async () => {
  const did = started(program);
  const context = { subscriptions: [] };
  await did.extension.activate(context);
  assert.equal(context.subscriptions.length, 2);
  await did.commands.get("campaignctl.restart")();
  assert.deepEqual([did.clients.length, did.disposed, did.errors], [2, 1, []]);
  assert.deepEqual(did.clients[1].server, { command: program, args: ["lsp"] });
  assert.deepEqual(did.clients[1].options.documentSelector, [{ scheme: "file", language: "yaml" }]);
  assert.equal(did.result.serverInfo.name, "campaignctl");
  assert.ok(did.result.capabilities.colorProvider && did.result.capabilities.workspaceSymbolProvider);
  did.changed({ affectsConfiguration: () => false });
  assert.equal(did.clients.length, 2, "other settings are no reason");
  await did.extension.deactivate();
  assert.equal(did.disposed, 2);
});

test("a program that is not there is told, with the way to the setting", async () => {
  const did = started(" ");
  assert.deepEqual(did.errors, []);
  const missing = started("/no/such/campaignctl");
  await missing.extension.activate({ subscriptions: [] });
  await missing.commands.get("campaignctl.restart")();
  assert.match(missing.errors[0], /^`\/no\/such\/campaignctl lsp` cannot be started: .*ENOENT/);
  assert.ok(missing.errors.includes("workbench.action.openSettings campaignctl.path"), missing.errors.join("\n"));
  await missing.extension.deactivate();
  await did.extension.activate({ subscriptions: [] });
  assert.equal(did.clients[0].server.command, "campaignctl", "the default");
});
