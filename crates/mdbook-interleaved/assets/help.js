// What to do on a page that can't run a program: the published site, a file, or a
// server that is gone. Of a server and of tokens it speaks only where the page came from
// one; of commands to type only where they work.

"use strict";

(() => {
  const { element, button } = window.interleaved.elements;
  const { playground, server } = window.interleaved;

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
    named: "Your server can’t run this now",
    failed: "The server can't run this now",
  };

  /// An explanation of why Run did nothing, and what does. What explores can't be had
  /// from the Playground.
  function help(reason, message, listing, explores = false) {
    const isServed = window.interleaved.isServed();
    const isUnknown = ["no-server", "no-token"].includes(reason);
    const title = isUnknown && !isServed ? (explores ? "This needs a server" : "This page can’t compile a program") : TITLES[reason];
    const panel = element("div", { className: "help" }, element("p", { className: "help-title" }, title ?? TITLES.failed));
    panel.append(...(isServed ? ofServer(reason, message) : ofSite(reason, message, listing, explores)));
    const link = playgroundLink(listing);
    panel.append(element("p", {}, isServed ? "Or " : "To look at it there first, ", link, isServed ? ", on a machine of the Rust project’s." : ", in a tab of its own."));
    return panel;
  }

  /// Where `cargo run`, or another command that serves books, gave the page.
  function ofServer(reason, message) {
    if (reason === "bad-token") {
      return [paragraph("Open the address that the terminal printed. It ends in ", code("#token=…"), ".")];
    }
    if (reason === "no-answer" || reason === "lost") {
      return [paragraph("Is the command that served it still running? Start it again, and open the address that it prints.")];
    }
    if (reason === "failed" || reason === "not-loaded") {
      return [paragraph(message)];
    }
    return [paragraph("Open the very address that the terminal printed when the server was started: it ends in ", code("#token=…"), ".")];
  }

  /// Where a host of files gave it, or the reader's own disk.
  function ofSite(reason, message, listing, explores) {
    const parts = [paragraph(whyNot(reason, message, explores))];
    if (!explores) {
      parts.push(askForPlayground(listing));
    }
    // A page from a file has no origin of its own that a server could allow.
    if (location.protocol !== "file:") {
      parts.push(askForServer(listing, reason === "named"));
    }
    const commands = commandLines();
    if (commands !== null) {
      parts.push(paragraph("On your own machine, with a Rust toolchain, you have all of it:"), command(commands));
    }
    return parts;
  }

  function whyNot(reason, message, explores) {
    switch (reason) {
      case "edited":
        return "This page runs the listing as it stands in the book. What you have made of it has to be compiled first.";
      case "needs":
      case "no-threads":
      case "not-loaded":
      case "named":
      case "failed":
        return message;
      case "lost":
        return "Its answer didn’t come to an end.";
      default:
        return explores
          ? "What can come of a program that isn’t in the book is found by compiling and running it, which this page can’t."
          : "Here are only the book’s pages, and nothing that compiles.";
    }
  }

  /// Says where the program goes, before it goes anywhere.
  function askForPlayground(listing) {
    const forGood = element("input", { type: "checkbox", checked: playground.hasAgreed() });
    const go = button("Send it and run it there", () => listing.startOnPlayground(forGood.checked), { className: "help-playground" });
    return element(
      "div",
      { className: "help-choice" },
      paragraph(
        "The Rust Playground can run it. For that, the text of this program is sent to ",
        code("play.rust-lang.org"),
        ", a service of the Rust project’s on the internet, which compiles it, runs it and sends back what it prints. Nothing is sent before you press the button.",
      ),
      element("div", { className: "scheduler-buttons" }, go, element("label", {}, forGood, " Don’t ask again in this browser")),
    );
  }

  /// Takes the address of a server of the reader's.
  function askForServer(listing, isOpen) {
    const known = server.named();
    const input = element("input", { type: "text", inputMode: "url", className: "help-address", placeholder: "http://localhost:8888/?token=…", "aria-label": "The address of your server, with its token" });
    const said = element("p", { role: "status" });
    const use = () => {
      const read = server.read(input.value);
      if (read === null) {
        said.textContent = "That is no address of a server: it begins with http:// or https://.";
      } else if (read.kind === "book") {
        const root = typeof path_to_root === "string" ? new URL(path_to_root || ".", location.href).pathname : "/";
        const path = location.pathname.startsWith(root) ? location.pathname.slice(root.length) : "";
        said.replaceChildren("That server answers only its own pages: ", element("a", { href: read.page(path), rel: "noreferrer" }, "open this chapter there"), ".");
      } else {
        window.interleaved.kernels.endAll();
        server.name({ base: read.base, token: read.token });
        listing.start(1);
      }
    };
    const forget = button("Forget it", () => {
      window.interleaved.kernels.endAll();
      server.name(null);
      said.textContent = "Forgotten.";
    });
    const form = element("form", { className: "help-server", submit: (event) => (event.preventDefault(), use()) }, input, element("button", { className: "listing-button" }, "Use it"));
    return element(
      "details",
      { className: "help-choice", open: isOpen },
      element("summary", {}, "Run it on a server of your own"),
      paragraph(
        "A Jupyter server that has this book’s kernel runs it, if it allows this page: ",
        code(`jupyter server --ServerApp.allow_origin=${location.origin}`),
        ". Your programs then go to that server, and nowhere else.",
      ),
      form,
      said,
      ...(known ? [paragraph(`Named so far: ${known.base} `, forget)] : []),
    );
  }

  /// What to type, if it is known from where to get the book; else `null`.
  function commandLines() {
    const repository = document.querySelector('.right-buttons a[aria-label="Git repository"]')?.href;
    // Only a book with listings of its own is started so.
    if (!repository || !document.querySelector("figure.listing[data-listing]")) {
      return null;
    }
    const folder = repository.replace(/\/+$/, "").replace(/\.git$/, "").split("/").pop();
    return `git clone ${repository}\ncd ${folder}\ncargo run`;
  }

  function command(text) {
    const pre = element("pre", {}, code(text));
    const copy = button("Copy", async () => {
      try {
        await navigator.clipboard.writeText(text);
        copy.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(pre);
      }
    });
    return element("div", { className: "help-command" }, pre, copy);
  }

  function playgroundLink(listing) {
    const href = playground.linkTo(listing.source(), listing.edition());
    return element("a", { href, target: "_blank", rel: "noopener noreferrer" }, "open this listing in the Rust Playground");
  }

  function paragraph(...parts) {
    return element("p", {}, ...parts);
  }

  function code(text) {
    return element("code", {}, text);
  }

  window.interleaved.help = help;
})();
