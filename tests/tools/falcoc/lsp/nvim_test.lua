-- Neovim without a screen, with the configuration that is shipped: what its own client makes of `falcoc lsp`.
local function check(what, holds)
  if holds then
    print('passed: ' .. what)
  else
    print('FAILED: ' .. what)
    vim.cmd('cquit')
  end
end
local function wait(condition)
  return vim.wait(30000, condition, 20)
end
local function codes()
  local found = {}
  for _, one in ipairs(vim.diagnostic.get(0)) do found[one.code or ''] = true end
  return found
end
local function ask(method, line, character)
  local params = {
    textDocument = { uri = vim.uri_from_bufnr(0) },
    position = { line = line, character = character },
    options = { tabSize = 2, insertSpaces = true },
  }
  local answers = vim.lsp.buf_request_sync(0, method, params, 30000) or {}
  for _, answer in pairs(answers) do return answer.result end
end

vim.cmd('edit rules.yaml')
vim.cmd('setfiletype yaml')
check('the client is attached', wait(function() return #vim.lsp.buf_get_clients(0) > 0 end))
check('a mistake becomes a diagnostic', wait(function() return codes()['E0304'] end))
vim.api.nvim_buf_set_lines(0, 4, 5, false, { '  condition: evt.type = openat and reads' })
check('and goes when it is mended', wait(function() return not codes()['E0304'] end))
local hover = ask('textDocument/hover', 4, 36)
check('hover shows the macro', hover and hover.contents.value:find('proc.name = cat', 1, true) ~= nil)
local definition = ask('textDocument/definition', 4, 36)
check('the definition is in another line', definition and definition[1].range.start.line == 0)
vim.api.nvim_buf_set_lines(0, 1, 2, false, { '  condition:    (proc.name = cat)' })
vim.lsp.util.apply_text_edits(ask('textDocument/formatting', 0, 0), vim.api.nvim_get_current_buf(), 'utf-16')
check('the layout is the usual one', vim.api.nvim_buf_get_lines(0, 1, 2, false)[1] == '  condition: (proc.name = cat)')
vim.cmd('qall!')
