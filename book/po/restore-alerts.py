"""A preprocessor for mdBook, for after mdbook-gettext, which makes `> \\[!NOTE\\] text` of
an alert's two lines: makes them two again. Releases after its 0.4.0 won't need it:
https://github.com/google/mdbook-i18n-helpers/pull/307
"""

import json
import re
import sys

ALERT = re.compile(r"^ ?> *\n ?> \\\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\\\] ", re.MULTILINE)


def restore(items: list):
    for item in items:
        # A separator is a word, and the title of a part has no content.
        if isinstance(item, dict) and (chapter := item.get("Chapter")):
            chapter["content"] = ALERT.sub(r"> [!\1]\n> ", chapter["content"])
            restore(chapter["sub_items"])


# Asked whether it supports a renderer, it says yes by ending well.
if sys.argv[1:2] != ["supports"]:
    _, book = json.load(sys.stdin)
    restore(book["items"])
    json.dump(book, sys.stdout)
