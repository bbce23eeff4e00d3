// What a person sees in an editor: completion and hover at a cursor, and snippets written out.

import { isAbsolute } from "node:path";

import { Server, settings, uriOf } from "./server.mjs";

/** Which schema is for which file, as `.vscode/settings.json` of a project says it. */
export const SCHEMAS = {
  "schemas/manifest.schema.json": ["**/*.yaml", "!**/campaignctl.yaml", "!**/overlays/**"],
  "schemas/overlay.schema.json": "**/overlays/**/*.yaml",
  "schemas/campaignctl.schema.json": "**/campaignctl.yaml",
};

/** A server with the schemas of the repository. */
export function editor(schemas = SCHEMAS) {
  return Server.start(settings(schemas));
}

/** The mark of the cursor in a text. */
const CURSOR = "|";

/** A text without its cursor, and the place of it. */
function cursor(marked) {
  const at = marked.indexOf(CURSOR);
  const before = marked.slice(0, at).split("\n");
  return {
    text: marked.slice(0, at) + marked.slice(at + CURSOR.length),
    position: { line: before.length - 1, character: before.at(-1).length },
  };
}

let files = 0;

/** A file that no other test has open; one with a whole path is taken as it is. */
function freshUri(file) {
  files += 1;
  return isAbsolute(file) ? uriOf(file) : uriOf(`tests/editor/open-${files}/${file}`);
}

/** What is offered at the cursor. */
export async function offers(server, marked, file = "new.yaml") {
  const { text, position } = cursor(marked);
  const uri = freshUri(file);
  server.open(uri, text);
  return server.complete(uri, position);
}

/** What is offered at the cursor, a line each: the label, and its documentation. */
export async function offered(server, marked, file) {
  const items = await offers(server, marked, file);
  return items.map((item) => `${item.label}: ${documentation(item)}`.trimEnd());
}

/** The labels that are offered at the cursor, in their order and each once. */
export async function labels(server, marked, file) {
  const items = await offers(server, marked, file);
  return [...new Set(items.map((item) => item.label))].join(" ");
}

/** What is told about the place of the cursor, without the name of the schema below it. */
export async function told(server, marked, file = "new.yaml") {
  const { text, position } = cursor(marked);
  const uri = freshUri(file);
  server.open(uri, text);
  const hover = await server.hover(uri, position);
  return hover.replace(/\n*Source: \[.*\)$/, "");
}

/** The text after an offer was taken, as editors write it: places filled with what they propose. */
export function taken(marked, item) {
  const { text, position } = cursor(marked);
  const line = text.split("\n")[position.line];
  const indent = /^ */.exec(line)[0];
  const written = expanded(item.textEdit?.newText ?? item.insertText).replaceAll("\n", `\n${indent}`);
  const at = marked.indexOf(CURSOR);
  return text.slice(0, at) + written + text.slice(at);
}

/** A snippet as text. */
function expanded(snippet) {
  return snippet.replace(/\\([\\$}])|\$\{\d+:((?:\\.|[^\\}])*)\}|\$\{?\d+\}?/g, (_, plain, proposed) =>
    plain ?? (proposed ?? "").replace(/\\(.)/g, "$1"),
  );
}

function documentation(item) {
  const text = item.documentation?.value ?? item.documentation ?? "";
  return text.split("\n")[0];
}

/** The lines of a manifest before its spec. */
export function head(kind) {
  return `apiVersion: campaignctl.dev/v1\nkind: ${kind}\nmetadata:\n  name: sample\n`;
}
