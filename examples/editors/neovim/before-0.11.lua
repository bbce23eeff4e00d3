-- Neovim 0.7 to 0.10, without any plugin. Copy it to `plugin/campaignctl.lua` beside your `init.lua`.
local clients = {}

-- `vim.lsp.start` came with 0.8.
local function start(config)
  if vim.lsp.start then
    return vim.lsp.start(config)
  end
  clients[config.root_dir] = clients[config.root_dir] or vim.lsp.start_client(config)
  vim.lsp.buf_attach_client(0, clients[config.root_dir])
end

vim.api.nvim_create_autocmd("FileType", {
  pattern = "yaml",
  callback = function()
    local project = vim.fn.findfile("campaignctl.yaml", vim.fn.expand("%:p:h") .. ";")
    if project == "" then
      return
    end
    start({
      name = "campaignctl",
      cmd = { "campaignctl", "lsp" },
      root_dir = vim.fn.fnamemodify(project, ":p:h"),
    })
  end,
})
