"""Texts that would do something to a terminal, to a widget or to a reader if they were let through."""

from itertools import product

_ESC, _BEL = "\x1b", "\x07"

_CSI = (
    "2J", "3J", "H", "5;5H", "1;1H", "10A", "10B", "10C", "10D", "10E", "10F", "7G", "K", "1K", "X",
    "99999999X", "L", "M", "P", "99999999@", "99999999b", "S", "T", "s", "u", "r", "5;6r", "m", "0m", "1m",
    "7m", "8m", "31m", "38;5;9m", "38;2;1;2;3m", "4:3m", "58;5;1m", "6n", "5n", "c", ">c", "=c", "0x", "?6n",
    "?15n", "5i", "4i", "?1049h", "?1049l", "?47h", "?25l", "?25h", "?5h", "?3h", "?6h", "?7l", "?1000h",
    "?1003h", "?1006h", "?1004h", "?2004h", "?2004l", "?2026h", "?2026$p", "4h", "20h", "2h", "!p", "61\"p",
    "1\"q", "1;2;3;4$z", "1;1;5;5;1;8;8$v", "21t", "20t", "18t", "14t", "8;10;10t", "3;0;0t", "2t", "22;0t",
    "23;0t", ">1u", "<u", "?u", ">4;2m", "1 q", "?1;2c", "1*x", "2*{", "?996n", "g", "3g", "I", "Z", "e",
    "a", "d", "`", "f",
)  # fmt: skip
_OSC = (
    "0;gone", "1;gone", "2;gone", "4;1;?", "4;1;#ff0000", "7;file://host/",
    "8;;http://evil.example/\x1b\\here\x1b]8;;", "8;id=1;file:///etc/passwd", "9;hello", "9;4;1;50", "10;?",
    "10;#000000", "11;?", "11;#000000", "12;red", "21;?", "22;wait", "46;/tmp/log", "50;?", "50;fixed",
    "51;Excmd", "52;c;ZXZpbA==", "52;p;?", "52;c;!", "99;i=1;hi", "104", "110", "111", "112", "133;A",
    "133;C;x", "176;app", "633;E;rm -rf /", "697;x", "777;notify;a;b", "777;container;push;x",
    "1337;File=inline=1:AAAA", "1337;CursorShape=1", "1337;SetMark", "1337;CopyToClipboard=",
    "1337;StealFocus", "1337;ReportVariable=cGF0aA==", "1337;RequestUpload=format=tgz", "5522;type=read",
    "66;s=2;big",
)  # fmt: skip
_STRINGS = (
    ("P", "q#0;2;0;0;0~-"), ("P", "$q\"p"), ("P", "+q544e"), ("P", "1;1|17/6576696c"),
    ("P", "tmux;\x1b\x1b]0;x\x07"), ("P", "=1s"), ("_", "Gf=24,s=1,v=1;AAAA"),
    ("_", "Ga=q,t=f;L2V0Yy9wYXNzd2Q="), ("_", "tmux"), ("^", "private"), ("X", "start of string"),
    ("k", "title of screen"),
)  # fmt: skip
_OTHER_ESCAPES = (
    "c", "7", "8", "D", "E", "H", "M", "N", "O", "Z", "=", ">", "n", "o", "|", "}", "~", "#8", "#3", "#6",
    "(0", "(B", ")0", "*0", "+0", "%G", "%@", " F", " G", "l", "m", "6", "9", "V", "W", "\\", "\x1b",
    "\x1b[31m", "",
)  # fmt: skip
_ENDS = (_BEL, _ESC + "\\", "\x9c", "")
_HIDDEN = (
    "\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2028\u2029\u2060"
    "\u2066\u2067\u2068\u2069\ufeff\u00ad\u180e\ufff9\ufffb\U000e0001\U000e0041\U000e007f\ud800\udc9b\udfff"
)

_MARKUP = (
    "[bold", "[/]", "[/bold]", "[bold]x", "[red]x[/green]", "[", "]", "[[", "[]", "[/", "[=]",
    "[@click=app.quit]x[/]", "[@click=app.bell()]x", "[link=http://evil.example]x[/link]", "[link='",
    "[on red", "[$error]", "[$nope]x", "\\[b]", "\\", "\\\\[b]", "x\\", "[#ff0000]x", "[rgb(1,2,3)]x",
    "[b][i]x", "[bold=\"", "['", "[\"x\"]", "[a b=c d=\"e", "[n([\\", "[@", "[@click=", "[@click=(]",
    "[not bold]x", "[auto 50%]x", "[blink reverse]x", "[conceal]x", "[:]", "[1]", "[0:1]", "{x}",
    "{0.__class__}", "%s%n", "${HOME}", "$(reboot)", "`reboot`", ":smile:", ":bomb:", "<b>",
    "<script>x</script>", "![x](http://evil.example/a.png)", "[x](javascript:alert(1))",
    "[x](file:///etc/passwd)", "<http://evil.example>", "[x]: http://evil.example\n[x]",
    "| a | b |\n|---|---|\n| \x1b[31m | \x9b31m |", "```\n\x1b]0;x\x07\n```", "# \x1b]0;x\x07",
    "- [ ] \x1b[2J", "> \x9b2J", "1. \x1bc", "    \x1bP1$q", "`\x1b[5;5H`", "**\x1b[5;5H**", "\t\x1b[H\t",
    "&#27;[31m", "&#x9b;31m", "&#8238;evil", "&#x1b;]0;x&#7;", "\\x1b[31m", "\\u001b[31m", "\\033[31m",
    "^[[31m", "x\r\ny\x1b[A", "x\ry", "x\x08\x08y", "x\vy\fz", "a\x00b", "e" + "\u0301" * 40,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\uff3b\uff42\uff4f\uff4c\uff44", "漢字\x1b[D漢字",
    "\x1b[\x1b[0m31m", "\x1b[3\x1b[0m1m", "\x1b\x1b[0m[31m", "\x1b[0\x9b0mm",
)  # fmt: skip


def payloads() -> list[str]:
    """Return every payload, each of them once."""
    found = [introducer + rest for introducer, rest in product((_ESC + "[", "\x9b"), _CSI)]
    found += [f"{_ESC}]{rest}{end}" for rest, end in product(_OSC, _ENDS)]
    found += [f"\x9d{rest}{end}" for rest, end in product(_OSC[::4], _ENDS)]
    found += [f"{_ESC}{kind}{rest}{end}" for (kind, rest), end in product(_STRINGS, _ENDS)]
    eight_bit = {"P": "\x90", "_": "\x9f", "^": "\x9e", "X": "\x98"}
    found += [f"{eight_bit[kind]}{rest}{end}" for (kind, rest), end in product(_STRINGS[:-1], _ENDS[1:])]
    found += [_ESC + rest for rest in _OTHER_ESCAPES]
    # Cut off wherever a sequence can be.
    found += [
        _ESC + "[",
        _ESC + "[?",
        _ESC + "[1;",
        _ESC + "]",
        _ESC + "]8;;",
        _ESC + "P",
        _ESC + "P1$",
        _ESC + " ",
    ]
    found += [f"a{chr(code)}b" for code in (*range(32), *range(127, 160))]
    found += [f"a{one}b" for one in _HIDDEN]
    found += _MARKUP
    return list(dict.fromkeys(found))
