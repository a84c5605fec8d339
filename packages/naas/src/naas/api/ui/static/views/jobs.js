// Jobs as they happen, and one job whole.

import * as api from "../api.js";
import { confirmed, diffView, h, notice, output, replace, state, table, when } from "../dom.js";
import { names } from "../names.js";

const STATES = ["", "queued", "started", "finished", "failed", "canceled", "deferred"];
const PER_PAGE = 50;

export async function jobs(signal) {
  const nameOf = await names();
  const filter = { status: "", host: "", review: false };
  const place = h("div", {}), more = h("div", { class: "row" });
  const rows = new Map();
  let next = null;

  const load = async (before) => {
    const answer = await api.get("/v2/jobs", {
      per_page: PER_PAGE, before, status: filter.status, host: filter.host, needs_review: filter.review || undefined,
    });
    if (!before) rows.clear();
    for (const each of answer.jobs) rows.set(each.job_id, each);
    next = answer.jobs.length === PER_PAGE ? answer.jobs.at(-1).job_id : null;
    draw();
  };
  const draw = (fresh) => {
    const lines = [...rows.values()].sort((a, b) => b.created_at.localeCompare(a.created_at)).map((each) => line(each, nameOf, each.job_id === fresh));
    replace(place, table(["Job", "Device", "Kind", "State", "Submitted", "Ended", "By", ""], lines, "No jobs yet. Run a command to see one here.", "Jobs, newest first"));
    replace(more, next ? h("button", { onclick: () => load(next) }, "Older jobs") : []);
  };
  const update = async (_, event) => {
    if (!event.job_id || event.done !== undefined) return;
    const known = rows.get(event.job_id);
    if (known && known.status === event.status) return;
    const whole = await api.get(`/v2/jobs/${event.job_id}`).catch(() => null);
    if (!whole || (filter.status && whole.status !== filter.status) || (filter.host && whole.host !== filter.host)) return;
    rows.set(event.job_id, { ...known, ...whole });
    draw(event.job_id);
  };
  // Listen first, list second: nothing is missed between the two.
  api.listen("/v2/events", update, signal);
  await load();

  const choose = h("select", { id: "state", onchange: (event) => { filter.status = event.target.value; load(); } },
    STATES.map((name) => h("option", { value: name }, name || "any state")));
  const host = h("input", { id: "host", type: "search", placeholder: "host", onchange: (event) => { filter.host = event.target.value.trim(); load(); } });
  const review = h("input", { type: "checkbox", id: "review", onchange: (event) => { filter.review = event.target.checked; load(); } });
  return [h("h1", {}, "Jobs"),
    h("div", { class: "row" }, h("label", { class: "inline", for: "state" }, "State ", choose), h("label", { class: "inline", for: "host" }, "Host ", host),
      h("label", { class: "inline", for: "review" }, review, " needs review"), h("span", { class: "hint" }, "Updates by itself.")),
    place, more];
}

function line(job, nameOf, fresh) {
  const cancel = ["queued", "started", "deferred"].includes(job.status)
    ? h("button", { onclick: () => stop(job.job_id) }, "Cancel") : null;
  return h("tr", { class: fresh ? "fresh" : undefined },
    h("td", {}, h("a", { href: `#/jobs/${job.job_id}` }, h("code", {}, job.job_id.slice(0, 8)))),
    h("td", {}, nameOf(job.host, job.port)),
    h("td", {}, job.kind ?? ""), h("td", {}, state(job)), h("td", {}, when(job.created_at)), h("td", {}, when(job.ended_at)),
    h("td", {}, job.submitter ?? ""), h("td", { class: "actions" }, cancel));
}

async function stop(id) {
  if (!(await confirmed("Cancel this job? Commands that the device has got already are not undone."))) return;
  await api.remove(`/v2/jobs/${id}`);
  notice("The job was asked to stop.");
}

export async function job(id, signal) {
  const nameOf = await names();
  const place = h("div", {});
  const draw = (shown) => replace(place, whole(shown, nameOf));
  const progress = h("p", { class: "hint", role: "status" });
  const first = await api.get(`/v2/jobs/${id}`);
  draw(first);
  if (["queued", "started", "deferred"].includes(first.status)) {
    api.listen(`/v2/jobs/${id}/stream?progress=1`, async (kind, event) => {
      if (kind === "progress") replace(progress, `${event.done} of ${event.total} commands`);
      else draw(await api.get(`/v2/jobs/${id}`));
    }, signal);
  }
  return [h("p", {}, h("a", { href: "#/jobs" }, "← Jobs")), place, progress];
}

function whole(job, nameOf) {
  const facts = [
    ["Device", `${nameOf(job.host, job.port)} · ${job.host}:${job.port} (${job.detected_platform ?? job.platform})`], ["Kind", job.kind], ["State", state(job)],
    ["Submitted", when(job.created_at)], ["Started", when(job.started_at)], ["Ended", when(job.ended_at)],
    ["Worker", job.worker], ["Context", job.context], ["Batch", job.batch_id],
    ["Labels", job.tags ? Object.entries(job.tags).map(([key, value]) => `${key}:${value}`).join(", ") : null],
    ["Repeats", job.replay_of ? h("a", { href: `#/jobs/${job.replay_of}` }, job.replay_of) : null],
  ].filter(([, value]) => value);
  const actions = [];
  if (["queued", "started", "deferred"].includes(job.status)) actions.push(h("button", { class: "danger", onclick: () => stop(job.job_id) }, "Cancel"));
  if (job.status === "failed" && api.isPassThrough()) actions.push(h("button", { onclick: () => replay(job.job_id) }, "Run again"));
  return [h("h1", {}, "Job ", h("code", {}, job.job_id)), h("div", { class: "row" }, actions),
    h("dl", { class: "card" }, facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    job.error ? [h("h2", {}, "What went wrong"), output(job.error, "Error")] : null,
    job.needs_review ? h("p", { class: "review" }, h("strong", {}, "A person must look at the device: "), "the job may have reached it in part.") : null,
    job.diff ? [h("h2", {}, "What changed"), diffView(job.diff)] : null,
    outputs("Output", job.results), outputs("Output before the failure", job.partial_results)].flat(Infinity).filter(Boolean);
}

function outputs(title, results) {
  if (!results) return null;
  return [h("h2", {}, title), Object.entries(results).map(([command, answer]) => [
    h("h3", {}, h("code", {}, command)),
    output(typeof answer === "string" ? answer : JSON.stringify(answer, null, 2), command)])];
}

async function replay(id) {
  const again = await api.post(`/v2/jobs/${id}/replay`);
  location.hash = `#/jobs/${again.job_id}`;
}
