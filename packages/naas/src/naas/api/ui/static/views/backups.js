// Configurations over time: which there are, and what changed from one to the next.

import * as api from "../api.js";
import { diffView, h, output, replace, table, when } from "../dom.js";
import { names } from "../names.js";

export async function backups(_signal, [device, id]) {
  const found = await api.get("/v2/backups", { device, limit: 200 });
  const nameOf = await names();
  const named = (address) => { const at = address.lastIndexOf(":"); return nameOf(address.slice(0, at), Number(address.slice(at + 1))); };
  if (!device) return overview(found.backups, named);
  const view = h("div", {});
  const show = async (backup, against) => {
    const diff = await api.get(`/v2/backups/${backup.backup_id}/diff`, { against });
    const text = await api.get(`/v2/backups/${backup.backup_id}`);
    replace(view, h("h2", {}, "Seen ", when(backup.taken_at)),
      h("p", { class: "hint" }, diff.against ? `${diff.added} lines added, ${diff.removed} removed` : "The first one that is kept."),
      diff.against && diff.diff ? diffView(diff.diff) : null,
      h("details", { open: !diff.against }, h("summary", {}, "The whole configuration"), output(text.text, "Configuration")));
  };
  const compare = h("select", { id: "against" }, h("option", { value: "" }, "the one before"),
    found.backups.map((each) => h("option", { value: each.backup_id }, new Date(each.taken_at).toLocaleString())));
  const rows = found.backups.map((each) => h("tr", {}, h("td", {}, when(each.taken_at)), h("td", {}, when(each.last_seen_at)),
    h("td", {}, each.is_startup ? "startup" : "running"), h("td", {}, `${each.size} characters`),
    h("td", { class: "actions" }, h("button", { onclick: () => show(each, compare.value || undefined) }, "Show"))));
  const first = found.backups.find((each) => each.backup_id === id) ?? found.backups[0];
  if (first) await show(first);
  return [h("p", {}, h("a", { href: "#/backups" }, "← All devices")), h("h1", {}, "Configurations of ", h("code", {}, named(device))),
    h("div", { class: "row" }, h("label", { class: "inline", for: "against" }, "Compare with ", compare)),
    h("div", { class: "columns" }, table(["First seen", "Last seen", "Which", "Size", ""], rows, "None yet.", "Versions, newest first"), view)];
}

function overview(all, named) {
  const newest = new Map();
  for (const each of all) if (!newest.has(each.device)) newest.set(each.device, each);
  const rows = [...newest.values()].map((each) => h("tr", {},
    h("td", {}, h("a", { href: `#/backups/${encodeURIComponent(each.device)}` }, named(each.device))), h("td", {}, when(each.taken_at)), h("td", {}, when(each.last_seen_at)),
    h("td", {}, String(all.filter((other) => other.device === each.device).length))));
  return [h("h1", {}, "Configurations"), table(["Device", "Last change", "Last seen", "Versions"], rows, "No configurations yet. Back up a device to see one here.", "Devices with configurations")];
}
