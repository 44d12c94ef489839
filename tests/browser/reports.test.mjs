// What the page says of threads that can't go on, of panics, and of characters
// that turn text around: of an answer that is made up here, so that it has all
// there can be.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { SITE, THEMES, launch, listing, open, publish } from "./book.mjs";

const NAME = "forgotten-drop";

let site;
let browser;
let axe;

before(async () => {
  axe = await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
  browser = await launch();
  site = await publish();
});

after(async () => {
  await browser?.close();
  site?.stop();
});

const at = (line) => ({ file: `${NAME}.rs`, line, column: 5 });
const who = (thread, name = null, spawned = null) => ({ thread, path: String(thread), name, spawned: spawned && at(spawned) });
const lock = (on, name) => ({ action: "lock", object: "mutex", name, created: at(5 + on), on });
const receive = (on) => ({ action: "receive", object: "channel", created: at(5 + on), on });
const mutex = (index, name, held) => ({ kind: "mutex", name, created: at(5 + index), held });

/// Each for the fork of the next.
const philosophers = ["aristotle", "plato", "hypatia"].map((name, index) => who(index + 1, name, 9));

const DEADLOCKS = [
  {
    blocked: [
      { ...who(0), at: at(11), waits: [lock(0, "a")] },
      { ...who(1, null, 7), at: at(23), waits: [lock(1, "b")] },
    ],
    objects: [
      mutex(0, "a", [{ ...who(1, null, 7), since: at(22) }]),
      mutex(1, "b", [{ ...who(0), mode: "writing", since: at(10) }]),
    ],
    gone: [{ ...who(2, "writer", 8), message: "no space left", at: at(20) }],
    cycle: [
      { thread: 0, on: 0 },
      { thread: 1, on: 1 },
    ],
  },
  {
    blocked: [{ ...who(0), at: at(11), waits: [lock(0, null)] }],
    objects: [mutex(0, null, [{ ...who(0), since: at(10) }])],
    cycle: [{ thread: 0, on: 0 }],
  },
  {
    blocked: philosophers.map((philosopher, index) => ({ ...philosopher, at: at(15), waits: [lock(index, `fork_${index}`)] })),
    objects: philosophers.map((_, index) => mutex(index, `fork_${index}`, [{ ...philosophers[(index + 1) % 3], since: at(14) }])),
    cycle: philosophers.map(({ thread }, index) => ({ thread, on: index })),
  },
];

const LEAKS = [
  {
    blocked: [
      { ...who(1, null, 7), at: at(23), waits: [receive(0)] },
      { ...who(2, null, 7), at: at(23), waits: [receive(0)] },
    ],
    objects: [
      {
        kind: "channel",
        created: at(5),
        ends: [
          { kind: "sender", count: 1, made: at(5), owner: who(0) },
          { kind: "receiver", count: 2, made: at(6) },
        ],
      },
    ],
  },
];

const PANICS = [{ ...who(1, null, 7), message: "called `Result::unwrap()` on an `Err` value: RecvError", at: at(23) }];

/// The listing's panel, opened on an answer that `change` has changed.
async function withAnswer(change, tool, use, options = {}) {
  const kept = JSON.parse(await readFile(path.join(SITE, "outcomes", `${NAME}.json`), "utf8"));
  const opened = await open(browser, `${site.origin}/introduction.html`, options);
  const { page } = opened;
  await page.route(`**/outcomes/${NAME}.json*`, (route) => {
    change(kept);
    route.fulfill({ json: kept });
  });
  await page.goto(`${site.origin}/deadlock.html`);
  const { figure } = listing(page, NAME);
  await figure.getByRole("button", { name: tool, exact: true }).click();
  await figure.locator(".panel-title", { hasText: tool }).waitFor();
  await use({ page, figure, panel: figure.locator(".listing-panel") });
  await opened.close();
}

function withReports(answer) {
  const [{ schedule }] = answer.deadlocks;
  const led = (reports) => reports.map((report) => ({ ...report, schedule }));
  Object.assign(answer, { deadlocks: led(DEADLOCKS), leaks: led(LEAKS), panics: led(PANICS) });
}

async function wordsOf(report) {
  const items = await report.locator("li").allInnerTexts();
  return [await report.locator(".report-title").innerText(), ...items];
}

test("deadlocks, leaks and panics are told, each thing once", () =>
  withAnswer(withReports, "All outcomes", async ({ panel }) => {
    const reports = panel.locator(".outcomes-report");
    await reports.first().waitFor();
    assert.deepEqual(await Promise.all((await reports.all()).map(wordsOf)), [
      [
        "Deadlock 1 of 3: two threads wait for each other, forever.",
        "main waits to lock the mutex a of line 5, at line 11; thread 1 has held it since line 22.",
        "thread 1 (started on line 7) waits to lock the mutex b of line 6, at line 23; main has held it for writing since line 10.",
        "writer is gone: it panicked on line 20, “no space left”.",
      ],
      [
        "Deadlock 2 of 3: a thread waits for itself, forever.",
        "main waits to lock the mutex made on line 5, at line 11; main itself has held it since line 10.",
      ],
      [
        "Deadlock 3 of 3: 3 threads wait in a circle, forever.",
        "aristotle waits to lock the mutex fork_0 of line 5, at line 15; plato has held it since line 14.",
        "plato waits to lock the mutex fork_1 of line 6, at line 15; hypatia has held it since line 14.",
        "hypatia waits to lock the mutex fork_2 of line 7, at line 15; aristotle has held it since line 14.",
      ],
      [
        "Thread 1 and thread 2 can be stuck for good, whatever the others do.",
        "thread 1 (started on line 7) and thread 2 (started on line 7) wait to receive from the channel made on line 5, at line 23. " +
          "The channel still has 1 sender (held by main) and 2 receivers (made on line 6).",
      ],
      [
        "A panic that can happen:",
        "thread 1 (started on line 7) on line 23: “called `Result::unwrap()` on an `Err` value: RecvError”\nStep there",
      ],
    ]);
  }));

test("the circle of who waits for whom is a picture, and words for who can't see it", () =>
  withAnswer(withReports, "All outcomes", async ({ panel }) => {
    const pictures = panel.getByRole("img", { name: /waits for/ });
    assert.deepEqual(await pictures.evaluateAll((all) => all.map((picture) => picture.getAttribute("aria-label"))), [
      "main waits for thread 1, which waits for main.",
      "main waits for main.",
      "aristotle waits for plato, which waits for hypatia, which waits for aristotle.",
    ]);
    const names = await pictures.last().locator(".circle-name").allTextContents();
    assert.deepEqual(names, ["aristotle", "fork_0", "plato", "fork_1", "hypatia", "fork_2"]);
    for (const picture of await pictures.all()) {
      const box = await picture.boundingBox();
      for (const part of await picture.locator("text, rect").all()) {
        const inner = await part.boundingBox();
        const isInside = inner.x >= box.x - 1 && inner.y >= box.y - 1 && inner.x + inner.width <= box.x + box.width + 1 && inner.y + inner.height <= box.y + box.height + 1;
        assert.ok(isInside, `${await part.textContent()} is cut off`);
      }
    }
  }));

test("each is to be stepped through", () =>
  withAnswer(withReports, "All outcomes", async ({ figure, panel }) => {
    await panel.locator(".outcomes-report").first().waitFor();
    for (let index = 0; index < 5; index += 1) {
      await panel.getByRole("button", { name: "Step there" }).nth(index).click();
      const steps = figure.getByRole("region", { name: /^Step through: / });
      await steps.getByRole("button", { name: "Last step" }).click();
      assert.match(await steps.locator(".steps-now").innerText(), /Then every thread waits forever: a deadlock\.$/);
      await figure.getByRole("button", { name: "All outcomes", exact: true }).click();
    }
  }));

for (const theme of THEMES) {
  test(`${theme}: reports are accessible, and fit a phone`, async () => {
    for (const width of [1280, 390]) {
      const use = async ({ page, panel }) => {
        await panel.locator(".circle").first().waitFor();
        const overflow = await panel.evaluate((panel) => panel.scrollWidth - panel.clientWidth);
        assert.ok(overflow <= 0, `${overflow} px too wide`);
        await page.evaluate(axe);
        const found = await page.evaluate(async () => {
          const { violations } = await window.axe.run(".listing-panel", { resultTypes: ["violations"] });
          return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target}: ${failureSummary}`));
        });
        assert.deepEqual(found, [], `${width} px`);
      };
      await withAnswer(withReports, "All outcomes", use, { theme, width });
    }
  });
}

test("on paper are the words and the picture, and no button", () =>
  withAnswer(withReports, "All outcomes", async ({ page, panel }) => {
    await panel.locator(".circle").first().waitFor();
    await page.emulateMedia({ media: "print" });
    assert.equal(await panel.locator(".circle").first().isVisible(), true);
    assert.equal(await panel.locator(".outcomes-report li").first().isVisible(), true);
    assert.equal(await panel.getByRole("button", { name: "Step there" }).first().isVisible(), false);
  }));

/// A right-to-left override in a line of the output.
function turnedAround({ graph }) {
  graph.texts = graph.texts.map((text) => text.replace("sending 1", "sending \u202e1"));
  for (const event of graph.events.filter((event) => event.text)) {
    event.text = event.text.replace("sending 1", "sending \u202e1");
  }
}

test("what turns text around is shown by name, and turns nothing around", async () => {
  await withAnswer(turnedAround, "All outcomes", async ({ panel }) => {
    const summary = panel.locator(".outputs summary").first();
    await summary.click();
    const control = panel.locator(".outputs .direction-control").first();
    assert.equal(await control.getAttribute("data-name"), "RLO");
    assert.equal(await control.getAttribute("aria-label"), "right-to-left override");
    const line = panel.locator(".outputs .steps-piece").first();
    assert.equal(await line.textContent(), "sending \u202e1 to channel", "is copied as it is");
    // What comes behind stands to the right of it, as it was printed.
    const [before, behind] = await line.evaluate((line) => {
      const left = (node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        return range.getBoundingClientRect().left;
      };
      const control = line.querySelector(".direction-control");
      return [left(control.previousSibling), left(control.nextSibling)];
    });
    assert.ok(before < behind);
  });
  await withAnswer(turnedAround, "Step through", async ({ panel }) => {
    await panel.locator(".steps-row").first().waitFor();
    const rows = (await panel.locator(".steps-row").allTextContents()).join("\n");
    assert.match(rows, /sending ⟨RLO⟩1 to channel/);
    assert.doesNotMatch(rows, /\u202e/);
  });
  await withAnswer(turnedAround, "Can this happen?", async ({ panel }) => {
    const first = panel.getByRole("textbox", { name: "Line 1", exact: true });
    await first.fill("sending \u202e1 to channel");
    assert.equal(await panel.locator(".line-named").first().innerText(), "sending ⟨RLO⟩1 to channel");
  });
});
