// The few things that the scripts ask of GitHub: comments, issues, pull requests, artifacts.

import { annotate, input, redacted, variable } from "./runner.mjs";

const TRIES = 3;
const PAGES = 50;
const TIMEOUT_MS = 30_000;

/** An answer that is not what was asked for. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function base() {
  return variable("GITHUB_API_URL") || "https://api.github.com";
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function once(method, url, body) {
  return fetch(url, {
    method,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${input("github-token")}`,
      "content-type": "application/json",
      "user-agent": "campaignctl",
      "x-github-api-version": "2022-11-28",
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}

/** A request, again after a passing failure. What creates something is sent once: twice might make two. */
async function request(method, url, body) {
  const tries = method === "POST" ? 1 : TRIES;
  for (let left = tries - 1; ; left -= 1) {
    const answer = await once(method, url, body).catch((error) => ({ status: 0, error }));
    if (answer.ok) return answer;
    const passes = answer.status === 0 || answer.status === 429 || answer.status >= 500;
    if (!passes || left === 0) {
      const said = answer.error?.message ?? (await answer.text()).slice(0, 300);
      throw new Refused(answer.status, `${method} ${new URL(url).pathname}: ${answer.status || ""} ${said}`);
    }
    const wait = Number(answer.headers?.get("retry-after")) || 2 * (tries - left);
    await pause(Math.min(wait, 60) * 1000);
  }
}

/** The path of something in the repository of the run. */
function inRepository(path) {
  return `${base()}/repos/${variable("GITHUB_REPOSITORY")}/${path}`;
}

/** One document. */
export async function get(path) {
  return (await request("GET", inRepository(path))).json();
}

/** Changes or creates something. */
export async function send(method, path, body) {
  return (await request(method, inRepository(path), body)).json();
}

/** All rows of a list, page by page. */
async function* rows(path, of = (page) => page) {
  let url = inRepository(path);
  for (let page = 0; url && page < PAGES; page += 1) {
    const answer = await request("GET", url);
    yield* of(await answer.json());
    const next = /<([^>]+)>;\s*rel="next"/.exec(answer.headers.get("link") ?? "")?.[1];
    url = next?.startsWith(`${base()}/`) ? next : undefined;
  }
}

async function first(list, wanted) {
  for await (const row of list) {
    if (wanted(row)) return row;
  }
  return undefined;
}

/** The hidden line that a comment or an issue is found again by. */
export function marker(what, project, environment) {
  const plain = (text) => text.replaceAll(/[^A-Za-z0-9._/ -]/g, "_").replaceAll("--", "__");
  return `<!-- campaignctl/${what} ${plain(project)} ${plain(environment)} -->`;
}

/** Writes the one comment with this marker: the first time a new one, later the same one anew. Returns its address. */
export async function upsertComment(number, mark, body) {
  const published = `${mark}\n${redacted(body)}`;
  const old = await first(rows(`issues/${number}/comments?per_page=100`), (it) => it.body?.startsWith(mark));
  const written = old
    ? await send("PATCH", `issues/comments/${old.id}`, { body: published })
    : await send("POST", `issues/${number}/comments`, { body: published });
  return written.html_url;
}

/** Comments where that is possible. A plan is no worse for a comment that may not be written, and the summary has it. */
export async function commentOn(number, mark, body) {
  if (!number || input("comment") === "never") return "";
  if (!input("github-token")) {
    annotate("notice", "no `github-token`, no comment: the summary of the job has it all");
    return "";
  }
  try {
    return await upsertComment(number, mark, body);
  } catch (error) {
    annotate("warning", `the comment could not be written, the summary of the job has it all: ${error.message}`);
    return "";
  }
}

/** The open issue with this label and marker. */
export async function openIssue(label, mark) {
  const list = rows(`issues?state=open&labels=${encodeURIComponent(label)}&per_page=100`);
  return first(list, (it) => !it.pull_request && it.body?.startsWith(mark));
}

/** The merged pull request that brought a commit. */
export async function mergedBy(sha) {
  const merged = [];
  for await (const pull of rows(`commits/${sha}/pulls?per_page=100`)) {
    if (pull.merged_at) merged.push(pull);
  }
  return merged.find((pull) => pull.merge_commit_sha === sha) ?? merged[0];
}

/**
 * The newest artifact of this name that a run for this very commit of a branch of this repository left. Runs of forks
 * can leave artifacts of any name: theirs are passed over.
 */
export async function artifactOf(name, headSha) {
  const found = [];
  const list = rows(`actions/artifacts?name=${encodeURIComponent(name)}&per_page=100`, (page) => page.artifacts);
  for await (const artifact of list) {
    const run = artifact.workflow_run ?? {};
    const own = run.head_sha === headSha && run.head_repository_id === run.repository_id;
    if (own && artifact.name === name) found.push(artifact);
  }
  return found.sort((a, b) => b.created_at.localeCompare(a.created_at))[0];
}
