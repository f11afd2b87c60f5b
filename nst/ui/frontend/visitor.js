// Keeps the visitor's secret for this tab alone, so that a reload, which is a new session on the server, is the same
// visitor. What the tab has kept wins over what a new session offers.
const NAME = "nst-visitor";

export default function ({ data, setStateValue }) {
  let kept = null;
  try {
    kept = sessionStorage.getItem(NAME);
    if (!kept) sessionStorage.setItem(NAME, data.secret);
  } catch {
    return; // a browser without storage: the visitor is a new one after a reload
  }
  if (kept && kept !== data.secret) setStateValue("secret", kept);
}
