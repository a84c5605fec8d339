// The inventory: devices with what their newest job came to.

import * as api from "../api.js";
import { confirmed, h, notice, problem, replace, state, table, when } from "../dom.js";
import { forgetNames } from "../names.js";

export async function devices() {
  const place = h("div", {});
  const load = async () => {
    const { devices: found } = await api.get("/v2/devices", { last_job: true, limit: 100 });
    const rows = found.map((device) => h("tr", {},
      h("td", {}, device.name), h("td", {}, `${device.host}:${device.port}`), h("td", {}, device.platform), h("td", {}, device.groups.join(", ")),
      h("td", {}, device.credential ?? "–"),
      h("td", {}, device.last_job ? h("a", { href: `#/jobs/${device.last_job.job_id}` }, state(device.last_job), " ", when(device.last_job.ended_at ?? device.last_job.created_at)) : "–"),
      h("td", { class: "actions" },
        h("button", { onclick: () => backUp(device.name) }, "Back up"), " ",
        h("button", { onclick: () => edit(device, load) }, "Change"), " ",
        h("button", { class: "danger", onclick: () => forget(device.name, load) }, "Forget"))));
    replace(place, table(["Name", "Address", "Platform", "Groups", "Credential", "Newest job", ""], rows, "No devices yet. An admin can add some.", "Devices"));
  };
  await load();
  return [h("h1", {}, "Devices"), h("div", { class: "row" }, h("button", { class: "primary", onclick: () => edit(null, load) }, "Add a device")), place];
}

async function backUp(name) {
  await api.post("/v2/backups", { device: name });
  notice(`Reading the configuration of ${name}.`);
}

async function forget(name, done) {
  if (!(await confirmed(`Forget the device ${name}? Its jobs and configurations stay.`))) return;
  forgetNames();
  await api.remove(`/v2/devices/${encodeURIComponent(name)}`);
  await done();
}

function edit(device, done) {
  const field = (id, title, value, more = {}) => [h("label", { for: id }, title), h("input", { id, name: id, type: "text", value: value ?? "", ...more })];
  const told = h("div", {});
  const dialog = h("dialog", { "aria-label": device ? `Change ${device.name}` : "Add a device" }, h("form", {
    onsubmit: async (event) => {
      event.preventDefault();
      const given = Object.fromEntries(new FormData(event.target));
      const body = { name: given.name, host: given.host, port: Number(given.port), platform: given.platform, credential: given.credential || null,
        context: given.context, groups: given.groups.split(/[\s,]+/).filter(Boolean), description: given.description, tags: device?.tags ?? {}, ...(device?.driver ? { driver: device.driver } : {}) };
      try {
        if (device) await api.put(`/v2/devices/${encodeURIComponent(device.name)}`, body);
        else await api.post("/v2/devices", body);
        dialog.close(); dialog.remove();
        forgetNames();
        await done();
      } catch (error) {
        replace(told, problem(error.message));
      }
    },
  }, h("h2", {}, device ? `Change ${device.name}` : "Add a device"),
    field("name", "Name", device?.name, { required: true, readOnly: Boolean(device) }), field("host", "Address or host name", device?.host, { required: true }),
    field("port", "Port", String(device?.port ?? 22)), field("platform", "Platform", device?.platform ?? "autodetect"),
    field("credential", "Credential", device?.credential), field("groups", "Groups, separated by commas", device?.groups.join(", ")),
    field("context", "Context", device?.context ?? "default"), field("description", "Description", device?.description),
    told, h("div", { class: "row" }, h("button", { class: "primary", type: "submit" }, "Save"),
      h("button", { type: "button", onclick: () => { dialog.close(); dialog.remove(); } }, "Leave"))));
  document.body.append(dialog);
  dialog.showModal();
}
