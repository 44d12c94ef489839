"""Holds the pages of a translated book against the English ones: in its chapters that
are translated all text is; another one is in English; and on none does anything but
text differ.

    python3 compare.py FOLDER-OF-BOTH LANGUAGE ENGLISH-CHAPTER TRANSLATED-CHAPTER...
"""

import re
import sys
from html import unescape
from pathlib import Path

# What is the same in the same order, what a sentence may move about, and what it may
# say again besides.
IN_ORDER = {
    "listing": r'<figure class="listing".*?</figure>',
    "code or transcript": r"<pre.*?</pre>",
    "exercise": r'<div class="exercise"[^>]*>',
    "quotation": r"<blockquote[^>]*>",
}
IN_ANY_ORDER = {
    "count": r'<span class="count".*?</span>',
    "link": r' href="[^"]*"',
    "place to link to": r' id="[^"]*"',
}
REPEATED = {"name in code": r"<code>.*?</code>"}
# What a translator has to do with, the innermost where one is in another. The rest of a
# page's words are the page's own.
TEXT = r'<(p|h\d|td|th|li)(?: id="[^"]*"| class="exercise-words")?>((?:(?!<(?:p|li)\b).)*?)</\1>'


def main_of(page: str) -> str:
    return re.search(r"<main>.*</main>", page, re.DOTALL)[0]


def found(pattern: str, text: str) -> list[str]:
    return [match[0] for match in re.finditer(pattern, text, re.DOTALL)]


def without_headings(main: str) -> str:
    return re.sub(r"<h\d.*?</h\d>", "", main, flags=re.DOTALL)


def differences(english: str, translated: str):
    """What isn't text, and differs all the same."""
    # A title's place is named for its words. Nobody links there but itself.
    english, translated = (re.sub(r"<h1.*?</h1>", "", it) for it in (english, translated))
    for what, pattern in (IN_ORDER | IN_ANY_ORDER | REPEATED).items():
        theirs, ours = found(pattern, english), found(pattern, translated)
        if what in REPEATED:
            theirs, ours = set(theirs), set(ours)
        if what not in IN_ORDER:
            theirs, ours = sorted(theirs), sorted(ours)
        if theirs == ours:
            continue
        lacks = [it for it in theirs if it not in ours]
        has = [it for it in ours if it not in theirs]
        yield f"{what}: {len(ours)} for {len(theirs)} in English; {lacks} is lacking, {has} is new"


def texts(main: str) -> set[str]:
    main = re.sub(IN_ORDER["listing"], "", main, flags=re.DOTALL)
    matches = re.finditer(TEXT, main, re.DOTALL)
    return {unescape(re.sub(r"<[^>]*>", "", match[2])).strip() for match in matches}


def untranslated(english: str, translated: str):
    """Sentences that are the same in both."""
    for text in sorted(texts(english) & texts(translated)):
        if re.search(r"\w", text):
            yield f"this is still English: {text}"


def check(folder: Path, language: str, english_chapter: str, chapters: list[str]):
    pages = {page.stem: page for page in (folder / "en").glob("*.html")}
    # They repeat what is on the others.
    for name in "print", "toc", "index":
        pages.pop(name, None)
    for chapter in [english_chapter, *chapters]:
        if chapter not in pages:
            yield f"there is no page {chapter}.html"
    for name, page in sorted(pages.items()):
        both = {"en": page.read_text(), language: (folder / language / page.name).read_text()}
        for lang, text in both.items():
            if f'<html lang="{lang}"' not in text:
                yield f"{lang}/{page.name} doesn't say that its language is {lang}"
        english, translated = map(main_of, both.values())
        said = list(differences(english, translated))
        if name in chapters:
            if '<figure class="listing" data-listing=' not in translated:
                said.append("its listings have no tools")
            said += untranslated(english, translated)
        # A heading, such as that of the exercises, may be of several chapters.
        if name == english_chapter and without_headings(english) != without_headings(translated):
            said.append("its text is not the English one")
        yield from (f"{language}/{page.name}: {what}" for what in said)


folder, language, english_chapter, *chapters = sys.argv[1:]
wrong = list(check(Path(folder), language, english_chapter, chapters))
for sentence in wrong:
    print(f"compare.py: {sentence}", file=sys.stderr)
if wrong:
    sys.exit(1)
