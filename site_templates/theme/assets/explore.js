/* Opens a chart in a frame in which it can be explored.
 *
 * The frame is fetched when a reader first asks for it: Vega is large. It has no access to this page, nor this page
 * to it; they send each other messages. This page fetches the chart and posts it, with the colours it has itself.
 * All words stand in the page (parts/explore.html). */

(() => {
  const dialog = document.querySelector("dialog.explore");
  if (!dialog || !dialog.showModal) return;
  const COLOURS = ["accent", "band", "edge", "ground", "line", "muted", "rule", "spread", "text"];
  const PATIENCE = 30000;
  const part = (name) => dialog.querySelector(`.explore-${name}`);
  const input = part("find").querySelector("input");
  const names = part("find").querySelector("datalist");
  let frame = null;
  let ready = false;
  let chart = null;
  let waiting = 0;

  function post(message) {
    // The frame's origin is nobody's, so that no other address could be named here.
    if (ready) frame.contentWindow.postMessage(message, "*");
  }

  function colours() {
    const probe = document.createElement("span");
    dialog.append(probe);
    const found = {};
    for (const name of COLOURS) {
      probe.style.color = `var(--candour-${name})`;
      found[name] = getComputedStyle(probe).color;
    }
    probe.remove();
    return found;
  }

  /* Light or dark, by how bright the ground is: the frame's own parts take the scheme's colours. */
  function scheme(ground) {
    const [red, green, blue] = ground.match(/[\d.]+/g).map(Number);
    return 0.3 * red + 0.6 * green + 0.1 * blue < 128 ? "dark" : "light";
  }

  function draw() {
    if (!chart || !ready) return;
    const found = colours();
    post({ ask: "draw", specification: chart, colours: found, scheme: scheme(found.ground) });
  }

  function show(state) {
    dialog.dataset.state = state;
    part("status").textContent = dialog.dataset[state] || "";
    clearTimeout(waiting);
    if (state === "loading") waiting = setTimeout(() => show("failed"), PATIENCE);
  }

  function load(alternative) {
    if (!frame) {
      frame = document.createElement("iframe");
      frame.setAttribute("sandbox", "allow-scripts");
      frame.src = dialog.dataset.frame;
      part("room").append(frame);
    }
    frame.title = `${dialog.dataset.frameTitle}: ${alternative}`;
  }

  function offerNames() {
    const rows = chart.datasets.points;
    const hasNames = rows.length > 0 && "code" in rows[0];
    part("find").hidden = !hasNames;
    const options = hasNames ? rows.map((row) => new Option("", `${row.name} (${row.code})`)) : [];
    names.replaceChildren(...options);
  }

  function pick() {
    const asked = input.value.trim().toLocaleLowerCase();
    const rows = chart.datasets.points;
    const fits = (test) => rows.findIndex((row) => test(row.name.toLocaleLowerCase(), row.code.toLocaleLowerCase()));
    let place = -1;
    if (asked) {
      place = fits((name, code) => asked === code || asked === name || asked === `${name} (${code})`);
      if (place < 0) place = fits((name) => name.startsWith(asked));
      if (place < 0) place = fits((name) => name.includes(asked));
    }
    post({ ask: "pick", place: place < 0 ? null : place });
    const labels = Object.entries(chart.usermeta.labels);
    const told = place < 0 ? "" : labels.map(([field, label]) => `${label}: ${rows[place][field]}`).join(" · ");
    part("found").textContent = told || (asked ? dialog.dataset.unknown : "");
  }

  async function open(button) {
    const address = button.dataset.chart;
    part("title").textContent = button.dataset.title;
    part("found").textContent = "";
    input.value = "";
    chart = null;
    show("loading");
    dialog.showModal();
    load(button.dataset.alternative);
    try {
      const answer = await fetch(address);
      if (!answer.ok) throw new Error(String(answer.status));
      chart = await answer.json();
    } catch {
      show("failed");
      return;
    }
    offerNames();
    draw();
  }

  addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow) return;
    const { told, points, rows } = event.data;
    if (told === "ready") {
      ready = true;
      draw();
    } else if (told === "drawn") {
      dialog.dataset.points = points;
      show(points === rows ? "drawn" : "failed");
    } else if (told === "failed") show("failed");
    else if (told === "close") dialog.close();
  });

  for (const button of document.querySelectorAll(".explore-open")) {
    button.hidden = false;
    button.addEventListener("click", () => open(button));
  }
  for (const button of dialog.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => post({ ask: "zoom", factor: Number(button.dataset.zoom) }));
  }
  input.addEventListener("change", pick);
  part("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => clearTimeout(waiting));
  dialog.addEventListener("click", (event) => {
    // Beside the dialog's own parts there is only what lies behind it.
    if (event.target === dialog) dialog.close();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
