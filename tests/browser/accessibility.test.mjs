// What axe finds, on every page and in every theme: nothing. What moves where readers
// want nothing to move: nothing. What can be done with the keyboard alone: all of it,
// with a mark on what has the focus.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { SITE, THEMES, eventually, launch, listing, open, publish, serve } from "./book.mjs";

const CHAPTERS = ["introduction", "at-the-same-time", "costs", "phrasebook", "your-own-crate"];

/// Themes in which a page is looked at in every width: a light one and a dark one.
const IN_ALL_WIDTHS = ["light", "coal"];

/// What axe asks of colours.
const OF_COLOURS = ["color-contrast", "link-in-text-block"];

/// Where the site was built to be.
const AT = "/concurrency";

/// What is mdBook's own and no preprocessor can mend: of a page, a rule and the element
/// that breaks it. No reader opens `toc.html`: it is the list of chapters in a frame of
/// other pages, for browsers without scripts, and has neither a title nor any landmark.
const MDBOOKS = ["document-title: html", "landmark-one-main: html", "page-has-heading-one: html", "region: ol"].map(
  (found) => `toc.html: ${found}`,
);

/// What takes no longer than this is not seen to move, in milliseconds.
const STILL = 10;

let server;
let site;
let browser;
let axe;

before(async () => {
  axe = await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
  browser = await launch();
  // The list of chapters in a frame names no picture of its own.
  site = await publish({ "/favicon.ico": "" }, SITE, AT);
  server = await serve();
});

after(async () => {
  await browser?.close();
  await site?.stop();
  await server?.stop();
});

/// What axe finds: of each the rule, the element, and what is wrong with it. All its
/// rules, unless some are named.
async function violations(page, rules = {}, only = undefined) {
  // Colours on their way from one to another are neither. What goes with scrolling
  // is never done. What scrolls is known once it is drawn.
  await page.evaluate(async () => {
    const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    await drawn();
    const onTheirWay = document.getAnimations().filter((it) => it.timeline === document.timeline);
    await Promise.all(onTheirWay.map((it) => it.finished.catch(() => {})));
  });
  await page.evaluate(axe);
  return page.evaluate(async ({ rules, only }) => {
    const { violations } = await axe.run(document, { resultTypes: ["violations"], rules, runOnly: only });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => ({ what: `${id}: ${target}`, why: failureSummary })),
    );
  }, { rules, only });
}

/// In a theme besides the first, what isn't a matter of colours was looked at before.
async function assertAccessible(page, where, theme = THEMES[0]) {
  const found = await violations(page, {}, theme === THEMES[0] ? undefined : OF_COLOURS);
  assert.deepEqual(found.map(({ what, why }) => `${what}: ${why}`), [], where);
}

test("light: every page of the site", async (t) => {
  const files = await readdir(SITE, { recursive: true });
  const pages = files.filter((file) => file.endsWith(".html")).sort();
  assert.ok(pages.length > 40, `${pages.length} pages`);
  const found = [];
  const rest = pages.map((name) => ({ name, address: `${site.origin}${AT}/${name}` }));
  // One after the other would leave a processor idle.
  await Promise.all(
    [1, 2].map(async () => {
      const { page, close } = await open(browser, `${site.origin}${AT}/index.html`, { theme: "light" });
      for (let next = rest.shift(); next; next = rest.shift()) {
        await page.goto(next.address);
        // It has all chapters once more, whose colours were looked at where they are.
        const rules = next.name === "print.html" ? { "color-contrast": { enabled: false } } : {};
        found.push(...(await violations(page, rules)).map(({ what, why }) => ({ what: `${next.name}: ${what}`, why })));
      }
      await close();
    }),
  );
  const ours = found.filter(({ what }) => !MDBOOKS.includes(what));
  assert.deepEqual(ours.map(({ what, why }) => `${what}: ${why}`), []);
  assert.deepEqual(MDBOOKS.filter((known) => !found.some(({ what }) => what === known)), [], "what mdBook has mended");
  t.diagnostic(`${pages.length} pages`);
});

test("what isn't there is told of as any page is, at any depth", async () => {
  // The browser tells that the page isn't there, and nothing else.
  const { page, close } = await open(browser, `${server.origin}/not/there/at-all`, { theme: "coal" });
  await page.getByRole("heading", { name: "There is no such page" }).waitFor();
  await page.locator("#mdbook-sidebar a", { hasText: "Deadlock" }).first().waitFor();
  await assertAccessible(page, "a page that isn't there");
  await page.getByRole("link", { name: "at the beginning" }).click();
  await page.waitForURL(`${server.origin}/introduction.html`);
  await assert.rejects(close, ({ actual }) => actual.length === 1 && /status of 404/.test(actual[0]));
});

for (const theme of THEMES) {
  if (theme !== "light") {
    test(`${theme}: every kind of page`, async () => {
      const { page, close } = await open(browser, server.chapter(CHAPTERS[0]), { theme });
      await assertAccessible(page, CHAPTERS[0], theme);
      for (const chapter of CHAPTERS.slice(1)) {
        await page.goto(`${server.origin}/${chapter}.html`);
        await assertAccessible(page, chapter, theme);
      }
      await close();
    });
  }

  test(`${theme}: outputs, errors, counts, help, a quiz and an exercise`, async () => {
    const { page, close } = await open(browser, server.chapter("at-the-same-time"), { theme });
    // First, while there is no kernel yet.
    const token = await page.evaluate(() => {
      const token = localStorage.getItem("interleaved-token");
      localStorage.removeItem("interleaved-token");
      return token;
    });
    const helpless = listing(page, "no-waiting");
    await helpless.run.click();
    await helpless.output.locator(".help").waitFor();
    await page.evaluate((token) => localStorage.setItem("interleaved-token", token), token);

    const run = listing(page, "two-threads");
    await run.edit('fn main() {\n    println!("out");\n    eprintln!("err");\n    let unused = 1;\n}\n');
    await run.run.click();
    await run.ending.and(page.locator('[data-kind="returned"]')).waitFor();
    await run.output.locator("summary", { hasText: "The compiler warns" }).click();

    const refused = listing(page, "closure-may-outlive-main");
    await refused.run.click();
    await refused.ending.and(page.locator('[data-kind="rejected"]')).waitFor();

    const many = listing(page, "wait-group");
    await many.runMany.click();
    await many.output.locator(".listing-label", { hasText: /^100 runs:/ }).waitFor();
    await many.runMany.and(page.locator(":not(.is-running)")).waitFor();
    await many.output.locator("summary").first().click();

    const quiz = page.locator(".quiz").first();
    for (const [index, word] of ["Possible", "Possible"].entries()) {
      const output = quiz.locator(".quiz-output").nth(index);
      await output.getByRole("button", { name: word, exact: true }).click();
      await output.locator(".quiz-show, .quiz-note").waitFor();
    }

    const exercise = page.locator(".exercise").first();
    await exercise.getByRole("button", { name: "Check my program" }).click();
    await exercise.locator(".exercise-result").waitFor();
    await exercise.getByRole("checkbox", { name: "Done" }).check();
    for (const details of await exercise.locator("summary").all()) {
      await details.click();
    }
    await assertAccessible(page, "a page in use", theme);
    await close();
  });

  test(`${theme}: the panels about outcomes`, async () => {
    for (const width of IN_ALL_WIDTHS.includes(theme) ? [1280, 390] : [1280]) {
      const { page, close } = await open(browser, server.chapter("deadlock"), { theme, width });
      const { figure } = listing(page, "forgotten-drop");
      for (const tool of ["All outcomes", "Step through", "You are the scheduler", "Can this happen?"]) {
        await figure.getByRole("button", { name: tool, exact: true }).click();
        await figure.locator(".panel-title", { hasText: tool }).waitFor();
        await figure.locator(".listing-panel details, .steps-row, .choice, .lines li").first().waitFor();
        if (tool === "All outcomes") {
          await figure.locator(".outputs summary").first().click();
        } else if (tool === "Can this happen?") {
          await figure.getByRole("textbox", { name: "Line 2", exact: true }).fill("never");
        }
        await assertAccessible(page, `${tool}, ${width} px`, theme);
      }
      if (width === 1280) {
        await figure.getByRole("button", { name: "All outcomes", exact: true }).click();
        await figure.getByRole("button", { name: "Compare output 1", exact: true }).click();
        await assertAccessible(page, "an output chosen to be compared", theme);
        await figure.getByRole("button", { name: "Compare output 2 with 1" }).click();
        await figure.locator(".compare .steps-row").first().waitFor();
        // And a second listing's, below it.
        const other = listing(page, "two-locks").figure;
        await other.getByRole("button", { name: "Step through", exact: true }).click();
        await other.locator(".steps-row").first().waitFor();
        await assertAccessible(page, "two executions side by side, and another below", theme);
      }
      await close();
    }
  });

  test(`${theme}: the menus, and a phone`, async () => {
    const { page, close } = await open(browser, server.chapter("at-the-same-time"), { theme });
    await page.getByRole("button", { name: "Change theme" }).click();
    await assertAccessible(page, "the list of themes", theme);
    await page.keyboard.press("Escape");
    await page.keyboard.press("s");
    // Once it has loaded its index.
    await page.locator("#mdbook-searchbar:focus").waitFor();
    await page.keyboard.type("thread");
    await page.locator("#mdbook-searchresults li").first().waitFor();
    await assertAccessible(page, "the search", theme);
    await close();

    if (!IN_ALL_WIDTHS.includes(theme)) {
      return;
    }
    const phone = await open(browser, server.chapter("at-the-same-time"), { theme, width: 390 });
    await assertAccessible(phone.page, "a phone", theme);
    await phone.page.getByRole("button", { name: "Toggle Table of Contents" }).click();
    await phone.page.locator("#mdbook-sidebar").waitFor();
    await assertAccessible(phone.page, "a phone with the sidebar", theme);
    await phone.close();
  });
}

test("what is wider than the window can be scrolled with the keyboard, whenever that comes", async () => {
  const { page, close } = await open(browser, `${site.origin}${AT}/glossary.html`);
  for (const chapter of ["in-a-notebook", "costs", "chat-room"]) {
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(`${site.origin}${AT}/${chapter}.html`);
    await page.setViewportSize({ width: 390, height: 900 });
    await page.locator("main details:not([open])").evaluateAll((all) => all.forEach((it) => (it.open = true)));
    await assertAccessible(page, chapter);
  }
  await close();
});

test("an empty corner of a table names nothing, and the first column its rows", async () => {
  const { page, close } = await open(browser, `${site.origin}${AT}/async.html`);
  const table = page.getByRole("table").filter({ has: page.getByRole("columnheader", { name: "Tasks" }) });
  assert.deepEqual(await table.getByRole("columnheader").allInnerTexts(), ["Threads", "Tasks"]);
  const rows = await table.locator("tbody tr").count();
  assert.equal(await table.getByRole("rowheader").count(), rows);
  await close();
});

/// What on a page takes its time to change, of what a selector finds and is in it.
function moving(page, within = ":root") {
  return page.evaluate(
    ([within, most]) => {
      const longest = (text) => Math.max(...text.split(",").map((it) => parseFloat(it) * (it.trim().endsWith("ms") ? 1 : 1000)));
      const found = new Set();
      for (const element of document.querySelectorAll(`${within}, ${within} *`)) {
        // mdBook's own, in a listing.
        if (within !== ":root" && element.closest(".buttons")) {
          continue;
        }
        for (const part of ["", "::before", "::after"]) {
          const style = getComputedStyle(element, part);
          if (part && style.content === "none") {
            continue;
          }
          const name = `${element.tagName.toLowerCase()}.${element.className.baseVal ?? element.className}${part}`;
          if (style.transitionProperty !== "none" && longest(style.transitionDuration) > most) {
            found.add(`${name}: transition of ${style.transitionDuration}`);
          }
          if (style.animationName !== "none" && longest(style.animationDuration) > most) {
            found.add(`${name}: animation of ${style.animationDuration}`);
          }
          if (style.scrollBehavior !== "auto") {
            found.add(`${name}: scrolls smoothly`);
          }
        }
      }
      for (const animation of within === ":root" ? document.getAnimations() : []) {
        if (animation.timeline === document.timeline && animation.effect.getComputedTiming().endTime > most) {
          found.add(`${animation.animationName ?? animation.transitionProperty} is running`);
        }
      }
      return [...found];
    },
    [within, STILL],
  );
}

test("nothing moves where the reader wants nothing to move", async () => {
  const { page, close } = await open(browser, "about:blank", { isCalm: true, origin: server.origin });
  // What scrolls by a script.
  await page.addInitScript(() => {
    window.scrolled = [];
    for (const [holder, name] of [[Element.prototype, "scrollIntoView"], [window, "scrollBy"], [window, "scrollTo"]]) {
      const original = holder[name];
      holder[name] = function (...given) {
        window.scrolled.push(given[0]?.behavior ?? "auto");
        return original.apply(this, given);
      };
    }
  });
  await page.goto(server.chapter("deadlock"));
  const still = async (where) => assert.deepEqual(await moving(page), [], where);
  await still("a page");

  const { figure, edit, run, ending } = listing(page, "two-locks");
  await figure.getByRole("button", { name: "Step through", exact: true }).click();
  await figure.locator(".steps-row").first().waitFor();
  await page.keyboard.press("ArrowRight");
  await still("a step");
  await figure.getByRole("button", { name: "All outcomes", exact: true }).click();
  await figure.locator(".outputs summary").first().click();
  await still("outcomes");

  const output = page.locator('.quiz[data-listing="two-locks"] .quiz-output').nth(1);
  await output.getByRole("button", { name: "Possible", exact: true }).click();
  await output.getByRole("button", { name: "See it, step by step" }).click();
  await eventually(async () => assert.ok((await page.evaluate(() => window.scrolled)).length > 0));
  await still("a proof");
  assert.deepEqual((await page.evaluate(() => window.scrolled)).filter((it) => it === "smooth"), []);

  await edit("fn main() {\n    loop {}\n}\n");
  await run.click();
  await ending.and(page.locator('[data-kind="running"]')).waitFor();
  await still("a program that runs");
  await run.click();
  await ending.and(page.locator('[data-kind="stopped"]')).waitFor();

  await page.getByRole("button", { name: "Toggle Searchbar" }).click();
  await page.locator("#mdbook-searchbar:focus").waitFor();
  await page.getByRole("button", { name: "Toggle Table of Contents" }).click();
  await still("the search, without the sidebar");
  await close();
});

test("nor does what is ours in a book that keeps mdBook's look", async () => {
  const { page, close } = await open(browser, "about:blank", { isCalm: true, origin: site.origin });
  await page.route("**/interleaved/book.css*", async (route) => {
    route.fulfill({ contentType: "text/css", body: await readFile(`${SITE}/interleaved/page.css`, "utf8") });
  });
  await page.goto(`${site.origin}${AT}/deadlock.html`);
  const { figure } = listing(page, "two-locks");
  await figure.getByRole("button", { name: "Step through", exact: true }).click();
  await figure.locator(".steps-row").first().waitFor();
  // As a program that runs, and a card on a name, which this page can't have by itself.
  await figure.locator(".listing-output").evaluate((output) => {
    const made = (className) => Object.assign(document.createElement("p"), { className });
    output.append(Object.assign(made("ending"), { textContent: "Running" }), made("name-card is-placed"));
    output.querySelector(".ending:last-of-type, .ending").dataset.kind = "running";
    output.querySelectorAll(".ending").forEach((it) => (it.dataset.kind = "running"));
  });
  assert.deepEqual(await moving(page, "figure.listing"), []);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  const moves = (await moving(page, "figure.listing")).join("\n");
  for (const part of [".ending::before", ".name-card", ".steps-band"]) {
    assert.ok(moves.includes(part), `${part} would move otherwise: ${moves}`);
  }
  await close();
});

test("the sidebar opens and closes with the keyboard", async () => {
  const { page, close } = await open(browser, server.chapter("introduction"));
  const toggle = page.getByRole("button", { name: "Toggle Table of Contents" });
  assert.equal(await toggle.getAttribute("aria-expanded"), "true");
  await toggle.focus();
  await page.keyboard.press("Enter");
  await page.locator("#mdbook-sidebar").waitFor({ state: "hidden" });
  await eventually(async () => assert.equal(await toggle.getAttribute("aria-expanded"), "false"));
  await close();
});

/// What has the focus, and what is wrong with how that is shown: nothing, if a line
/// around it can be told from what is behind it, and nothing lies over it.
function focused(page) {
  return page.evaluate(() => {
    const it = document.activeElement;
    const named = it.getAttribute("aria-label") ?? it.textContent.trim().slice(0, 30);
    const name = `${it.tagName.toLowerCase()}#${it.id}.${it.className} “${named}”`;
    // What an editor is typed into can't be seen; its code can.
    const shown = it.closest(".ace_editor") ?? it;
    const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
    const rgba = (colour) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    /// As WCAG has it.
    const luminance = (colour) => {
      const [r, g, b] = rgba(colour).map((it) => (it / 255 <= 0.04045 ? it / 255 / 12.92 : ((it / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(shown);
    if (outlineStyle === "none" || parseFloat(outlineWidth) < 1) {
      return { name, wrong: "no line around it" };
    }
    let behind = shown.parentElement;
    while (behind && rgba(getComputedStyle(behind).backgroundColor)[3] < 255) {
      behind = behind.parentElement;
    }
    const of = [outlineColor, getComputedStyle(behind ?? document.documentElement).backgroundColor].map(luminance).sort((a, b) => a - b);
    const contrast = (of[1] + 0.05) / (of[0] + 0.05);
    if (contrast < 3) {
      return { name, wrong: `the line around it has a contrast of ${contrast.toFixed(2)}` };
    }
    const { left, right, top, bottom } = shown.getBoundingClientRect();
    const at = document.elementFromPoint((Math.max(left, 0) + Math.min(right, innerWidth)) / 2, (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2);
    const isSeen = at && (shown.contains(at) || at.contains(shown) || at.closest("label")?.contains(shown));
    return { name, wrong: isSeen ? null : `it is covered by ${at?.outerHTML.slice(0, 80)}` };
  });
}

/// Goes there with the Tab key alone; all that has the focus on the way shows it.
async function tabTo(page, target, { back = false } = {}) {
  const stops = [];
  for (;;) {
    await page.keyboard.press(back ? "Shift+Tab" : "Tab");
    const { name, wrong } = await focused(page);
    assert.equal(wrong, null, name);
    stops.push(name);
    if (await target.evaluate((it) => it === document.activeElement)) {
      return;
    }
    assert.ok(stops.length < 250, `it isn't reached: ${stops.join(", ")}`);
  }
}

for (const theme of IN_ALL_WIDTHS) {
  test(`${theme}: the search, with the keyboard alone`, async () => {
    const { page, close } = await open(browser, `${site.origin}${AT}/closing.html`, { theme });
    await tabTo(page, page.getByRole("button", { name: "Toggle Searchbar" }));
    await page.keyboard.press("Enter");
    await page.locator("#mdbook-searchbar:focus").waitFor();
    assert.equal((await focused(page)).wrong, null);
    await page.keyboard.type("rendezvous");
    const first = page.locator("#mdbook-searchresults a").first();
    await first.waitFor();
    await tabTo(page, first);
    const address = await first.evaluate((it) => it.href);
    await page.keyboard.press("Enter");
    await page.waitForURL(address);
    await close();
  });

  test(`${theme}: a quiz, a stepper and outcomes, with the keyboard alone`, async () => {
    const { page, close } = await open(browser, `${site.origin}${AT}/deadlock.html`, { theme });
    const { figure } = listing(page, "two-locks");
    const tool = (name) => figure.getByRole("button", { name, exact: true });
    const key = (name) => page.keyboard.press(name);

    await tabTo(page, tool("All outcomes"));
    await key("Enter");
    const output = figure.locator(".outputs summary").first();
    await output.waitFor();
    await tabTo(page, output);
    await key("Enter");
    await figure.locator(".outputs details[open]").first().waitFor();

    await tabTo(page, tool("Step through"), { back: true });
    await key("Enter");
    const now = figure.locator(".steps-now");
    await eventually(async () => assert.match(await now.innerText(), /^1 of /));
    await tabTo(page, tool("Next step"));
    await key("Enter");
    await eventually(async () => assert.match(await now.innerText(), /^2 of /));
    await tabTo(page, figure.getByRole("slider", { name: "Step" }), { back: true });
    await key("ArrowRight");
    await eventually(async () => assert.match(await now.innerText(), /^3 of /));
    await tabTo(page, figure.getByRole("group", { name: "The execution, step by step" }));
    await key("ArrowRight");
    await eventually(async () => assert.match(await now.innerText(), /^4 of /));
    await tabTo(page, tool("Close: Step through"), { back: true });
    await key("Enter");
    await figure.locator(".listing-panel").waitFor({ state: "hidden" });
    assert.match((await focused(page)).name, /Step through/, "whoever closes it is where he opened it");

    const asked = page.locator('.quiz[data-listing="two-locks"] .quiz-output').nth(1);
    await tabTo(page, asked.getByRole("button", { name: "Possible", exact: true }));
    await key("Space");
    const see = asked.getByRole("button", { name: "See it, step by step" });
    await see.waitFor();
    await tabTo(page, see);
    await key("Enter");
    await eventually(async () => assert.equal(await now.evaluate((it) => it.getBoundingClientRect().bottom <= innerHeight), true));
    await close();
  });
}
