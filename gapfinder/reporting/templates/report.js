"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const rows = Array.from(document.querySelectorAll("#table tbody tr"));
  const body = document.querySelector("#table tbody");
  const marks = Array.from(document.querySelectorAll("[data-row]:not(tr)"));
  const chips = Array.from(document.querySelectorAll(".chips button"));
  const heads = Array.from(document.querySelectorAll("th button[data-sort]"));
  const find = document.getElementById("find");
  const order = document.getElementById("order");
  const none = document.getElementById("none");
  const tip = document.getElementById("tip");
  const state = { kind: "gap", text: "", by: "unmet_low", down: true };
  const text = (value, digits) =>
    value === null || value === undefined ? "–" : value.toLocaleString("zh-CN", { maximumFractionDigits: digits });

  const fits = (item) =>
    (state.kind === "gap" ? item.kind !== "met" : item.kind === state.kind) &&
    (state.text === "" || item.find.includes(state.text));

  // A ratio without notes is the largest there is; an unknown trend comes last whichever way.
  const value = (item) => {
    const found = item[state.by];
    if (found !== null) return found;
    return state.by === "demand_supply_ratio" ? Number.MAX_VALUE : state.down ? -Number.MAX_VALUE : Number.MAX_VALUE;
  };

  const show = () => {
    const sign = state.down ? -1 : 1;
    const sorted = rows.slice().sort((one, other) => {
      const a = Number(one.dataset.row), b = Number(other.dataset.row);
      const x = value(data[a]), y = value(data[b]);
      return x === y ? a - b : x < y ? -sign : sign;
    });
    let shown = 0;
    for (const row of sorted) {
      const kept = fits(data[Number(row.dataset.row)]);
      row.hidden = !kept;
      if (kept) {
        shown += 1;
        row.querySelector(".rank").textContent = String(shown);
      }
    }
    body.append(...sorted);
    none.hidden = shown > 0;
    const narrowed = state.kind !== "gap" || state.text !== "";
    for (const mark of marks) mark.classList.toggle("dim", narrowed && !fits(data[Number(mark.dataset.row)]));
    for (const chip of chips) chip.setAttribute("aria-pressed", String(chip.dataset.kind === state.kind));
    for (const head of heads) {
      const cell = head.closest("th");
      if (head.dataset.sort === state.by) cell.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    }
    order.value = state.by;
  };

  for (const chip of chips) chip.addEventListener("click", () => { state.kind = chip.dataset.kind; show(); });
  for (const head of heads) {
    head.addEventListener("click", () => {
      state.down = state.by === head.dataset.sort ? !state.down : true;
      state.by = head.dataset.sort;
      show();
    });
  }
  order.addEventListener("change", () => { state.by = order.value; state.down = true; show(); });
  find.addEventListener("input", () => { state.text = find.value.trim().toLowerCase(); show(); });

  // The card a link points to must be open before it is scrolled to.
  const open = () => {
    const target = /^#gap-\d+$/.test(location.hash) ? document.getElementById(location.hash.slice(1)) : null;
    if (target) {
      target.open = true;
      target.scrollIntoView({ block: "start" });
    }
  };
  addEventListener("hashchange", open);
  addEventListener("beforeprint", () => { for (const card of document.querySelectorAll("details")) card.open = true; });

  const line = (name, className) => {
    const part = document.createElement("p");
    part.textContent = name;
    if (className) part.className = className;
    return part;
  };
  const describe = (mark) => {
    const item = data[Number(mark.dataset.row)];
    tip.replaceChildren(
      line(item.keyword, "tip-name"),
      line(`每周未满足 ${text(item.unmet_per_week, 1)} 次（${text(item.unmet_low, 1)}–${text(item.unmet_high, 1)}）`),
      line(`每周搜索 ${text(item.demand_per_week, 1)} 次 · 有效供给 ${text(item.supply, 1)} 篇`),
      line(`未满足概率 ${text(item.unmet_probability * 100, 0)}%`),
    );
    tip.hidden = false;
    const box = mark.getBoundingClientRect();
    const frame = tip.parentElement.getBoundingClientRect();
    const left = box.left - frame.left + box.width / 2 - tip.offsetWidth / 2;
    const above = box.top - frame.top - tip.offsetHeight - 8;
    tip.style.left = `${Math.max(4, Math.min(left, frame.width - tip.offsetWidth - 4))}px`;
    tip.style.top = `${above > 0 ? above : box.bottom - frame.top + 8}px`;
  };
  const hide = () => { tip.hidden = true; };
  const go = (mark) => {
    const row = mark.dataset.row;
    if (document.getElementById(`gap-${row}`)) {
      location.hash = `gap-${row}`;
      open();
    } else {
      document.getElementById(`row-${row}`).scrollIntoView({ block: "center" });
    }
  };

  // One tab stop for the whole chart; the arrow keys walk through it in the order of the table.
  for (const chart of document.querySelectorAll("svg.quadrant")) {
    const bubbles = Array.from(chart.querySelectorAll(".bubbles path"));
    bubbles.sort((one, other) => Number(one.dataset.row) - Number(other.dataset.row));
    if (bubbles.length > 0) bubbles[0].setAttribute("tabindex", "0");
    const move = (place) => {
      for (const bubble of bubbles) bubble.setAttribute("tabindex", "-1");
      bubbles[place].setAttribute("tabindex", "0");
      bubbles[place].focus();
    };
    bubbles.forEach((bubble, place) => {
      bubble.addEventListener("mouseenter", () => describe(bubble));
      bubble.addEventListener("mouseleave", hide);
      bubble.addEventListener("focus", () => describe(bubble));
      bubble.addEventListener("blur", hide);
      bubble.addEventListener("click", () => go(bubble));
      bubble.addEventListener("keydown", (event) => {
        const last = bubbles.length - 1;
        const next = { ArrowRight: place + 1, ArrowDown: place + 1, ArrowLeft: place - 1, ArrowUp: place - 1, Home: 0, End: last };
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); go(bubble); }
        else if (event.key === "Escape") hide();
        else if (event.key in next) { event.preventDefault(); move(Math.max(0, Math.min(last, next[event.key]))); }
      });
    });
  }

  document.querySelector(".controls").hidden = false;
  show();
  open();
})();
