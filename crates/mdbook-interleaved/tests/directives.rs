//! Every directive, for every renderer, in small books of their own.

use mdbook_interleaved::Interleaved;
use mdbook_preprocessor::book::{Book, BookItem, Chapter};
use mdbook_preprocessor::config::Config;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use std::fs;
use tempfile::TempDir;

const REGISTRY: &str = r#"
[waits]
title = "It waits & <ends>"
chapter = "one"
ends = "returns"

[panics]
title = "It panics"
chapter = "one"
ends = "panics"

[stuck]
title = "It may be stuck"
chapter = "one"
ends = ["returns", "deadlocks"]

[many]
title = "It prints this or that"
chapter = "one"
ends = "returns"
outputs = 1234

[refused]
title = "It is refused"
chapter = "one"
error = "E0499"

[repaired]
title = "It can't be stuck"
chapter = "one"
answers = "stuck"
ends = "returns"
outputs = 3

[measures]
title = "How long it takes"
chapter = "one"
ends = "returns"
"#;

const MANIFEST: &str = r#"
[package]
name = "listings"

[dependencies]
crossbeam-channel = "0.5"
crossbeam-utils = "0.8"
"#;

/// A book of one chapter, `one.md`, beside a few listings.
struct TestBook {
    folder: TempDir,
    /// What `book.toml` says besides.
    settings: &'static str,
}

impl TestBook {
    fn new() -> TestBook {
        let book = TestBook {
            folder: TempDir::new().unwrap(),
            settings: "",
        };
        book.write("listings/listings.toml", REGISTRY);
        book.write("listings/Cargo.toml", MANIFEST);
        for name in ["waits", "panics", "many", "measures", "repaired"] {
            book.write(&format!("listings/examples/{name}.rs"), "fn main() {}\n");
        }
        book.write(
            "listings/examples/stuck.rs",
            "use crossbeam_channel::bounded;\nfn main() {}\n",
        );
        book.write("listings/broken/refused.rs", "fn main() {}\n");
        book
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn try_expand(&self, renderer: &str, chapter: &str) -> Result<String, String> {
        let config = "[preprocessor.interleaved]\nlistings = \"listings\"\n";
        let config: Config = format!("{config}{}", self.settings).parse().unwrap();
        let ctx = PreprocessorContext::new(self.folder.path().into(), config, renderer.to_owned());
        let chapter = Chapter::new("One", chapter.to_owned(), "one.md", Vec::new());
        let book = Book::new_with_items(vec![BookItem::Chapter(chapter)]);
        // The chapter lies in src/, the listings beside it.
        fs::create_dir_all(self.folder.path().join("src")).unwrap();
        let book = Interleaved
            .run(&ctx, book)
            .map_err(|error| format!("{error:#}"))?;
        let chapter = book.chapters().next().unwrap();
        let Some(page) = chapter
            .content
            .strip_prefix("<div class=\"interleaved-parts\"")
        else {
            return Ok(chapter.content.clone());
        };
        assert_eq!(renderer, "html", "only pages have scripts");
        Ok(page.split_once("</div>\n\n").unwrap().1.to_owned())
    }

    fn expand(&self, renderer: &str, chapter: &str) -> String {
        self.try_expand(renderer, chapter).unwrap()
    }

    fn error(&self, chapter: &str) -> String {
        let error = self.try_expand("html", chapter).unwrap_err();
        assert!(!error.contains('\n'), "one sentence, not several: {error}");
        error
    }
}

fn shown(folder: &str, name: &str) -> String {
    format!(
        "Before.\n\n```rust\n{{{{#include ../listings/{folder}/{name}.rs}}}}\n```\n\n\
         {{{{#outcome {name}}}}}\n\nAfter.\n"
    )
}

fn assert_contains(text: &str, part: &str) {
    assert!(text.contains(part), "no {part:?} in:\n{text}");
}

#[test]
fn an_answer_has_what_a_program_is_checked_against() {
    let book = TestBook::new();
    let exercise = "1. Repair it.\n\n   {{#answer repaired hint=\"Drop <it>.\"}}\n\n2. More.\n";
    let html = book.expand("html", exercise);
    assert_contains(
        &html,
        "<div class=\"exercise\" data-question=\"stuck\" data-ends=\"returns\" data-outputs=\"3\" \
         data-clock=\"any\">",
    );
    assert_contains(&html, "<summary>Hint</summary><p>Drop &lt;it&gt;.</p>");
    // Within the list, and with a fence that mdBook makes an editor of.
    assert_contains(&html, "\n   ```rust,editable\n   fn main() {}\n   ```\n");
    assert_contains(&html, r#"data-listing="repaired""#);

    let markdown = book.expand("epub", exercise);
    assert_contains(&markdown, "<pre><code>fn main() &#123;}&#10;</code></pre>");
    assert!(!markdown.contains("```"), "{markdown}");
    assert!(!book.expand("test", exercise).contains("fn main"));
    assert!(!html.contains("exercise-words"), "{html}");

    let in_words = "{{#answer repaired in-words=\"`a < b` isn't & won’t be.\"}}\n";
    let words = "<code>a &lt; b</code> isn&#39;t &amp; won’t be.</p>";
    assert_contains(
        &book.expand("html", in_words),
        &format!("<summary>Answer</summary>\n<p class=\"exercise-words\">{words}\n<"),
    );
    assert_contains(
        &book.expand("epub", in_words),
        &format!("<summary>Answer</summary><p>{words}<pre>"),
    );
    assert_contains(
        &book.error("{{#answer waits}}\n"),
        "waits answers no listing: say in listings.toml which",
    );
}

#[test]
fn an_answer_that_cannot_be_explored_says_what_is_checked_then() {
    let book = TestBook::new();
    let entries = "[runs]\ntitle = \"x\"\nchapter = \"one\"\nends = \"returns\"\n\
                   answers = \"stuck\"\nunexplored = \"it is up to the machine\"\n\n\
                   [wrong]\ntitle = \"x\"\nchapter = \"one\"\nerror = \"E0505\"\n\
                   answers = \"stuck\"\n";
    book.write("listings/listings.toml", &format!("{REGISTRY}\n{entries}"));
    book.write("listings/examples/runs.rs", "fn main() {}\n");
    book.write("listings/broken/wrong.rs", "fn main() { x }\n");
    for (answer, checked) in [
        ("runs", "data-ends=\"returns\" data-unexplored data-clock"),
        ("wrong", "data-ends=\"\" data-error=\"E0505\" data-clock"),
    ] {
        let html = book.expand("html", &format!("{{{{#answer {answer}}}}}\n"));
        assert_contains(&html, checked);
    }
}

const QUIZZES: &str = r#"
[[many.outputs]]
text = """
this {{#include x}}
"""
possible = true
why = "Why <not>?"

[[many.outputs]]
text = ""
ends = "deadlocks"
possible = false

[[many.goals]]
goal = "Make it <stop>."
ends = "deadlocks"
has = ["this"]
way = """
this
"""
"#;

#[test]
fn a_quiz_is_a_question_with_a_folded_answer() {
    let book = TestBook::new();
    book.write("listings/quizzes/one.toml", QUIZZES);
    let html = book.expand("html", "{{#quiz many}}\n");
    assert_contains(&html, "<div class=\"quiz\" data-listing=\"many\">");
    assert_contains(
        &html,
        "data-text=\"this &#123;&#123;#include x}}&#10;\" data-possible=\"true\">",
    );
    assert_contains(
        &html,
        "<summary>Possible?</summary><p>Possible. Why &lt;not&gt;?</p>",
    );
    assert_contains(&html, "data-possible=\"false\" data-ends=\"deadlocks\">");
    assert_contains(&html, "(nothing)");
    let markdown = book.expand("notebooks", "{{#quiz many}}\n");
    assert_contains(&markdown, "```text\nthis {{#include x}}\n```");
    assert_contains(&markdown, "<p>Impossible.</p>");
    assert_eq!(book.expand("test", "{{#quiz many}}\n").trim(), "");
}

#[test]
fn goals_have_what_the_page_checks_them_by() {
    let book = TestBook::new();
    book.write("listings/quizzes/one.toml", QUIZZES);
    let html = book.expand("html", "{{#goals many}}\n");
    assert_contains(
        &html,
        "data-condition=\"&#123;&quot;ends&quot;:&quot;deadlocks&quot;,&quot;has&quot;:[&quot;this&quot;]}\"",
    );
    assert_contains(&html, "data-way=\"this&#10;\"");
    assert_contains(&html, "Make it &lt;stop&gt;.");
    assert_contains(
        &book.expand("epub", "{{#goals many}}\n"),
        "Make it &lt;stop&gt;.",
    );
}

#[test]
fn what_is_wrong_with_a_quiz_is_said() {
    let book = TestBook::new();
    assert_contains(
        &book.error("{{#quiz many}}\n"),
        "nothing is asked about many in",
    );
    let goal = "[[many.goals]]\ngoal = \"Do it.\"\nway = \"\"\n";
    book.write("listings/quizzes/one.toml", goal);
    assert_contains(
        &book.error("{{#goals many}}\n"),
        "the goal \"Do it.\" of [many] must say what it `ends` in, `has` or `lacks`",
    );
    let goal = "[[refused.goals]]\ngoal = \"Do it.\"\nends = \"panics\"\nway = \"\"\n";
    book.write("listings/quizzes/one.toml", goal);
    assert_contains(
        &book.error("{{#goals refused}}\n"),
        "[refused] can't be explored, so nothing can be asked about it",
    );
}

#[test]
fn all_listings_are_in_a_table() {
    let book = TestBook::new();
    book.write("src/one.md", "# The one chapter\n");
    let table = book.expand("html", "{{#listings}}\n");
    for row in [
        "| How long it takes | [The one chapter](one.md) | without end | returns |",
        "| It is refused | [The one chapter](one.md) | error E0499 |  |",
        "| It prints this or that | [The one chapter](one.md) | 1,234 | returns |",
        "| It may be stuck | [The one chapter](one.md) | without end | returns, or deadlocks |",
    ] {
        assert_contains(&table, row);
    }
    assert!(!table.contains("It can't be stuck"), "an answer: {table}");
}

/// A program elsewhere is on no page, so a link to it would lead nowhere.
#[test]
fn a_program_within_the_book_is_linked_to() {
    let book = TestBook::new();
    let source = book.folder.path().join("src");
    fs::create_dir_all(&source).unwrap();
    std::os::unix::fs::symlink("../listings/examples", source.join("within")).unwrap();
    let chapter = "```rust\n{{#include within/waits.rs}}\n```\n\n{{#outcome waits}}\n";
    assert_contains(
        &book.expand("html", chapter),
        r#"<a class="listing-file" href="within/waits.rs">waits.rs</a>"#,
    );
    assert_contains(
        &book.expand("epub", chapter),
        "([waits.rs](within/waits.rs))",
    );
}

#[test]
fn html_shows_the_code_the_output_and_the_ending() {
    let book = TestBook::new();
    book.write(
        "listings/outputs/waits.txt",
        "a < b & \"c\"\n\n{{#include x}}\n",
    );
    book.write("listings/outputs/waits.stderr.txt", "oh\n");
    let html = book.expand("html", &shown("examples", "waits"));
    assert_contains(
        &html,
        r#"<figure class="listing" data-listing="waits" data-ends="returns">"#,
    );
    assert_contains(&html, "It waits &amp; &lt;ends&gt;");
    assert_contains(&html, r#"<span class="listing-file">waits.rs</span>"#);
    assert_contains(
        &html,
        "\n```rust,editable\n{{#include ../listings/examples/waits.rs}}\n```\n",
    );
    assert_contains(
        &html,
        "<samp>a &lt; b &amp; &quot;c&quot;&#10;&#10;&#123;&#123;#include x}}</samp>",
    );
    assert_contains(
        &html,
        r#"<pre class="transcript stderr"><samp>oh</samp></pre>"#,
    );
    assert_contains(&html, "Then main returns.");
    assert_contains(&html, "</figure>\n\n\n\nAfter.\n");
    assert!(html.starts_with("Before.\n"));
}

#[test]
fn a_fence_or_the_book_gives_an_edition() {
    let mut book = TestBook::new();
    let chapter = shown("examples", "waits");
    assert!(!book.expand("html", &chapter).contains("data-edition"));
    let fence = chapter.replace("```rust", "```rust,edition2018");
    assert_contains(&book.expand("html", &fence), "data-edition=\"2018\"");
    book.settings = "[rust]\nedition = \"2021\"\n";
    assert_contains(&book.expand("html", &chapter), "data-edition=\"2021\"");
    assert_contains(&book.expand("html", &fence), "data-edition=\"2018\"");
}

#[test]
fn a_page_knows_what_it_can_run_by_itself() {
    let mut book = TestBook::new();
    let html = |book: &TestBook, name| book.expand("html", &shown("examples", name));
    book.write("modules/waits.wasm", "one");
    assert!(!html(&book, "waits").contains("data-program"));
    book.settings = "programs = \"modules\"\n";
    let address = |html: &str| {
        let start = html
            .find("data-program=\"programs/waits.wasm?")
            .expect("its address");
        html[start..].split('"').nth(1).unwrap().to_owned()
    };
    let before = address(&html(&book, "waits"));
    assert_eq!(address(&html(&book, "waits")), before);
    // A browser that has kept the old one gets the new one.
    book.write("modules/waits.wasm", "another");
    assert_ne!(address(&html(&book, "waits")), before);

    // Nobody built it; or it needs what a browser doesn't have.
    assert!(!html(&book, "many").contains("data-program"));
    assert!(!html(&book, "many").contains("data-needs"));
    let refused = book.expand("html", &shown("broken", "refused"));
    assert_contains(
        &refused,
        "data-needs=\"the compiler, to say what is wrong with it\"",
    );
    book.write("modules/many.wasm", "one");
    for (source, needs) in [
        ("fn main() { std::fs::read(\"x\"); }\n", "files"),
        (
            "fn main() { panic::catch_unwind(f) }\n",
            "to go on after a thread has panicked",
        ),
    ] {
        book.write("listings/examples/many.rs", source);
        assert_contains(&html(&book, "many"), &format!("data-needs=\"{needs}"));
        assert!(!html(&book, "many").contains("data-program"));
    }
    let panics = REGISTRY.replace("outputs = 1234", "outputs = 1234\npanics = [\"no\"]");
    book.write("listings/listings.toml", &panics);
    book.write("listings/examples/many.rs", "fn main() {}\n");
    assert_contains(
        &html(&book, "many"),
        "data-needs=\"to go on after a thread has panicked",
    );
    let needs = REGISTRY.replace(
        "outputs = 1234",
        "outputs = 1234\nneeds = \"10,000 threads\"",
    );
    book.write("listings/listings.toml", &needs);
    assert_contains(&html(&book, "many"), "data-needs=\"10,000 threads\"");
}

#[test]
fn a_listing_says_what_its_output_is_among() {
    let mut book = TestBook::new();
    book.settings = "outcomes = \"outcomes\"\n";
    book.write("listings/outputs/many.txt", "this\n");
    let html = book.expand("html", &shown("examples", "many"));
    assert_contains(&html, "data-outcomes=\"outcomes/many.json?");
    assert_contains(&html, ">One of 1,234 possible outputs.</p>");
    let markdown = book.expand("markdown", &shown("examples", "many"));
    assert_contains(
        &markdown,
        "Then main returns. One of 1,234 possible outputs.",
    );

    // A page takes nothing that was made from another program.
    let address = |html: &str| {
        let start = html.find("outcomes/many.json?").unwrap();
        html[start..].split('"').next().unwrap().to_owned()
    };
    let before = address(&html);
    assert_eq!(
        address(&book.expand("html", &shown("examples", "many"))),
        before
    );
    book.write("listings/examples/many.rs", "fn main() { changed() }\n");
    assert_ne!(
        address(&book.expand("html", &shown("examples", "many"))),
        before
    );

    // Nobody has counted, or nothing is recorded, or it can't be explored.
    let html = book.expand("html", &shown("examples", "waits"));
    assert!(!html.contains("possible output"), "{html}");
    fs::remove_file(book.folder.path().join("listings/outputs/many.txt")).unwrap();
    let html = book.expand("html", &shown("examples", "many"));
    assert!(!html.contains("possible output"), "{html}");
    let html = book.expand("html", &shown("broken", "refused"));
    assert!(!html.contains("data-outcomes"), "{html}");
}

#[test]
fn a_count_stands_in_a_sentence() {
    let book = TestBook::new();
    let text = book.expand("html", "There are {{#count many}} of them.\n");
    assert_eq!(
        text,
        "There are <span class=\"count\" data-listing=\"many\">1,234</span> of them.\n"
    );
    let text = book.expand("notebooks", "There are {{#count many}} of them.\n");
    assert_contains(&text, "There are 1,234 of them.");
}

#[test]
fn what_is_not_explored_has_no_count() {
    let book = TestBook::new();
    let entry = "[cores]\ntitle = \"x\"\nchapter = \"one\"\nends = \"returns\"\noutputs = 1\n\
                 unexplored = \"it is up to the machine\"\n";
    book.write("listings/listings.toml", &format!("{REGISTRY}\n{entry}"));
    assert_contains(
        &book.error("Hello.\n"),
        "[cores] is not explored, so it has no",
    );
}

#[test]
fn html_of_a_broken_listing_links_to_its_error() {
    let book = TestBook::new();
    book.write("listings/outputs/refused.txt", "error[E0499]: no\n");
    let html = book.expand("html", &shown("broken", "refused"));
    assert_contains(&html, r#"data-ends="" data-error="E0499""#);
    assert_contains(&html, "What rustc says");
    assert_contains(&html, "https://doc.rust-lang.org/error_codes/E0499.html");
}

#[test]
fn html_says_when_nothing_is_recorded() {
    let book = TestBook::new();
    let html = book.expand("html", &shown("examples", "waits"));
    assert_contains(&html, "cargo run -- record waits");
    let html = book.expand("html", "{{#chart measures}}\n\non {{#machine}}\n");
    assert_contains(&html, "not recorded yet");
}

#[test]
fn html_writes_the_assets_only_when_they_differ() {
    let book = TestBook::new();
    book.expand("html", "nothing\n");
    let script = book.folder.path().join("src/interleaved/page.js");
    let written = fs::metadata(&script).unwrap().modified().unwrap();
    book.expand("html", "nothing\n");
    assert_eq!(fs::metadata(&script).unwrap().modified().unwrap(), written);
    let text = fs::read_to_string(&script).unwrap();
    fs::write(&script, "old").unwrap();
    book.expand("html", "nothing\n");
    assert_eq!(fs::read_to_string(&script).unwrap(), text);
}

#[test]
fn rustdoc_is_told_how_each_listing_ends() {
    let book = TestBook::new();
    let fence = |folder: &str, name: &str| book.expand("test", &shown(folder, name));
    assert_contains(&fence("examples", "waits"), "```rust\n{{#include");
    assert_contains(
        &fence("examples", "panics"),
        "```rust,should_panic\n{{#include",
    );
    assert_contains(
        &fence("examples", "stuck"),
        "```rust,no_run\n# extern crate crossbeam_channel;\n{{#include",
    );
    assert_contains(
        &fence("broken", "refused"),
        "```rust,compile_fail,E0499\n{{#include",
    );
}

#[test]
fn other_renderers_get_markdown() {
    let book = TestBook::new();
    book.write("listings/outputs/waits.txt", "```\nx\n");
    let text = book.expand("epub", &shown("examples", "waits"));
    assert_contains(
        &text,
        "```rust\n{{#include ../listings/examples/waits.rs}}\n```\n",
    );
    assert_contains(&text, "*It waits & <ends>* (waits.rs)");
    assert_contains(&text, "````text\n```\nx\n````");
    assert_contains(&text, "Then main returns.");
    assert!(!text.contains("<figure"));
}

#[test]
fn figures_come_from_the_recorded_output() {
    let book = TestBook::new();
    book.write(
        "listings/outputs/measures.txt",
        "Here it is:\n    1 thread:  12.5 ms\n10000 threads: 3 s\n",
    );
    let text = |directive: &str| book.expand("epub", directive);
    assert_eq!(
        text("It took {{#figure measures row=\"1 thread\"}}."),
        "It took 12.5 ms."
    );
    assert_eq!(text("{{#figure measures line=3}}"), "10000 threads: 3 s");
    let html = book.expand("html", "{{#figure measures row=\"1 thread\"}}");
    assert_eq!(html, "12.5&nbsp;ms");
    // A line may be long.
    let html = book.expand("html", "{{#figure measures line=3}}");
    assert_eq!(html, "10000 threads: 3 s");
}

#[test]
fn figures_come_from_tables_with_columns() {
    let book = TestBook::new();
    book.write(
        "listings/outputs/measures.txt",
        "| threads | time   | memory |\n|---------|--------|--------|\n|       4 | 2.5 ms | 8 MB   |\n",
    );
    let text = |directive: &str| book.expand("epub", directive);
    assert_eq!(text("{{#figure measures row=4 column=memory}}"), "8 MB");
    assert_contains(
        &book.error("\n{{#figure measures row=4}}"),
        "one.md: line 2: the recorded output of measures: has several columns",
    );
}

#[test]
fn figures_come_from_what_others_measured() {
    let book = TestBook::new();
    let text = |content: &str| book.expand("epub", content);
    book.write(
        "listings/measured/go.txt",
        "Measured by a program in Go.\n| room | Go |\n| 1 | 250 ns |\n| 10 | 90 ns |\n",
    );
    assert_eq!(text("{{#figure measured/go row=1 column=Go}}"), "250 ns");
    let chart = text("{{#chart measured/go title=\"Go\"}}");
    assert_contains(&chart, "| 10 | 90 ns |");
    assert_contains(
        &book.error("{{#figure measured/none line=1}}"),
        "cannot read",
    );
}

#[test]
fn a_chart_is_drawn_with_logarithmic_scales_and_a_table() {
    let book = TestBook::new();
    book.write(
        "listings/outputs/measures.txt",
        "    1 threads: 900 ms\n   10 threads: 90 ms\n10,000 threads: 1.5 s\n",
    );
    let html = book.expand("html", "Text.\n\n{{#chart measures}}\n\nText.");
    assert_contains(&html, "<svg role=\"img\"");
    assert_contains(&html, "<title>How long it takes</title>");
    // Milliseconds are shown in the other unit.
    assert_contains(&html, "From 0.9 s at 1 threads to 1.5 s at 10,000 threads");
    assert_contains(&html, "lowest, 0.09 s at 10 threads");
    assert_contains(&html, "s against threads, both on logarithmic scales.");
    assert_contains(&html, ">threads (logarithmic)</text>");
    assert_contains(&html, "<th scope=\"row\">10,000 threads</th><td>1.5 s</td>");
    assert!(!html.contains("NaN") && !html.contains("inf"));
    let text = book.expand("epub", "{{#chart measures}}");
    assert_contains(&text, "| 10,000 threads | 1.5 s |");
}

#[test]
fn what_was_measured_several_times_is_a_table_with_a_scale_in_each_cell() {
    let book = TestBook::new();
    let rows = "| channel | no room | room |\n\
                | Go | 100 ns (90 ns to 1.0 µs) | 20 ns (10 ns to 20 ns) |\n\
                | tokio | – | 1.0 ms (10 µs to 1.0 ms) |\n";
    book.write("listings/measured/go.txt", rows);
    let html = book.expand("html", "{{#chart measured/go title=\"One to one\"}}");
    assert_contains(&html, "<caption>One to one</caption>");
    assert_contains(&html, "<th scope=\"row\">tokio</th><td>–</td><td>1.0 ms");
    assert_contains(&html, "from 90 ns to 1.0 µs");
    // The scale goes from 10 ns to 1 ms, which are five decades.
    assert_contains(&html, "<td><span>10 ns</span><span>1 ms</span></td>");
    assert_contains(&html, "x1=\"0.0%\" x2=\"6.0%\" y1=\"50%\"");
    assert_contains(&html, "cx=\"20.0%\"");
    assert_contains(&html, "x1=\"60.0%\" x2=\"100.0%\" y1=\"50%\"");
    // Measured once, it has no range to tell.
    book.write(
        "listings/measured/once.txt",
        "| a | b |\n| c | 2 KiB |\n| d | – |\n",
    );
    let once = book.expand("html", "{{#chart measured/once title=\"Once\"}}");
    assert_contains(&once, "<td>2 KiB<svg aria-hidden=\"true\"><line");
    assert_contains(&once, "<span>1 KiB</span><span>10 KiB</span>");
    let text = book.expand("epub", "{{#chart measured/go title=\"One to one\"}}");
    assert_contains(&text, "| tokio | – | 1.0 ms (10 µs to 1.0 ms) |");
}

#[test]
fn spreads_on_one_scale_are_of_one_kind() {
    let book = TestBook::new();
    let cases = [
        ("3 ms (1 ms to 4 KiB)", "which isn't measured in \"s\""),
        ("3 ms (4 ms to 5 ms)", "aren't from the least to the most"),
        ("3 ms (0 ms to 5 ms)", "aren't from the least to the most"),
    ];
    for (cell, expected) in cases {
        book.write(
            "listings/measured/go.txt",
            &format!("| a | b |\n| c | {cell} |\n"),
        );
        let error = book.error("{{#chart measured/go title=\"Go\"}}");
        assert_contains(
            &error,
            "one.md: line 1: the recorded output of measured/go: has",
        );
        assert_contains(&error, expected);
    }
    book.write("listings/measured/go.txt", "| a | b |\n| c | – |\n");
    let error = book.error("{{#chart measured/go title=\"Go\"}}");
    assert_contains(&error, "has no row with a number to draw");
    let error = book.error("{{#chart measured/go title=\"Go\" x=\"room\"}}");
    assert_contains(&error, "{{#chart}} does not know x=");
}

#[test]
fn the_machine_is_described() {
    let book = TestBook::new();
    book.write(
        "listings/outputs/machine.toml",
        "description = \"2 cores & more\"\n",
    );
    let text = book.expand("html", "On {{#machine}}.");
    assert_eq!(text, "On 2 cores &amp; more.");
}

#[test]
fn a_picture_goes_into_the_page() {
    let book = TestBook::new();
    book.write(
        "src/figures/a.svg",
        "<?xml version=\"1.0\"?>\n<svg viewBox=\"0 0 1 1\">\n\n  <title>A dot</title>\n</svg>\n",
    );
    let html = book.expand("html", "{{#picture figures/a.svg}}\n");
    assert_contains(
        &html,
        "<figure class=\"picture\"><svg role=\"img\" viewBox=\"0 0 1 1\"> <title>A dot</title> </svg></figure>",
    );
    let text = book.expand("epub", "{{#picture figures/a.svg}}\n");
    assert_contains(&text, "![A dot](figures/a.svg)");
}

#[test]
fn part_of_a_listing_is_shown_but_not_run() {
    let book = TestBook::new();
    let fence = "```rust\n{{#include ../listings/examples/waits.rs:1:2}}\n```\n";
    assert_contains(&book.expand("html", fence), "```rust,noplayground\n");
    assert_contains(&book.expand("test", fence), "```rust,ignore\n");
}

#[test]
fn code_and_escapes_are_left_alone() {
    let book = TestBook::new();
    for text in [
        "`{{#outcome nowhere}}`",
        "```text\n{{#outcome nowhere}}\n```\n",
        "\\{{#outcome nowhere}}",
        "{{#include other.md}}",
        "```rust\nfn main() {}\n```\n",
    ] {
        assert_eq!(book.expand("html", text), text);
    }
}

#[test]
fn a_list_keeps_its_listing() {
    let book = TestBook::new();
    let html = book.expand(
        "html",
        "1. One.\n\n   ```rust\n   {{#include ../listings/examples/waits.rs}}\n   ```\n\n   {{#outcome waits}}\n\n2. Two.\n",
    );
    assert_contains(&html, "\n   ```rust,editable\n   {{#include");
    assert_contains(&html, "   <figure class=\"listing\"");
    assert_contains(&html, "\n   <div class=\"listing-output\">");
}

#[test]
fn errors_name_the_chapter_and_the_line() {
    let book = TestBook::new();
    let cases = [
        (
            "\n\n{{#outcome nowhere}}\n".to_owned(),
            "one.md: line 3: there is no listing named \"nowhere\"",
        ),
        (
            shown("examples", "nowhere"),
            "one.md: line 3: there is no listing named \"nowhere\"",
        ),
        (
            shown("examples", "waits").replace("{{#outcome waits}}", ""),
            "one.md: line 3: the listing waits has no outcome: write {{#outcome waits}} after",
        ),
        (
            shown("examples", "waits").replace("{{#outcome waits}}", "{{#outcome stuck}}"),
            "one.md: line 3: the listing waits is followed by the outcome of another, stuck",
        ),
        (
            shown("examples", "waits").replace("{{#outcome", "See {{#outcome"),
            "one.md: line 3: {{#outcome}} must stand on a line of its own",
        ),
        (
            shown("examples", "waits").replace("{{#outcome", "Well.\n\n{{#outcome"),
            "must follow its listing's fence, with nothing between",
        ),
        (
            "{{#outcome waits}}\n".to_owned(),
            "one.md: line 1: {{#outcome waits}} does not follow a fence that includes waits",
        ),
        (
            shown("examples", "waits").replace("../listings/examples", "elsewhere"),
            "one.md: line 3: elsewhere/waits.rs is not the listing waits, which is",
        ),
        (
            "{{#chart waits".to_owned(),
            "one.md: line 1: {{#chart has no closing }}",
        ),
        (
            "{{#chart waits {{#machine}} {{#listings}}".to_owned(),
            "one.md: line 1: {{#chart has no closing }}",
        ),
        ("{{#chart}}".to_owned(), "{{#chart}} takes one name"),
        (
            "{{#count waits}}".to_owned(),
            "listings.toml doesn't say how many `outputs` waits can have",
        ),
        (
            "{{#chart waits colour=red}}".to_owned(),
            "{{#chart}} does not know colour=",
        ),
        ("{{#figure waits row=\"a}}".to_owned(), "a \" is not closed"),
        ("{{#picture figures/none.svg}}".to_owned(), "cannot read"),
    ];
    for (chapter, expected) in cases {
        assert_contains(&book.error(&chapter), expected);
    }
}

#[test]
fn a_chart_needs_rows() {
    let book = TestBook::new();
    book.write("listings/outputs/measures.txt", "Done!\n");
    assert_contains(
        &book.error("{{#chart measures}}"),
        "one.md: line 1: the recorded output of measures: has no two rows like",
    );
    assert_contains(
        &book.error("{{#figure measures row=4}}"),
        "one.md: line 1: the recorded output of measures: has no row \"4\", only []",
    );
    assert_contains(
        &book.error("{{#figure measures line=2}}"),
        "has no line 2, only 1 to 1",
    );
}

#[test]
fn a_wrong_key_in_book_toml_is_named() {
    let folder = TempDir::new().unwrap();
    let config: Config = "[preprocessor.interleaved]\nlisting = \"x\"\n"
        .parse()
        .unwrap();
    let ctx = PreprocessorContext::new(folder.path().into(), config, "html".to_owned());
    let error = format!("{:#}", Interleaved.run(&ctx, Book::new()).unwrap_err());
    assert_contains(&error, "book.toml: [preprocessor.interleaved]");
    assert_contains(&error, "listing");
}

/// Files are removed from it: it must be one of the book's own.
#[test]
fn a_folder_for_outcomes_is_in_the_book() {
    for folder in [".", "", "..", "../x", "/tmp/x", "./x"] {
        let toml = format!("[preprocessor.interleaved]\noutcomes = \"{folder}\"\n");
        let config: Config = toml.parse().unwrap();
        let root = TempDir::new().unwrap();
        let ctx = PreprocessorContext::new(root.path().into(), config, "html".to_owned());
        let error = format!("{:#}", Interleaved.run(&ctx, Book::new()).unwrap_err());
        assert_contains(&error, "book.toml: outcomes");
    }
}

#[test]
fn the_stock_mdbook_can_run_it() {
    let book = TestBook::new();
    let toml = format!(
        "[preprocessor.interleaved]\nbefore = [\"links\"]\ncommand = '{}'\n\
         listings = \"listings\"\n\
         [output.html.playground]\neditable = true\n",
        env!("CARGO_BIN_EXE_mdbook-interleaved")
    );
    book.write("book.toml", &toml);
    book.write("src/SUMMARY.md", "[One](one.md)\n");
    book.write("src/one.md", &shown("examples", "waits"));
    mdbook_driver::MDBook::load(book.folder.path())
        .unwrap()
        .build()
        .unwrap();
    let html = fs::read_to_string(book.folder.path().join("book/one.html")).unwrap();
    let at = |part: &str| {
        html.find(part)
            .unwrap_or_else(|| panic!("no {part} in {html}"))
    };
    // The fence became a part of the figure.
    assert!(at("<figure class=\"listing\"") < at("<pre class=\"playground\">"));
    assert!(at("<pre class=\"playground\">") < at("<div class=\"listing-output\">"));
    assert!(at("<div class=\"listing-output\">") < at("</figure>"));
    // Styles before, mdBook's own scripts after what must come before them.
    assert!(at("interleaved/page.css?") < at("interleaved/before-mdbook.js?"));
    assert!(at("interleaved/before-mdbook.js?") < at("src=\"book-"));
    for file in ["page.css", "page.js", "before-mdbook.js"] {
        let copied = book.folder.path().join("book/interleaved").join(file);
        assert!(copied.is_file(), "{file}");
    }
    assert!(
        !html.contains("interleaved/book.css"),
        "nobody asked for it"
    );
}

#[test]
fn a_book_of_anyones_needs_one_line() {
    let folder = TempDir::new().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    // Somebody else's directive, an include of somebody's file, and a nested chapter.
    let chapter = "# One\n\n{{#quiz ../quizzes/one.toml}}\n\n```rust\n{{#include one.rs}}\n```\n";
    write(
        "book.toml",
        &format!(
            "[preprocessor.interleaved]\ncommand = '{}'\n",
            env!("CARGO_BIN_EXE_mdbook-interleaved")
        ),
    );
    write("src/SUMMARY.md", "[One](one.md)\n- [Two](more/two.md)\n");
    write("src/one.md", chapter);
    write("src/one.rs", "fn main() { let included = 1; }\n");
    write("src/more/two.md", "# Two\n\n```rust\nlet x = 1;\n```\n");
    mdbook_driver::MDBook::load(folder.path())
        .unwrap()
        .build()
        .unwrap();
    let page = |name: &str| fs::read_to_string(folder.path().join("book").join(name)).unwrap();
    let one = page("one.html");
    assert_contains(&one, "{{#quiz ../quizzes/one.toml}}");
    assert_contains(
        &one,
        "<pre class=\"playground\"><code class=\"language-rust\">",
    );
    assert_contains(&one, "let included = 1;");
    assert_contains(&one, "src=\"interleaved/page.js?");
    assert_contains(&page("more/two.html"), "src=\"../interleaved/page.js?");
}

#[test]
fn a_file_of_a_listings_name_is_no_listing_yet() {
    let book = TestBook::new();
    book.write("src/elsewhere/waits.rs", "fn main() {}\n");
    let fence =
        "```rust\n{{#include elsewhere/waits.rs}}\n```\n\n```rust\n{{#include x.rs}}\n```\n";
    assert_eq!(book.expand("html", fence), fence);
}

#[test]
fn what_is_counted_as_if_nobody_were_late_says_so_and_leads_to_why() {
    let entry = "[punctual]\ntitle = \"x\"\nchapter = \"one\"\nends = \"returns\"\n\
                 outputs = 4\nclock = \"prompt\"\n";
    let book = |settings| {
        let book = TestBook {
            settings,
            ..TestBook::new()
        };
        book.write("listings/listings.toml", &format!("{REGISTRY}\n{entry}"));
        book.write("listings/examples/punctual.rs", "fn main() {}\n");
        book.write("listings/outputs/punctual.txt", "on time\n");
        book
    };
    let plain = "One of 4 possible outputs on a machine that is never late.";
    let without = book("");
    let chapter = shown("examples", "punctual");
    assert_contains(
        &without.expand("html", &chapter),
        &format!("<p class=\"listing-among\">{plain}</p>"),
    );
    assert_contains(&without.expand("epub", &chapter), plain);

    let with = book("clock-help = \"rules.md#clocks\"\n");
    assert_contains(
        &with.expand("html", &chapter),
        "<p class=\"listing-among\">One of 4 possible outputs \
         <a href=\"rules.html#clocks\">on a machine that is never late</a>.</p>",
    );
    assert_contains(
        &with.expand("epub", &chapter),
        "One of 4 possible outputs [on a machine that is never late](rules.md#clocks).",
    );
}
