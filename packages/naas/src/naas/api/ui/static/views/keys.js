// API keys, for admins. A token is shown once.

import * as api from "../api.js";
import { confirmed, h, notice, replace, table, when } from "../dom.js";

export async function keys() {
  const place = h("div", {}), issued = h("div", { role: "status" });
  const load = async () => {
    const { keys: found } = await api.get("/v2/api-keys");
    const rows = found.map((key) => h("tr", {}, h("td", {}, h("code", {}, key.key_id)), h("td", {}, key.name ?? ""), h("td", {}, key.role),
      h("td", {}, key.contexts.join(", ")), h("td", {}, when(key.created_at)), h("td", {}, key.expires_at ? when(key.expires_at) : "never"),
      h("td", { class: "actions" }, h("button", { onclick: () => rotate(key.key_id) }, "Rotate"), " ",
        h("button", { class: "danger", onclick: () => revoke(key.key_id, load) }, "Revoke"))));
    replace(place, table(["Key", "Name", "Role", "Contexts", "Made", "Ends", ""], rows, "No keys.", "API keys"));
  };
  const tell = async (answer) => {
    replace(issued, h("div", { class: "card" }, h("p", {}, "Copy this token now; it is never shown again:"), h("pre", { tabindex: "0" }, answer.token)));
    await load();
  };
  const rotate = async (id) => {
    if (await confirmed(`Rotate ${id}? The present token stops working at once.`)) await tell(await api.post(`/v2/api-keys/${encodeURIComponent(id)}/rotate`));
  };
  await load();
  const name = h("input", { id: "name", type: "text" });
  const role = h("select", { id: "role" }, ["viewer", "operator", "admin"].map((each) => h("option", {}, each)));
  const make = async (event) => {
    event.preventDefault();
    try {
      await tell(await api.post("/v2/api-keys", { role: role.value, ...(name.value ? { name: name.value } : {}) }));
    } catch (error) {
      notice(error.message, "bad");
    }
  };
  return [h("h1", {}, "API keys"), h("form", { class: "row", onsubmit: make }, h("label", { class: "inline", for: "name" }, "Name ", name),
    h("label", { class: "inline", for: "role" }, "Role ", role), h("button", { class: "primary", type: "submit" }, "Make a key")), issued, place];
}

async function revoke(id, done) {
  if (!(await confirmed(`Revoke ${id}? Whoever uses it is locked out at once.`))) return;
  await api.remove(`/v2/api-keys/${encodeURIComponent(id)}`);
  await done();
}
