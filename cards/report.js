"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const AT_A_TIME = 36, LONG = 170, AROUND = 60;
  const NONE = "none", KEPT = "kept";

  data.rows.forEach((row, number) => {
    row.number = number;
    row.of = row.reference === null ? { split: null, source: null, task: null } : data.references[row.reference];
    row.text = row.pieces.map((piece) => piece[0]).join("");
    row.sought = [row.text, row.of.prompt, row.id, row.evidence, row.message].filter(Boolean).join("\n").toLowerCase();
  });

  const FACETS = [
    { name: "taxonomy", title: "Taxonomy", of: (row) => row.taxonomy, order: data.taxonomies },
    { name: "verdict", title: "Verdict", of: (row) => row.verdict, order: ["proved", "judged", "unverified"] },
    { name: "kind", title: "Kind", of: (row) => row.kind, order: ["perturbed", "paraphrase", "clean"] },
    { name: "reason", title: "Kept, or rejected because", of: (row) => row.reason || KEPT, order: [KEPT] },
    { name: "split", title: "Split", of: (row) => row.of.split, order: ["train", "validation", "test"] },
    { name: "task", title: "Task", of: (row) => row.of.task, order: [] },
    { name: "source", title: "Source", of: (row) => row.of.source, order: [] },
  ];
  const value = (facet, row) => facet.of(row) || NONE;
  const state = { query: "", chosen: new Map(FACETS.map((facet) => [facet.name, new Set()])), row: null };
  let shown = [], drawn = 0;

  // elements and texts: whatever a text holds, it is only ever put in as text

  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, what] of Object.entries(properties)) {
      if (name in element) element[name] = what;
      else element.setAttribute(name, what);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }

  // what would not be seen, or would turn round what stands beside it
  const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]/gu;
  const visible = (text) => text.replace(UNSEEN, "\ufffd");

  function said(row, mark, was) {
    if (!was) return mark === "error" ? "nothing stood here" : "put in";
    if (row.reason) return `was: ${was}`;
    return mark === "error" ? `true: ${was}` : row.kind === "paraphrase" ? `the same: ${was}` : `for the grammar, was: ${was}`;
  }

  function markedPiece(row, [text, mark, was], isWhole) {
    if (!mark) return visible(text);
    const told = visible(said(row, mark, was));
    const element = make(mark === "error" ? "mark" : "span", { className: mark, tabIndex: 0 }, visible(text));
    element.dataset.told = told;
    element.append(make("span", { className: "vh" }, ` (${told})`));
    return isWhole && mark === "error" ? [element, make("span", { className: "was", "aria-hidden": "true" }, was ? visible(was) : "∅")] : element;
  }

  function textOf(row, pieces, isWhole = false) {
    return make("p", { className: "text", dir: "auto" }, ...pieces.flatMap((piece) => markedPiece(row, piece, isWhole)));
  }

  // of a long text what stands around its marks, at most so many of them
  function excerpt(row) {
    if (row.text.length <= LONG) return row.pieces;
    const windows = [];
    let at = 0;
    for (const [text, mark] of row.pieces) {
      const begin = at < AROUND * 1.5 ? 0 : row.text.indexOf(" ", at - AROUND) + 1;
      const stop = row.text.indexOf(" ", at + text.length + AROUND);
      const end = stop < 0 || row.text.length - stop < AROUND / 2 ? row.text.length : stop;
      const last = windows.at(-1);
      if (mark && last && begin <= last[1] + 12) last[1] = Math.max(last[1], end);
      else if (mark && windows.length < 3) windows.push([Math.min(begin, at), end]);
      at += text.length;
    }
    if (!windows.length) windows.push([0, row.text.lastIndexOf(" ", LONG) > 0 ? row.text.lastIndexOf(" ", LONG) : LONG]);
    return windows.flatMap(([begin, end], number) => [
      ...(begin > 0 ? [[number ? " … " : "… "]] : []), ...cut(row.pieces, begin, end),
      ...(number === windows.length - 1 && end < row.text.length ? [[" …"]] : []),
    ]);
  }

  function cut(pieces, begin, end) {
    const kept = [];
    let at = 0;
    for (const [text, ...rest] of pieces) {
      const part = text.slice(Math.max(0, begin - at), Math.max(0, end - at));
      if (part) kept.push([part, ...rest]);
      at += text.length;
    }
    return kept;
  }

  // filters

  function passes(row, except) {
    return (
      (!state.query || row.sought.includes(state.query.toLowerCase())) &&
      FACETS.every((facet) => facet === except || !state.chosen.get(facet.name).size || state.chosen.get(facet.name).has(value(facet, row)))
    );
  }

  function buildFacets() {
    for (const facet of FACETS) {
      const counted = new Map();
      for (const row of data.rows) counted.set(value(facet, row), (counted.get(value(facet, row)) || 0) + 1);
      const place = (name) => (name === NONE ? 1e6 : facet.order.includes(name) ? facet.order.indexOf(name) : 1e3);
      facet.values = [...counted.keys()].sort((a, b) => place(a) - place(b) || counted.get(b) - counted.get(a) || (a < b ? -1 : 1));
      facet.boxes = new Map();
      if (facet.values.length < 2) continue;
      const set = make("fieldset", {}, make("legend", {}, facet.title));
      for (const name of facet.values) {
        const box = make("input", { type: "checkbox", name: facet.name, value: name });
        const count = make("span", { className: "n" });
        box.addEventListener("change", () => {
          state.chosen.get(facet.name)[box.checked ? "add" : "delete"](name);
          refresh();
        });
        const label = make("label", { title: data.reasons[name] || "" }, box, make("span", {}, visible(name)), count);
        facet.boxes.set(name, { box, count, label });
        set.append(label);
      }
      $("facets").append(set);
    }
  }

  function showCounts() {
    let active = 0;
    for (const facet of FACETS) {
      const counted = new Map();
      for (const row of data.rows) if (passes(row, facet)) counted.set(value(facet, row), (counted.get(value(facet, row)) || 0) + 1);
      for (const [name, { box, count, label }] of facet.boxes) {
        box.checked = state.chosen.get(facet.name).has(name);
        count.textContent = (counted.get(name) || 0).toLocaleString("en");
        label.className = counted.get(name) ? "" : "none";
        active += box.checked;
      }
    }
    $("active").textContent = active ? `(${active})` : "";
    $("clear").hidden = !active && !state.query;
  }

  // the list

  function refresh() {
    shown = data.rows.filter((row) => passes(row, null));
    showCounts();
    const rejected = shown.filter((row) => row.reason).length;
    $("count").textContent = shown.length
      ? `${shown.length.toLocaleString("en")} of ${data.rows.length.toLocaleString("en")} rows` + (rejected ? `, ${rejected.toLocaleString("en")} of them rejected` : "")
      : "No row is like this: clear a filter.";
    $("list").replaceChildren();
    drawn = 0;
    drawMore();
    remember();
  }

  function drawMore() {
    const next = shown.slice(drawn, drawn + AT_A_TIME);
    $("list").append(...next.map(card));
    drawn += next.length;
    $("more").firstElementChild.hidden = drawn >= shown.length;
  }

  function absent(image) {
    if (!image) return "No image";
    const address = data.addresses[image];
    if (!address) return "The image is not in this dataset";
    return make("a", { href: address, target: "_blank", rel: "noreferrer noopener" }, "The image lies elsewhere");
  }

  function picture(row) {
    const source = row.of.image && data.images[row.of.image];
    if (!source) return make("div", { className: "picture" }, absent(row.of.image));
    return make("div", { className: "picture" }, make("img", { src: source, alt: visible(row.of.image), decoding: "async" }));
  }

  function labels(row) {
    const kind = [row.taxonomy || row.kind || "source", row.subtype].filter(Boolean);
    return make(
      "p", { className: "meta" },
      make("b", {}, visible(kind[0])),
      kind[1] ? make("span", {}, visible(kind[1])) : null,
      row.verdict && row.verdict !== NONE ? make("span", {}, row.verdict) : null,
      row.reason ? make("span", { className: "reason", title: data.reasons[row.reason] || "" }, visible(row.reason)) : null,
    );
  }

  function card(row) {
    const open = make("button", { type: "button", className: "open", "aria-label": `Details of ${visible(row.id || row.reason)}` });
    open.addEventListener("click", () => openRow(row));
    row.open = open;
    const words = row.pieces.length ? textOf(row, excerpt(row)) : make("p", { className: "text" }, visible(row.message));
    const body = make("div", { className: "body" }, row.of.task === "vqa" ? make("p", { className: "asked" }, visible(row.of.prompt)) : null, words, labels(row));
    const name = ["card", row.reason ? "rejected" : "", row.of.image ? "" : "without"].join(" ");
    return make("li", { className: name }, picture(row), body, open);
  }

  // one row

  function openRow(row) {
    state.row = row;
    const at = shown.indexOf(row);
    $("place").textContent = at < 0 ? "" : `${(at + 1).toLocaleString("en")} of ${shown.length.toLocaleString("en")}`;
    $("one").replaceChildren(make("div", { className: "aside" }, picture(row), about(row)), details(row));
    hideTip();
    if (!$("detail").open) $("detail").showModal();
    $("detail").scrollTop = 0;
    $("one").focus({ preventScroll: true });
    remember();
  }

  function details(row) {
    const title = [row.taxonomy || row.kind || "source", row.subtype].filter(Boolean).join(" · ");
    return make(
      "div", {},
      make("h2", {}, visible(title), " ", make("span", { className: row.reason ? "reason" : "kept" }, visible(row.reason || KEPT))),
      row.of.task === "vqa" ? make("p", { className: "asked" }, visible(row.of.prompt)) : null,
      row.pieces.length ? textOf(row, row.pieces, true) : null,
      row.reason ? make("p", {}, visible(data.reasons[row.reason] || "")) : null,
      row.message && row.message !== data.requests[row.request]?.answer ? make("pre", {}, visible(row.message)) : null,
      row.verdict && row.verdict !== NONE ? make("p", {}, make("b", {}, row.verdict), row.evidence ? `: ${visible(row.evidence)}` : "") : null,
      request(row),
      row.reference === null ? null : fate(row),
    );
  }

  function about(row) {
    const lines = [
      ["made by", row.perturber], ["model", row.model],
      ["split", row.of.split], ["id", row.id], ["prompt", row.of.prompt], ["source", row.of.source], ["licence", row.of.license], ["attribution", row.of.attribution],
    ];
    return make("dl", { className: "about" }, ...lines.filter(([, what]) => what).flatMap(([name, what]) => [make("dt", {}, name), make("dd", {}, visible(what))]));
  }

  function request(row) {
    const found = row.request && data.requests[row.request];
    if (!found) return null;
    return make(
      "div", {},
      make("h3", {}, "Its request to the model"),
      make("p", { className: "quiet" }, "The last message"),
      make("pre", {}, visible(found.asked)),
      make("p", { className: "quiet" }, "The answer"),
      make("pre", {}, visible(found.answer || "(nothing)")),
      found.failure ? make("p", {}, make("span", { className: "reason" }, visible(found.failure))) : null,
    );
  }

  // all that was made of the reference, and all that was thrown away
  function fate(row) {
    const same = data.rows.filter((other) => other.reference === row.reference);
    const made = same.filter((other) => !other.reason && other.kind !== "clean"), rejected = same.filter((other) => other.reason);
    const untried = row.of.task === "caption" ? data.taxonomies.filter((name) => !same.some((other) => other.taxonomy === name)) : [];
    return make(
      "div", {},
      make("h3", {}, "The reference"),
      make("p", { className: "text", dir: "auto" }, visible(row.of.text)),
      make("h3", {}, `Kept of it: ${made.length || "nothing"}`),
      ...(made.length ? [made_list(made, row)] : []),
      make("h3", {}, `Rejected: ${rejected.length || "nothing"}`),
      ...(rejected.length ? [made_list(rejected, row)] : []),
      untried.length ? make("p", { className: "quiet" }, `Nothing was tried of ${untried.join(", ")}.`) : null,
    );
  }

  function made_list(rows, current) {
    const place = (row) => data.taxonomies.indexOf(row.taxonomy);
    const items = [...rows].sort((a, b) => place(a) - place(b)).map((row) => {
      const item = make("li", {}, labels(row), row.text === row.of.text ? null : textOf(row, excerpt(row)));
      const why = row.reason ? data.reasons[row.reason] : row.evidence;
      if (why) item.append(make("p", { className: "quiet" }, visible(why)));
      if (row === current) item.setAttribute("aria-current", "true");
      else {
        const open = make("button", { type: "button", className: "open", "aria-label": `Details of ${visible(row.id)}` });
        open.addEventListener("click", () => openRow(row));
        item.append(open);
      }
      return item;
    });
    return make("ul", { className: "made" }, ...items);
  }

  // moving

  function move(by) {
    const current = state.row || shown.find((row) => row.open === document.activeElement);
    const at = current ? shown.indexOf(current) + by : 0;
    if (at < 0 || at >= shown.length) return;
    while (at >= drawn) drawMore();
    if (state.row) openRow(shown[at]);
    else {
      shown[at].open.focus({ preventScroll: true });
      shown[at].open.parentElement.scrollIntoView({ block: "nearest" });
    }
  }

  function closed() {
    const row = state.row;
    state.row = null;
    hideTip();
    remember();
    if (row?.open?.isConnected) row.open.focus();
  }

  const MOVES = { j: 1, ArrowRight: 1, k: -1, ArrowLeft: -1 };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === $("search")) {
      if (event.key === "Escape") {
        if ($("search").value) seek(""); else $("search").blur();
        event.preventDefault();
      }
      return;
    }
    const isRows = !$("view-rows").hidden && !$("keys").open;
    if (event.key in MOVES && isRows) move(MOVES[event.key]);
    else if (event.key === "/" && isRows && !$("detail").open) $("search").focus();
    else if (event.key === "?" && !$("keys").open) $("keys").showModal();
    else if (event.key === "Escape") return hideTip();
    else return;
    event.preventDefault();
  });

  // the true words

  function showTip(mark) {
    const tip = $("tip"), box = mark.getClientRects()[0];
    if (!box) return;
    tip.textContent = mark.dataset.told;
    (mark.closest("dialog") || document.body).append(tip);
    tip.hidden = false;
    const height = tip.offsetHeight, width = tip.offsetWidth;
    tip.style.left = `${Math.max(6, Math.min(box.left, innerWidth - width - 6))}px`;
    tip.style.top = `${box.top > height + 8 ? box.top - height - 4 : box.bottom + 4}px`;
  }

  function hideTip() { $("tip").hidden = true; }

  const markOf = (event) => event.target.closest?.("[data-told]");
  for (const name of ["pointerover", "focusin", "click"]) {
    addEventListener(name, (event) => { const mark = markOf(event); if (mark) showTip(mark); });
  }
  for (const name of ["pointerout", "focusout"]) addEventListener(name, (event) => { if (markOf(event)) hideTip(); });
  addEventListener("scroll", hideTip, { capture: true, passive: true });

  // the address, and which part is shown

  function address() {
    const parts = [];
    for (const [name, chosen] of state.chosen) if (chosen.size) parts.push(`${name}=${[...chosen].map(encodeURIComponent).join(",")}`);
    if (state.query) parts.push(`q=${encodeURIComponent(state.query)}`);
    if (state.row) parts.push(`row=${state.row.number}`);
    return `#${parts.join("&") || "rows"}`;
  }

  function remember() {
    $("to-rows").href = address();
    if ($("view-rows").hidden || address() === (location.hash || "#rows")) return;
    try { history.replaceState(null, "", address()); } catch { /* some browsers allow so many changes in a while */ }
  }

  function decoded(text) {
    try { return decodeURIComponent(text); } catch { return text; }
  }

  function follow() {
    const hash = location.hash.slice(1);
    const target = hash && !hash.includes("=") ? $(hash) : null;
    const isFigures = Boolean(target && $("figures").contains(target));
    $("view-rows").hidden = isFigures;
    $("figures").hidden = !isFigures;
    for (const [id, isHere] of [["to-rows", !isFigures], ["to-figures", isFigures]]) {
      if (isHere) $(id).setAttribute("aria-current", "page"); else $(id).removeAttribute("aria-current");
    }
    if (isFigures) {
      if ($("detail").open) $("detail").close();
      target.scrollIntoView();
      return;
    }
    const given = new Map(hash.split("&").filter((part) => part.includes("=")).map((part) => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]));
    for (const facet of FACETS) {
      const asked = (given.get(facet.name) || "").split(",").map(decoded);
      state.chosen.set(facet.name, new Set(asked.filter((name) => facet.values.includes(name))));
    }
    state.query = $("search").value = decoded(given.get("q") || "");
    const row = data.rows[given.get("row")];
    state.row = null;
    refresh();
    if (row) openRow(row);
    else if ($("detail").open) $("detail").close();
  }

  function seek(query) {
    state.query = $("search").value = query;
    refresh();
  }

  function setTheme(theme) {
    document.documentElement.dataset.theme = theme;
    $("theme").textContent = theme === "dark" ? "Light" : "Dark";
  }

  function keep(theme) {
    try { localStorage.setItem("tldr-data-theme", theme); } catch { /* a page from disk may not be let */ }
  }

  function kept() {
    try { return localStorage.getItem("tldr-data-theme"); } catch { return null; }
  }

  setTheme(kept() || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
  $("theme").addEventListener("click", () => {
    setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
    keep(document.documentElement.dataset.theme);
  });
  $("help").addEventListener("click", () => $("keys").showModal());
  $("close-keys").addEventListener("click", () => $("keys").close());
  $("close").addEventListener("click", () => $("detail").close());
  $("detail").addEventListener("close", closed);
  $("next").addEventListener("click", () => move(1));
  $("previous").addEventListener("click", () => move(-1));
  $("search").addEventListener("input", () => { state.query = $("search").value; refresh(); });
  $("clear").addEventListener("click", () => {
    for (const chosen of state.chosen.values()) chosen.clear();
    seek("");
  });
  $("more").firstElementChild.addEventListener("click", drawMore);
  new IntersectionObserver((seen) => { if (seen.some((each) => each.isIntersecting) && drawn < shown.length) drawMore(); }, { rootMargin: "600px" }).observe($("more"));
  const wide = matchMedia("(min-width: 48.01rem)");
  const unfold = () => { $("filters").open = wide.matches; };
  wide.addEventListener("change", unfold);
  unfold();
  addEventListener("hashchange", follow);
  buildFacets();
  follow();
})();
