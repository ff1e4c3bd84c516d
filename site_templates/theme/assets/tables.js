/* Tables that can be sorted: their column heads become buttons. Without this script they are tables as they stand.
 *
 * A table that may be sorted has data-sort: the sentence that is said after sorting, with {column} and {order} in it.
 * data-ascending and data-descending hold the words for the order. Every word a reader meets is in the page. */

(() => {
  "use strict";

  const number = (text) => {
    const found = text.replace(/,/g, "").replace("\u2212", "-").match(/^-?\d+(\.\d+)?/);
    return found ? Number(found[0]) : null;
  };

  /* What a cell is sorted by: its number, or its words; null for what has no figure and stands last. */
  const keyOf = (cell, isNumeric) => {
    if (!cell || cell.querySelector(".shorthand")) return null;
    const text = cell.textContent.trim();
    if (text === "") return null;
    return isNumeric ? number(text) : text;
  };

  const compare = new Intl.Collator(document.documentElement.lang || undefined, { numeric: true }).compare;

  const order = (first, second, sign) => {
    if (first.key === null || second.key === null) {
      return (first.key === null) - (second.key === null) || first.place - second.place;
    }
    const difference = typeof first.key === "number" ? first.key - second.key : compare(first.key, second.key);
    return sign * difference || first.place - second.place;
  };

  const say = (table, text) => {
    let status = table.parentElement.querySelector(".sort-status");
    if (!status) {
      status = document.createElement("p");
      status.className = "sort-status hear";
      status.setAttribute("role", "status");
      table.parentElement.append(status);
    }
    status.textContent = text;
  };

  const sort = (table, heads, column) => {
    const head = heads[column];
    const isNumeric = head.classList.contains("num");
    const before = head.getAttribute("aria-sort");
    /* Numbers are first wanted from the highest, names from the first. */
    const ascending = before ? before === "descending" : !isNumeric;
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row, place) => ({ row, place, key: keyOf(row.cells[column], isNumeric) }));
    rows.sort((first, second) => order(first, second, ascending ? 1 : -1));
    body.append(...rows.map((item) => item.row));
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    const words = ascending ? table.dataset.ascending : table.dataset.descending;
    say(table, table.dataset.sort.replace("{column}", head.textContent.trim()).replace("{order}", words));
  };

  for (const table of document.querySelectorAll("table[data-sort]")) {
    if (!table.tHead || !table.tBodies[0] || table.tBodies[0].rows.length < 3) continue;
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort-button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, heads, column));
      head.append(button);
    });
  }

  /* The theme puts wide tables of guides into boxes that scroll: the keyboard has to reach them. */
  addEventListener("load", () => {
    for (const box of document.querySelectorAll(".md-typeset__scrollwrap")) box.tabIndex = 0;
  });
})();
