// Who did what, for admins.

import * as api from "../api.js";
import { h, replace, table, when } from "../dom.js";

export async function audit() {
  const place = h("div", {}), more = h("div", { class: "row" });
  const all = [];
  let kind = "";
  const load = async (before) => {
    const answer = await api.get("/v2/audit", { before, event_type: kind, limit: 100 });
    if (!before) all.length = 0;
    all.push(...answer.events);
    const rows = all.map((event) => h("tr", {}, h("td", {}, when(event.at)), h("td", {}, event.event_type), h("td", {}, event.principal),
      h("td", {}, h("code", {}, Object.entries(event.fields).map(([name, value]) => `${name}=${value}`).join(" ")))));
    replace(place, table(["When", "What", "Who", "Details"], rows, "Nothing yet.", "Events, newest first"));
    replace(more, answer.next ? h("button", { onclick: () => load(answer.next) }, "Older events") : []);
  };
  await load();
  const choose = h("input", { id: "type", type: "search", placeholder: "job.submitted", onchange: (event) => { kind = event.target.value.trim(); load(); } });
  return [h("h1", {}, "Audit"), h("div", { class: "row" }, h("label", { class: "inline", for: "type" }, "Event ", choose)), place, more];
}
