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

export function table(heads, rows, empty) {
  if (!rows.length) return h("p", { class: "empty" }, empty);
  const head = h("thead", {}, h("tr", {}, heads.map((text) => h("th", { scope: "col" }, text))));
  return h("div", { class: "scroll" }, h("table", {}, head, h("tbody", {}, rows)));
}

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
    const dialog = h("dialog", { oncancel: () => close(false) }, h("p", {}, question),
      h("div", { class: "row" },
        h("button", { class: "primary", onclick: () => close(true) }, "Yes"),
        h("button", { onclick: () => close(false) }, "No")));
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** A unified diff, coloured. */
export function diffView(text) {
  const kinds = { "+": "added", "-": "removed", "@": "place" };
  const lines = text.split("\n").map((line) => {
    const kind = line.startsWith("+++") || line.startsWith("---") ? "file" : kinds[line[0]];
    return h("span", kind ? { class: kind } : {}, line || " ");
  });
  return h("pre", { class: "diff", tabindex: "0" }, lines);
}
