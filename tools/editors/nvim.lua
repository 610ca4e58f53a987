-- falcoc in Neovim (0.7 or later): source this file, or copy it into your configuration. Files that are no rules are left
-- alone by the server.
vim.api.nvim_create_autocmd('FileType', {
  pattern = 'yaml',
  callback = function(event)
    local name = vim.api.nvim_buf_get_name(event.buf)
    -- Where a `.git` or settings of lints are; else the file's folder.
    local root = vim.fn.fnamemodify(name, ':p:h')
    for _, mark in ipairs({ '.falcoc-lint.yaml', '.git' }) do
      for _, kind in ipairs({ 'findfile', 'finddir' }) do
        local found = vim.fn[kind](mark, root .. ';')
        if found ~= '' then
          root = vim.fn.fnamemodify(found, mark == '.git' and ':p:h:h' or ':p:h')
          goto found
        end
      end
    end
    ::found::
    local config = {
      name = 'falcoc',
      cmd = { vim.env.FALCOC or 'falcoc', 'lsp' },
      root_dir = root,
      -- Rule files in load order, standard rules first; none: all of the folder.
      init_options = { ruleFiles = vim.g.falcoc_rule_files },
    }
    if vim.lsp.start then
      vim.lsp.start(config, { bufnr = event.buf })
    else -- before 0.8
      vim.g.falcoc_client = vim.g.falcoc_client or vim.lsp.start_client(config)
      vim.lsp.buf_attach_client(event.buf, vim.g.falcoc_client)
    end
  end,
})
