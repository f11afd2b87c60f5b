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
  if (row.dataset.link === link) return;
  row.dataset.link = link;
  const button = document.createElement("button");
  button.type = "button";
  // Said aloud beside the button: a changing name of its own is not read out.
  const aloud = document.createElement("span");
  aloud.className = "aloud";
  aloud.setAttribute("role", "status");
  const say = (text) => {
    button.innerHTML = `${ICON}<span></span>`;
    button.lastChild.textContent = text;
    aloud.textContent = text === "Copied" ? "The link is in the clipboard" : "";
  };
  say("Copy link");
  button.title = data.help;
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(link);
      say("Copied");
      setTimeout(() => say("Copy link"), 2500);
    } catch {
      const field = document.createElement("input");
      field.readOnly = true;
      field.value = link;
      field.setAttribute("aria-label", "The link, to be copied");
      row.replaceChildren(field);
      field.select();
    }
  };
  row.replaceChildren(button, aloud);
}
