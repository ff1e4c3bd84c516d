/* Draws one chart that the page around the frame posts, and says what came of it.
 *
 * It is bundled with Vega (`vegaEmbed`) into one script at build time. The frame has an origin of its own that
 * nobody shares, so it reaches neither the page nor the reader's store; its policy lets it ask for nothing. Vega's
 * interpreter evaluates expressions, so that no policy has to allow eval. All words come from the page. */

const plot = document.getElementById("plot");
const tip = document.getElementById("tip");
const FROM_POINTER = 14;
const NARROW = 480;
const LARGEST = 150;
const LARGE_ENOUGH = 40;
let view = null;
let rows = [];
let labels = {};
let zoomed = [];

function tell(message) {
  window.parent.postMessage(message, "*");
}

/* The page's colours, for what the specification names by style. */
function dressed(config, colours) {
  const styles = {};
  for (const name of Object.keys(config.style)) styles[name] = { ...config.style[name], color: colours[name] };
  const axis = {
    labelColor: colours.text,
    titleColor: colours.text,
    gridColor: colours.rule,
    domainColor: colours.edge,
    tickColor: colours.edge,
  };
  return { ...config, background: colours.ground, axis: { ...config.axis, ...axis }, style: styles };
}

function hide() {
  tip.hidden = true;
}

/* The row under the pointer. What is near a point belongs to it, and holds it as its own datum. */
function rowOf(item) {
  let row = item && item.datum;
  while (row && row.datum) row = row.datum;
  return row && "shown" in row ? row : null;
}

/* What the point under the pointer is: names and values as texts, never as markup. */
function showTip(_, event, item, value) {
  const row = value ? rowOf(item) : null;
  if (!row) {
    hide();
    return;
  }
  const lines = Object.entries(labels).filter(([field]) => row[field]);
  tip.replaceChildren(
    ...lines.map(([field, label]) => {
      const line = document.createElement("p");
      const term = document.createElement("span");
      term.textContent = label;
      const shown = document.createElement("b");
      shown.textContent = row[field];
      line.append(term, shown);
      return line;
    }),
  );
  tip.hidden = false;
  const beside = (place, size, room) =>
    Math.max(0, place + FROM_POINTER + size > room ? place - FROM_POINTER - size : place + FROM_POINTER);
  // Where there is little room, at the other end of the frame, so that the point stays in sight.
  const isNarrow = innerWidth < NARROW;
  const opposite = event.clientY > innerHeight / 2 ? 0 : innerHeight - tip.offsetHeight;
  tip.style.left = `${isNarrow ? 0 : beside(event.clientX, tip.offsetWidth, innerWidth)}px`;
  tip.style.top = `${isNarrow ? opposite : beside(event.clientY, tip.offsetHeight, innerHeight)}px`;
}

/* How many points were really drawn: one for each row, or something is wrong. */
function drawnPoints() {
  let count = 0;
  const visit = (mark) => {
    if (mark.name === "points_marks") {
      count += mark.items.filter((item) => Number.isFinite(item.x) && Number.isFinite(item.y)).length;
    }
    for (const item of mark.items || []) for (const child of item.items || []) visit(child);
  };
  visit(view.scenegraph().root);
  return count;
}

/* The specification at the size of the frame; its points as large as there is room for, and large enough to hit. */
function fitted(specification) {
  const scale = Math.min(innerWidth / specification.width, innerHeight / specification.height) ** 2;
  const { mark } = specification.layer.find((layer) => layer.name === "points");
  const size = Math.min(LARGEST, Math.max(mark.size * scale, Math.min(mark.size, LARGE_ENOUGH)));
  const sizes = { points: size, picked: Math.max(260, 2.2 * size) };
  return {
    ...specification,
    width: "container",
    height: "container",
    autosize: { type: "fit", contains: "padding" },
    layer: specification.layer.map((layer) =>
      layer.name in sizes ? { ...layer, mark: { ...layer.mark, size: sizes[layer.name] } } : layer,
    ),
  };
}

async function draw({ specification, colours, scheme }) {
  if (view) view.finalize();
  document.documentElement.style.colorScheme = scheme;
  document.body.style.background = colours.ground;
  document.body.style.color = colours.text;
  const chart = { ...fitted(specification), config: dressed(specification.config, colours) };
  const refuse = () => Promise.reject(new Error("A chart asks for nothing."));
  const made = await vegaEmbed(plot, chart, {
    actions: false,
    ast: true,
    defaultStyle: false,
    loader: { load: refuse, sanitize: refuse, http: refuse, file: refuse },
    mode: "vega-lite",
    renderer: "canvas",
    tooltip: showTip,
  });
  view = made.view;
  hide();
  rows = specification.datasets.points;
  labels = specification.usermeta.labels;
  const { encoding, params } = specification.layer.find((layer) => layer.name === "points");
  // Vega-Lite keeps what part of an axis is shown in a signal named so.
  zoomed = params[0].select.encodings.map((axis) => [axis, `zoom_${encoding[axis].field}`]);
  tell({ told: "drawn", points: drawnPoints(), rows: rows.length });
}

/* Nearer (below 1) or further (above 1) along the x axis, or everything again (0). */
function zoom(factor) {
  for (const [axis, name] of zoomed) {
    const [from, to] = view.scale(axis).domain().map(Number);
    const middle = (from + to) / 2;
    const half = ((to - from) / 2) * (axis === "x" ? factor : 1);
    // Of all axes or of none: Vega-Lite takes them together.
    view.signal(name, factor === 0 ? null : [middle - half, middle + half]);
  }
  view.runAsync();
}

function pick(place) {
  view.data("picked", place === null ? [] : [rows[place]]).runAsync();
}

addEventListener("message", (event) => {
  if (event.source !== window.parent) return;
  const asked = event.data;
  if (asked.ask === "draw") draw(asked).catch(() => tell({ told: "failed" }));
  else if (view && asked.ask === "zoom") zoom(asked.factor);
  else if (view && asked.ask === "pick") pick(asked.place);
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") tell({ told: "close" });
});
addEventListener("pointerleave", hide);
tell({ told: "ready" });
