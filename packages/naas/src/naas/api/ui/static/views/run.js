// One command on several devices, the answers side by side.

import * as api from "../api.js";
import { grouped, marked } from "../compare.js";
import { h, notice, replace, state } from "../dom.js";

const MOST_COLUMNS = 6;

export async function run(signal) {
  const known = api.isPassThrough() ? [] : (await api.get("/v2/devices", { limit: 1000 })).devices;
  const hosts = h("textarea", { id: "hosts", class: "code", placeholder: "192.0.2.10\ncore-1.example.net:2222 arista_eos" });
  const platform = h("input", { id: "platform", type: "text", value: "cisco_ios" });
  const commands = h("textarea", { id: "commands", class: "code", placeholder: "show version" });
  const picked = h("select", { id: "devices", class: "wide", multiple: true, size: Math.min(10, Math.max(3, known.length)) },
    known.map((device) => h("option", { value: device.name }, `${device.name} (${device.host})`)));
  const results = h("div", { "aria-live": "polite" });
  const button = h("button", { class: "primary", type: "submit" }, "Run");

  const submit = async (event) => {
    event.preventDefault();
    const lines = commands.value.split("\n").map((each) => each.trim()).filter(Boolean);
    const places = [...[...picked.selectedOptions].map((option) => ({ device: option.value })), ...parse(hosts.value, platform.value)];
    if (!lines.length || !places.length) {
      notice("Name at least one device and one command.", "bad");
      return;
    }
    button.disabled = true;
    try {
      const batch = await api.post("/v2/send-command/batch", { devices: places, commands: lines });
      await follow(batch.batch_id, lines, results, signal);
    } catch (error) {
      notice(error.message, "bad");
    } finally {
      button.disabled = false;
    }
  };
  return [h("h1", {}, "Run a command"),
    h("form", { class: "columns", onsubmit: submit },
      h("div", {}, known.length ? [h("label", { for: "devices" }, "Devices of the inventory"), picked, h("p", { class: "hint" }, "Hold Ctrl or ⌘ to choose several.")] : null,
        api.isPassThrough() ? [h("label", { for: "hosts" }, "Hosts, one a line: host[:port] [platform]"), hosts, h("label", { for: "platform" }, "Platform of the others"), platform] : null),
      h("div", {}, h("label", { for: "commands" }, "Commands, one a line"), commands, h("div", { class: "row" }, button))),
    results];
}

function parse(text, platform) {
  return text.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
    const [address, own] = line.split(/\s+/);
    const found = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(address);
    const [host, port] = found ? [found[1].replace(/^\[|\]$/g, ""), found[2]] : [address, undefined];
    return { host, platform: own ?? platform, ...(port ? { port: Number(port) } : {}) };
  });
}

async function follow(id, commands, place, signal) {
  for (;;) {
    const batch = await api.get(`/v2/batches/${id}`, { results: 1, wait: 5 });
    const ended = batch.jobs.filter((job) => !["queued", "started", "deferred"].includes(job.status));
    replace(place, h("h2", {}, `${ended.length} of ${batch.total} devices`),
      h("progress", { max: batch.total, value: ended.length, "aria-label": "devices done" }), commands.map((command) => compared(command, batch.jobs)), failures(batch.jobs));
    if (ended.length === batch.total || signal.aborted) return;
  }
}

function compared(command, jobs) {
  const outputs = jobs.filter((job) => job.results && command in job.results).map((job) => [title(job), String(job.results[command])]);
  if (!outputs.length) return null;
  const groups = grouped(outputs);
  const [base, ...others] = groups;
  const summary = groups.length === 1
    ? `${outputs.length === 1 ? "One answer" : `All ${outputs.length} answers are equal`}`
    : `${base.names.length} of ${outputs.length} agree, ${others.length} other ${others.length === 1 ? "answer" : "answers"}`;
  const shown = groups.slice(0, MOST_COLUMNS).map((group, index) => h("section", {},
    h("h3", {}, group.names.slice(0, 4).join(", ") + (group.names.length > 4 ? ` and ${group.names.length - 4} more` : "")),
    h("pre", { tabindex: "0" }, marked(base.text, group.text).map((line) => h("span", index && !line.same ? { class: "changed" } : {}, line.text)))));
  return h("section", {}, h("h2", {}, h("code", {}, command), ` — ${summary}`), h("div", { class: "sides" }, shown),
    groups.length > MOST_COLUMNS ? h("p", { class: "hint" }, `${groups.length - MOST_COLUMNS} more answers are in the jobs.`) : null);
}

function failures(jobs) {
  const failed = jobs.filter((job) => job.error || job.status === "failed" || job.status === "canceled");
  if (!failed.length) return null;
  return [h("h2", {}, "Without an answer"), h("ul", {}, failed.map((job) => h("li", {}, h("a", { href: `#/jobs/${job.job_id}` }, title(job)), " ", state(job), " ", job.error ?? "")))];
}

function title(job) { return job.port && job.port !== 22 ? `${job.host}:${job.port}` : job.host; }
