// Pixels of the overlay's long side; what is painted is drawn again by Python, at the size that is needed there.
const SIDE = 1024;

export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(".painter");
  if (!root) {
    root = element("div", { className: "painter" });
    root.painter = painter(root);
    parentElement.appendChild(root);
  }
  root.painter(data, (strokes) => setTriggerValue("painted", strokes));
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
  const undo = element("button", { type: "button", textContent: "Undo" });
  const clear = element("button", { type: "button", textContent: "Clear" });
  const regions = element("div", { className: "regions" });
  const hint = element("div", { className: "hint", role: "status" });
  regions.setAttribute("role", "radiogroup");
  canvas.setAttribute("role", "application");
  root.append(
    element("div", { className: "tools" }, regions, element("label", {}, "Brush size", size), undo, clear),
    element("div", { className: "easel" }, photo, canvas, ring),
    hint,
  );

  let data, send;
  let strokes = [];     // every stroke is { region, radius, points }, region null being the eraser
  let past = [];        // earlier values of strokes, for undo
  let region = 0;
  let current = null;   // the stroke under the pointer, while it is down
  let cursor = [0.5, 0.5];

  // The slider is logarithmic: the step from thin to less thin is as fine as that from thick to thicker.
  const radius = () => data.thinnest * (data.thickest / data.thinnest) ** (size.value / 100);
  const setRadius = (r) => {
    size.value = (100 * Math.log(r / data.thinnest)) / Math.log(data.thickest / data.thinnest);
  };
  const round = (number) => Math.round(Math.min(Math.max(number, 0), 1) * 1e4) / 1e4;
  const pointCount = () => strokes.reduce((sum, stroke) => sum + stroke.points.length, 0);

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
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    strokes.forEach((stroke) => draw(stroke));
  };
  const say = (text) => { hint.textContent = text; };
  const offer = () => {
    undo.disabled = past.length === 0;
    clear.disabled = strokes.length === 0;
  };
  const change = (next) => {
    past.push(strokes);
    strokes = next;
    offer();
    send(strokes);
  };
  const full = () => {
    const is = strokes.length >= data.most_strokes || pointCount() >= data.most_points - 1;
    if (is) say("That is as much as can be painted; undo or clear something.");
    return is;
  };

  const place = ([x, y]) => {
    const box = canvas.getBoundingClientRect();
    const diameter = `${2 * radius() * box.width}px`;
    Object.assign(ring.style, { display: "block", left: `${x * 100}%`, top: `${y * 100}%`,
                                width: diameter, height: diameter });
  };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [round((event.clientX - box.left) / box.width), round((event.clientY - box.top) / box.height)];
  };
  const begin = (point) => {
    current = { region, radius: Math.round(radius() * 1e4) / 1e4, points: [point] };
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
    if (!event.isPrimary || event.button !== 0 || current || full()) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
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
    if (!event.isPrimary || !current) return;
    extend(at(event), true);
    end();
    if (event.pointerType === "touch") ring.style.display = "none";
  };
  canvas.onpointercancel = (event) => {  // the system took the gesture over: it was not meant as painting
    if (!event.isPrimary || !current) return;
    current = null;
    redraw();
  };
  canvas.onpointerleave = () => { if (!current) ring.style.display = "none"; };
  canvas.onfocus = () => { if (canvas.matches(":focus-visible")) place(cursor); };
  canvas.onblur = () => { ring.style.display = "none"; };

  const steps = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.onkeydown = (event) => {
    if (event.key in steps) {
      const [dx, dy] = steps[event.key];
      const from = cursor;
      const step = Math.max(radius() / 2, 0.005);
      cursor = [round(from[0] + dx * step), round(from[1] + (dy * step * canvas.width) / canvas.height)];
      if (event.shiftKey && !current && !full()) {
        begin(from);
        extend(cursor, true);
        end();
      }
    } else if ((event.key === " " || event.key === "Enter") && !current && !full()) {
      begin(cursor);
      end();
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
    if (current || past.length === 0) return;
    strokes = past.pop();
    redraw();
    offer();
    send(strokes);
    if (undo.disabled) canvas.focus({ preventScroll: true });  // a disabled button would lose the focus
  };
  clear.onclick = () => {
    change([]);
    redraw();
    canvas.focus({ preventScroll: true });
  };
  size.oninput = () => place(cursor);
  size.onchange = () => { ring.style.display = "none"; };

  const choose = (index) => {
    region = index;
    [...regions.children].forEach((button, each) => {
      const chosen = (each < data.regions.length ? each : null) === index;
      button.setAttribute("aria-checked", chosen);
      button.tabIndex = chosen ? 0 : -1;  // one stop for the Tab key; the arrow keys go on from there
    });
  };
  const pick = (button) => {
    const index = [...regions.children].indexOf(button);
    choose(index < data.regions.length ? index : null);
  };
  regions.onclick = (event) => {
    const button = event.target.closest("button");
    if (button) pick(button);
  };
  regions.onkeydown = (event) => {
    if (!(event.key in steps)) return;
    event.preventDefault();
    const buttons = [...regions.children];
    const step = steps[event.key][0] + steps[event.key][1];
    const next = buttons[(buttons.indexOf(event.target.closest("button")) + step + buttons.length) % buttons.length];
    next.focus();
    pick(next);
  };

  return (newData, newSend) => {
    const fresh = !data || data.src !== newData.src;
    const renamed = fresh || JSON.stringify(data.regions) !== JSON.stringify(newData.regions);
    [data, send] = [newData, newSend];
    if (renamed) {
      regions.setAttribute("aria-label", "Paint on");
      regions.replaceChildren(...[...data.regions, { name: "Eraser" }].map(radio));
      choose(region !== null && region < data.regions.length ? region : 0);
      // What lay in a region that is gone is gone too.
      const known = (each) => each.filter((stroke) => stroke.region === null || stroke.region < data.regions.length);
      strokes = known(strokes);
      past = past.map(known);
    }
    if (fresh) {
      canvas.setAttribute("aria-label", data.label);
      size.setAttribute("aria-label", "Brush size");
      photo.src = data.src;
      const scale = SIDE / Math.max(data.width, data.height);
      canvas.width = Math.round(data.width * scale);
      canvas.height = Math.round(data.height * scale);
      photo.style.aspectRatio = `${data.width} / ${data.height}`;
      setRadius(data.radius);
      [strokes, past, current] = [data.strokes, [], null];
      say("Drag to paint. With the keyboard: arrow keys move the brush, with Shift they paint, Space makes a dot.");
    }
    if (renamed && !current) redraw();
    offer();
  };
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
