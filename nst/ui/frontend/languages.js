// Tells the browser which language the page speaks: screen readers choose their voice by it, and browsers what to translate.
export default function ({ data }) {
  document.documentElement.lang = data.language;
}
