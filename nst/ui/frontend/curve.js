// J and its weighted parts over the evaluations so far, on a logarithmic axis; drawn anew with every call.
const HEIGHT = 150;
const MARGIN = { left: 40, right: 6, top: 8, bottom: 18 };

export default function ({ data, parentElement }) {
  let figure = parentElement.querySelector("figure");
  if (!figure) {
    figure = document.createElement("figure");
    parentElement.appendChild(figure);
  }
  const width = Math.max(240, figure.clientWidth || 560);
  figure.innerHTML = legend(data) + drawing(data, width);
}

function legend(data) {
  const entries = data.lines.map((line) => {
    const last = line.values[line.values.length - 1];
    return `<span><i class="${line.name}"></i>${line.label} ${shown(last, 3, data.mark)}</span>`;
  });
  return `<figcaption>${entries.join("")}</figcaption>`;
}

function drawing(data, width) {
  const values = data.lines.flatMap((line) => line.values).filter((value) => value > 0);
  // Four decades at most: a part that is next to nothing would flatten the rest.
  const high = Math.log10(Math.max(...values, 1e-12));
  const low = Math.max(Math.log10(Math.min(...values, 10 ** high / 2)), high - 4);
  const top = high + 0.08 * (high - low + 0.1);
  const bottom = low - 0.08 * (high - low + 0.1);
  const x = (step) =>
    MARGIN.left + ((width - MARGIN.left - MARGIN.right) * (step - 1)) / Math.max(1, data.planned - 1);
  const y = (value) => {
    const level = Math.max(bottom, Math.log10(Math.max(value, 1e-12)));
    return MARGIN.top + ((HEIGHT - MARGIN.top - MARGIN.bottom) * (top - level)) / (top - bottom);
  };
  const ticks = nice(bottom, top).map(
    (value) =>
      `<line class="grid" x1="${MARGIN.left}" x2="${width - MARGIN.right}" y1="${y(value)}" y2="${y(value)}"/>` +
      `<text x="${MARGIN.left - 6}" y="${y(value) + 4}" text-anchor="end">${shown(value, 2, data.mark)}</text>`,
  );
  const scales = data.scales.map(
    (step) => `<line class="scale" x1="${x(step)}" x2="${x(step)}" y1="${MARGIN.top}" y2="${HEIGHT - MARGIN.bottom}"/>`,
  );
  const lines = data.lines.map((line) => {
    const points = line.values.map((value, index) => `${x(data.steps[index]).toFixed(1)} ${y(value).toFixed(1)}`);
    return `<path class="${line.name}" d="M${points.join("L")}"/>`;
  });
  const ends =
    `<text x="${MARGIN.left}" y="${HEIGHT - 3}">1</text>` +
    `<text x="${width - MARGIN.right}" y="${HEIGHT - 3}" text-anchor="end">${data.end}</text>`;
  return (
    `<svg role="img" aria-label="${data.alt}" viewBox="0 0 ${width} ${HEIGHT}" height="${HEIGHT}">` +
    `${ticks.join("")}${scales.join("")}${lines.join("")}${ends}</svg>`
  );
}

// A number with so many digits, and the decimal mark of the visitor's language.
function shown(value, digits, mark) {
  return String(Number(value.toPrecision(digits))).replace(".", mark);
}

// Powers of ten within the axis; with fewer than two of them also their doubles and fivefolds.
function nice(bottom, top) {
  const tens = [];
  for (let power = Math.floor(bottom); power <= Math.ceil(top); power += 1) tens.push(10 ** power);
  const within = (list) => list.filter((value) => Math.log10(value) >= bottom && Math.log10(value) <= top);
  const few = within(tens);
  return few.length >= 2 ? few : within(tens.flatMap((ten) => [ten, 2 * ten, 5 * ten]));
}
