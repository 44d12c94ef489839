// What to do on a page that can't run programs: the static site, a file, or a
// server that is gone.

"use strict";

(() => {
  const TITLES = {
    "no-server": "Run needs the book's own server",
    "no-token": "Run needs the book's own server",
    "bad-token": "This page is from an earlier start of the server",
    "no-answer": "The server doesn't answer",
    edited: "An edited listing needs a compiler",
    needs: "This listing can’t run in a browser",
    "no-threads": "This browser can’t run the listing",
    "not-loaded": "The listing could not be run",
    lost: "The connection to the server was lost",
    failed: "The server can't run this now",
  };

  /// An explanation of why Run did nothing, and what does.
  function help(reason, message, source) {
    const panel = document.createElement("div");
    panel.className = "help";
    panel.append(paragraph("help-title", TITLES[reason] ?? TITLES.failed));
    const add = (...parts) => panel.append(paragraph("", ...parts));

    if (reason === "bad-token") {
      add("Open the address that the terminal printed. It ends in ", code("#token=…"), ".");
    } else if (reason === "no-answer" || reason === "lost") {
      add("Is ", code("cargo run"), " still running? Start it again, and open the address that it prints.");
    } else if (reason === "failed" || reason === "not-loaded") {
      add(message);
    } else if (reason === "edited") {
      add("This page runs the listing as it stands in the book. To run what you have made of it, use your own machine. With a Rust toolchain, in a clone of the book's repository:");
      panel.append(command(commandLine()));
    } else if (reason === "needs" || reason === "no-threads") {
      add(message, " On your own machine it runs. With a Rust toolchain, in a clone of the book's repository:");
      panel.append(command(commandLine()));
    } else {
      if (isLoopback()) {
        add(
          "If ",
          code("cargo run"),
          " sent you this page, open the very address that it printed: it ends in ",
          code("#token=…"),
          ".",
        );
      }
      add("This page can't run programs by itself. On your own machine it can. With a Rust toolchain, in a clone of the book's repository:");
      panel.append(command(commandLine()));
    }
    add("Or ", playgroundLink(source), ", on a machine of the Rust project's.");
    return panel;
  }

  function commandLine() {
    const repository = document.querySelector('.right-buttons a[aria-label="Git repository"]')?.href;
    if (!repository) {
      return "cargo run";
    }
    const folder = repository.replace(/\/+$/, "").replace(/\.git$/, "").split("/").pop();
    return `git clone ${repository}\ncd ${folder}\ncargo run`;
  }

  function command(text) {
    const box = document.createElement("div");
    box.className = "help-command";
    const pre = document.createElement("pre");
    pre.append(code(text));
    const copy = document.createElement("button");
    copy.type = "button";
    copy.className = "listing-button";
    copy.textContent = "Copy";
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        copy.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(pre);
      }
    });
    box.append(pre, copy);
    return box;
  }

  function playgroundLink(source) {
    const query = new URLSearchParams({
      version: "stable",
      mode: "debug",
      edition: "2024",
      code: source,
    });
    const link = document.createElement("a");
    link.href = `https://play.rust-lang.org/?${query}`;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.textContent = "open this listing in the Rust Playground";
    return link;
  }

  function isLoopback() {
    return ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  }

  function paragraph(className, ...parts) {
    const element = document.createElement("p");
    if (className) {
      element.className = className;
    }
    element.append(...parts);
    return element;
  }

  function code(text) {
    const element = document.createElement("code");
    element.textContent = text;
    return element;
  }

  window.interleaved.help = help;
})();
