// Thumbnails that work like a group of radio buttons, or of checkboxes if several can be chosen. In the grid layout a
// search field and a menu of groups narrow them down, here in the browser, at once; of what is left a few rows are shown
// until all are wanted, for a list that scrolls within the page would catch the wheel.
const ROWS = 4;

export default function ({ data, parentElement, setTriggerValue }) {
  let frame = parentElement.querySelector(".frame");
  if (!frame) {
    frame = element("div", "frame");
    parentElement.appendChild(frame);
  }
  // Rebuilt only when the items change, so that a new selection neither flickers nor scrolls back.
  const ids = data.items.map((item) => item.id + item.src.length + item.title).join("|") + data.columns + data.label;
  if (frame.dataset.ids !== ids) {
    frame.dataset.ids = ids;
    build(frame, data);
  }
  frame.onSketches ??= () => showSketches(frame);
  frame.onFold ??= () => fold(frame);
  frame.data = data;
  frame.onSketches();
  // The same function every time: adding it again changes nothing.
  document.addEventListener("nst-sketches", frame.onSketches);
  watch(frame);
  const group = frame.querySelector(".group");
  const buttons = [...group.children];
  const select = (chosen) => {
    frame.chosen = chosen;
    buttons.forEach((button) => button.setAttribute("aria-checked", chosen.includes(button.dataset.id)));
    frame.onFold();
    const shown = buttons.filter(isShown);
    const first = shown.find((button) => chosen.includes(button.dataset.id)) || shown[0];
    buttons.forEach((button) => {
      // One stop for the Tab key in the whole group; the arrow keys go on from there.
      button.tabIndex = button === first ? 0 : -1;
    });
  };
  const pick = (button) => {
    const id = button.dataset.id;
    const others = frame.chosen.filter((other) => other !== id);
    select(!data.multiple ? [id] : others.length < frame.chosen.length ? others : [...others, id]);
    setTriggerValue("picked", data.multiple ? frame.chosen : id);
  };
  group.onclick = (event) => {
    const button = event.target.closest("button");
    if (button) pick(button);
  };
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  group.onkeydown = (event) => {
    const shown = buttons.filter(isShown);
    const index = shown.indexOf(event.target.closest("button"));
    if (index < 0 || !(event.key in steps)) return;
    event.preventDefault();
    const next = shown[(index + steps[event.key] + shown.length) % shown.length];
    next.focus();
    if (!data.multiple) pick(next);
  };
  const tools = frame.querySelector(".tools");
  if (tools) {
    tools.oninput = () => {
      narrow(frame, data);
      select(frame.chosen);
    };
    narrow(frame, data);
    frame.querySelector(".all").onclick = () => {
      group.classList.remove("folded");
      select(frame.chosen);
      // What was pressed is gone; the first that was not seen before is what it has led to.
      const first = buttons.find((button) => button.classList.contains("beyond"));
      first?.focus({ preventScroll: true });
    };
    frame.onWidth = () => select(frame.chosen);
    group.widths ??= widths(group, frame);
  }
  select(data.selected);
  return () => document.removeEventListener("nst-sketches", frame.onSketches);
}

// Whether a thumbnail can be seen; in a frame that is not laid out yet, whether it is to be.
function isShown(button) {
  const isLaidOut = button.parentElement.getClientRects().length > 0;
  return isLaidOut ? button.getClientRects().length > 0 : !button.hidden;
}

// Fold a grid anew whenever it has another width.
function widths(group, frame) {
  let width = group.clientWidth;
  const observer = new ResizeObserver(() => {
    if (group.clientWidth === width) return;
    width = group.clientWidth;
    requestAnimationFrame(() => frame.onWidth());
  });
  observer.observe(group);
  return observer;
}

// Of a folded grid hide what lies beyond the first rows, but for what is chosen.
function fold(frame) {
  const group = frame.querySelector(".group");
  const all = frame.querySelector(".all");
  if (!all) return;
  const columns = getComputedStyle(group).gridTemplateColumns.split(" ").length;
  const matching = [...group.children].filter((button) => !button.hidden);
  const chosen = matching.filter((button) => button.getAttribute("aria-checked") === "true");
  const room = ROWS * columns - chosen.filter((button) => matching.indexOf(button) >= ROWS * columns).length;
  matching.forEach((button, index) => button.classList.toggle("beyond", index >= room && !chosen.includes(button)));
  all.textContent = frame.data.texts.show_all.replace("{count}", matching.length);
  all.hidden = !group.classList.contains("folded") || matching.length <= ROWS * columns;
}

// Show the sketches that frontend/sketches.js has for this picker, each in its place: nothing is drawn anew.
function showSketches(frame) {
  const batches = Object.values(document.nstSketches?.[frame.data.name] ?? {});
  const sketches = Object.assign({}, ...batches.map((batch) => batch.srcs));
  [...frame.querySelector(".group").children].forEach((button, index) => {
    const item = frame.data.items[index];
    const [image, original] = button.querySelectorAll("img");
    const src = sketches[item.id] ?? item.src;
    original.hidden = src === item.src;
    if (image.src === src) return;
    image.src = src;
    image.classList.toggle("sketch", !original.hidden);
    if (!original.hidden) original.src = item.src;
    const note = original.hidden ? "" : `${batches[0].note} `;
    button.setAttribute("aria-description", note + item.description);
  });
}

// Tell frontend/sketches.js which thumbnails are in view, a moment after they have come there.
function watch(frame) {
  if (frame.watched === frame.dataset.ids) return;
  frame.watched = frame.dataset.ids;
  frame.observer?.disconnect();
  const seen = new Set();
  let later;
  frame.observer = new IntersectionObserver((entries) => {
    entries.forEach(({ target, isIntersecting }) => seen[isIntersecting ? "add" : "delete"](target.dataset.id));
    clearTimeout(later);
    later = setTimeout(() => {
      (document.nstSeen ??= {})[frame.data.name] = frame.data.items.map((item) => item.id).filter((id) => seen.has(id));
      document.dispatchEvent(new CustomEvent("nst-seen"));
    }, 400);
  });
  [...frame.querySelector(".group").children].forEach((button) => frame.observer.observe(button));
}

function build(frame, data) {
  const group = element("div", "group " + data.layout);
  group.setAttribute("role", data.multiple ? "group" : "radiogroup");
  group.setAttribute("aria-label", data.label);
  group.style.setProperty("--columns", data.columns);
  group.append(...data.items.map((item) => thumbnail(item, data.multiple ? "checkbox" : "radio")));
  if (data.layout !== "grid") return frame.replaceChildren(group);
  const before = frame.label === data.label && frame.querySelector(".tools");
  frame.label = data.label;
  group.classList.toggle("folded", frame.querySelector(".group")?.classList.contains("folded") ?? true);
  frame.replaceChildren(before || tools(data), group, all(), nothing());
}

function all() {
  const button = element("button", "all");
  button.type = "button";
  return button;
}

function tools(data) {
  const row = element("div", "tools");
  const search = element("input");
  search.type = "search";
  search.placeholder = data.texts.search;
  search.setAttribute("aria-label", data.texts.search_help);
  const menu = element("select");
  menu.setAttribute("aria-label", data.texts.group);
  const groups = [...new Set(data.items.map((item) => item.group).filter(Boolean))].sort();
  const options = ["", ...groups].map((name) => {
    const option = element("option");
    option.value = name;
    option.textContent = name || data.texts.all;
    return option;
  });
  menu.append(...options);
  row.append(search, menu);
  return row;
}

function nothing() {
  const line = element("p", "none");
  line.setAttribute("role", "status");
  return line;
}

// Hide what does not match; every word of the search has to occur somewhere, accents aside.
function narrow(frame, data) {
  const [search, menu] = frame.querySelector(".tools").children;
  const words = plain(search.value).split(/\s+/).filter(Boolean);
  let shown = 0;
  [...frame.querySelector(".group").children].forEach((button, index) => {
    const item = data.items[index];
    const text = plain([item.title, item.byline, item.group].join(" "));
    button.hidden = !(words.every((word) => text.includes(word)) && (!menu.value || item.group === menu.value));
    shown += !button.hidden;
  });
  const line = frame.querySelector(".none");
  line.textContent = shown ? "" : data.texts.none;
  line.hidden = shown > 0;
}

function plain(text) {
  return text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase();
}

function thumbnail(item, role) {
  const button = element("button");
  const image = element("img");
  const line = (name) => {
    const span = element("span", name);
    span.textContent = item[name];
    return span;
  };
  button.type = "button";
  button.dataset.id = item.id;
  button.setAttribute("role", role);
  button.setAttribute("aria-label", [item.title, item.byline].filter(Boolean).join(", "));
  button.setAttribute("aria-description", item.description);
  button.title = [item.title, item.group].filter(Boolean).join(" · ");
  image.src = item.src;
  image.alt = "";  // the button's description already says it
  // What the sketch stands in the place of, in small.
  const original = element("img", "original");
  original.alt = "";
  original.hidden = true;
  const pictures = element("div", "pictures");
  pictures.append(image, original);
  button.append(pictures, line("title"), line("byline"));
  return button;
}

function element(tag, className = "") {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}
