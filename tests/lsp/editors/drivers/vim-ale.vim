" Drives Vim with ALE as its user would, and writes the diagnostics as JSON to $RATCHET_TOLD.
set nocompatible noswapfile hidden
let g:ale_linters_explicit = 1
let g:ale_linters = {'python': ['ratchet']}
let g:ale_lint_delay = 0
let g:ratchet_command = join(json_decode($RATCHET_COMMAND))
filetype plugin on
silent! packadd! ale
runtime plugin/ale.vim
execute 'source' fnameescape($RATCHET_SETUP)

edit test_cart.py
call ale#Queue(0, '')
let s:left = str2nr($RATCHET_PATIENCE) * 20
let s:found = []
while empty(s:found) && s:left > 0 && $RATCHET_DRIVE !=# 'attach'
  sleep 50m
  let s:found = filter(ale#engine#GetLoclist(bufnr('')), 'v:val.linter_name is# "ratchet"')
  let s:left -= 1
endwhile
let s:told = map(copy(s:found), '{"line": v:val.lnum, "text": v:val.text, "type": v:val.type}')
call writefile([json_encode({'diagnostics': s:told})], $RATCHET_TOLD)
ALEStopAllLSPs
qall!
