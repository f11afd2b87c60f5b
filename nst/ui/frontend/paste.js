// Pasting a picture: what is pasted is handed to the file uploader of the same panel, so that it goes the way of any
// upload. Ctrl+V works while the focus or the pointer is in the panel; the button asks the browser for the clipboard.
const ICON =
  '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" aria-hidden="true">' +
  '<path d="M9 4H6a1 1 0 0 0-1 1v15a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1V5a1 1 0 0 0-1-1h-3M9 3h6v4H9z"/></svg>';

export default function ({ data, parentElement }) {
  const row = parentElement.querySelector(".row") || build(data, parentElement);
  row.say(data.texts);
  // The same function every time: adding it again changes nothing.
  document.addEventListener("paste", row.onPasteAnywhere);
  return () => document.removeEventListener("paste", row.onPasteAnywhere);
}

// The pointer says more than the focus, which stays where one clicked last.
function isMeant(panel) {
  if (panel.matches(":hover")) return true;
  return !document.querySelector('[class*="_panel"]:hover') && panel.contains(document.activeElement);
}

function build(data, parentElement) {
  const row = document.createElement("div");
  row.className = "row";
  row.innerHTML = `<button type="button">${ICON}<span></span></button><span role="status"></span>`;
  parentElement.appendChild(row);
  const [button, status] = row.children;
  // A page that has changed its language says it anew.
  row.say = (texts) => {
    row.texts = texts;
    button.title = texts.help;
    button.lastChild.textContent = texts.paste;
  };
  const handOver = (blob) => {
    const input = document.querySelector(`${data.uploader} input[type=file]`);
    if (!input) return;
    const kind = blob.type.split("/")[1] || "png";
    const files = new DataTransfer();
    files.items.add(new File([blob], `pasted.${kind}`, { type: blob.type }));
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    status.textContent = "";
  };
  button.onclick = async () => {
    try {
      for (const item of await navigator.clipboard.read()) {
        const kind = item.types.find((type) => type.startsWith("image/"));
        if (kind) return handOver(await item.getType(kind));
      }
      status.textContent = row.texts.empty;
    } catch {
      status.textContent = row.texts.refused;
    }
  };
  row.onPasteAnywhere = (event) => {
    const panel = document.querySelector(data.panel);
    if (!panel || !isMeant(panel)) return;
    const file = [...event.clipboardData.files].find((each) => each.type.startsWith("image/"));
    if (!file) return;
    event.preventDefault();
    handOver(file);
  };
  return row;
}
