// What several devices answered: equal answers once, others beside them with the lines that differ.

import { grouped, marked } from "../compare.js";
import { diffView, h, MOST_LINES, output, plain, replace, state } from "../dom.js";

const MOST_COLUMNS = 6;

export function answers(jobs, nameOf) {
  const commands = [...new Set(jobs.flatMap((job) => Object.keys(job.results ?? {})))];
  const named = jobs.map((job) => ({ ...job, name: nameOf(job.host, job.port) }));
  return [...commands.map((command) => compared(command, named)), ...changes(named), ...failures(named)];
}

function compared(command, jobs) {
  const outputs = jobs.filter((job) => job.results && command in job.results).map((job) => [job.name, told(job.results[command])]);
  const groups = grouped(outputs);
  const sides = h("div", { class: "sides" });
  const draw = (base) => replace(sides, groups.slice(0, MOST_COLUMNS).map((group, index) => column(command, groups[base], group, index === base)));
  const choose = groups.length < 2 ? null : h("label", { class: "inline" }, "Compare with ",
    h("select", { onchange: (event) => draw(Number(event.target.value)) },
      groups.map((group, index) => h("option", { value: String(index) }, shortly(group.names)))));
  draw(0);
  return h("section", { "aria-label": command }, h("h2", {}, h("code", {}, command), ` — ${summary(groups, outputs.length)}`), choose, sides,
    groups.length > MOST_COLUMNS ? h("p", { class: "hint" }, `${groups.length - MOST_COLUMNS} more answers are in the jobs.`) : null);
}

function column(command, base, group, isBase) {
  const label = `${shortly(group.names)}: ${command}`;
  const head = h("h3", { title: group.names.join(", ") }, shortly(group.names), isBase ? h("span", { class: "hint" }, " baseline") : null);
  if (isBase && group.text.length > 100_000) return h("section", {}, head, output(group.text, label));
  const lines = isBase ? group.text.split("\n").map((text) => ({ text, same: true })) : marked(base.text, group.text);
  const shown = lines.slice(0, MOST_LINES).map((line) => h("span", line.same ? {} : { class: "changed" }, line.text.slice(0, 5000)));
  const differing = lines.filter((line) => !line.same).length;
  return h("section", {}, head, isBase ? null : h("p", { class: "hint" }, differing === 1 ? "1 line differs" : `${differing} lines differ`),
    h("pre", { tabindex: "0", role: "region", "aria-label": label }, shown),
    lines.length > MOST_LINES ? h("p", { class: "hint" }, `${lines.length - MOST_LINES} more lines are in the job.`) : null);
}

function changes(jobs) {
  return jobs.filter((job) => job.diff).map((job) => h("section", {}, h("h2", {}, `What changes on ${job.name}`), diffView(job.diff)));
}

function failures(jobs) {
  const failed = jobs.filter((job) => job.error || job.status === "failed" || job.status === "canceled");
  if (!failed.length) return [];
  return [h("h2", {}, "Without an answer"), h("ul", {}, failed.map((job) =>
    h("li", {}, h("a", { href: `#/jobs/${job.job_id}` }, job.name), " ", state(job), " ", job.error ?? "")))];
}

function summary(groups, count) {
  if (count === 1) return "one answer";
  if (groups.length === 1) return `all ${count} answers are equal`;
  if (groups[0].names.length === 1) return `${count} different answers`;
  return `${groups[0].names.length} of ${count} agree, ${groups.length - 1} other ${groups.length === 2 ? "answer" : "answers"}`;
}

function shortly(names) { return names.slice(0, 4).join(", ") + (names.length > 4 ? ` and ${names.length - 4} more` : ""); }
function told(answer) { return plain(typeof answer === "string" ? answer : JSON.stringify(answer, null, 2)); }
