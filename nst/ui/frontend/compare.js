// Two pictures to compare: on top of each other with a divider, faded into each other, by their difference, or side by
// side. Both are zoomed and moved together: by buttons, the keyboard, two fingers, a double click, Ctrl and the wheel.
const LARGEST = 8;

export default function ({ data, parentElement }) {
  let figure = parentElement.querySelector("figure");
  const lengths = [data.before.src.length, data.after.src.length];
  const shown = [data.layout, ...lengths, data.title, data.before.label, data.texts.whole].join("|");
  if (figure && figure.dataset.shown === shown) return;
  const at = figure ? figure.dataset.at || data.start : data.start;
  if (!figure) {
    figure = document.createElement("figure");
    parentElement.appendChild(figure);
  }
  figure.dataset.shown = shown;
  const frame = data.layout === "beside" ? beside(data) : stage(data, figure, Number(at));
  const row = tools(figure, frame, data.texts);
  figure.replaceChildren(frame, row);
  if (data.share) offer(row, data);
  if (data.title) figure.appendChild(caption(data));
}

function stage(data, figure, start) {
  const box = element("div", "stage pane " + data.layout);
  const after = picture(data.after, "after");
  const before = element("div", "before");
  before.append(picture(data.before, ""));
  const range = element("input");
  Object.assign(range, { type: "range", min: 0, max: 100, step: 1 });
  range.setAttribute("aria-label", data.texts.divider);
  const line = element("div", "line");
  line.innerHTML =
    '<div class="knob"><svg viewBox="0 0 24 24" fill="none" stroke="#333" stroke-width="2" stroke-linecap="round">' +
    '<path d="M9 6l-5 6 5 6M15 6l5 6-5 6"/></svg></div>';
  const left = tag("left", data.before.label);
  const right = tag("right", data.layout === "difference" ? data.texts.difference : data.after.label);
  const move = (percent) => {
    const value = Math.min(100, Math.max(0, percent));
    box.style.setProperty("--at", value + "%");
    box.style.setProperty("--part", value / 100);
    range.value = value;
    figure.dataset.at = value;
    left.style.opacity = value > 18 ? 1 : 0;
    right.style.opacity = value < 82 ? 1 : 0;
  };
  after.onload = () => box.style.setProperty("--ratio", after.naturalWidth / after.naturalHeight);
  range.oninput = () => move(Number(range.value));
  // At its whole size a drag anywhere moves the divider; a zoomed picture is moved itself, and the divider by its knob.
  box.divide = (event) => {
    const frame = box.getBoundingClientRect();
    move((100 * (event.clientX - frame.left)) / frame.width);
    range.focus({ preventScroll: true });
  };
  box.append(after, before);
  if (data.layout === "difference") {
    box.append(right);
    return box;
  }
  box.append(range, ...(data.layout === "slider" ? [line] : []), left, right);
  move(start);
  return box;
}

function beside(data) {
  const row = element("div", "beside");
  for (const side of [data.before, data.after]) {
    const cell = element("div", "pane");
    cell.append(picture(side, ""), tag("left", side.label));
    row.append(cell);
  }
  return row;
}

// The buttons below, and everything that zooms: one view of all panes of the frame.
function tools(figure, frame, texts) {
  const panes = frame.matches(".pane") ? [frame] : [...frame.querySelectorAll(".pane")];
  const view = { scale: 1, x: 0, y: 0 };
  const told = element("output");
  const draw = () => {
    const { width, height } = panes[0].getBoundingClientRect();
    view.x = Math.min(0, Math.max(view.x, width * (1 - view.scale)));
    view.y = Math.min(0, Math.max(view.y, height * (1 - view.scale)));
    frame.classList.toggle("zoomed", view.scale > 1);
    for (const image of frame.querySelectorAll("img")) {
      image.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
    }
    told.textContent = Math.round(100 * view.scale * shownPart(frame)) + " %";
    full.disabled = shownPart(frame) >= 1;
  };
  // The point (x, y) of a pane stays where it is.
  const zoom = (scale, x, y) => {
    const next = Math.min(Math.max(scale, 1), Math.max(LARGEST, LARGEST / shownPart(frame)));
    view.x = x - ((x - view.x) * next) / view.scale;
    view.y = y - ((y - view.y) * next) / view.scale;
    view.scale = next;
    draw();
  };
  const middle = () => {
    const { width, height } = panes[0].getBoundingClientRect();
    return [width / 2, height / 2];
  };
  const full = button("100 %", texts.every_pixel, () => zoom(1 / shownPart(frame), ...middle()));
  for (const pane of panes) follow(pane, view, zoom, draw, () => (view.scale > 1 ? 1 : 1 / shownPart(frame)));
  frame.querySelectorAll("img").forEach((image) => image.addEventListener("load", draw));
  figure.onkeydown = (event) => {
    const steps = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] };
    if (event.key === "+") zoom(1.5 * view.scale, ...middle());
    else if (event.key === "-") zoom(view.scale / 1.5, ...middle());
    else if (event.key === "0") zoom(1, 0, 0);
    else if (event.shiftKey && steps[event.key]) {
      view.x += steps[event.key][0];
      view.y += steps[event.key][1];
      draw();
    } else return;
    event.preventDefault();
  };
  const row = element("div", "tools");
  row.append(
    button("−", texts.smaller, () => zoom(view.scale / 1.5, ...middle())),
    told,
    button("+", texts.larger, () => zoom(1.5 * view.scale, ...middle())),
    full,
    button(texts.whole, texts.whole_help, () => zoom(1, 0, 0)),
    button(texts.full, texts.full_help, () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else figure.requestFullscreen?.().then(draw, () => {});
    }),
  );
  return row;
}

// The system's own sheet to share the picture, where the device has one that takes files: phones above all.
async function offer(row, data) {
  if (!navigator.canShare) return;
  const picture = await (await fetch(data.after.src)).blob();
  const shared = { files: [new File([picture], data.share, { type: picture.type })], title: data.title };
  if (!navigator.canShare(shared)) return;
  row.append(button(data.texts.share, data.texts.share_help, () => navigator.share(shared).catch(() => {})));
}

// What part of its own size a picture is shown at, before any zoom.
function shownPart(frame) {
  const images = frame.querySelectorAll("img");
  const image = frame.querySelector("img.after") || images[images.length - 1];
  const pane = image.closest(".pane");
  return image.naturalWidth ? pane.clientWidth / image.naturalWidth : 1;
}

// Pixels that a finger moves sideways before it is meant for the divider: it may be about to scroll, or to be one of two.
const MEANT = 8;

// Pointers on one pane: one moves the divider or the picture, two zoom.
function follow(pane, view, zoom, draw, toggled) {
  const held = new Map();
  const place = (event) => {
    const frame = pane.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  };
  const spread = () => {
    const [[ax, ay], [bx, by]] = [...held.values()];
    return { distance: Math.hypot(ax - bx, ay - by), x: (ax + bx) / 2, y: (ay + by) / 2 };
  };
  const divides = (event) => pane.divide && (view.scale === 1 || event.target.closest(".knob"));
  let dividing = false;
  let waiting = null;  // where a finger came down that may yet turn out to be meant for the divider
  pane.onpointerdown = (event) => {
    pane.setPointerCapture(event.pointerId);
    const meant = held.size === 0 && Boolean(divides(event));
    dividing = meant && event.pointerType !== "touch";
    waiting = meant && !dividing ? event.clientX : null;
    held.set(event.pointerId, place(event));
    if (dividing) pane.divide(event);
  };
  pane.onpointermove = (event) => {
    if (!held.has(event.pointerId)) return;
    const before = held.size === 2 ? spread() : held.get(event.pointerId);
    held.set(event.pointerId, place(event));
    if (waiting !== null && Math.abs(event.clientX - waiting) > MEANT) [dividing, waiting] = [true, null];
    if (held.size === 2) {
      const after = spread();
      view.x += after.x - before.x;
      view.y += after.y - before.y;
      zoom((view.scale * after.distance) / Math.max(1, before.distance), after.x, after.y);
    } else if (dividing) {
      pane.divide(event);
    } else if (view.scale > 1) {
      const [x, y] = held.get(event.pointerId);
      view.x += x - before[0];
      view.y += y - before[1];
      draw();
    }
  };
  pane.onpointerup = (event) => {
    held.delete(event.pointerId);
    if (waiting !== null) pane.divide(event);  // a tap
    waiting = null;
  };
  pane.onpointercancel = (event) => {  // the page is scrolled
    held.delete(event.pointerId);
    waiting = null;
  };
  pane.ondblclick = (event) => zoom(toggled(), ...place(event));
  pane.onwheel = (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom(view.scale * Math.exp(-event.deltaY / 300), ...place(event));
  };
}

function caption(data) {
  const line = element("figcaption");
  for (const inset of data.insets) line.append(picture(inset, ""));
  const text = element("span");
  text.textContent = data.title;
  const small = element("span", "small");
  small.textContent = data.byline;
  text.append(small);
  line.append(text);
  return line;
}

function picture(side, className) {
  const image = element("img", className);
  image.src = side.src;
  image.alt = side.alt;
  image.draggable = false;
  return image;
}

function tag(side, text) {
  const made = element("span", "tag " + side);
  made.textContent = text;
  made.setAttribute("aria-hidden", "true");
  return made;
}

function button(text, help, press) {
  const made = element("button");
  Object.assign(made, { type: "button", textContent: text, title: help, onclick: press });
  made.setAttribute("aria-label", help);
  return made;
}

function element(tagName, className = "") {
  const made = document.createElement(tagName);
  made.className = className;
  return made;
}
