"""HTML as the text that a reader would see."""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser

#: What nobody sees.
_UNSEEN: Final = "head, style, script, title, template, noscript"
#: Where a line ends: before the tags of what stands on lines of its own, and in front of what is in a cell. Tags are
#: looked for in the text, as putting something beside each node of the tree takes the square of their number.
_BLOCKS: Final = re.compile(
    r"<(?=/?(?:br|p|div|tr|li|ul|ol|table|blockquote|pre|section|article|h[1-6]|hr)\b)", re.IGNORECASE
)
_CELLS: Final = re.compile(r"(<t[dh]\b[^<>]{0,500}>)", re.IGNORECASE)
#: How mail programs mark what they quote, and that everything is quoted from here on. No selector of siblings: those
#: take the square of the number of nodes.
_QUOTES: Final = (
    "blockquote, div.gmail_quote, div.gmail_attr, div.moz-cite-prefix, div.yahoo_quoted, div.protonmail_quote, "
    "#mail-editor-reference-message-container"
)
_REST: Final = "#divRplyFwdMsg, #appendonsend"
_BLANKS: Final = re.compile(r"\s+")
_EMPTY_LINES: Final = re.compile(r"\n{3,}")
#: Stands for the end of a line until all other blanks have become one; a character that is nobody's.
_END: Final = "\ue000"
#: Stands where the rest is quoted.
_CUT: Final = "\ue001"
_AROUND: Final = re.compile(f" ?{_END} ?")


def to_text(html: str, *, quotes: bool = True) -> str:
    """The text of an HTML document.

    Args:
        html: the document, or a part of one, however broken.
        quotes: whether what mail programs mark as quoted stays.
    """
    marked = _CELLS.sub(rf"\1{_END}", _BLOCKS.sub(f"{_END}<", html.replace(_END, "").replace(_CUT, "")))
    tree = LexborHTMLParser(marked)
    for node in tree.css(_UNSEEN if quotes else f"{_UNSEEN}, {_QUOTES}"):
        node.decompose()
    if not quotes and (rest := tree.css_first(_REST)):
        rest.insert_before(_CUT)
    text = tree.body.text(separator="") if tree.body else ""
    lines = _AROUND.sub("\n", _BLANKS.sub(" ", text.partition(_CUT)[0]))
    return _EMPTY_LINES.sub("\n\n", lines).strip()
