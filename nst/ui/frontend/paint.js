// Pixels of the overlay's long side; what is painted is drawn again by Python, at the size that is needed there.
const SIDE = 1024;

const TOOLS = ["brush", "eraser", "pick"];

export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(".painter");
  if (!root) {
    root = element("div", { className: "painter" });
    root.painter = painter(root);
    parentElement.appendChild(root);
  }
  root.painter(data, (event, values = {}) => setTriggerValue(event, { ...values, edition: data.edition }));
}

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function painter(root) {
  const photo = element("img", { alt: "", draggable: false });
  const canvas = element("canvas", { tabIndex: 0 });
  const ring = element("div", { className: "ring" });
  const size = element("input", { type: "range", min: 0, max: 100 });
  const alike = element("input", { type: "range", min: 2 });
  const by = element("select", {}, option("colour", ""), option("brightness", ""));
  const undo = element("button", { type: "button" });
  const clear = element("button", { type: "button" });
  const hint = element("div", { className: "hint", role: "status" });
  const regions = radios((index) => { region = index; });
  const tools = radios((index) => equip(TOOLS[index]));
  const [sizeName, alikeName] = [element("span", {}), element("span", {})];
  const brushing = element("label", {}, sizeName, size);
  const picking = element("div", { className: "picking" }, element("label", {}, alikeName, alike), by);
  canvas.setAttribute("role", "application");
  const easel = element("div", { className: "easel" }, photo, canvas, ring);
  const side = element(
    "div",
    { className: "side" },
    regions.group,
    tools.group,
    element("div", { className: "tools" }, brushing, picking),
    element("div", { className: "steps" }, undo, clear),
    hint,
  );
  root.append(element("div", { className: "board" }, easel, side));

  let data, send;
  let strokes = [];     // every stroke is { region, radius, points }, region null being the eraser
  let past = [];        // earlier values of strokes, for undo
  let underlay = null;  // what Python has marked, below the strokes
  let region = 0;
  let tool;
  let current = null;   // the stroke under the pointer, while it is down
  let cursor = [0.5, 0.5];
  let looking = false;  // whether Python looks for what is alike

  // The slider is logarithmic: the step from thin to less thin is as fine as that from thick to thicker.
  const radius = () => data.thinnest * (data.thickest / data.thinnest) ** (size.value / 100);
  const setRadius = (r) => {
    size.value = (100 * Math.log(r / data.thinnest)) / Math.log(data.thickest / data.thinnest);
  };
  const round = (number) => Math.round(Math.min(Math.max(number, 0), 1) * 1e4) / 1e4;
  const pointCount = () => strokes.reduce((sum, stroke) => sum + stroke.points.length, 0);
  const say = (text) => { hint.textContent = text; };

  const equip = (name) => {
    tool = name;
    brushing.hidden = tool === "pick";
    picking.hidden = tool !== "pick";
    hintAt();
  };
  const hintAt = () => say(data.texts[`${tool}_hint`]);
  const draw = (stroke, from = 0) => {
    const context = canvas.getContext("2d");
    context.globalCompositeOperation = stroke.region === null ? "destination-out" : "source-over";
    context.strokeStyle = stroke.region === null ? "black" : data.regions[stroke.region].colour;
    context.lineWidth = 2 * stroke.radius * canvas.width;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    stroke.points.slice(from).forEach(([x, y], index) => {
      if (index === 0) context.moveTo(x * canvas.width, y * canvas.height);
      context.lineTo(x * canvas.width, y * canvas.height);
    });
    context.stroke();
  };
  const redraw = () => {
    const context = canvas.getContext("2d");
    context.globalCompositeOperation = "source-over";
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (underlay) context.drawImage(underlay, 0, 0, canvas.width, canvas.height);
    strokes.forEach((stroke) => draw(stroke));
  };
  const lay = (src) => {
    underlay = null;
    if (!src) return;
    const image = element("img", { src });
    const edition = data.edition;
    image.decode().then(() => {
      if (data.edition !== edition) return;
      underlay = image;
      redraw();
    });
  };
  const offer = () => {
    undo.disabled = past.length === 0 && !data.undoable;
    clear.disabled = strokes.length === 0 && !data.underlay;
  };
  const change = (next) => {
    past.push(strokes);
    strokes = next;
    offer();
    send("painted", { strokes });
  };
  const full = () => {
    const is = strokes.length >= data.most_strokes || pointCount() >= data.most_points - 1;
    if (is) say(data.texts.full);
    return is;
  };
  const pick = (point) => {
    looking = true;
    say(data.texts.looking);
    send("picked", { region, point, tolerance: Number(alike.value), by: by.value });
  };

  const place = ([x, y]) => {
    const box = canvas.getBoundingClientRect();
    const diameter = tool === "pick" ? "12px" : `${2 * radius() * box.width}px`;
    Object.assign(ring.style, { display: "block", left: `${x * 100}%`, top: `${y * 100}%`,
                                width: diameter, height: diameter });
  };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [round((event.clientX - box.left) / box.width), round((event.clientY - box.top) / box.height)];
  };
  const begin = (point) => {
    current = { region: tool === "eraser" ? null : region, radius: Math.round(radius() * 1e4) / 1e4, points: [point] };
    draw(current);
  };
  const extend = (point, evenIfNear = false) => {
    const [x, y] = current.points.at(-1);
    const far = Math.hypot(point[0] - x, ((point[1] - y) * canvas.height) / canvas.width);
    // Points much closer than the brush is broad add nothing but bytes.
    if (far === 0 || (!evenIfNear && far < Math.max(0.003, current.radius / 4))) return;
    if (pointCount() + current.points.length >= data.most_points) return;
    current.points.push(point);
    draw(current, current.points.length - 2);
  };
  const end = () => {
    const done = current;
    current = null;
    change([...strokes, done]);
  };

  canvas.onpointerdown = (event) => {
    if (!event.isPrimary || event.button !== 0 || current) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    if (tool === "pick") return pick(at(event));
    if (full()) return;
    canvas.setPointerCapture(event.pointerId);
    begin(at(event));
  };
  canvas.onpointermove = (event) => {
    if (!event.isPrimary) return;
    cursor = at(event);
    place(cursor);
    if (current) (event.getCoalescedEvents?.() ?? [event]).forEach((each) => extend(at(each)));
  };
  canvas.onpointerup = (event) => {
    if (event.pointerType === "touch") ring.style.display = "none";
    if (!event.isPrimary || !current) return;
    extend(at(event), true);
    end();
  };
  canvas.onpointercancel = (event) => {  // the system took the gesture over: it was not meant as painting
    if (!event.isPrimary || !current) return;
    current = null;
    redraw();
  };
  canvas.onpointerleave = () => { if (!current) ring.style.display = "none"; };
  canvas.onfocus = () => { if (canvas.matches(":focus-visible")) place(cursor); };
  canvas.onblur = () => { ring.style.display = "none"; };

  canvas.onkeydown = (event) => {
    if (event.key in ARROWS) {
      const [dx, dy] = ARROWS[event.key];
      const from = cursor;
      const step = Math.max(radius() / 2, 0.005);
      cursor = [round(from[0] + dx * step), round(from[1] + (dy * step * canvas.width) / canvas.height)];
      if (event.shiftKey && tool !== "pick" && !current && !full()) {
        begin(from);
        extend(cursor, true);
        end();
      }
    } else if ((event.key === " " || event.key === "Enter") && !current) {
      if (tool === "pick") {
        pick(cursor);
      } else if (!full()) {
        begin(cursor);
        end();
      }
    } else {
      return;
    }
    event.preventDefault();
    place(cursor);
  };
  root.onkeydown = (event) => {
    if (event.key.toLowerCase() !== "z" || event.shiftKey || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    undo.click();
  };
  undo.onclick = () => {
    if (current) return;
    if (past.length === 0) return send("undone");  // before the strokes there was a change that Python made
    strokes = past.pop();
    redraw();
    offer();
    send("painted", { strokes });
    if (undo.disabled) canvas.focus({ preventScroll: true });  // a disabled button would lose the focus
  };
  clear.onclick = () => {
    if (data.underlay) return send("cleared");
    change([]);
    redraw();
    canvas.focus({ preventScroll: true });
  };
  size.oninput = () => place(cursor);
  size.onchange = () => { ring.style.display = "none"; };

  // All that is written on the tools, in the visitor's language.
  const name = ({ texts }) => {
    [undo.textContent, clear.textContent, sizeName.textContent] = [texts.undo, texts.clear, texts.size];
    [alikeName.textContent, by.children[0].textContent] = [texts.alike, texts.colour];
    by.children[1].textContent = texts.brightness;
    size.setAttribute("aria-label", texts.size);
    alike.setAttribute("aria-label", texts.alike);
    by.setAttribute("aria-label", texts.by);
    regions.group.setAttribute("aria-label", texts.regions);
    tools.group.setAttribute("aria-label", texts.tools);
    tools.fill(TOOLS.map((each) => ({ name: texts[each] })), Math.max(0, TOOLS.indexOf(tool)));
  };

  return (newData, newSend) => {
    const other = !data || data.src !== newData.src;
    const fresh = other || data.edition !== newData.edition;
    const renamed = !data || JSON.stringify(data.regions) !== JSON.stringify(newData.regions);
    const first = !data;
    const translated = first || data.texts.brush_hint !== newData.texts.brush_hint;
    [data, send] = [newData, newSend];
    if (translated) name(data);
    if (renamed) {
      regions.fill(data.regions, Math.min(region, data.regions.length - 1));
      regions.group.hidden = data.regions.length === 1;
    }
    if (first) {
      setRadius(data.radius);
      [alike.max, alike.value] = [data.most_tolerance, data.tolerance];
    }
    if (looking) hintAt();
    looking = false;
    if (other) {
      canvas.setAttribute("aria-label", data.label);
      photo.src = data.src;
      const scale = SIDE / Math.max(data.width, data.height);
      canvas.width = Math.round(data.width * scale);
      canvas.height = Math.round(data.height * scale);
      photo.style.aspectRatio = `${data.width} / ${data.height}`;
      easel.style.setProperty("--ratio", data.width / data.height);
    }
    if (fresh) {
      [strokes, past, current] = [data.strokes, [], null];
      lay(data.underlay);
      hintAt();
    }
    if ((fresh || renamed) && !current) redraw();
    offer();
    if (data.wish && document.nstWish !== data.wish) {
      document.nstWish = data.wish;
      root.scrollIntoView({ block: "nearest" });
    }
  };
}

const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// A row of buttons of which one is chosen, operated like radio buttons.
function radios(onChoose) {
  const group = element("div", { className: "radios" });
  group.setAttribute("role", "radiogroup");
  const choose = (index) => {
    [...group.children].forEach((button, each) => {
      button.setAttribute("aria-checked", each === index);
      button.tabIndex = each === index ? 0 : -1;  // one stop for the Tab key; the arrow keys go on from there
    });
    onChoose(index);
  };
  group.onclick = (event) => {
    const button = event.target.closest("button");
    if (button) choose([...group.children].indexOf(button));
  };
  group.onkeydown = (event) => {
    if (!(event.key in ARROWS)) return;
    event.preventDefault();
    const count = group.children.length;
    const step = ARROWS[event.key][0] + ARROWS[event.key][1];
    const next = ([...group.children].indexOf(event.target.closest("button")) + step + count) % count;
    group.children[next].focus();
    choose(next);
  };
  const fill = (entries, chosen = 0) => {
    group.replaceChildren(...entries.map(radio));
    choose(chosen);
  };
  return { group, fill };
}

function radio({ name, colour }) {
  const button = element("button", { type: "button" });
  if (colour) {
    const swatch = element("span", { className: "swatch" });
    swatch.style.background = colour;
    button.append(swatch);
  }
  button.append(name);
  button.setAttribute("role", "radio");
  return button;
}

function option(value, textContent) {
  return element("option", { value, textContent });
}
