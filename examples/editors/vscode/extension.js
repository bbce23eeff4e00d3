// Starts `campaignctl lsp` for the manifests of a folder with a `campaignctl.yaml`; all that editors show comes from there.
// @ts-check
"use strict";

const { commands, window, workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

/** @type {LanguageClient | undefined} */
let client;

/** The program that the settings name. */
function program() {
  return workspace.getConfiguration("campaignctl").get("path", "").trim() || "campaignctl";
}

async function start() {
  const command = program();
  client = new LanguageClient(
    "campaignctl",
    "campaignctl",
    { command, args: ["lsp"] },
    { documentSelector: [{ scheme: "file", language: "yaml" }] },
  );
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    const choice = await window.showErrorMessage(`\`${command} lsp\` cannot be started: ${error}`, "Open Settings");
    if (choice) await commands.executeCommand("workbench.action.openSettings", "campaignctl.path");
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.dispose();
}

async function restart() {
  await stop();
  await start();
}

/** @param {import("vscode").ExtensionContext} context */
async function activate(context) {
  context.subscriptions.push(
    commands.registerCommand("campaignctl.restart", restart),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("campaignctl.path")) void restart();
    }),
  );
  // What waits for an answer of a person is not waited for.
  void start();
}

module.exports = { activate, deactivate: stop };
