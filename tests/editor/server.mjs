// The real yaml-language-server as a child process, spoken to over stdio: just enough of the protocol to
// open a text, and to ask what an editor would ask about it.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

/** The root of the repository. */
export const root = resolve(here, "../..");

/** How long the server may take for one answer. */
const PATIENCE = 20_000;

/** A file that the settings of the tests have a schema for. */
const WARM_UP = { "tests/editor/warm-up.yaml": "" };

/** The version of the server that is installed. */
export function version() {
  const path = join(here, "node_modules/yaml-language-server/package.json");
  return JSON.parse(readFileSync(path, "utf8")).version;
}

/** The address of a file of the repository, as editors write it. */
export function uriOf(path) {
  return pathToFileURL(resolve(root, path)).href;
}

/** The settings of an editor: which schema is for which file names. Nothing is fetched from the network. */
export function settings(schemas) {
  const yaml = {
    schemas: Object.fromEntries(Object.entries(schemas).map(([file, glob]) => [uriOf(file), glob])),
    schemaStore: { enable: false },
    kubernetesCRDStore: { enable: false },
    completion: true,
    hover: true,
    validate: true,
    format: { enable: false },
  };
  return { yaml, editor: { tabSize: 2 }, http: {} };
}

/** A running server. */
export class Server {
  #child;
  #settings;
  #buffer = Buffer.alloc(0);
  #next = 0;
  #waiting = new Map();
  #verdicts = new Map();
  #texts = new Map();
  #log = "";

  /**
   * Starts a server with these settings, in the folder that the editor was opened with; with arguments for Node.js and
   * variables of the environment. `warmUp` is a file below that folder, and how a text begins in which the server finds
   * something to complain about as soon as it is ready.
   */
  static async start(settings, { folder = root, node = [], env = process.env, warmUp = WARM_UP } = {}) {
    const server = new Server(settings, node, env);
    await server.#request("initialize", {
      processId: process.pid,
      rootUri: uriOf(folder),
      workspaceFolders: [{ uri: uriOf(folder), name: "campaignctl" }],
      capabilities: {
        textDocument: {
          completion: {
            completionItem: {
              snippetSupport: true,
              documentationFormat: ["markdown", "plaintext"],
              deprecatedSupport: true,
            },
          },
          hover: { contentFormat: ["markdown", "plaintext"] },
          publishDiagnostics: { relatedInformation: true },
        },
        workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: false } },
      },
    });
    server.#send({ method: "initialized", params: {} });
    server.#send({ method: "workspace/didChangeConfiguration", params: { settings } });
    // It asks for its settings some time later, and knows no schema until then.
    const [[file, lines]] = Object.entries(warmUp);
    const uri = uriOf(join(folder, file));
    for (let tries = 0; (await server.diagnose(uri, `${lines}try: ${tries}\n`)).length === 0; tries++) {
      if (tries === 50) throw new Error("the server does not take its settings");
    }
    return server;
  }

  constructor(settings, node, env) {
    this.#settings = settings;
    const program = join(here, "node_modules/yaml-language-server/bin/yaml-language-server");
    this.#child = spawn(process.execPath, [...node, program, "--stdio"], { stdio: ["pipe", "pipe", "pipe"], env });
    this.#child.stdout.on("data", (bytes) => this.#receive(bytes));
    this.#child.stderr.on("data", (bytes) => (this.#log += bytes));
    this.#child.on("exit", (code) => this.#fail(new Error(`the server ended with ${code}\n${this.#log}`)));
    this.#child.stdin.on("error", (error) => this.#fail(error));
  }

  /** Opens a text, or changes it, and resolves to what the server complains about. */
  async diagnose(uri, text) {
    const verdict = this.#soon(`diagnostics of ${uri}`, (done) => this.#verdicts.set(uri, done));
    this.open(uri, text);
    return verdict;
  }

  /** Opens a text, or changes it. */
  open(uri, text) {
    const version = (this.#texts.get(uri) ?? 0) + 1;
    this.#texts.set(uri, version);
    this.#send(
      version === 1
        ? { method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "yaml", version, text } } }
        : { method: "textDocument/didChange", params: { textDocument: { uri, version }, contentChanges: [{ text }] } },
    );
  }

  /** What the server offers at a place. */
  async complete(uri, position) {
    const found = await this.#request("textDocument/completion", { textDocument: { uri }, position });
    return Array.isArray(found) ? found : (found?.items ?? []);
  }

  /** What the server tells about a place, as Markdown. */
  async hover(uri, position) {
    const found = await this.#request("textDocument/hover", { textDocument: { uri }, position });
    return found ? (found.contents.value ?? found.contents) : "";
  }

  /** Ends the server. */
  async stop() {
    this.#child.removeAllListeners("exit");
    const gone = new Promise((done) => this.#child.once("exit", done));
    this.#child.kill();
    await gone;
  }

  #request(method, params) {
    const id = ++this.#next;
    const answer = this.#soon(`an answer to ${method}`, (done) => this.#waiting.set(id, done));
    this.#send({ id, method, params });
    return answer;
  }

  #soon(what, register) {
    return new Promise((done, failed) => {
      const timer = setTimeout(() => failed(new Error(`no ${what} in ${PATIENCE} ms\n${this.#log}`)), PATIENCE);
      const settle = (value) => {
        clearTimeout(timer);
        value instanceof Error ? failed(value) : done(value);
      };
      register(settle);
    });
  }

  #fail(error) {
    for (const settle of [...this.#waiting.values(), ...this.#verdicts.values()]) settle(error);
    this.#waiting.clear();
    this.#verdicts.clear();
  }

  #send(message) {
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    this.#child.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.#child.stdin.write(body);
  }

  #receive(bytes) {
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    for (;;) {
      const end = this.#buffer.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#buffer.subarray(0, end).toString())[1]);
      if (this.#buffer.length < end + 4 + length) return;
      const body = this.#buffer.subarray(end + 4, end + 4 + length).toString();
      this.#buffer = this.#buffer.subarray(end + 4 + length);
      this.#handle(JSON.parse(body));
    }
  }

  #handle(message) {
    if (message.method && message.id !== undefined) {
      // The server asks for its settings; everything else that it may ask is answered with nothing.
      const result =
        message.method === "workspace/configuration"
          ? message.params.items.map((item) => this.#settings[item.section] ?? null)
          : null;
      this.#send({ id: message.id, result });
    } else if (message.method === "textDocument/publishDiagnostics") {
      const { uri, diagnostics } = message.params;
      const settle = this.#verdicts.get(uri);
      this.#verdicts.delete(uri);
      settle?.(diagnostics);
    } else if (message.id !== undefined) {
      const settle = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      settle?.(message.error ? new Error(`${message.error.message}\n${this.#log}`) : message.result);
    }
  }
}
