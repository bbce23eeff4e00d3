-- Neovim 0.11 and newer. Copy it to `lsp/campaignctl.lua` beside your `init.lua`, and enable it there:
--   vim.lsp.enable("campaignctl")
return {
  cmd = { "campaignctl", "lsp" },
  filetypes = { "yaml" },
  root_markers = { "campaignctl.yaml" },
  workspace_required = true,
}
