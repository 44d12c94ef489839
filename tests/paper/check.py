"""Checks the book's EPUB and PDF: every listing has its output and its count, links
lead somewhere, page numbers are right, nothing asks for a button, and no text stands
outside of its page's area.

    python3 check.py BOOK.epub BOOK.pdf
"""

import re
import subprocess
import sys
import tomllib
import unicodedata
import zipfile
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
LISTINGS = ROOT / "crates/listings"

XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"

# Of the PDF's pages, in points: their margins, and what rounding may add.
MILLIMETRE = 72 / 25.4
SIDE, ENDS = 19 * MILLIMETRE, 21 * MILLIMETRE
TOLERANCE = 1.5

# What only a page with scripts can be asked for.
TOOLS = (
    r"Run ×\s?100|Run|All outcomes|Step through|Can this happen\?|"
    r"You are the scheduler|Check my program"
)
LEFTOVERS = re.compile(
    rf"\b(press|click|tap|open|type|ask)\b[^.:?]{{0,20}}?\b({TOOLS})(?![\w ]*:)|"
    r"\b(press|click)\b[^.]{0,30}\bbutton|under this listing\.",
    re.IGNORECASE,
)
# Sentences that may speak of them all the same.
ALLOWED = re.compile(r"ask for All outcomes|ask\s+All outcomes|ask All")

problems = []


def wrong(text):
    problems.append(text)


def squeezed(text):
    """Text in which lines may have been broken anywhere."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def with_separators(number):
    return f"{number:,}"


def among(listing):
    """What stands below a listing's output of how many it can have."""
    count = listing.get("outputs")
    if count is None:
        return None
    if count == 1:
        return "The only possible output"
    return f"One of {with_separators(count)} possible outputs"


def records(name):
    outputs = LISTINGS / "outputs"
    files = [outputs / f"{name}.txt", outputs / f"{name}.stderr.txt"]
    return [file.read_text() for file in files if file.exists()]


def text_of(element):
    return "".join(element.itertext())


def read_epub(file):
    pages = {}
    with zipfile.ZipFile(file) as epub:
        names = epub.namelist()
        if names[0] != "mimetype":
            wrong("the EPUB doesn't begin with its type")
        for name in names:
            if name.endswith(".xhtml"):
                pages[name] = ElementTree.fromstring(epub.read(name))
    return names, pages


def check_links(names, pages):
    ids = {
        name: {it.get("id") for it in page.iter() if it.get("id")}
        for name, page in pages.items()
    }
    links = 0
    for name, page in pages.items():
        for link in page.iter(f"{XHTML}a"):
            href = link.get("href")
            if re.match(r"https?:", href):
                continue
            links += 1
            file, _, place = unquote(href).partition("#")
            file = f"EPUB/{file}" if file else name
            if file not in names:
                wrong(f"{name}: there is no {href}")
            elif place and place not in ids[file]:
                wrong(f"{name}: nothing is called {href}")
    if links < 500:
        wrong(f"the EPUB has {links} links only")
    return links


def check_elements(pages):
    """Nothing to press, and nothing that is empty where something belongs."""
    for name, page in pages.items():
        for element in page.iter():
            tag = element.tag.replace(XHTML, "")
            if tag in ("button", "details", "summary", "script", "input", "textarea"):
                wrong(f"{name}: there is a <{tag}>")
            if element.get("hidden") is not None:
                wrong(f"{name}: a <{tag}> is hidden")
            if tag in ("pre", "samp", "figure", "div", "section", "p", "li", "ol", "ul"):
                shown = any(it.tag in (f"{SVG}svg", f"{XHTML}img") for it in element.iter())
                if not text_of(element).strip() and not shown:
                    wrong(f"{name}: a <{tag} class={element.get('class')!r}> is empty")


def check_listings_in_epub(registry, pages):
    found = {}
    for page in pages.values():
        for figure in page.iter(f"{XHTML}figure"):
            name = (figure.get("id") or "").removeprefix("listing-")
            if figure.get("class") == "listing":
                found.setdefault(name, []).append(figure)
    pictures = 0
    for name, listing in registry.items():
        figures = found.get(name, [])
        if not figures:
            wrong(f"EPUB: the listing {name} is missing")
        for figure in figures:
            shown = [squeezed(text_of(it)) for it in figure.iter(f"{XHTML}samp")]
            for record in records(name):
                if squeezed(record) and squeezed(record) not in shown:
                    wrong(f"EPUB: {name} lacks what it was recorded to print")
            sentence = among(listing)
            if sentence and sentence not in text_of(figure):
                wrong(f"EPUB: {name} doesn't say {sentence!r}")
            pictures += sum(
                it.get("class") == "timeline" for it in figure.iter(f"{SVG}svg")
            )
    if pictures < 60:
        wrong(f"EPUB: only {pictures} executions are drawn")
    return pictures


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def words_of(pdf):
    """The words of each page, with their boxes."""
    page = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)
    word = re.compile(
        r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>'
    )
    for width, height, body in page.findall(run("pdftotext", "-bbox", pdf, "-")):
        words = [(*map(float, box), text) for *box, text in word.findall(body)]
        yield float(width), float(height), words


def check_area(pdf):
    """Whether text stands where a page has room for it: its title above, its number
    below, and all else between the margins. The cover has none."""
    pages = list(words_of(pdf))
    for number, (width, height, words) in enumerate(pages[1:], start=2):
        if not words:
            wrong(f"PDF: page {number} is empty")
        for left, top, right, bottom, text in words:
            if left < SIDE - TOLERANCE or right > width - SIDE + TOLERANCE:
                wrong(f"PDF: page {number}: {text!r} stands beside the page's area")
            if top < 0.3 * ENDS or bottom > height - 0.3 * ENDS:
                wrong(f"PDF: page {number}: {text!r} stands above or below the page's area")
    return len(pages)


def check_listings_in_pdf(registry, pdf):
    # Without what stands above and below each page's text.
    width, height = next(words_of(pdf))[:2]
    crop = ["-x", "0", "-y", str(int(ENDS - 2)), "-W", str(int(width))]
    crop += ["-H", str(int(height - 2 * ENDS + 4))]
    # As it stands there: otherwise hyphens at the ends of lines are lost.
    text = run("pdftotext", "-layout", *crop, pdf, "-")
    whole = squeezed(text)
    places = {}
    for name, listing in registry.items():
        caption = re.escape(squeezed(f"{listing['title']} {name}.rs"))
        places[name] = [it.span() for it in re.finditer(caption, whole)]
    starts = sorted(start for spans in places.values() for start, _ in spans)
    for name, listing in registry.items():
        if not places[name]:
            wrong(f"PDF: the listing {name} is missing")
        for _, end in places[name]:
            # Up to the next listing.
            rest = whole[end : next((it for it in starts if it >= end), len(whole))]
            for record in map(squeezed, records(name)):
                if record not in rest:
                    wrong(f"PDF: {name} lacks what it was recorded to print")
            sentence = among(listing)
            if sentence and squeezed(sentence) not in rest:
                wrong(f"PDF: {name} doesn't say {sentence!r}")
    return text


def check_places(pdf, nav):
    """Whether links lead somewhere, and to the page that the contents name."""
    data = Path(pdf).read_bytes()
    if b"file:" in re.sub(rb"stream\r?\n.*?endstream", b"", data, flags=re.DOTALL):
        wrong("PDF: a link leads to a file of this machine")
    places = {}
    for line in run("pdfinfo", "-dests", pdf).splitlines():
        found = re.match(r'\s*(\d+)\s+\[.*?\]\s+"(.*)"', line)
        if found:
            places[found[2]] = int(found[1])
    wanted = {it.decode() for it in re.findall(rb"/Dest /([^\s/>\]]+)", data)}
    wanted = {unquote(it.replace("#", "%")) for it in wanted}
    for place in sorted(wanted - places.keys()):
        wrong(f"PDF: nothing is called {place}")
    if len(wanted) < 300:
        wrong(f"PDF: links lead to {len(wanted)} places only")
    # The title and the cover come before.
    contents = squeezed(run("pdftotext", "-layout", "-f", "3", "-l", "16", pdf, "-"))
    texts = run("pdftotext", pdf, "-").split("\f")
    for link in nav.iter(f"{XHTML}a"):
        title = squeezed(text_of(link))
        place = link.get("href").replace(".xhtml", "").replace("#", "--")
        page = places.get(place)
        if page is None:
            wrong(f"PDF: the contents don't lead to {place}")
            continue
        if f"{title}{page}" not in contents:
            wrong(f"PDF: the contents don't say that {text_of(link)!r} is on page {page}")
        # The contents number chapters, whose page has the number apart.
        bare = squeezed(re.sub(r"^\d+\.\s*", "", text_of(link)))
        if bare not in squeezed(texts[page - 1]):
            wrong(f"PDF: {text_of(link)!r} is not on page {page}")
    titles = re.findall(rb"/Title ", data)
    if len(titles) < 300:
        wrong(f"PDF: its outline has {len(titles)} entries only")
    return len(wanted)


def check_words(what, text):
    for line in re.split(r"\n\s*\n", text):
        line = re.sub(r"\s+", " ", line)
        for found in LEFTOVERS.finditer(line):
            if not ALLOWED.search(found[0]):
                wrong(f"{what}: {found[0]!r} asks for what isn't there")


def main():
    epub, pdf = sys.argv[1:]
    registry = tomllib.loads((LISTINGS / "listings.toml").read_text())
    names, pages = read_epub(epub)
    links = check_links(names, pages)
    check_elements(pages)
    pictures = check_listings_in_epub(registry, pages)
    for name, page in pages.items():
        for block in page.iter():
            if block.tag in (f"{XHTML}p", f"{XHTML}li", f"{XHTML}td"):
                check_words(f"EPUB: {name}", text_of(block))
    count = check_area(pdf)
    text = check_listings_in_pdf(registry, pdf)
    check_words("PDF", text)
    places = check_places(pdf, pages["EPUB/nav.xhtml"])
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(f"{len(problems)} things are wrong.")
    print(
        f"{len(registry)} listings with {pictures} executions drawn; {links} links in the "
        f"EPUB; {count} pages and {places} places that links lead to in the PDF"
    )


main()
