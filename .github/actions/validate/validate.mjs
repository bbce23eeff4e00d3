// Checks manifests: annotations on the lines that are wrong, and a summary. Needs no account, credentials or token.

import { complain, main, output, quote, summarize } from "../lib/runner.mjs";
import { campaignctl, extra, paths } from "../lib/program.mjs";
import { COMMENT, fenced } from "../lib/page.mjs";

await main(() => {
  const ran = campaignctl("validate", "--format", "json", ...extra(), ...paths());
  const found = parsed(ran.stdout);
  complain(found);
  const { errors = 0, warnings = 0 } = found;
  output({ exitcode: ran.code, errors, warnings });
  if (ran.code === 0 && errors + warnings === 0) {
    summarize("### The manifests are valid\n");
    return 0;
  }
  const listed = text(found) || ran.stderr;
  quote(listed);
  summarize(`### ${errors} errors and ${warnings} warnings\n\n${fenced(listed, 4 * COMMENT)}\n`);
  return ran.code;
});

/** The complaints, also where they are inside of an error. */
function parsed(json) {
  try {
    const found = JSON.parse(json);
    return found.complaints ?? found;
  } catch {
    return {};
  }
}

function text({ diagnostics = [] }) {
  return diagnostics.map((it) => `${it.file}:${it.line}:${it.column}: ${it.severity}[${it.code}] ${it.message}`).join("\n");
}
