// Markdown for comments, issues and summaries, within the sizes that GitHub allows.

import { event, runUrl, variable } from "./runner.mjs";

/** A comment ends at 65,536 characters. The rest is for the marker and what the page says of itself. */
export const COMMENT = 64_000;

/** Room for one of two parts of a page. */
export const HALF = COMMENT / 2 - 1_000;

/** Text of other people's in a fence that nothing in it can close. */
export function fenced(text, budget = HALF) {
  const runs = text.match(/`{3,}/g) ?? [];
  const fence = "`".repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return `${fence}text\n${cut(text.trimEnd(), budget)}\n${fence}`;
}

/** The lines that fit, and how many do not. What matters most comes first: a plan begins with its deletes. */
export function cut(text, budget) {
  if (text.length <= budget) return text;
  const lines = text.split("\n");
  const kept = [];
  let length = 0;
  for (const line of lines) {
    if (length + line.length + 1 > budget - 200) break;
    length += line.length + 1;
    kept.push(line);
  }
  if (kept.length === 0) kept.push(lines[0].slice(0, budget - 200));
  const count = (tag) => kept.filter((line) => line.startsWith(tag)).length;
  const open = count("<details>") - count("</details>");
  const closing = open > 0 ? ["", ...Array(open).fill("</details>")] : [];
  return [...kept, ...closing, "", `… and ${lines.length - kept.length} more lines, which do not fit here`].join("\n");
}

/** What a page says of its making, in small letters. */
export function footer(...said) {
  // For a pull request, GitHub runs on a merge commit of its own that nobody knows.
  const sha = (event().pull_request?.head?.sha ?? variable("GITHUB_SHA")).slice(0, 7);
  const parts = [...said, sha && `commit ${sha}`, `[run](${runUrl()})`];
  return `\n<sub>${parts.filter(Boolean).join(" · ")}</sub>\n`;
}

/** Why there is no plan, in the words of the program. */
export function failure(title, ran) {
  return `### ${title} (exit ${ran.code})\n\n${fenced(ran.stderr || ran.stdout)}\n`;
}
