-- The server for YAML, which reads the schemas that manifests name in their first lines. Copy it to `lsp/yamlls.lua`, and:
--   vim.lsp.enable("yamlls")
return {
  cmd = { "yaml-language-server", "--stdio" },
  filetypes = { "yaml" },
  root_markers = { "campaignctl.yaml", ".git" },
  settings = { redhat = { telemetry = { enabled = false } } },
}
