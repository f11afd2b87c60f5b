// A button that copies this page's address with another query. Where the browser does not let a page write to the
// clipboard (no https), it becomes a field with the link, selected.
const ICON =
  '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true">' +
  '<path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1-1"/></svg>';

export default function ({ data, parentElement }) {
  let row = parentElement.querySelector(".row");
  if (!row) {
    row = document.createElement("div");
    row.className = "row";
    parentElement.appendChild(row);
  }
  const link = `${window.location.origin}${window.location.pathname}?${data.query}`;
  const shown = link + data.texts.copy;
  if (row.dataset.shown === shown) return;
  row.dataset.shown = shown;
  const button = document.createElement("button");
  button.type = "button";
  // Said aloud beside the button: a changing name of its own is not read out.
  const aloud = document.createElement("span");
  aloud.className = "aloud";
  aloud.setAttribute("role", "status");
  const say = (text) => {
    button.innerHTML = `${ICON}<span></span>`;
    button.lastChild.textContent = text;
    aloud.textContent = text === data.texts.copied ? data.texts.aloud : "";
  };
  say(data.texts.copy);
  button.title = data.texts.help;
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(link);
      say(data.texts.copied);
      setTimeout(() => say(data.texts.copy), 2500);
    } catch {
      const field = document.createElement("input");
      field.readOnly = true;
      field.value = link;
      field.setAttribute("aria-label", data.texts.field);
      row.replaceChildren(field);
      field.select();
    }
  };
  row.replaceChildren(button, aloud);
}
