-- Drives Neovim as its user would: opens files, waits for a failing test, chooses the fix, has it applied.
-- What was seen is written as JSON to $RATCHET_TOLD; the tests judge it.
local ratchet = dofile(vim.env.RATCHET_SETUP)
local what = vim.env.RATCHET_DRIVE
local patience = tonumber(vim.env.RATCHET_PATIENCE) * 1000
local seen = { questions = {}, titles = {}, messages = {} }

local function tell()
  local file = io.open(vim.env.RATCHET_TOLD, 'w')
  file:write(vim.fn.json_encode(seen))
  file:close()
end

local function wait(name, there)
  if not vim.wait(patience, there, 20) then
    seen.failed = 'waited in vain for ' .. name
    tell()
    vim.cmd('cquit')
  end
end

local function text_of(path)
  local lines = vim.api.nvim_buf_get_lines(vim.fn.bufnr(path), 0, -1, false)
  return table.concat(lines, '\n') .. '\n'
end

local clients = vim.lsp.get_clients or vim.lsp.get_active_clients

local function client()
  for _, one in ipairs(clients()) do
    if one.name == 'ratchet' then
      return one
    end
  end
end

local function attached(path)
  local found = client()
  return found and vim.lsp.buf_is_attached(vim.fn.bufnr(path), found.id) and found.initialized ~= false
end

local function ours(path)
  return vim.tbl_filter(function(one)
    return one.source == 'ratchet'
  end, vim.diagnostic.get(vim.fn.bufnr(path)))
end

local function failing(path)
  return vim.tbl_filter(function(one)
    return one.severity == vim.diagnostic.severity.ERROR
  end, ours(path))
end

-- The user's choice among what is offered: the first that begins with `wanted`.
local wanted
vim.ui.select = function(items, options, chosen)
  for _, item in ipairs(items) do
    local title = (options.format_item or tostring)(item)
    table.insert(seen.titles, title)
    if wanted and vim.startswith(title, wanted) then
      wanted = nil
      return chosen(item, 1)
    end
  end
  chosen(nil)
end

vim.lsp.handlers['window/showMessageRequest'] = function(_, result)
  table.insert(seen.questions, result.message)
  for _, action in ipairs(result.actions or {}) do
    if action.title == 'Apply' then
      return action
    end
  end
  return vim.NIL
end

vim.lsp.handlers['window/showMessage'] = function(_, result)
  table.insert(seen.messages, result.message)
  return result
end

local function choose(title)
  wanted = title
  vim.lsp.buf.code_action()
  wait('the offer ' .. title, function()
    return wanted == nil
  end)
end

local function stop()
  local id = client().id
  vim.lsp.stop_client(id)
  wait('the end of the server', function()
    return vim.lsp.client_is_stopped(id)
  end)
end

local function begin_fix()
  wait('a failing test', function()
    return #failing('test_cart.py') > 0
  end)
  seen.diagnostics = ours('test_cart.py')
  vim.api.nvim_win_set_cursor(0, { failing('test_cart.py')[1].lnum + 1, 0 })
  choose('Fix with Ratchet')
  wait('progress', function()
    return #ratchet.running() > 0
  end)
  seen.progress = ratchet.running()
end

local drives = {}

function drives.attach()
  wait('both files', function()
    return attached('cart.py') and attached('test_cart.py')
  end)
end

function drives.fix()
  local before = text_of('cart.py')
  begin_fix()
  wait('the edit', function()
    return text_of('cart.py') ~= before
  end)
  seen.text = text_of('cart.py')
  wait('the end of progress', function()
    return #ratchet.running() == 0
  end)
end

function drives.cancel()
  begin_fix()
  ratchet.cancel(ratchet.running()[1].token)
  wait('the end of progress', function()
    return #ratchet.running() == 0
  end)
end

ratchet.setup({ cmd = vim.fn.json_decode(vim.env.RATCHET_COMMAND) })
vim.o.hidden = true
vim.o.swapfile = false
if vim.env.RATCHET_BESIDE then
  local beside = { name = 'beside', cmd = vim.fn.json_decode(vim.env.RATCHET_BESIDE), root_dir = vim.fn.getcwd() }
  vim.api.nvim_create_autocmd('BufReadPost', {
    callback = function(event)
      vim.lsp.buf_attach_client(event.buf, vim.lsp.start_client(beside))
    end,
  })
end
vim.cmd('filetype on')
vim.cmd('edit cart.py')
vim.cmd('edit test_cart.py')
drives.attach()
seen.version = tostring(vim.version().major) .. '.' .. vim.version().minor .. '.' .. vim.version().patch
if what ~= 'attach' then
  drives[what]()
end
seen.clients = vim.tbl_map(function(one)
  return one.name
end, clients({ bufnr = vim.api.nvim_get_current_buf() }))
stop()
tell()
vim.cmd('qa!')
