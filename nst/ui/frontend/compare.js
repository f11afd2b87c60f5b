// Two pictures on top of each other with a divider to drag, or side by side. The divider follows a mouse, a finger
// (a vertical swipe still scrolls the page) and, through the range input, the keyboard and screen readers.
export default function ({ data, parentElement }) {
  let figure = parentElement.querySelector("figure");
  const shown = [data.layout, data.before.src.length, data.after.src.length, data.title, data.before.label].join("|");
  if (figure && figure.dataset.shown === shown) return;
  const at = figure ? figure.dataset.at || data.start : data.start;
  if (!figure) {
    figure = document.createElement("figure");
    parentElement.appendChild(figure);
  }
  figure.dataset.shown = shown;
  figure.replaceChildren(data.layout === "beside" ? beside(data) : stage(data, figure, Number(at)));
  if (data.title) figure.appendChild(caption(data));
}

function stage(data, figure, start) {
  const box = element("div", "stage");
  const after = picture(data.after, "after");
  const before = picture(data.before, "before");
  const range = element("input");
  Object.assign(range, { type: "range", min: 0, max: 100, step: 1 });
  range.setAttribute("aria-label", `How much of the picture shows ${data.before.label}`);
  const line = element("div", "line");
  line.innerHTML =
    '<div class="knob"><svg viewBox="0 0 24 24" fill="none" stroke="#333" stroke-width="2" stroke-linecap="round">' +
    '<path d="M9 6l-5 6 5 6M15 6l5 6-5 6"/></svg></div>';
  const left = tag("left", data.before.label);
  const right = tag("right", data.after.label);
  const move = (percent) => {
    const value = Math.min(100, Math.max(0, percent));
    box.style.setProperty("--at", value + "%");
    range.value = value;
    figure.dataset.at = value;
    left.style.opacity = value > 18 ? 1 : 0;
    right.style.opacity = value < 82 ? 1 : 0;
  };
  after.onload = () => box.style.setProperty("--ratio", after.naturalWidth / after.naturalHeight);
  range.oninput = () => move(Number(range.value));
  const follow = (event) => {
    const frame = box.getBoundingClientRect();
    move((100 * (event.clientX - frame.left)) / frame.width);
  };
  box.onpointerdown = (event) => {
    box.setPointerCapture(event.pointerId);
    follow(event);
    range.focus({ preventScroll: true });
  };
  box.onpointermove = (event) => {
    if (box.hasPointerCapture(event.pointerId)) follow(event);
  };
  box.append(after, before, range, line, left, right);
  move(start);
  return box;
}

function beside(data) {
  const row = element("div", "beside");
  for (const side of [data.before, data.after]) {
    const cell = element("div");
    cell.append(picture(side, ""), tag("left", side.label));
    row.append(cell);
  }
  return row;
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

function element(tagName, className = "") {
  const made = document.createElement(tagName);
  made.className = className;
  return made;
}
