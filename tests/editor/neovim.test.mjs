// The settings of examples/editors/neovim in the real Neovim: the new way of configuring where it is 0.11 or newer, the old
// one in each. NVIM names programs, separated by blanks; without it, the `nvim` in PATH is taken. Skipped where there is
// none.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, test } from "node:test";

import { program } from "./program.mjs";
import { root } from "./server.mjs";

const settings = join(root, "examples/editors/neovim");
const folder = realpathSync(mkdtempSync(join(tmpdir(), "campaignctl-")));
after(() => rmSync(folder, { recursive: true }));

/** The programs with their versions, `0.11.4`. */
function editors() {
  const names = (process.env.NVIM ?? "nvim").split(" ").filter(Boolean);
  return names.flatMap((name) => {
    const said = spawnSync(name, ["--version"], { encoding: "utf8" }).stdout;
    const version = /^NVIM v(\d+)\.(\d+)/.exec(said ?? "");
    return version ? [{ name, version: version[0], isNew: Number(version[1]) > 0 || Number(version[2]) >= 11 }] : [];
  });
}

/** What Neovim does then: it waits for the server, and writes what a person would see. */
const LOOK = `
local out = {}
local function line(text) table.insert(out, text) end
local bufnr = vim.api.nvim_get_current_buf()
local function all() return (vim.lsp.get_clients or vim.lsp.buf_get_clients)() end
local function client() for _, it in pairs(all()) do if it.name == "campaignctl" then return it end end end
vim.wait(20000, function() return #vim.diagnostic.get(bufnr) > 0 end, 50)
line("client " .. (client() and client().name or "none"))
line("root " .. tostring(client() and client().config.root_dir))
for _, it in ipairs(vim.diagnostic.get(bufnr)) do line(it.source .. " " .. it.lnum .. " " .. it.message:gsub("\\n.*", "")) end
local at = { textDocument = { uri = vim.uri_from_bufnr(bufnr) }, position = { line = 4, character = 9 } }
for _, answer in pairs(vim.lsp.buf_request_sync(bufnr, "textDocument/hover", at, 20000) or {}) do
  line("hover " .. vim.split(answer.result.contents.value, "\\n")[1])
end
for _, answer in pairs(vim.lsp.buf_request_sync(bufnr, "workspace/symbol", { query = "che" }, 20000) or {}) do
  for _, it in ipairs(answer.result) do line("symbol " .. it.name) end
end
local file = io.open(os.getenv("LOOK_OUT"), "w")
file:write(table.concat(out, "\\n") .. "\\n")
file:close()
vim.cmd("qa!")
`;

/** Opens a file with these files beside an empty \`init.lua\`, and returns what was seen. */
function seen(nvim, name, files, file, script = LOOK) {
  const home = join(folder, name);
  const config = join(home, "config/nvim");
  mkdirSync(config, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(config, path)), { recursive: true });
    writeFileSync(join(config, path), text);
  }
  const look = join(home, "look.lua");
  writeFileSync(look, script);
  const env = {
    PATH: [dirname(program), process.env.PATH].join(delimiter),
    HOME: home,
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_DATA_HOME: join(home, "data"),
    XDG_STATE_HOME: join(home, "state"),
    XDG_CACHE_HOME: join(home, "cache"),
    LOOK_OUT: join(home, "out.txt"),
  };
  execFileSync(nvim, ["--headless", file, "-c", `luafile ${look}`], { env, timeout: 60_000, stdio: "ignore" });
  return readFileSync(env.LOOK_OUT, "utf8");
}

const project = join(folder, "project");
mkdirSync(join(project, "manifests"), { recursive: true });
writeFileSync(join(project, "campaignctl.yaml"), "project: shop\nmanifests: [manifests]\n");
const manifest = join(project, "manifests/goal.yaml");
const broken = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata:\n  # the key\n  name: checkout-done\nspec:\n  typ: lead\n";
writeFileSync(manifest, broken);
const read = (name) => readFileSync(join(settings, name), "utf8");

const EXPECTED = [
  "client campaignctl",
  `root ${project}`,
  /campaignctl 6 .*typ/,
  "hover **Goal** `checkout-done`: checkout-done",
  "symbol checkout-done",
];

function check(said) {
  const lines = said.trimEnd().split("\n");
  EXPECTED.forEach((expected, at) => {
    if (typeof expected === "string") assert.equal(lines[at], expected, said);
    else assert.match(lines[at] ?? "", expected, said);
  });
}

const found = editors();
test("Neovim is here", { skip: found.length === 0 && "no Neovim: install it, or name it in NVIM" }, () => {
  assert.ok(found.length > 0);
});
for (const { name, version, isNew } of found) {
  test(`${version}: the old way`, () => {
    check(seen(name, `old-${version}`, { "init.lua": "", "plugin/campaignctl.lua": read("before-0.11.lua") }, manifest));
  });
  test(`${version}: the new way`, { skip: !isNew && "it came with 0.11" }, () => {
    const files = { "init.lua": 'vim.lsp.enable("campaignctl")\n', "lsp/campaignctl.lua": read("campaignctl.lua") };
    check(seen(name, `new-${version}`, files, manifest));
  });
  test(`${version}: the server leaves other YAML alone`, () => {
    const other = join(folder, "other.yaml");
    writeFileSync(other, "typ: lead\n");
    const files = { "init.lua": "", "plugin/campaignctl.lua": read("before-0.11.lua") };
    const quick = LOOK.replaceAll("20000", "500");
    assert.match(seen(name, `other-${version}`, files, other, quick), /^client none\n/);
  });
}
