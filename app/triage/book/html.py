"""The rulebook's document as one self-contained page: no script, no image, and no address outside itself."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.triage.book.document import TITLE
from app.triage.book.markdown import anchor
from app.triage.book.rules import SIGNED

_STYLE = """\
:root{color-scheme:light}
body{font:11pt/1.45 Georgia,"Times New Roman",serif;color:#1a1a1a;background:#fff}
body{max-width:52rem;margin:2rem auto;padding:0 1rem}
h1,h2,h3,h4{font-family:Helvetica,Arial,sans-serif;line-height:1.25;break-after:avoid}
h2{border-bottom:2px solid #444;margin-top:3rem;padding-bottom:.2rem}
h3{border-top:1px solid #bbb;margin-top:1.8rem;padding-top:.8rem;font-size:1.05rem}
h3 code{font-size:1rem}
code{font:.88em Menlo,Consolas,monospace;background:#f3f3f1;padding:0 .15em;overflow-wrap:anywhere}
blockquote{margin:.6rem 0;padding:.4rem .9rem;border-left:4px solid #35627f;background:#f2f6f8}
ul{margin:.3rem 0;padding-left:1.4rem}
table{border-collapse:collapse;width:100%;margin:.6rem 0;font-size:.92em}
th,td{border:1px solid #999;padding:.25rem .5rem;text-align:left;vertical-align:top}
th{background:#eceae6}
table.sign-off td{height:3.2rem}
table.sign-off,blockquote{break-inside:avoid}
a{color:#1d4e6b}
@media print{body{margin:0;max-width:none;font-size:10pt}h2{break-before:page}a{color:inherit;text-decoration:none}}
"""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; "
    f"style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Lets the page's own style apply, and nothing else load, run, be sent or frame it."""


def to_html(markdown: str) -> str:
    """A document of `write_book` as HTML: its headings can be linked to, and its boxes have room for a signature."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(markdown)
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", anchor(_text(tokens[at + 1])))
        elif token.type == "table_open" and _heads(tokens, at) == SIGNED:
            token.attrSet("class", "sign-off")
    body = reader.renderer.render(tokens, reader.options, {})
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(TITLE)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def _text(inline: Token) -> str:
    return "".join(part.content for part in inline.children or ())


def _heads(tokens: list[Token], at: int) -> tuple[str, ...]:
    """The texts of a table's first row, whose opening is at `at`."""
    found = []
    for number in range(at, len(tokens)):
        if tokens[number].type == "th_open":
            found.append(_text(tokens[number + 1]))
        elif tokens[number].type == "tr_close":
            break
    return tuple(found)
