"""Text from outside -> text that a terminal shows and does not obey; imported wherever one starts.

What moves the cursor, colours the screen, turns the direction of writing or can't be seen at all
becomes a sign in its place, one for one, so that what the reader sees is what is there.
"""

from __future__ import annotations

import re

_UNSEEN = (
    *range(0x7F, 0xA0),  # DEL and C1: some terminals take U+009B for ESC [
    *(0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF),
    # Separators of lines; embeddings, overrides and isolates of the bidirectional algorithm;
    # invisible operators; deprecated formats. Joiners stay: Persian and many emoji need them.
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFFF9, 0xFFFC),
    *range(0xD800, 0xE000),  # halves of surrogate pairs: no terminal can be sent one
    *range(0xE0000, 0xE0080),  # tags: a text within the text, seen by programs alone
)
_SIGNS = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"},
    **dict.fromkeys(_UNSEEN, 0xFFFD),
}


def _escape(code: int) -> str:
    """A character as JSON writes it: beyond the first 65,536 of them, two halves."""
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


_ESCAPES = {code: _escape(code) for code in _UNSEEN}
LINK = re.compile("(?:https?|file)://[!-~]+")
"""An address that a terminal may be told to link to: of the web or a file, in ASCII."""
_STYLE = re.compile(f"(\x1b\\[[0-9;]*m|\x1b]8;;\x1b\\\\|\x1b]8;id=[0-9-]+;{LINK.pattern}\x1b\\\\)")
_LOGIN = re.compile(r"(?<=://)[^/\s]*@")


def visible(text: str) -> str:
    """The text with signs for what is not to be seen or obeyed.

    >>> visible("red: \\x1b[31m")
    'red: ␛[31m'
    """
    return text.replace("\r\n", "\n").translate(_SIGNS)


def anonymous(text: str) -> str:
    """The text without the name and password in an address, such as that of a proxy.

    >>> anonymous("407 at http://me:secret@proxy:3128")
    '407 at http://(hidden)@proxy:3128'
    """
    return _LOGIN.sub("(hidden)@", text)


def styled(text: str) -> str:
    """The same, but for the colours, weights and links that a program of ours has given to it."""
    parts = _STYLE.split(text)
    parts[::2] = map(visible, parts[::2])
    return "".join(parts)


def escaped(json: str) -> str:
    """JSON with escapes for what a terminal would not show; it means the same.

    >>> escaped('"\\u202e"')
    '"\\\\u202e"'
    """
    return json.translate(_ESCAPES)
