-- Ratchet in Neovim 0.7 or newer, beside whatever other servers a buffer has. Save as
-- ~/.config/nvim/lua/ratchet.lua and say: require('ratchet').setup()
--
-- Keys:  <leader>ra  what Ratchet offers here (also for a visual selection)
--        <leader>rl  run the code lens of the line
--        <leader>rc  stop a task that is at work
-- Commands:  :RatchetCancel   :RatchetRun <command>, e.g. `verify`
local M = {}

M.options = {
  cmd = { 'ratchet', 'lsp' },
  -- What docs/editors.md lists: trusted, sandbox, model, budget, lens, symbols, ...
  settings = {},
  keys = true,
  -- Further fields of the client, e.g. on_attach.
  client = {},
}

-- By progress token: what is at work, and how far it is.
local at_work = {}

local function repository_of(path)
  local folder = vim.fn.fnamemodify(path, ':p:h')
  while true do
    -- In a linked working tree it is a file.
    if vim.loop.fs_stat(folder .. '/.git') then
      return folder
    end
    local above = vim.fn.fnamemodify(folder, ':h')
    if above == folder then
      return nil
    end
    folder = above
  end
end

local function is_file(buffer)
  return vim.bo[buffer].buftype == '' and vim.api.nvim_buf_get_name(buffer) ~= ''
end

local function on_progress(err, result, context, config)
  local value = result.value
  if value.kind == 'end' then
    at_work[result.token] = nil
  else
    local known = at_work[result.token] or { token = result.token, client = context.client_id }
    known.title = value.title or known.title
    known.message = value.message or known.message
    at_work[result.token] = known
  end
  local shown = vim.lsp.handlers['$/progress']
  if shown then
    return shown(err, result, context, config)
  end
end

local function client_of(id)
  return vim.lsp.get_client_by_id(id)
end

local function notify(client, method, params)
  if vim.fn.has('nvim-0.11') == 1 then
    client:notify(method, params)
  else
    client.notify(method, params)
  end
end

local function attached(buffer)
  local listed = vim.lsp.get_clients or vim.lsp.get_active_clients
  for _, client in ipairs(listed()) do
    if client.name == 'ratchet' and vim.lsp.buf_is_attached(buffer, client.id) then
      return client
    end
  end
end

-- Returns what is at work: a list of { token, title, message }.
function M.running()
  return vim.tbl_values(at_work)
end

-- Stops what is at work: one token, or what the user chooses.
function M.cancel(token)
  local function stop(one)
    if one then
      notify(client_of(one.client), 'window/workDoneProgress/cancel', { token = one.token })
    end
  end
  if token then
    return stop(at_work[token])
  end
  vim.ui.select(M.running(), {
    prompt = 'Stop',
    format_item = function(one)
      return one.title .. (one.message and ': ' .. one.message or '')
    end,
  }, stop)
end

-- Runs a command of the server on the current buffer's repository.
function M.run(name)
  local order = { uri = vim.uri_from_bufnr(0) }
  local params = { command = 'ratchet.' .. name, arguments = { order } }
  local buffer = vim.api.nvim_get_current_buf()
  local client = attached(buffer)
  if not client then
    return vim.notify('Ratchet is not attached to this buffer', vim.log.levels.WARN)
  end
  vim.lsp.buf_request(buffer, 'workspace/executeCommand', params, function(err, answer)
    if err then
      vim.notify('Ratchet: ' .. err.message, vim.log.levels.ERROR)
    elseif answer and answer.reason then
      vim.notify('Ratchet: ' .. answer.reason, vim.log.levels.WARN)
    end
  end)
end

local function offers_lenses(client)
  local can = client.server_capabilities or client.resolved_capabilities
  return can.codeLensProvider ~= nil and vim.lsp.codelens ~= nil
end

local function on_attach(client, buffer)
  if M.options.keys then
    local function map(mode, keys, action)
      vim.keymap.set(mode, keys, action, { buffer = buffer, silent = true })
    end
    map({ 'n', 'x' }, '<leader>ra', vim.lsp.buf.code_action)
    map('n', '<leader>rl', vim.lsp.codelens.run)
    map('n', '<leader>rc', function()
      M.cancel()
    end)
  end
  if offers_lenses(client) then
    vim.lsp.codelens.refresh()
    vim.api.nvim_create_autocmd({ 'BufEnter', 'InsertLeave', 'BufWritePost' }, {
      buffer = buffer,
      callback = function()
        vim.lsp.codelens.refresh()
      end,
    })
  end
  local further = M.options.client.on_attach
  if further then
    further(client, buffer)
  end
end

local function config_for(root)
  return vim.tbl_deep_extend('force', M.options.client, {
    name = 'ratchet',
    cmd = M.options.cmd,
    root_dir = root,
    init_options = M.options.settings,
    settings = { ratchet = M.options.settings },
    handlers = { ['$/progress'] = on_progress },
    on_attach = on_attach,
  })
end

-- Neovim 0.7 starts servers by hand: one for each repository.
local by_root = {}

local function start_by_hand(root, buffer)
  if not by_root[root] or not client_of(by_root[root]) then
    local config = config_for(root)
    config.workspace_folders = { { uri = vim.uri_from_fname(root), name = root } }
    by_root[root] = vim.lsp.start_client(config)
  end
  vim.lsp.buf_attach_client(buffer, by_root[root])
end

local function attach(buffer)
  if not is_file(buffer) then
    return
  end
  local root = repository_of(vim.api.nvim_buf_get_name(buffer))
  if not root then
    return
  end
  if vim.lsp.start then
    vim.lsp.start(config_for(root), { bufnr = buffer })
  else
    start_by_hand(root, buffer)
  end
end

local function follow_by_autocommand()
  vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile' }, {
    group = vim.api.nvim_create_augroup('ratchet', {}),
    callback = function(event)
      attach(event.buf)
    end,
  })
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) then
      attach(buffer)
    end
  end
end

-- Neovim 0.11 looks after it itself, for every kind of file.
local function follow_by_configuration()
  local config = config_for(nil)
  config.root_dir = function(buffer, found)
    local root = is_file(buffer) and repository_of(vim.api.nvim_buf_get_name(buffer))
    if root then
      found(root)
    end
  end
  vim.lsp.config('ratchet', config)
  vim.lsp.enable('ratchet')
end

-- Attaches Ratchet to every file in a git repository, from now on.
function M.setup(options)
  M.options = vim.tbl_deep_extend('force', M.options, options or {})
  vim.api.nvim_create_user_command('RatchetCancel', function()
    M.cancel()
  end, {})
  vim.api.nvim_create_user_command('RatchetRun', function(told)
    M.run(told.args)
  end, { nargs = 1 })
  if vim.lsp.config then
    follow_by_configuration()
  else
    follow_by_autocommand()
  end
end

return M
