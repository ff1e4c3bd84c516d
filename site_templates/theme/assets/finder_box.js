/* Search boxes: reads the finder's files, and lists below a box what it finds as somebody types. Nothing typed is
 * sent anywhere. Matching is finder.js; pages of text are found by Pagefind. All words come from the manifest, but
 * for two that the form holds, in case the manifest does not come. */
(() => {
  "use strict";
  const { Finder, IGNORED, plain, squeeze } = globalThis.CandourFinder;

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
  /** Read what a query needs; `isPlaced` where the device's position is searched from. `rest` reads the addresses
   *  too, and is null where they are here: an answer need not wait for them. `isReadable` is false where each of the
   *  words is too common to look for. */
  async function prepareFor(text, base, path, isPlaced = false) {
    const { manifest, finder } = await start(base, path);
    const shards = new Map(Object.entries(manifest.shards));
    // The middle of the postcode typed; of all, where shards are found by the one that the device is in.
    const letters = isPlaced && !shards.has("") ? Object.keys(manifest.postcodes) :
      [...plain(text).matchAll(/\b[a-z]{0,2} ?\d/g)].map(([begin]) => begin.trim()[0]);
    const middles = [...new Set(letters)].map((letter) => manifest.postcodes[letter]).filter(Boolean);
    const read = (path) => once(path, async () => finder.addCentres(await json(new URL(path, base))));
    const ofWord = (word) => (word === "" || shards.has(word) ? shards.get(word) : ofWord(word.slice(0, -1)));
    const fitting = new Set(plain(text).split(" ").map(ofWord).filter(Boolean));
    const chosen = [...fitting].sort((a, b) => a.rows - b.rows).slice(0, 2);
    await Promise.all([...middles.map(read), ...chosen.map((shard) => readNames(base, finder, shard))]);
    const missing = chosen.filter((shard) => !arrived.has(shard.files[1]));
    const rest = missing.length ? () => Promise.all(missing.map((shard) => readAddresses(base, finder, shard))) : null;
    return { finder, rest, isReadable: chosen.length > 0, words: manifest.words };
  }
  /** Pages of text that match, from Pagefind; none where this site has no such index. */
  async function findPages(base, text, limit) {
    try {
      const pagefind = await once("pagefind", async () => {
        const program = await import(new URL("pagefind/pagefind.js", base).href);
        await program.options({ baseUrl: base.pathname });
        return program;
      });
      const found = await pagefind.search(text);
      const pages = await Promise.all(found.results.slice(0, limit).map((result) => result.data()));
      // Pagefind shortens a word until something has it (park: pressure). Endings may differ, no more.
      const words = plain(text).split(" ").filter((word) => !IGNORED.has(word));
      const stems = words.map((word) => ` ${word.slice(0, Math.max(3, word.length - 3))}`);
      const fits = (page) => stems.every((stem) => ` ${plain(`${page.meta.title} ${page.content}`)}`.includes(stem));
      return pages.filter(fits).map((page) => ({
        name: page.meta.title, kind: page.meta.kind || "", href: page.url,
        about: page.meta.about || "",
      }));
    } catch (error) {
      return [];
    }
  }

  // ---- What boxes and cards are made of ---------------------------------------------------------------------------

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
  /** Fill the braces of a text. */
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const written = (number) => number.toLocaleString(document.documentElement.lang || undefined);
  const counted = (words, count) => (count === 1 ? words.result : fill(words.results, { count: written(count) }));
  function distance(words, { within, miles }) {
    if (within) return fill(words.inside, { outward: within });
    if (!(miles >= 0)) return "";
    return miles < 0.5 ? words.half_mile : miles < 1.5 ? words.mile : fill(words.miles, { miles: Math.round(miles) });
  }
  const baseOf = (form) => new URL(form.dataset.base.replace(/\/*$/, "/"), document.baseURI);

  // ---- The box ----------------------------------------------------------------------------------------------------

  /** Set up one box: what it finds drops down from it. A box with data-choose finds organisations only, and tells
   *  of the chosen one by an event in place of opening its page. */
  function setUp(form, number) {
    const input = form.querySelector("input[name=q]"), base = baseOf(form);
    const list = element("div", { id: `candour-finder-${number}` });
    const paint = dropDown(form, input, base, list);
    const isChoice = "choose" in form.dataset;
    let turn = 0;

    function show(state) {
      list.setAttribute("aria-busy", String(!!state.isWaiting));
      paint(state);
    }

    async function update() {
      const mine = ++turn, text = input.value.trim();
      const isCurrent = () => mine === turn;
      list.setAttribute("aria-busy", "true");
      const slow = setTimeout(() => isCurrent() && show({ text, message: form.dataset.loading, isWaiting: true }), 300);
      let found = { matches: [], near: "" }, message = "", rest = null, words = null;
      try {
        const ready = await prepareFor(text, base, form.dataset.finder);
        if (!isCurrent()) return null;
        words = ready.words;
        if (squeeze(plain(text)).length < 2) return show({ text, words, message: text ? words.short : "" });
        found = ready.finder.search(text);
        if (isChoice) found.matches = found.matches.filter(({ row }) => !row.isArea);
        rest = ready.rest;
        if (!ready.isReadable) message = words.common;
      } catch (error) {
        message = form.dataset.failed;
      } finally {
        clearTimeout(slow);
      }
      if (!isCurrent()) return null;
      show({ text, words, ...found, message, isWaiting: true });
      if (rest) return rest().then(() => (isCurrent() ? update() : null)); // addresses may add to what was found
      await new Promise((resolve) => { setTimeout(resolve, 150); }); // until the typing pauses
      const pages = isCurrent() && !isChoice ? await findPages(base, text, 4) : [];
      return isCurrent() ? show({ text, words, ...found, pages, message }) : null;
    }

    input.addEventListener("input", update);
    input.addEventListener("focus", () => prepareFor("", base, form.dataset.finder).catch(() => {}), { once: true });
  }

  /** The combobox of WAI-ARIA: the box keeps the focus, arrows move through the list, Escape closes it. */
  function dropDown(form, input, base, list) {
    const status = element("div", { role: "status", class: "candour-finder__said" });
    const message = element("div", { class: "candour-finder__message", hidden: "" });
    const panel = element("div", { class: "candour-finder__list", hidden: "" }, list, message);
    const isChoice = "choose" in form.dataset;
    let options = [], active = -1;
    form.append(panel, status);
    set(list, { role: "listbox", "aria-label": form.dataset.found });
    set(input, { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id });

    // After #, not ?: what is typed does not even reach this site's own server.
    function findPage(text) {
      const address = new URL("find/", base);
      if (address.pathname === location.pathname) address.search = location.search; // keeps what was chosen there
      address.hash = `q=${encodeURIComponent(text)}`;
      return address.href;
    }
    function open(isOpen) {
      panel.hidden = !isOpen;
      input.setAttribute("aria-expanded", String(isOpen && options.length > 0));
      if (!isOpen) mark(-1);
    }
    function mark(index) {
      if (options[active]) options[active].setAttribute("aria-selected", "false");
      active = index;
      if (!options[active]) return input.removeAttribute("aria-activedescendant");
      options[active].setAttribute("aria-selected", "true");
      options[active].scrollIntoView({ block: "nearest" });
      return input.setAttribute("aria-activedescendant", options[active].id);
    }
    function option(href, row, ...children) {
      const made = element("a", { role: "option", href, tabindex: "-1", "aria-selected": "false" }, ...children);
      set(made, { id: `${list.id}-${options.length}`, class: "candour-finder__option" });
      if (isChoice) made.addEventListener("click", (event) => { event.preventDefault(); choose(row); });
      options.push(made);
      return made;
    }
    function choose(row) {
      input.value = "";
      options = [];
      list.replaceChildren();
      open(false);
      form.dispatchEvent(new CustomEvent("candour:choose", { detail: row }));
    }
    function group(title, members) {
      if (!members.length) return null;
      const heading = element("div", { class: "candour-finder__group", "aria-hidden": "true" }, title);
      return element("div", { role: "group", "aria-label": title }, heading, ...members);
    }

    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (panel.hidden && options.length) open(true);
        const step = event.key === "ArrowDown" ? 1 : -1, size = options.length + 1;
        mark(((active + 1 + step + size) % size) - 1); // one place in the round is the box itself
      } else if (event.key === "Enter" && options[active]) {
        event.preventDefault();
        options[active].click();
      } else if (event.key === "Escape" && !panel.hidden) {
        event.preventDefault();
        open(false);
      }
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (isChoice) return options.length && options[0].click();
      return location.assign(findPage(input.value.trim()));
    });
    input.addEventListener("blur", () => open(false));
    input.addEventListener("focus", () => open(options.length > 0));
    panel.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the focus, and so the list

    return ({ text, words, matches = [], pages = [], near = "", message: told = "", isWaiting = false }) => {
      const kept = options[active] && options[active].href;
      options = [];
      const found = matches.slice(0, 8).map((match) => option(
        new URL(match.row.url, base).href,
        match.row,
        part("name", match.row.name),
        part("where", where(match.row, match.row.town) || match.row.kindLabel),
        part("label", match.row.status && words[match.row.status]),
        part("distance", distance(words, match)),
      ));
      const texts = pages.map((page) => option(page.href, null, part("name", page.name), part("where", page.kind)));
      const rest = !isChoice && matches.length > 8 &&
        option(findPage(text), null, part("all", fill(words.all_results, { count: written(matches.length) })));
      const said = told || (options.length || isWaiting || !text ? "" : words.nothing);
      const groups = options.length ? [group(words.organisations, found), rest, group(words.pages, texts)] : [];
      list.replaceChildren(...groups.filter(Boolean));
      message.textContent = said;
      message.hidden = !said;
      active = -1;
      open(document.activeElement === input && (options.length > 0 || !!said));
      mark(options.findIndex((made) => made.href === kept));
      if (isWaiting) return;
      const count = matches.length + pages.length;
      const place = near ? `${fill(words.near, { place: near })} ` : "";
      status.textContent = said || (count ? `${counted(words, count)}. ${place}${words.arrows}` : "");
    };
  }

  Object.assign(globalThis.CandourFinder, {
    baseOf, counted, distance, element, fill, findPages, part, prepareFor, where,
  });
  document.querySelectorAll("form[data-finder]:not([data-results])").forEach(setUp);
})();
