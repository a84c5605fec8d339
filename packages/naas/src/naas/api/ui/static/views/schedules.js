// Work that is done again and again.

import * as api from "../api.js";
import { confirmed, h, notice, replace, table, when } from "../dom.js";

export async function schedules() {
  const place = h("div", {});
  const load = async () => {
    const { schedules: found } = await api.get("/v2/schedules");
    const rows = found.map((each) => h("tr", {},
      h("td", {}, each.name, each.description ? h("div", { class: "hint" }, each.description) : null), h("td", {}, each.kind),
      h("td", {}, each.cron ? `${each.cron} (${each.timezone})` : `every ${each.every_seconds} s`),
      h("td", {}, [...each.devices, ...(each.group ? [`group ${each.group}`] : [])].join(", ")), h("td", {}, each.enabled ? when(each.next_run_at) : "off"),
      h("td", {}, when(each.last_run_at), each.last_problem ? h("div", { class: "state error" }, each.last_problem) : null),
      h("td", { class: "actions" }, h("button", { onclick: () => toggle(each, load) }, each.enabled ? "Switch off" : "Switch on"), " ",
        h("button", { class: "danger", onclick: () => forget(each.name, load) }, "Forget"))));
    replace(place, table(["Name", "What", "When", "Where", "Next", "Last", ""], rows, "No schedules yet.", "Schedules"));
  };
  await load();
  return [h("h1", {}, "Schedules"), h("details", { class: "card" }, h("summary", {}, "Make a schedule"), form(load)), place];
}

function form(done) {
  const field = (id, title, value = "") => [h("label", { for: id }, title), h("input", { id, name: id, type: "text", value })];
  return h("form", {
    onsubmit: async (event) => {
      event.preventDefault();
      const given = Object.fromEntries(new FormData(event.target));
      const lines = given.commands.split("\n").map((each) => each.trim()).filter(Boolean);
      const body = { name: given.name, kind: given.kind, cron: given.cron, timezone: given.timezone, group: given.group || null,
        devices: given.devices.split(/[\s,]+/).filter(Boolean), ...(given.kind === "backup" ? {} : { commands: lines }) };
      try {
        await api.post("/v2/schedules", body);
        event.target.reset();
        await done();
      } catch (error) {
        notice(error.message, "bad");
      }
    },
  }, field("name", "Name"),
    h("label", { for: "kind" }, "What"), h("select", { id: "kind", name: "kind" }, ["backup", "send-command", "send-config"].map((kind) => h("option", {}, kind))),
    field("cron", "When (cron)", "0 2 * * *"), field("timezone", "Time zone", "UTC"), field("devices", "Devices, separated by commas"), field("group", "Or a group"),
    h("label", { for: "commands" }, "Commands, one a line"), h("textarea", { id: "commands", name: "commands", class: "code" }),
    h("div", { class: "row" }, h("button", { class: "primary", type: "submit" }, "Make")));
}

async function toggle(schedule, done) {
  const { submitter, next_run_at, last_run_at, last_job_ids, last_problem, runs, revision, created_at, updated_at, ...request } = schedule;
  await api.put(`/v2/schedules/${encodeURIComponent(schedule.name)}`, { ...request, enabled: !schedule.enabled });
  await done();
}

async function forget(name, done) {
  if (!(await confirmed(`Forget the schedule ${name}? Jobs that it made stay.`))) return;
  await api.remove(`/v2/schedules/${encodeURIComponent(name)}`);
  await done();
}
