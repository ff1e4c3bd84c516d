/* The find page: a card for each match, what the search is narrowed down by, the device's position on request, and
 * up to five organisations chosen to compare. The page's address holds all of it but the position. Every page
 * links it; matching is finder.js, reading finder_box.js. */
(() => {
  "use strict";
  const { baseOf, counted, distance, element, fill, findPages, isChoosy, part, plain, prepareFor, squeeze, where } =
    globalThis.CandourFinder;
  const STEP = 30; // cards shown at a time
  const WAIT = 15_000; // milliseconds for the device to say where it is

  const form = document.querySelector("form[data-results]");
  if (!form) return;
  const input = form.querySelector("input[name=q]"), base = baseOf(form);
  const ways = document.getElementById("find-ways"), results = document.getElementById(form.dataset.results);
  const status = results.querySelector("[role=status]"), place = element("div", {});
  const choices = [...ways.querySelectorAll("select, input")];
  const most = Number(results.dataset.most);
  let words = null, finder = null, position = null, turn = 0;
  let chosen = []; // codes, in the order chosen
  results.append(place);

  // ---- The address ------------------------------------------------------------------------------------------------

  /** Take over what the address asks for. The header's box hands its words over after #, which no server sees. */
  function read() {
    const asked = new URLSearchParams(location.search), handed = new URLSearchParams(location.hash.slice(1));
    input.value = handed.get("q") || asked.get("q") || "";
    for (const choice of choices) {
      if (choice.type === "checkbox") choice.checked = asked.get(choice.name) === choice.value;
      else choice.value = [...choice.options].some((option) => option.value === asked.get(choice.name)) ?
        asked.get(choice.name) : "";
    }
    const codes = (asked.get("compare") || "").toUpperCase().split(",").filter((code) => /^[A-Z0-9-]+$/.test(code));
    chosen = [...new Set(codes)].slice(0, most);
    if (choices.some(valueOf)) ways.querySelector("details").open = true;
  }
  const valueOf = (choice) => (choice.type === "checkbox" && !choice.checked ? "" : choice.value);

  function follow() {
    const address = new URL(location.href);
    if (new URLSearchParams(address.hash.slice(1)).has("q")) address.hash = "";
    const held = [["q", input.value.trim()], ...choices.map((choice) => [choice.name, valueOf(choice)])];
    const rest = new URLSearchParams(held.filter(([, value]) => value)).toString();
    // A comma needs no escape here, and reads better without.
    const compare = chosen.length ? `compare=${chosen.join(",")}` : "";
    address.search = [rest, compare].filter(Boolean).join("&");
    history.replaceState(history.state, "", address);
  }

  // ---- Finding ----------------------------------------------------------------------------------------------------

  const wanted = () => {
    const value = Object.fromEntries(choices.map((choice) => [choice.name, valueOf(choice)]));
    return { ...value, miles: Number(value.within) || 0, position };
  };

  async function update() {
    const mine = ++turn, text = input.value.trim(), asked = wanted();
    const isCurrent = () => mine === turn;
    follow();
    results.setAttribute("aria-busy", "true");
    const isShort = squeeze(plain(text)).length < 2;
    const isIdle = isShort && !position && !isChoosy(asked);
    if (isIdle && !chosen.length && !text && !asked.miles) return show({});
    const slow = setTimeout(() => isCurrent() && say(form.dataset.loading), 300);
    let state = {}, rest = null;
    try {
      const about = [text, ...chosen].join(" ");
      let ready = await prepareFor(about, base, form.dataset.finder, !!position);
      if (position && !ready.isReadable) { // a large site, whose files are by word: the postcode around is one
        const here = ready.finder.outwardNear(position);
        ready = await prepareFor(`${about} ${here}`, base, form.dataset.finder, true);
      }
      // What somebody is narrowed down by is in the files that come second.
      if (ready.rest && (asked.area || asked.service || asked.accepting)) {
        await ready.rest();
        ready = { ...ready, rest: null };
      }
      if (!isCurrent()) return null;
      ({ words, finder } = ready);
      const needsPlace = asked.miles > 0;
      if (isIdle) {
        state = { message: needsPlace ? words.needs_place : text ? words.short : "" };
      } else {
        const found = finder.search(text, asked);
        state = { ...found, text, asked, message: ready.isReadable ? "" : isShort ? words.short : words.common };
      }
      showTray();
      ({ rest } = ready);
    } catch (error) {
      state = { message: form.dataset.failed };
    } finally {
      clearTimeout(slow);
    }
    if (!isCurrent()) return null;
    show({ ...state, isWaiting: true });
    if (rest) return rest().then(() => (isCurrent() ? update() : null)); // addresses may add to what was found
    await new Promise((resolve) => { setTimeout(resolve, 150); }); // until the typing pauses
    const isText = isCurrent() && !isShort && !isChoosy(asked) && !position;
    const pages = isText ? await findPages(base, text, 12) : [];
    return isCurrent() ? show({ ...state, pages }) : null;
  }

  // ---- Cards ------------------------------------------------------------------------------------------------------

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
  function call(phone) {
    if (!phone) return null;
    return element("a", { class: "candour-result__phone", href: `tel:${phone.replace(/[^\d+]/g, "")}` },
      fill(words.phone, { number: phone }));
  }
  function organisation(match) {
    const { row } = match;
    return card(
      new URL(row.url, base).href,
      row.name,
      line("happened", row.happened),
      line("where", where(row, row.address || row.town)),
      line("services", row.services),
      facts(
        part("distance", distance(words, match)),
        !row.happened && part("label", row.status && words[row.status]),
        part("kind", row.kindLabel),
        part("area", row.area),
        part(row.accepting === "accepting" ? "yes" : "no", row.accepting && words[row.accepting]),
        call(!row.status && row.phone),
        part("code", fill(words.code, { code: row.code })),
      ),
      !row.isArea && chooser(row),
    );
  }

  const say = (text) => { status.textContent = text; };
  let lastAnswer = "";

  function show(state, shown = STEP) {
    const { text = "", matches = [], pages = [], message = "", isWaiting = false } = state;
    results.setAttribute("aria-busy", String(isWaiting));
    const texts = pages.map((page) => card(
      page.href, page.name, line("where", page.about), facts(part("kind", page.kind)),
    ));
    const more = matches.length > shown && element("button", { type: "button", class: "candour-result__more" },
      words.more);
    if (more) {
      more.addEventListener("click", () => {
        show(state, shown + STEP);
        place.querySelectorAll(".candour-result__name a")[shown].focus();
      });
    }
    const focused = place.contains(document.activeElement) && document.activeElement.id;
    const cards = matches.slice(0, shown).map(organisation);
    place.replaceChildren(...(cards.length ? list(words.organisations, cards, more) : []),
      ...(texts.length ? list(words.pages, texts) : []));
    if (focused && document.getElementById(focused)) document.getElementById(focused).focus();
    const count = matches.length + pages.length;
    if (isWaiting && !count && !message) return;
    const news = message || (count ? told(state, count, text) : nothing(state, text));
    const answer = JSON.stringify([text, state.asked, news]);
    // Addresses that come later may change nothing: what has been said since must not be talked over.
    if (answer !== lastAnswer) say(news);
    lastAnswer = answer;
  }

  /** How many were found, in which order they stand, and from where they are measured. */
  function told({ near, isPlaced, asked }, count, text) {
    const nearest = near ? fill(words.near, { place: near }) : isPlaced ? words.near_you : "";
    const order = nearest || (count > 1 && (text ? words.fitting : words.by_name));
    const needed = asked.miles && !isPlaced ? words.needs_place : "";
    return [`${counted(words, count)}.`, order, needed].filter(Boolean).join(" ");
  }
  function nothing({ asked }, text) {
    if (!asked) return "";
    if (isChoosy(asked) || asked.miles) return words.nothing_filtered;
    return asked.position && !text ? words.location_far : words.nothing;
  }

  // ---- Chosen to compare ------------------------------------------------------------------------------------------

  const tray = document.getElementById("find-tray");
  const summary = element("summary", {}), names = element("ul", { role: "list" });
  const go = element("a", { class: "candour-tray__go" });
  tray.append(element("details", {}, summary, names), go);

  function chooser(row) {
    const button = element("button", {
      type: "button", class: "candour-result__compare", id: `compare-${row.code.toLowerCase()}`,
      "aria-pressed": String(chosen.includes(row.code)), "aria-label": fill(words.compare_it, { name: row.name }),
    }, words.compare);
    button.addEventListener("click", () => {
      if (chosen.includes(row.code)) return choose(chosen.filter((code) => code !== row.code));
      if (chosen.length === most) return say(fill(words.chosen_full, { most }));
      return choose([...chosen, row.code]);
    });
    return button;
  }
  function choose(codes) {
    chosen = codes;
    follow();
    showTray();
    say(chosen.length ? fill(words.chosen_count, { count: chosen.length, most }) : fill(words.chosen_none, { most }));
    for (const button of place.querySelectorAll(".candour-result__compare")) {
      const isChosen = chosen.some((code) => button.id === `compare-${code.toLowerCase()}`);
      button.setAttribute("aria-pressed", String(isChosen));
    }
  }
  function showTray() {
    tray.hidden = !chosen.length;
    if (!chosen.length) return;
    summary.textContent = fill(words.chosen_count, { count: chosen.length, most });
    go.textContent = words.see_compared;
    go.href = new URL(`compare/?codes=${chosen.join(",")}`, base).href;
    names.replaceChildren(...chosen.map((code) => {
      const row = finder.byCode.get(code), name = row ? row.name : code;
      const away = element("button", { type: "button", "aria-label": fill(words.take_away, { name }) }, "×");
      away.addEventListener("click", () => {
        choose(chosen.filter((other) => other !== code));
        if (chosen.length) names.querySelector("button").focus();
        else input.focus();
      });
      return element("li", {}, element("span", {}, name), away);
    }));
  }

  // ---- Where the device is ----------------------------------------------------------------------------------------

  const locate = document.getElementById("find-location");
  /** Ask the device, once the reader has. The answer stays in this page: it is not in its address either. */
  async function toggleLocation() {
    if (position) {
      position = null;
      locate.setAttribute("aria-pressed", "false");
      return update();
    }
    const { words: said } = await prepareFor("", base, form.dataset.finder);
    if (!navigator.geolocation || !window.isSecureContext) return say(said.location_absent);
    say(said.locating);
    return navigator.geolocation.getCurrentPosition(({ coords }) => {
      position = [coords.latitude, coords.longitude];
      locate.setAttribute("aria-pressed", "true");
      update();
    }, () => say(said.location_refused), { maximumAge: 600_000, timeout: WAIT });
  }

  // ---- Events -----------------------------------------------------------------------------------------------------

  form.addEventListener("submit", (event) => { event.preventDefault(); update(); });
  input.addEventListener("input", update);
  ways.addEventListener("change", update);
  locate.addEventListener("click", () => { toggleLocation().catch(() => say(form.dataset.failed)); });
  document.getElementById("find-clear").addEventListener("click", () => {
    input.value = "";
    position = null;
    locate.setAttribute("aria-pressed", "false");
    for (const choice of choices) {
      if (choice.type === "checkbox") choice.checked = false;
      else choice.value = "";
    }
    update();
    input.focus();
  });
  const take = () => { read(); update(); };
  window.addEventListener("hashchange", take);
  ways.hidden = false;
  take();
})();
