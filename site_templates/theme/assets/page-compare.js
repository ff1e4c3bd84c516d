/* The page that puts organisations side by side. Every figure, verdict and fact is taken out of the organisations'
 * own pages, so that it is the very same; nothing is worked out here. The page's address holds the choice. What is
 * read of a page: its h1, the terms of #contact, and of each article.metric with data-t its [data-c] numbers, .chip
 * verdicts and the words of .none. */
(() => {
  "use strict";
  const { baseOf, element, fill } = globalThis.CandourFinder;

  const place = document.getElementById("compare-table");
  if (!place) return;
  const words = JSON.parse(place.dataset.words), periods = JSON.parse(place.dataset.periods);
  const most = Number(place.dataset.most);
  const form = document.querySelector("form[data-choose]"), input = form.querySelector("input"), base = baseOf(form);
  const status = document.getElementById("compare-status"), notes = document.getElementById("compare-notes");
  const about = document.getElementById("compare-about"), tools = document.getElementById("compare-tools");
  const differ = document.getElementById("compare-differ");
  const say = (...parts) => { status.textContent = parts.filter(Boolean).join(" "); };
  const clean = (text) => text.replace(/[ \n\t]+/g, " ").trim();

  // ---- The address ------------------------------------------------------------------------------------------------

  let codes = [], leftOut = [];
  function read() {
    const asked = new URLSearchParams(location.search);
    const all = [...new Set((asked.get("codes") || "").toUpperCase().split(/[,\s]+/).filter(Boolean))];
    [codes, leftOut] = [all.slice(0, most), all.slice(most)];
    differ.checked = asked.get("differ") === "1";
  }
  function follow(isStep) {
    const address = new URL(location.href);
    // A comma needs no escape here, and reads better without.
    const parts = [codes.length && `codes=${codes.map(encodeURIComponent).join(",")}`, differ.checked && "differ=1"];
    address.search = parts.filter(Boolean).join("&");
    if (isStep) history.pushState(null, "", address);
    else history.replaceState(history.state, "", address);
  }

  // ---- Reading the pages ------------------------------------------------------------------------------------------

  const pages = new Map();
  const addressOf = (code) => new URL(`organisations/${code.toLowerCase()}/`, base).href;
  /** Return what an organisation's page says: {code, name, ...}, or {code, problem} where it cannot be read. */
  function pageOf(code) {
    if (!pages.has(code)) {
      pages.set(code, fetchPage(code).catch(() => {
        pages.delete(code);
        return { code, problem: words.unreadable };
      }));
    }
    return pages.get(code);
  }
  async function fetchPage(code) {
    if (!/^[A-Z0-9-]+$/.test(code)) return { code, problem: words.unknown };
    const response = await fetch(addressOf(code), { credentials: "same-origin" });
    if (response.status === 404 || response.status === 410) return { code, problem: words.unknown };
    if (!response.ok) throw new Error(String(response.status));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const articles = [...page.querySelectorAll("article.metric[data-t]")];
    const postcode = page.querySelector("#contact .postcode");
    return {
      code,
      name: clean(page.querySelector("h1").textContent),
      outward: postcode ? clean(postcode.textContent).split(" ")[0] : "",
      facts: new Map([...page.querySelectorAll("#contact dl dt")].map((term) => factOf(term, code))),
      results: new Map(articles.map((article) => [article.id.replace(/^m-/, ""), resultOf(article)])),
    };
  }
  /** A term of the page and what it says, which may be a link. */
  function factOf(term, code) {
    const said = term.nextElementSibling;
    for (const postcode of said.querySelectorAll(".postcode")) {
      postcode.textContent = clean(postcode.textContent).replace(" ", "\u00a0"); // stays on one line
    }
    const link = said.querySelector("a[href]");
    const href = link && new URL(link.getAttribute("href"), addressOf(code)).href;
    const isLink = href && /^(https?|tel|mailto):/.test(href);
    return [clean(term.textContent), { text: clean(said.textContent), href: isLink ? href : "" }];
  }
  /** The latest result of a metric, in the page's own words. Tables and charts in its article show others too. */
  function resultOf(article) {
    const isLatest = (found) => {
      const inner = found.closest("details, figure, table");
      return found.closest("[data-t]") === article && !(inner && article.contains(inner));
    };
    const all = (selector) => [...article.querySelectorAll(selector)].filter(isLatest);
    const text = (selector) => all(selector).slice(0, 1).map((found) => clean(found.textContent)).join("");
    const chips = all(".chip:not(.chip-past)");
    return {
      value: text("[data-c=value]"),
      lower: text("[data-c=lower]"),
      upper: text("[data-c=upper]"),
      benchmark: text("[data-c=benchmark]"),
      absence: text(".none"),
      chips: chips.map((chip) => ({ text: clean(chip.textContent), look: chip.className })),
      period: article.dataset.t.split(" ")[2] || "",
    };
  }

  // ---- The table --------------------------------------------------------------------------------------------------

  /** Every metric of the site in its domain, from the list below. */
  const domains = [...document.querySelectorAll("[data-domain]")].map((section) => ({
    title: clean(section.querySelector("h3").textContent),
    metrics: [...section.querySelectorAll("[data-metric]")].map((item) => ({
      id: item.dataset.metric,
      question: clean(item.querySelector("a").textContent),
      href: item.querySelector("a").href,
      described: clean(item.querySelector(".quiet").textContent),
    })),
  }));

  const span = (name, ...children) => element("span", { class: `compare__${name}` }, ...children);
  const periodName = (period) => periods[period] || period;
  function cell(organisation, ...children) {
    const who = span("who", organisation.name);
    return element("td", { role: "cell" }, who, element("div", { class: "compare__cell" }, ...children));
  }
  function resultCell(organisation, result, ownPeriod) {
    if (!result) return cell(organisation, span("none", words.not_measured));
    const period = ownPeriod && span("period", periodName(result.period));
    if (!result.value) return cell(organisation, span("none", result.absence || words.no_figure), period);
    const { lower, upper, benchmark } = result;
    // A band is a verdict on a standard: no figure of others goes with it.
    const told = ({ text, look }) => (benchmark && !look.includes("band") ?
      fill(words.against_figure, { verdict: text, figure: benchmark }) : text);
    return cell(
      organisation,
      span("value", result.value),
      lower && upper && span("range", fill(words.range, { lower, upper })),
      ...result.chips.map((chip) => element("span", { class: chip.look }, told(chip))),
      period,
    );
  }
  function row(head, cells) {
    return element("tr", { role: "row" }, element("th", { scope: "row", role: "rowheader" }, ...head), ...cells);
  }
  function group(title, rows, width) {
    if (!rows.length) return null;
    const head = element("th", { scope: "rowgroup", role: "rowheader", colspan: String(width) }, title);
    return element("tbody", { role: "rowgroup" }, element("tr", { role: "row", class: "compare__group" }, head), ...rows);
  }
  /** Whether two of the results say different things: of those that have verdicts. */
  function isDifferent(results) {
    const said = results.filter((result) => result && result.chips.length);
    // Two similar ones may be compared with different areas: how a verdict looks says what it is.
    const meant = ({ text, look }) => (look.includes("chip-open") ? text : look);
    return new Set(said.map(({ chips }) => chips.map(meant).join("|"))).size > 1;
  }
  function metricRow(metric, shown) {
    const results = shown.map((organisation) => organisation.results.get(metric.id));
    if (!results.some(Boolean) || (differ.checked && !isDifferent(results))) return null;
    const told = new Set(results.filter(Boolean).map((result) => result.period));
    const head = [
      element("a", { href: metric.href }, metric.question),
      span("described", metric.described),
      span("period", told.size === 1 ? periodName([...told][0]) : words.periods_differ),
    ];
    return row(head, shown.map((organisation, i) => resultCell(organisation, results[i], told.size > 1)));
  }
  function factRows(shown) {
    const terms = [...new Set(shown.flatMap(({ facts }) => [...facts.keys()]))];
    return terms.map((term) => row([term], shown.map((organisation) => {
      const fact = organisation.facts.get(term);
      if (!fact) return cell(organisation, span("none", words.not_said));
      if (!fact.href) return cell(organisation, span("fact", fact.text));
      const rel = fact.href.startsWith("http") && !fact.href.startsWith(base) ? { rel: "external" } : {};
      return cell(organisation, element("a", { href: fact.href, ...rel }, fact.text));
    })));
  }
  function headOf({ code, name }) {
    const away = element("button", {
      type: "button", class: "compare__away", "aria-label": fill(words.take_away_it, { name }),
    }, words.take_away);
    away.addEventListener("click", () => remove(code, name));
    const link = element("a", { href: addressOf(code) }, name);
    return element("th", { scope: "col", role: "columnheader" }, link, element("code", {}, code), away);
  }
  /** Of what is measured list what is of the kinds shown; all of it where nobody is. */
  function listMeasured(shown) {
    const items = [...document.querySelectorAll("[data-metric]")];
    const has = ({ dataset }) => shown.some(({ results }) => results.has(dataset.metric));
    const kinds = new Set(items.filter(has).map(({ dataset }) => dataset.kind));
    for (const item of items) item.hidden = kinds.size > 0 && !kinds.has(item.dataset.kind);
    for (const section of document.querySelectorAll("[data-domain]")) {
      section.hidden = !section.querySelector("[data-metric]:not([hidden])");
    }
  }
  /** Show those that could be read; return what there is to say of the results. */
  function draw(shown) {
    tools.hidden = about.hidden = shown.length < 2;
    listMeasured(shown);
    if (!shown.length) {
      place.replaceChildren();
      return "";
    }
    const corner = element("th", { scope: "col", role: "columnheader" }, words.measure);
    const top = element("tr", { role: "row" }, corner, ...shown.map(headOf));
    const results = domains.map(({ title, metrics }) => group(
      title, metrics.map((metric) => metricRow(metric, shown)).filter(Boolean), shown.length + 1,
    ));
    const names = shown.map(({ name }) => name).join(", ");
    const table = element("table", { class: `compare__table compare__table--${shown.length}`, role: "table" },
      element("caption", { class: "hear" }, fill(words.caption, { names })),
      element("thead", { role: "rowgroup" }, top),
      !differ.checked && group(words.facts, factRows(shown), shown.length + 1),
      ...results);
    place.replaceChildren(table, element("p", { class: "quiet" }, words.range_meaning));
    if (differ.checked && !results.some(Boolean)) return words.none_differ;
    const asked = new Set(shown.flatMap((organisation) => [...organisation.results.keys()]));
    const shared = [...asked].filter((id) => shown.every((organisation) => organisation.results.has(id)));
    return shown.length > 1 && shared.length * 2 < asked.size ? words.kinds_differ : "";
  }
  function note(text, ...children) {
    return element("div", { class: "notice" }, element("p", {}, text, ...children));
  }

  let turn = 0;
  async function update(...told) {
    const mine = ++turn;
    place.setAttribute("aria-busy", "true");
    const slow = setTimeout(() => mine === turn && say(words.loading), 300);
    const read = await Promise.all(codes.map(pageOf));
    clearTimeout(slow);
    if (mine !== turn) return;
    const shown = read.filter(({ problem }) => !problem);
    const remark = draw(shown);
    const lines = read.filter(({ problem }) => problem).map(({ code, problem }) => fill(problem, { code }));
    if (leftOut.length) lines.push(fill(words.too_many, { most, codes: leftOut.join(", ") }));
    if (remark) lines.push(remark);
    notes.replaceChildren(...lines.map((line) => note(line)));
    if (shown.length === 1 && shown[0].outward) {
      const [{ code, name, outward }] = shown;
      const near = new URL(`find/?q=${encodeURIComponent(outward)}&compare=${code}`, base).href;
      notes.append(element("p", {}, element("a", { href: near }, fill(words.near_it, { name }))));
    }
    const count = shown.length > 1 ? fill(words.shown, { count: shown.length }) : shown.length ? words.shown_one : "";
    const next = ["", words.choose_one_more][shown.length] ?? "";
    say(...told, count, shown.length ? next : words.choose_two, ...lines);
    place.setAttribute("aria-busy", "false");
  }

  // ---- Events -----------------------------------------------------------------------------------------------------

  function add({ code, name }) {
    if (codes.includes(code)) return say(fill(words.already, { name }));
    if (codes.length === most) return say(words.full);
    codes = [...codes, code];
    leftOut = [];
    follow(true);
    return update(fill(words.added, { name }));
  }
  async function remove(code, name) {
    const at = codes.indexOf(code);
    codes = codes.filter((other) => other !== code);
    leftOut = [];
    follow(true);
    await update(fill(words.removed, { name }));
    const left = place.querySelectorAll(".compare__away");
    (left[Math.min(at, left.length - 1)] || input).focus();
  }

  form.addEventListener("candour:choose", ({ detail }) => add(detail));
  // On paper the address says who was chosen.
  addEventListener("beforeprint", () => { document.documentElement.dataset.address = location.href; });
  differ.addEventListener("change", () => { follow(false); update(); });
  document.getElementById("compare-print").addEventListener("click", () => window.print());
  document.getElementById("compare-copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      say(words.copied);
    } catch (error) {
      say(words.not_copied);
    }
  });
  window.addEventListener("popstate", () => { read(); update(); });
  document.getElementById("compare-without").hidden = true;
  form.hidden = false;
  read();
  update();
})();
