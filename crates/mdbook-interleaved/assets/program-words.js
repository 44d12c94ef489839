// The words of a program's code: what is in its comments and strings isn't among
// them. And whether it has those that an exercise asks for.

"use strict";

(() => {
  /// Comments nest; a quote may begin a character or a lifetime.
  const TOKENS = [
    /\/\/[^\n]*/y,
    /[bc]?r(#*)"[\s\S]*?"\1/y,
    /[bc]?"(?:\\[\s\S]|[^"\\])*"/y,
    /b?'(?:\\(?:u\{[^}]*\}|x..|.)|[^'\\\n])'/uy,
    /'[\p{L}_][\p{L}\p{N}_]*/uy,
    /[\p{L}\p{N}_]+/uy,
    /\S/uy,
  ];

  function wordsOf(source) {
    const words = [];
    let at = 0;
    while (at < source.length) {
      if (source.startsWith("/*", at)) {
        at = afterComment(source, at);
        continue;
      }
      let length = 1;
      for (const [kind, token] of TOKENS.entries()) {
        token.lastIndex = at;
        const found = token.exec(source);
        if (found) {
          length = found[0].length;
          if (kind > 0) {
            words.push(kind < 4 ? '""' : found[0]);
          }
          break;
        }
      }
      at += length;
    }
    return words;
  }

  function afterComment(source, start) {
    const ends = /\/\*|\*\//g;
    ends.lastIndex = start;
    let depth = 0;
    for (let found = ends.exec(source); found; found = ends.exec(source)) {
      depth += found[0] === "/*" ? 1 : -1;
      if (depth === 0) {
        return ends.lastIndex;
      }
    }
    return source.length;
  }

  /// How often these words follow each other in the program.
  function timesIn(words, wanted) {
    const isHere = (start) => wanted.every((word, index) => words[start + index] === word);
    return words.filter((_, start) => isHere(start)).length;
  }

  /// What `needs="a or b and 3 × c"` asks for and the program lacks: `[{ times,
  /// words }]`, one of which would do; `null` if it has all.
  function lackedBy(source, needs) {
    const words = wordsOf(source);
    const wanted = needs.split(" and ").map((all) =>
      all.split(" or ").map((one) => {
        const [, times = "1", text] = /^(?:(\d+) × )?(.*)$/.exec(one);
        return { times: Number(times), text };
      }),
    );
    return wanted.find((all) => !all.some(({ times, text }) => timesIn(words, wordsOf(text)) >= times)) ?? null;
  }

  /// The first of `without="a or b"` that the program has; `null` if it has none.
  function unwantedIn(source, without) {
    const words = wordsOf(source);
    return without.split(" or ").find((text) => timesIn(words, wordsOf(text)) > 0) ?? null;
  }

  /// Whether the program's code has these words, one after the other.
  function wordsAre(source, text) {
    return timesIn(wordsOf(source), wordsOf(text)) > 0;
  }

  window.interleaved.programWords = { wordsOf, lackedBy, unwantedIn, wordsAre };
})();
