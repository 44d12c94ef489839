// Which lines of an edited program are as they were, and mean what they meant. A line
// that was only moved does; a name does as long as nothing else is imported by it; and
// a method, whose type is nobody's who only reads lines, as long as what it is called on
// doesn't come from a line that is new.

"use strict";

(() => {
  const { programWords } = window.interleaved;

  /// Programs whose lines are too many to compare each with each.
  const MANY = 4_000_000;

  /// For each line now, where it was, or `null`. Of lines that are alike but mean
  /// different things (`meaning` tells), only those that surely are the same.
  function origins(original, now, meaning) {
    const found = now.map(() => null);
    let start = 0;
    while (start < Math.min(original.length, now.length) && original[start] === now[start]) {
      found[start] = start;
      start += 1;
    }
    let end = 0;
    while (
      end < Math.min(original.length, now.length) - start &&
      original[original.length - 1 - end] === now[now.length - 1 - end]
    ) {
      end += 1;
      found[now.length - end] = original.length - end;
    }
    const between = original.slice(start, original.length - end);
    const edited = now.slice(start, now.length - end);
    const pairs = longest(between, edited);
    const alike = (lines, line) => lines.filter((other) => other === line).length;
    edited.forEach((line, index) => {
      const before = pairs.get(index);
      if (before !== undefined && alike(between, line) === alike(edited, line)) {
        found[start + index] = start + before;
        return;
      }
      const places = original.flatMap((other, place) => (other === line ? [place] : []));
      const [first, ...others] = places;
      if (first !== undefined && others.every((place) => meaning(place) === meaning(first))) {
        found[start + index] = first;
      }
    });
    return found;
  }

  /// The longest sequence of lines that both have, in order: by index now, that before.
  function longest(before, now) {
    const pairs = new Map();
    if (before.length * now.length > MANY) {
      return pairs;
    }
    const width = now.length + 1;
    const lengths = new Uint16Array((before.length + 1) * width);
    for (let i = before.length - 1; i >= 0; i -= 1) {
      for (let j = now.length - 1; j >= 0; j -= 1) {
        lengths[i * width + j] =
          before[i] === now[j]
            ? lengths[(i + 1) * width + j + 1] + 1
            : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
      }
    }
    let [i, j] = [0, 0];
    while (i < before.length && j < now.length) {
      if (before[i] === now[j]) {
        pairs.set(j, i);
        i += 1;
        j += 1;
      } else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) {
        i += 1;
      } else {
        j += 1;
      }
    }
    return pairs;
  }

  /// What a program imports: by name, its paths; and its words elsewhere.
  function importsOf(words) {
    const imports = new Map();
    const others = new Set();
    let at = 0;
    const isPath = () => words[at] === ":" && words[at + 1] === ":";
    const add = (name, path) => {
      if (name !== undefined && name !== "_") {
        imports.set(name, [...(imports.get(name) ?? []), path].sort());
      }
    };

    function tree(prefix) {
      let path = prefix;
      while (at < words.length) {
        if (isPath()) {
          at += 2;
        } else if (words[at] === "{") {
          at += 1;
          while (at < words.length && words[at] !== "}") {
            const before = at;
            tree(path);
            at += words[at] === "," || at === before ? 1 : 0;
          }
          at += 1;
          return;
        } else if (words[at] === "*") {
          at += 1;
          add(`* of ${path}`, path);
          return;
        } else if (/^[,;}]$/.test(words[at])) {
          break;
        } else if (words[at] === "as") {
          add(words[at + 1], path);
          at += 2;
          return;
        } else {
          path += words[at] === "self" && prefix !== "" ? "" : `::${words[at]}`;
          at += 1;
        }
      }
      if (path !== prefix || words[at - 1] === "self") {
        add(path.split("::").pop(), path);
      }
    }

    while (at < words.length) {
      if (words[at] === "use" && words[at + 1] !== "<") {
        at += 1;
        tree("");
      } else {
        // Behind a dot or a path it is nothing that is imported.
        const isPart = words[at - 1] === "." || (words[at - 1] === ":" && words[at - 2] === ":");
        if (!isPart) {
          others.add(words[at]);
        }
        at += 1;
      }
    }
    return { imports, others };
  }

  /// Whether names mean what they meant, as far as imports tell.
  function importsAgree(original, now) {
    const before = importsOf(programWords.wordsOf(original));
    const after = importsOf(programWords.wordsOf(now));
    const differs = (name) => String(before.imports.get(name)) !== String(after.imports.get(name));
    const changed = [...new Set([...before.imports.keys(), ...after.imports.keys()])].filter(differs);
    const isUsed = (name) => before.others.has(name) && after.others.has(name);
    return changed.every((name) => !name.startsWith("* ") && !isUsed(name));
  }

  const NAME = /(?<![\p{L}\p{N}_'])[\p{Ll}_][\p{L}\p{N}_]*/gu;
  const NO_VARIABLES = new Set(
    "as async await break const continue crate dyn else enum extern fn for if impl in let loop match mod move mut pub ref return self static struct super trait true false type unsafe use where while bool char f32 f64 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize".split(" "),
  );
  /// Where a line gives names to values.
  const BINDS = [
    /\blet\b(.*?)(?:=(?!=)|;|$)/gu,
    /\bfor\b(.*?)\bin\b/gu,
    /\|([^|]*)\|/gu,
    /\bfn\b(.*)$/gu,
    /\b(?:static|const)\b(.*?):(?!:)/gu,
    /^(.*?)=>/gu,
    /^\s*(?:pub\s+)?([\p{L}\p{N}_]+)\s*:(?!:)/gu,
    /^\s*([\p{L}\p{N}_.]+)\s*=(?!=)/gu,
  ];

  const variablesIn = (text) => [...text.matchAll(NAME)].map(([name]) => name).filter((name) => !NO_VARIABLES.has(name));
  const boundBy = (line) => BINDS.flatMap((binds) => [...line.matchAll(binds)].flatMap(([, names]) => variablesIn(names)));

  /// What may have another type than it had: what lines that are new or gone bind, and
  /// what is made of that.
  function unsure(original, now, from) {
    const kept = new Set(from.filter((place) => place !== null));
    const gone = original.filter((_, place) => !kept.has(place));
    const isNew = (_, row) => from[row] === null;
    const names = new Set([...gone, ...now.filter(isNew)].flatMap(boundBy));
    for (let size = -1; size !== names.size; ) {
      size = names.size;
      for (const line of now) {
        if (variablesIn(line).some((name) => names.has(name))) {
          boundBy(line).forEach((name) => names.add(name));
        }
      }
    }
    return names;
  }

  /// Where each line was that means what it meant, and whether a method in it may be of
  /// another type: `[{ row, isSure }]`, or `null` for a line that is new; `null` for all if
  /// no name is sure.
  function linesKept(original, now, meaning) {
    const isMacro = (line) => /^\s*(?:pub\s+)?(?:extern|macro_rules)\b/.test(line);
    const all = (lines) => lines.join("\n");
    if (all(original.filter(isMacro)) !== all(now.filter(isMacro)) || !importsAgree(all(original), all(now))) {
      return null;
    }
    const from = origins(original, now, meaning);
    const names = from.every((place, row) => place === row) ? new Set() : unsure(original, now, from);
    return now.map((_, row) => {
      if (from[row] === null) {
        return null;
      }
      const words = chainTo(now, row).flatMap(variablesIn);
      return { row: from[row], isSure: !words.some((name) => names.has(name)) };
    });
  }

  /// A line, and those above it where what it goes on with began: `.map(…)` on a line of
  /// its own, or the end of a block.
  function chainTo(lines, row) {
    const indentOf = (line) => (line.trim() === "" ? Infinity : line.search(/\S/));
    const chain = [lines[row]];
    let at = row;
    while (at > 0 && /^\s*[.)}\]]/.test(lines[at])) {
      const indent = indentOf(lines[at]);
      do {
        at -= 1;
      } while (at > 0 && indentOf(lines[at]) > indent);
      chain.push(lines[at]);
    }
    return chain;
  }

  window.interleaved.linesKept = linesKept;
})();
