/* The finder: finds organisations as you type, in the browser, from the site's own files; nothing you type is sent
 * anywhere. The first half is matching, without a page (tests run it alone); the second is the search boxes.
 * The files it reads are described in generator/rendering/finder.py. Pages of text are found by Pagefind. */
(() => {
  "use strict";

  const WORDS = {
    found: "What was found",
    organisations: "Organisations",
    pages: "Pages",
    closed: "Closed",
    merged: "Merged into another",
    loading: "Loading…",
    nothing: "Nothing found. Try the town, a postcode, or a part of the name.",
    failed: "Search could not be loaded. The list of all organisations, A to Z, has every one.",
    short: "Type two letters or more.",
    common: "Add the town or the postcode: too many have this name.",
    arrows: "Use the arrow keys to choose.",
    more: "Show more",
    count: (n) => (n === 1 ? "1 result" : `${n.toLocaleString("en-GB")} results`),
    all: (n) => `See all ${WORDS.count(n)}`,
    near: (place) => `Nearest to ${place} first. Distances are in a straight line, from about its middle.`,
    within: (outward) => `in ${outward}`,
    miles: (n) => (n < 0.5 ? "less than half a mile" : n < 1.5 ? "about 1 mile" : `about ${Math.round(n)} miles`),
  };
  // One spelling of words that people and registers write in several ways.
  const SAME = new Map(Object.entries({
    saint: "st", center: "centre", ctr: "centre", hlth: "health", rd: "road", ave: "avenue",
    doctors: "doctor", dr: "doctor", drs: "doctor",
  }));
  const IGNORED = new Set("a and at in near of on the".split(" "));
  // People often swap these: "Park Practice" for Park Surgery.
  const LOOSE = new Set(("centre clinic doctor gp group health hospital medical nhs partnership practice " +
    "surgery trust").split(" "));
  const EXACT = 0, WHOLE_NAME = 1, EVERY_WORD = 2, PART = 3, MISTYPED = 4; // tiers of a match, best first

  // ---- Matching ---------------------------------------------------------------------------------------------------

  /** Small letters and figures only, words parted by single spaces; as _plain in finder.py. */
  function plain(text) {
    const letters = text.normalize("NFD").toLowerCase().replace(/['’‘`\u0300-\u036f]/g, "");
    return letters.replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  }
  const squeeze = (text) => text.replace(/ /g, "");
  const wordsOf = (text) => plain(text).split(" ").filter(Boolean).map((word) => SAME.get(word) || word);

  /** Organisations in memory, searchable as soon as their names have come, by address once that has come too. */
  class Finder {
    constructor(manifest) {
      this.kinds = manifest.kinds;
      this.rows = [];
      this.byCode = new Map();
      this.outward = new Set(); // first halves of known postcodes
      this.centres = new Map(); // of outward codes and sectors
      this.forget();
    }

    /** Forget the words that mistyped ones are compared with; they are gathered while nothing happens. */
    forget() {
      this.places = new Map();
      this.indexed = 0;
    }

    /** Take in a shard's first file; return its rows, for the second. */
    add(shard) {
      return shard.code.map((code, i) => {
        const known = this.byCode.get(code);
        if (known) return known;
        const kind = this.kinds[shard.kind[i]];
        const row = {
          code, name: shard.name[i], postcode: shard.postcode[i], kind: kind.label, isArea: kind.folder === "areas/",
          town: shard.town.texts[shard.town.of[i]], area: shard.area.texts[shard.area.of[i]],
          status: { o: "", c: WORDS.closed, m: WORDS.merged }[shard.status[i]], address: "", services: "",
          url: `${kind.folder}${code.toLowerCase()}/`,
          latitude: shard.latitude ? shard.latitude[i] : null, longitude: shard.longitude ? shard.longitude[i] : null,
        };
        const words = wordsOf(row.name);
        row.nameText = words.join(" ");
        row.nameRun = words.join("");
        row.nameEnd = row.nameText.length + 2;
        row.nameSize = Math.max(1, new Set(words.filter((word) => !IGNORED.has(word))).size);
        row.compactCode = squeeze(plain(code));
        row.plainPostcode = plain(row.postcode);
        this.outward.add(row.plainPostcode.split(" ")[0]);
        this.byCode.set(code, row);
        this.rows.push(row);
        this.prepare(row);
        return row;
      });
    }

    /** Take in a shard's second file: addresses and services of the rows of the first. */
    describe(rows, more) {
      rows.forEach((row, i) => {
        row.address = more.address[i];
        if (more.services) row.services = more.services.texts[more.services.of[i]];
        this.prepare(row);
      });
      this.forget();
    }

    addCentres(file) {
      file.postcode.forEach((postcode, i) => {
        this.centres.set(plain(postcode), [file.latitude[i], file.longitude[i]]);
        this.outward.add(plain(postcode).split(" ")[0]);
      });
    }

    /** Set what a row is searched by: its words, name first, each between spaces, postcode halves side by side. */
    prepare(row) {
      const place = wordsOf(`${row.address || row.town} ${row.area} ${row.services}`);
      row.text = ` ${row.nameText} | ${place.join(" ")} ${row.compactCode} ${row.plainPostcode} `;
    }

    /** Return the matches of a query, best first: {matches: [{row, miles?}], near: the place measured from or ""}. */
    search(text) {
      const query = this.read(text);
      if (query.runOn.length < 2) return { matches: [], near: "" };
      const { words, full, sector, outward } = query;
      const isExact = (row) => row.compactCode === query.runOn || (!words.length && full && row.plainPostcode === full);
      const exact = this.rows.filter(isExact);
      const from = (full && exact.length && this.positionOf(exact[0])) ||
        this.centres.get(sector) || this.centres.get(outward);
      if (from) return this.nearest(query, exact, from);
      // Without a map: the whole postcode, else its sector, else its first half, else the words anywhere.
      let found = [];
      for (const postcode of outward ? [full, sector, outward] : [""]) {
        if (!found.length && (postcode || !outward)) found = this.matching(query, postcode);
      }
      if (!found.length && outward) found = this.matching(query, "");
      return { matches: ranked(found.concat(asExact(exact))), near: "" };
    }

    /** Part a query into a postcode, whole or begun, with or without its space, and the other words. */
    read(text) {
      const words = wordsOf(text);
      const query = { words: [], runOn: words.join(""), full: "", sector: "", outward: "" };
      for (let i = 0; i < words.length; i++) {
        const place = query.outward ? null : this.postcodeAt(words, i);
        if (place) {
          Object.assign(query, place);
          i += place.taken - 1;
        } else if (!query.words.includes(words[i])) query.words.push(words[i]);
      }
      return query;
    }

    postcodeAt(words, i) {
      const two = i + 1 < words.length ? `${words[i]} ${words[i + 1]}` : "";
      const shape = /^([a-z]{1,2}\d[a-z\d]?) ?(\d)([a-z]{0,2})$/;
      let taken = 2, parts = shape.exec(two);
      if (!parts || !this.outward.has(parts[1])) {
        taken = 1;
        const isOutward = /\d/.test(words[i]) && this.outward.has(words[i]);
        if (isOutward) return { outward: words[i], sector: "", full: "", taken };
        parts = shape.exec(words[i]);
      }
      if (!parts || !(this.outward.has(parts[1]) || parts[3].length === 2)) return null;
      const sector = `${parts[1]} ${parts[2]}`;
      return { outward: parts[1], sector, full: parts[3].length ? sector + parts[3] : "", taken };
    }

    /** Every row that fits the words and lies in the postcode, part of one, or anywhere (""). */
    matching(query, postcode) {
      const only = query.words.every((word) => IGNORED.has(word) || LOOSE.has(word));
      const words = query.words.map((word) => asWord(word, only || !(IGNORED.has(word) || LOOSE.has(word))));
      const area = postcode && !postcode.includes(" ") ? `${postcode} ` : postcode; // M2 is not a part of M23
      const inside = (row) => row.plainPostcode.startsWith(area);
      if (!words.length && !postcode) return [];
      const found = [];
      for (const row of this.rows) {
        const match = inside(row) && rate(row, words);
        if (match) found.push(match);
      }
      const run = query.words.join("");
      if (run.length > 4) { // Parkview is Park View
        for (const row of this.rows) {
          if (row.nameRun.includes(run) && inside(row)) found.push({ row, tier: PART, score: 0 });
        }
      }
      return found.length ? found : this.mistyped(words).filter((match) => inside(match.row));
    }

    /** Rows that hold each word, or one that differs from it by a slip or two; rated by the words meant. */
    mistyped(words) {
      let fitting = null; // row -> the words meant so far, and how many slips that takes
      words.forEach((item, position) => {
        if (!item.isNeeded) return;
        const next = new Map(), letters = lettersOf(item.word), allowed = slipsAllowed(item.word);
        const isLast = position === words.length - 1; // and so, perhaps, not yet typed to its end
        for (const [candidate, place] of this.vocabulary()) {
          const isBegin = candidate.startsWith(item.word);
          if (!isBegin && bits(letters & ~place.letters) > allowed) continue; // too many letters it does not have
          const slips = isBegin ? 0 : slipsBetween(item.word, candidate, isLast);
          if (slips === Infinity) continue;
          for (const row of place.rows) {
            const before = fitting ? fitting.get(row) : { slips: 0, meant: [] };
            const known = next.get(row);
            if (!before || (known && known.slips <= before.slips + slips)) continue;
            next.set(row, { slips: before.slips + slips, meant: [...before.meant, asWord(candidate, true)] });
          }
        }
        fitting = next;
      });
      const others = words.filter((item) => !item.isNeeded);
      return [...(fitting || [])].map(([row, { slips, meant }]) => {
        const { tier, score } = rate(row, meant.concat(others));
        return { row, tier: MISTYPED, score: score - 5 * slips - 10 * tier };
      });
    }

    /** Every word with the rows it is in, complete; or, to prepare in small steps, those of so many rows more. */
    vocabulary(steps = Infinity) {
      for (let left = steps; left > 0 && this.indexed < this.rows.length; left--) {
        const row = this.rows[this.indexed++];
        for (const word of new Set(row.text.split(" "))) {
          if (word.length < 3) continue;
          if (!this.places.has(word)) this.places.set(word, { rows: [], letters: lettersOf(word) });
          this.places.get(word).rows.push(row);
        }
      }
      return this.places;
    }

    /** Those that have the very postcode, then those within some miles of it: open ones first, nearest first. */
    nearest(query, exact, from) {
      const { words, full, sector, outward } = query;
      const pool = words.length ? this.matching(query, "") : this.rows.map((row) => ({ row }));
      const matches = [];
      for (const { row } of pool) {
        const position = row.isArea || exact.includes(row) ? null : this.positionOf(row);
        const miles = position ? milesBetween(from, position) : NaN;
        // A row known by its outward code alone is somewhere in it: no distance can be told.
        const within = position === from ? outward.toUpperCase() : "";
        if (words.length && row.plainPostcode === full) exact.push(row);
        else if (miles < (words.length ? 50 : 15)) matches.push({ row, miles, within });
      }
      const isInSector = (row) => sector && row.plainPostcode.startsWith(sector);
      matches.sort((a, b) => !!a.row.status - !!b.row.status || a.miles - b.miles ||
        !!isInSector(b.row) - !!isInSector(a.row) || byName(a, b));
      return { matches: ranked(asExact(exact)).concat(matches), near: (full || sector || outward).toUpperCase() };
    }

    positionOf(row) {
      if (row.latitude !== null) return [row.latitude, row.longitude];
      const [outward, inward] = row.plainPostcode.split(" ");
      return (inward && this.centres.get(`${outward} ${inward[0]}`)) || this.centres.get(outward);
    }
  }

  function asWord(word, isNeeded) {
    return { word, isNeeded, isIgnored: IGNORED.has(word), begin: ` ${word}`, whole: ` ${word} ` };
  }

  /** How well a row fits, or null where a needed word is missing. Words in the name count most, whole ones more. */
  function rate(row, words) {
    let points = 0, named = 0, tier = EVERY_WORD;
    for (const { word, begin, whole, isNeeded, isIgnored } of words) {
      let at = row.text.indexOf(whole);
      if (at >= 0) {
        points += at < row.nameEnd ? 4 : 3;
        if (at < row.nameEnd && !isIgnored) named++;
      } else if ((at = row.text.indexOf(begin)) >= 0) points += at < row.nameEnd ? 3 : 2;
      else if (word.length > 2 && (at = row.text.indexOf(word)) >= 0 && at < row.nameEnd) tier = PART;
      else if (isNeeded) return null;
      else if (!isIgnored) tier = PART;
    }
    if (tier === EVERY_WORD && named >= row.nameSize) tier = WHOLE_NAME;
    return { row, tier, score: named * 10 + named / row.nameSize + points / (words.length || 1) };
  }

  /** Best first; of equally good ones those still open, then by name. Each row once. */
  function ranked(matches) {
    const best = new Map();
    for (const match of matches) {
      match.rank = match.tier * 1000 - match.score + (match.row.status ? 5 : 0);
      if (!best.has(match.row) || best.get(match.row).rank > match.rank) best.set(match.row, match);
    }
    return [...best.values()].sort((a, b) => a.rank - b.rank || byName(a, b));
  }
  const asExact = (rows) => rows.map((row) => ({ row, tier: EXACT, score: 0 }));
  function byName({ row: a }, { row: b }) {
    if (a.name !== b.name) return a.name < b.name ? -1 : 1;
    return a.code < b.code ? -1 : 1;
  }
  function lettersOf(word) {
    let letters = 0;
    for (let i = 0; i < word.length; i++) letters |= 1 << (word.charCodeAt(i) & 31);
    return letters;
  }
  function bits(n) {
    let count = 0;
    for (; n; n &= n - 1) count++;
    return count;
  }

  /** Letters added, left out, changed or swapped between two words; Infinity where too many to be a slip.
   *  A word still being typed may end early, which counts for half a slip. */
  function slipsBetween(typed, word, isBegun) {
    const allowed = slipsAllowed(typed);
    if (!allowed || typed.length > word.length + allowed) return Infinity;
    if (!isBegun && word.length > typed.length + allowed) return Infinity;
    const until = Math.min(word.length, typed.length + allowed);
    let before = [], row = [];
    for (let j = 0; j <= until; j++) row.push(j);
    for (let i = 1; i <= typed.length; i++) {
      const next = [i];
      let least = i;
      for (let j = 1; j <= until; j++) {
        const same = typed[i - 1] === word[j - 1];
        const swapped = i > 1 && j > 1 && typed[i - 1] === word[j - 2] && typed[i - 2] === word[j - 1];
        let slips = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (same ? 0 : 1));
        if (swapped) slips = Math.min(slips, before[j - 2] + 1);
        next.push(slips);
        if (slips < least) least = slips;
      }
      if (least > allowed) return Infinity;
      before = row;
      row = next;
    }
    const whole = until === word.length ? row[until] : Infinity;
    const slips = isBegun ? Math.min(whole, Math.min(...row) + 0.5) : whole;
    return Math.floor(slips) > allowed ? Infinity : slips;
  }
  /** Short words and codes are taken as typed: too much is like them. */
  function slipsAllowed(word) {
    if (/\d/.test(word) || word.length < 4) return 0;
    return word.length < 8 ? 1 : 2;
  }

  function milesBetween([latitude, longitude], [otherLatitude, otherLongitude]) {
    const radians = Math.PI / 180; // on a flat map: good enough for the distances shown
    const north = (otherLatitude - latitude) * radians;
    const east = (otherLongitude - longitude) * radians * Math.cos(((latitude + otherLatitude) / 2) * radians);
    return 3959 * Math.hypot(north, east);
  }

  if (typeof module === "object") module.exports = { Finder, plain, slipsBetween, milesBetween };
  if (typeof document === "undefined") return;

  // ---- Files ------------------------------------------------------------------------------------------------------

  const waiting = new Map();
  /** Do a thing once, and again only after it has failed. */
  function once(key, make) {
    if (!waiting.has(key)) waiting.set(key, make().catch((error) => { waiting.delete(key); throw error; }));
    return waiting.get(key);
  }
  async function json(url, cache = "default") {
    const response = await fetch(url, { cache, credentials: "same-origin" });
    if (!response.ok) throw new Error(`${response.status} ${url}`);
    return response.json();
  }
  /** Gather the words that mistyped ones are compared with, a few at a time while the reader does nothing. */
  function prepareWords(finder) {
    (window.requestIdleCallback || setTimeout)(() => {
      finder.vocabulary(300);
      if (finder.indexed < finder.rows.length) prepareWords(finder);
    });
  }
  /** Return the manifest and a finder, empty as yet. */
  const start = (base, path) => once("manifest", async () => {
    const manifest = await json(new URL(path, base), "no-cache");
    return { manifest, finder: new Finder(manifest) };
  });
  const readNames = (base, finder, { files: [names] }) => once(names, async () => {
    const shard = await json(new URL(names, base));
    return finder.add(shard);
  });
  const arrived = new Set();
  /** Read a shard's addresses. Without them everybody is still found by name and town, so failure is no matter. */
  const readAddresses = (base, finder, { files: [names, addresses] }) => once(addresses, async () => {
    try {
      finder.describe(await waiting.get(names), await json(new URL(addresses, base)));
    } finally {
      arrived.add(addresses);
      prepareWords(finder);
    }
  }).catch(() => {});
  /** Read what a query needs. `rest` comes when addresses still on their way are here, and is null when all are;
   *  `isReadable` is false where each of the words is too common to look for. */
  async function prepareFor(text, base, path) {
    const { manifest, finder } = await start(base, path);
    const shards = new Map(Object.entries(manifest.shards));
    if (manifest.postcodes && /\d/.test(text)) {
      await once("postcodes", async () => finder.addCentres(await json(new URL(manifest.postcodes, base))));
    }
    const ofWord = (word) => (word === "" || shards.has(word) ? shards.get(word) : ofWord(word.slice(0, -1)));
    const fitting = new Set(plain(text).split(" ").map(ofWord).filter(Boolean));
    const chosen = [...fitting].sort((a, b) => a.rows - b.rows).slice(0, 2);
    await Promise.all(chosen.map((shard) => readNames(base, finder, shard)));
    const missing = chosen.filter((shard) => !arrived.has(shard.files[1]));
    const rest = missing.length ? Promise.all(missing.map((shard) => readAddresses(base, finder, shard))) : null;
    return { finder, rest, isReadable: chosen.length > 0 };
  }
  /** Pages of text that match, from Pagefind; none where this site has no such index. */
  async function findPages(base, text, limit) {
    try {
      const pagefind = await once("pagefind", async () => {
        const program = await import(new URL("pagefind/pagefind.js", base).href);
        await program.options({ baseUrl: base.pathname, excerptLength: 22 });
        return program;
      });
      const found = await pagefind.search(text);
      const pages = await Promise.all(found.results.slice(0, limit).map((result) => result.data()));
      const reader = new DOMParser(); // excerpts hold marked-up, escaped text
      // Pagefind shortens a word until something has it (park: pressure). Endings may differ, no more.
      const words = plain(text).split(" ").filter((word) => !IGNORED.has(word));
      const stems = words.map((word) => ` ${word.slice(0, Math.max(3, word.length - 3))}`);
      const fits = (page) => stems.every((stem) => ` ${plain(`${page.meta.title} ${page.content}`)}`.includes(stem));
      return pages.filter(fits).map((page) => ({
        name: page.meta.title, kind: page.meta.kind || "", href: page.url,
        excerpt: reader.parseFromString(page.excerpt, "text/html").body.textContent,
      }));
    } catch (error) {
      return [];
    }
  }

  // ---- Boxes ------------------------------------------------------------------------------------------------------

  function set(made, attributes) {
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  }
  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    set(made, attributes);
    made.append(...children.filter(Boolean));
    return made;
  }
  const part = (name, text) => text && element("span", { class: `candour-finder__${name}` }, text);
  const where = (row, place) => [place, row.postcode.replace(" ", "\u00a0")].filter(Boolean).join(", ");
  function distance({ within, miles }) {
    if (within) return WORDS.within(within);
    return miles >= 0 && WORDS.miles(miles);
  }

  /** Set up one form: with a list that drops down, or, where the page has a place for results, with cards there. */
  function setUp(form, number) {
    const input = form.querySelector("input[name=q]");
    const base = new URL(form.dataset.base.replace(/\/*$/, "/"), document.baseURI);
    const results = form.dataset.results ? document.getElementById(form.dataset.results) : null;
    const list = results || element("div", { id: `candour-finder-${number}` });
    const paint = results ? cards(base, results) : dropDown(form, input, base, list);
    let turn = 0;

    function show(state) {
      list.setAttribute("aria-busy", String(!!state.isWaiting));
      paint(state);
    }

    async function update() {
      const mine = ++turn, text = input.value.trim();
      const isCurrent = () => mine === turn;
      list.setAttribute("aria-busy", "true");
      if (squeeze(plain(text)).length < 2) return show({ text, message: text ? WORDS.short : "" });
      const slow = setTimeout(() => isCurrent() && show({ text, message: WORDS.loading, isWaiting: true }), 300);
      let found = { matches: [], near: "" }, message = "", rest = null;
      try {
        const ready = await prepareFor(text, base, form.dataset.finder);
        if (!isCurrent()) return null;
        found = ready.finder.search(text);
        rest = ready.rest;
        if (!ready.isReadable) message = WORDS.common;
      } catch (error) {
        message = WORDS.failed;
      } finally {
        clearTimeout(slow);
      }
      if (!isCurrent()) return null;
      show({ text, ...found, message, isWaiting: true });
      if (rest) return rest.then(() => (isCurrent() ? update() : null)); // addresses may add to what was found
      await new Promise((resolve) => { setTimeout(resolve, 150); }); // until the typing pauses
      const pages = isCurrent() ? await findPages(base, text, results ? 12 : 4) : [];
      return isCurrent() ? show({ text, ...found, pages, message }) : null;
    }

    input.addEventListener("input", update);
    input.addEventListener("focus", () => prepareFor("", base, form.dataset.finder).catch(() => {}), { once: true });
    if (results) {
      form.addEventListener("submit", (event) => { event.preventDefault(); update(); });
      const ask = () => {
        const asked = [location.hash.slice(1), location.search].map((part) => new URLSearchParams(part).get("q"));
        input.value = asked[0] || asked[1] || "";
        if (input.value) update();
      };
      window.addEventListener("hashchange", ask);
      ask();
    }
  }

  /** The combobox of WAI-ARIA: the box keeps the focus, arrows move through the list, Escape closes it. */
  function dropDown(form, input, base, list) {
    const status = element("div", { role: "status", class: "candour-finder__said" });
    let options = [], active = -1;
    form.append(list, status);
    set(list, { role: "listbox", class: "candour-finder__list", "aria-label": WORDS.found, hidden: "" });
    set(input, { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id });

    // After #, not ?: what is typed does not even reach this site's own server.
    const findPage = (text) => `${new URL("find/", base).href}#q=${encodeURIComponent(text)}`;
    function open(isOpen) {
      list.hidden = !isOpen;
      input.setAttribute("aria-expanded", String(isOpen));
      if (!isOpen) choose(-1);
    }
    function choose(index) {
      if (options[active]) options[active].setAttribute("aria-selected", "false");
      active = index;
      if (!options[active]) return input.removeAttribute("aria-activedescendant");
      options[active].setAttribute("aria-selected", "true");
      options[active].scrollIntoView({ block: "nearest" });
      return input.setAttribute("aria-activedescendant", options[active].id);
    }
    function option(href, ...children) {
      const made = element("a", { role: "option", href, tabindex: "-1", "aria-selected": "false" }, ...children);
      set(made, { id: `${list.id}-${options.length}`, class: "candour-finder__option" });
      options.push(made);
      return made;
    }
    function group(title, members) {
      if (!members.length) return null;
      const heading = element("div", { class: "candour-finder__group", "aria-hidden": "true" }, title);
      return element("div", { role: "group", "aria-label": title }, heading, ...members);
    }

    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden && options.length) open(true);
        const step = event.key === "ArrowDown" ? 1 : -1, size = options.length + 1;
        choose(((active + 1 + step + size) % size) - 1); // one place in the round is the box itself
      } else if (event.key === "Enter" && options[active]) {
        event.preventDefault();
        options[active].click();
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        open(false);
      }
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      location.assign(findPage(input.value.trim()));
    });
    input.addEventListener("blur", () => open(false));
    input.addEventListener("focus", () => open(options.length > 0));
    list.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the focus, and so the list

    return ({ text, matches = [], pages = [], near = "", message = "", isWaiting = false }) => {
      const kept = options[active] && options[active].href;
      options = [];
      const found = matches.slice(0, 8).map((match) => option(
        new URL(match.row.url, base).href,
        part("name", match.row.name),
        part("where", where(match.row, match.row.town) || match.row.kind),
        part("label", match.row.status),
        part("distance", distance(match)),
      ));
      const texts = pages.map((page) => option(page.href, part("name", page.name), part("where", page.kind)));
      const rest = matches.length > 8 && option(findPage(text), part("all", WORDS.all(matches.length)));
      const said = message || (options.length || isWaiting || !text ? "" : WORDS.nothing);
      list.replaceChildren(...[group(WORDS.organisations, found), rest, group(WORDS.pages, texts)].filter(Boolean));
      if (said) list.append(element("div", { class: "candour-finder__message", role: "presentation" }, said));
      active = -1;
      open(document.activeElement === input && list.childElementCount > 0);
      choose(options.findIndex((made) => made.href === kept));
      if (isWaiting) return;
      const count = matches.length + pages.length;
      status.textContent = said || (count ? `${WORDS.count(count)}. ${near && WORDS.near(near)} ${WORDS.arrows}` : "");
    };
  }

  /** Result cards of the find page, with their count; the page's address follows the query. */
  function cards(base, results) {
    const status = results.querySelector("[role=status]"), place = element("div", {});
    results.append(place);
    const line = (name, text) => text && element("p", { class: `candour-result__${name}` }, text);
    const facts = (...spans) => element("p", { class: "candour-result__facts" }, ...spans);
    function card(href, name, ...lines) {
      const title = element("h4", { class: "candour-result__name" }, element("a", { href }, name));
      return element("li", { class: "candour-result" }, title, ...lines);
    }
    function list(title, items, after) {
      if (!items.length) return [];
      const heading = element("h3", { class: "candour-found__title" }, title);
      return [heading, element("ul", { class: "candour-results", role: "list" }, ...items), after].filter(Boolean);
    }
    function follow(text) {
      const address = new URL(location.href);
      if (new URLSearchParams(address.hash.slice(1)).has("q")) address.hash = "";
      if (text) address.searchParams.set("q", text);
      else address.searchParams.delete("q");
      history.replaceState(history.state, "", address);
    }

    return function show(state, shown = 30) {
      const { text, matches = [], pages = [], near = "", message = "", isWaiting = false } = state;
      follow(text);
      const organisations = matches.slice(0, shown).map((match) => card(
        new URL(match.row.url, base).href,
        match.row.name,
        line("where", where(match.row, match.row.address || match.row.town)),
        line("services", match.row.services),
        facts(
          part("label", match.row.status),
          part("distance", distance(match)),
          part("kind", match.row.kind),
          part("kind", match.row.area),
          part("code", match.row.code),
        ),
      ));
      const texts = pages.map((page) => card(
        page.href, page.name, line("where", page.excerpt), facts(part("kind", page.kind)),
      ));
      const more = element("button", { type: "button", class: "candour-result__more" }, WORDS.more);
      more.addEventListener("click", () => {
        show(state, shown + 30);
        place.querySelectorAll(".candour-result__name a")[shown].focus();
      });
      place.replaceChildren(
        ...list(WORDS.organisations, organisations, matches.length > shown && more),
        ...list(WORDS.pages, texts),
      );
      const count = matches.length + pages.length;
      if (isWaiting && !count) return;
      const said = count ? `${WORDS.count(count)}. ${near && WORDS.near(near)}` : text && WORDS.nothing;
      status.textContent = message || said.trim();
    };
  }

  document.querySelectorAll("form[data-finder]").forEach(setUp);
})();
