" Ratchet's diagnostics in Vim 8 or newer with ALE, beside ALE's other linters. Source it from your vimrc.
" ALE takes no edits from a server, so that patches are applied by `ratchet tasks patch ID | git apply`.

if !exists('g:ratchet_command')
  let g:ratchet_command = 'ratchet lsp'
endif
if !exists('g:ratchet_filetypes')
  let g:ratchet_filetypes = ['python']
endif
" What docs/editors.md lists: trusted, sandbox, model, budget, suspects, ...
if !exists('g:ratchet_settings')
  let g:ratchet_settings = {}
endif

function! RatchetRoot(buffer) abort
  let l:here = fnamemodify(bufname(a:buffer), ':p:h')
  " In a linked working tree it is a file.
  let l:found = finddir('.git', l:here . ';')
  let l:found = empty(l:found) ? findfile('.git', l:here . ';') : l:found
  return empty(l:found) ? '' : fnamemodify(l:found, ':p:s?/$??:h')
endfunction

for s:filetype in g:ratchet_filetypes
  call ale#linter#Define(s:filetype, {
  \   'name': 'ratchet',
  \   'lsp': 'stdio',
  \   'executable': {b -> split(g:ratchet_command)[0]},
  \   'command': {b -> g:ratchet_command},
  \   'project_root': function('RatchetRoot'),
  \   'initialization_options': {b -> g:ratchet_settings},
  \   'language': s:filetype,
  \})
endfor
