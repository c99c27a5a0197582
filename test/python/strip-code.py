"""Plain text of wikitext by mwparserfromhell: JSON lines {"id","text"} in on standard input, the same out.

The first argument is {"prefixes": […], "tags": […]}: links with such a prefix, and such tags with their content, are left
out, which strip_code alone would not do.
"""

import json
import sys

import mwparserfromhell
from mwparserfromhell.nodes import Tag, Wikilink

dropped = json.loads(sys.argv[1])
prefixes = {prefix.lower().replace("_", " ") for prefix in dropped["prefixes"]}
tags = set(dropped["tags"])


def leave_out(node, is_left_out):
    strip = node.__strip__
    node.__strip__ = lambda self, **options: None if is_left_out(self) else strip(self, **options)


def has_prefix(link):
    prefix, colon, _ = str(link.title).partition(":")
    return colon == ":" and prefix.strip().lower().replace("_", " ") in prefixes


leave_out(Wikilink, has_prefix)
leave_out(Tag, lambda tag: str(tag.tag).strip().lower() in tags)

for line in sys.stdin:
    page = json.loads(line)
    text = mwparserfromhell.parse(page["text"]).strip_code(normalize=True, collapse=True)
    print(json.dumps({"id": page["id"], "text": text}))
