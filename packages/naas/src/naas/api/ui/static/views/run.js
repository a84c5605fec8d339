// Commands or configuration on several devices, the answers side by side.

import * as api from "../api.js";
import { confirmed, h, problem, replace } from "../dom.js";
import { inventory, names } from "../names.js";
import { answers } from "./answers.js";

const RUNNING = new Set(["queued", "started", "deferred"]);

export async function run(signal) {
  const known = await inventory();
  const chooser = deviceChooser(known);
  const hosts = h("textarea", { id: "hosts", class: "code", placeholder: "192.0.2.10\ncore-1.example.net:2222 arista_eos" });
  const platform = h("input", { id: "platform", type: "text", value: "cisco_ios" });
  const credential = h("input", { id: "credential", type: "text", autocomplete: "off" });
  const commands = h("textarea", { id: "commands", class: "code", placeholder: "show version" });
  const config = h("input", { id: "is-config", type: "checkbox", onchange: () => { options.hidden = !config.checked; } });
  const dry = h("input", { id: "dry-run", type: "checkbox" }), save = h("input", { id: "save", type: "checkbox" });
  const options = h("fieldset", { hidden: true }, h("legend", {}, "Configuration"), check(dry, "dry run: only show what would change"),
    check(save, "save it, so that it survives a restart"));
  const told = h("div", {}), results = h("div", {});
  const button = h("button", { class: "primary", type: "submit" }, "Run");

  const submit = async (event) => {
    event.preventDefault();
    replace(told);
    const lines = commands.value.split("\n").map((each) => each.trimEnd()).filter((each) => each.trim());
    const typed = parse(hosts.value, platform.value.trim());
    const login = credential.value.trim();
    const devices = [...chooser.chosen().map((device) => ({ device })),
      ...typed.map((place) => (login ? { ...place, credential: login } : place))];
    if (!lines.length || !devices.length) return replace(told, problem("Name at least one device and one command."));
    if (config.checked && !dry.checked && !(await confirmed(`Change the configuration of ${devices.length === 1 ? "1 device" : `${devices.length} devices`}?`))) return undefined;
    button.disabled = true;
    try {
      const body = config.checked
        ? { devices, config: lines, diff: true, dry_run: dry.checked, save_config: save.checked && !dry.checked } : { devices, commands: lines };
      const batch = await api.post(`/v2/${config.checked ? "send-config" : "send-command"}/batch`, body);
      await follow(batch.batch_id, results, signal);
    } catch (error) {
      api.leaveIfExpired(error);
      replace(told, problem(error.message));
    } finally {
      button.disabled = false;
    }
    return undefined;
  };
  return [h("h1", {}, "Run"),
    h("form", { class: "columns", onsubmit: submit, "aria-label": "What to run, and where" },
      h("div", {}, known.length ? chooser.element : null,
        h("details", { open: !known.length }, h("summary", {}, known.length ? "Other hosts" : "Hosts"),
          h("label", { for: "hosts" }, "Hosts, one a line: host[:port] [platform]"), hosts,
          h("label", { for: "platform" }, "Platform of those that say none"), platform,
          api.isPassThrough() ? null : [h("label", { for: "credential" }, "Credential to log in with, by its name"), credential])),
      h("div", {}, h("label", { for: "commands" }, "Commands, one a line"), commands, check(config, "this is configuration"), options,
        told, h("div", { class: "row" }, button))),
    results];
}

function check(box, text) { return h("label", { class: "inline", for: box.id }, box, text); }

function deviceChooser(known) {
  const boxes = known.map((device) => {
    const box = h("input", { type: "checkbox", value: device.name });
    return { device, box, row: h("label", {}, box, device.name, h("span", { class: "hint" }, ` ${device.host} · ${device.platform}`)) };
  });
  const count = h("p", { class: "hint", role: "status" });
  const tell = () => { count.textContent = `${boxes.filter(({ box }) => box.checked).length} of ${known.length} chosen`; };
  const filter = h("input", { id: "filter", type: "search", placeholder: "name, address, platform" });
  const groups = [...new Set(known.flatMap((device) => device.groups))].sort();
  const group = h("select", { id: "group" }, h("option", { value: "" }, "every group"), groups.map((name) => h("option", { value: name }, name)));
  const narrow = () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const { device, row } of boxes)
      row.hidden = !(`${device.name} ${device.host} ${device.platform}`.toLowerCase().includes(wanted) && (!group.value || device.groups.includes(group.value)));
  };
  const set = (value) => { for (const { box, row } of boxes) if (!row.hidden) box.checked = value; tell(); };
  filter.addEventListener("input", narrow);
  group.addEventListener("change", narrow);
  tell();
  const element = h("fieldset", { onchange: tell }, h("legend", {}, "Devices"),
    h("div", { class: "row" }, h("label", { class: "inline", for: "filter" }, "Filter ", filter), h("label", { class: "inline", for: "group" }, "Group ", group)),
    h("div", { class: "choices" }, boxes.map(({ row }) => row)),
    h("div", { class: "row" }, h("button", { type: "button", onclick: () => set(true) }, "Choose all shown"),
      h("button", { type: "button", onclick: () => set(false) }, "Choose none of them"), count));
  return { element, chosen: () => boxes.filter(({ box }) => box.checked).map(({ device }) => device.name) };
}

/** [{host, port, platform}] of what a person typed. */
function parse(text, platform) {
  return text.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
    const [address, own] = line.split(/\s+/);
    const found = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(address);
    const [host, port] = found ? [found[1].replace(/^\[|\]$/g, ""), found[2]] : [address, undefined];
    return { host, platform: own ?? platform, ...(port ? { port: Number(port) } : {}) };
  });
}

async function follow(id, place, signal) {
  const nameOf = await names();
  const jobs = new Map();
  const title = h("h2", { role: "status" });
  const bar = h("progress", { "aria-label": "devices done" });
  const body = h("div", {});
  replace(place, title, bar, body);
  for (let since; ;) {
    const batch = await api.get(`/v2/batches/${id}`, { results: 1, wait: 5, since });
    since = batch.revision;
    // With `since` only what ended lately brings its results: what is known already stays.
    for (const job of batch.jobs) if (!jobs.get(job.job_id)?.ended_at || job.results) jobs.set(job.job_id, job);
    const ended = [...jobs.values()].filter((job) => !RUNNING.has(job.status));
    title.textContent = `${ended.length} of ${batch.total} devices`;
    bar.max = batch.total;
    bar.value = ended.length;
    if (signal.aborted) return;
    if (ended.length === batch.total) return replace(body, answers([...jobs.values()], nameOf));
  }
}
