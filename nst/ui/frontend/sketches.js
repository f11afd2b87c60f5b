// Hands sketches to the thumbnails of a picker, which shows them in place of its own pictures, and tells the page which
// of them are in view. Sketches are kept at the document, by picker and batch, so that a picker that is drawn later
// finds them.
export default function ({ data, parentElement, setStateValue }) {
  const pickers = (document.nstSketches ??= {});
  const batches = (pickers[data.picker] ??= {});
  batches[data.batch] = { srcs: data.srcs, note: data.note };
  tell();
  const report = () => {
    const seen = document.nstSeen?.[data.picker] ?? [];
    if (parentElement.seen === seen.join()) return;
    parentElement.seen = seen.join();
    setStateValue("seen", seen);
  };
  if (data.asks) {
    document.addEventListener("nst-seen", report);
    report();
  }
  return () => {
    document.removeEventListener("nst-seen", report);
    delete batches[data.batch];
    tell();
  };
}

let told = false;

// Once for all that changes in one go.
function tell() {
  if (told) return;
  told = true;
  queueMicrotask(() => {
    told = false;
    document.dispatchEvent(new CustomEvent("nst-sketches"));
  });
}
