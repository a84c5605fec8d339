// Builds elements. Text is always text: nothing that comes from a device or a user is ever read as markup.

/** h("a", {href: "#/jobs", class: "x", onclick: f}, "text", child, [more]) */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && typeof value !== "string") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function replace(parent, ...children) {
  parent.replaceChildren(...children.flat(Infinity).filter(Boolean));
}

export function notice(text, kind = "") {
  const shown = h("div", { class: `notice ${kind}` }, text);
  document.getElementById("notices").append(shown);
  setTimeout(() => shown.remove(), kind === "bad" ? 12000 : 5000);
}

/** A table that says what it holds. A head "" is the column of buttons. */
export function table(heads, rows, empty, label) {
  if (!rows.length) return h("p", { class: "empty" }, empty);
  const head = h("thead", {}, h("tr", {}, heads.map((text) => h("th", { scope: "col" }, text || h("span", { class: "unseen" }, "Actions")))));
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    h("table", {}, h("caption", { class: "unseen" }, label), head, h("tbody", {}, rows)));
}

// What the browser draws without a pause; whoever wants the rest asks for it.
const MOST_CHARACTERS = 100_000;

/** Text of a device, without what only a terminal understands. */
export function plain(text) {
  // CSI and OSC sequences, then control characters but tab and line end.
  return text.replace(/\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)/g, "").replace(/\r\n/g, "\n")
    .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "\ufffd");
}

/** The text of a device in a box, its first part where there is much. */
export function output(text, label) {
  const whole = plain(text);
  const pre = h("pre", { tabindex: "0", role: "region", "aria-label": label }, whole.slice(0, MOST_CHARACTERS));
  if (whole.length <= MOST_CHARACTERS) return pre;
  const more = h("button", { type: "button", onclick: () => { pre.textContent = whole; more.remove(); pre.focus(); } },
    `Show all ${whole.length.toLocaleString()} characters`);
  return [pre, h("div", { class: "row" }, more)];
}

/** An error where it happened. */
export function problem(text) { return h("p", { class: "problem", role: "alert" }, text); }

export function state(job) {
  const failed = job.status === "finished" && (job.error_code || job.error);
  const name = failed ? "error" : job.needs_review ? "review" : job.status;
  const text = failed ? (job.error_code || "error").toLowerCase().replaceAll("_", " ") : job.needs_review ? `${job.status}, needs review` : job.status;
  return h("span", { class: `state ${name}` }, text);
}

export function when(text) {
  if (!text) return "–";
  const time = new Date(text);
  return h("time", { datetime: text, title: time.toString() }, time.toLocaleString());
}

export function confirmed(question) {
  return new Promise((resolve) => {
    const close = (answer) => { dialog.close(); dialog.remove(); resolve(answer); };
    const dialog = h("dialog", { "aria-label": "Please confirm", oncancel: () => close(false) }, h("p", {}, question),
      h("div", { class: "row" },
        h("button", { class: "primary", onclick: () => close(true) }, "Yes"),
        h("button", { onclick: () => close(false) }, "No")));
    document.body.append(dialog);
    dialog.showModal();
  });
}

// A line of a diff or a comparison is an element of its own: thousands are quick, hundred thousands are not.
export const MOST_LINES = 3000;

/** A unified diff, coloured. */
export function diffView(text) {
  const kinds = { "+": "added", "-": "removed", "@": "place" };
  const every = plain(text).split("\n");
  const lines = every.slice(0, MOST_LINES).map((line) => {
    const kind = line.startsWith("+++") || line.startsWith("---") ? "file" : kinds[line[0]];
    return h("span", kind ? { class: kind } : {}, line || " ");
  });
  if (every.length > MOST_LINES) lines.push(h("span", { class: "place" }, `… and ${every.length - MOST_LINES} more lines`));
  return h("pre", { class: "diff", tabindex: "0", role: "region", "aria-label": "Differences" }, lines);
}
