// The frame: which view is shown, who is signed in, how the service is.

import * as api from "./api.js";
import { h, notice, replace } from "./dom.js";
import { forgetNames } from "./names.js";
import { audit } from "./views/audit.js";
import { backups } from "./views/backups.js";
import { devices } from "./views/devices.js";
import { job, jobs } from "./views/jobs.js";
import { keys } from "./views/keys.js";
import { run } from "./views/run.js";
import { schedules } from "./views/schedules.js";
import { signIn } from "./views/sign-in.js";

// Name in the address, name on the page, the view. Which of them a caller may use, the service decides.
const SECTIONS = [
  ["jobs", "Jobs", jobs],
  ["run", "Run", run],
  ["devices", "Devices", devices],
  ["backups", "Configurations", backups],
  ["schedules", "Schedules", schedules],
  ["keys", "Keys", keys],
  ["audit", "Audit", audit],
];
const NEED_KEY = new Set(["devices", "schedules", "keys", "audit"]);
const HEALTH_EVERY = 10000;

let leaving = new AbortController();

async function show() {
  leaving.abort();
  leaving = new AbortController();
  const view = document.getElementById("view");
  const [section = "jobs", ...rest] = location.hash.replace(/^#\//, "").split("/").map(decodeURIComponent).filter(Boolean);
  drawFrame(section);
  if (!api.isSignedIn()) {
    replace(view, signIn(show));
    return;
  }
  const found = SECTIONS.find(([name]) => name === section) ?? SECTIONS[0];
  document.title = `${found[1]} · NAAS`;
  replace(view, h("p", { class: "hint" }, "Loading …"));
  try {
    const shown = section === "jobs" && rest.length ? await job(rest[0], leaving.signal) : await found[2](leaving.signal, rest);
    replace(view, shown);
    view.focus({ preventScroll: true });
  } catch (error) {
    if (error.status === 401) {
      api.leaveIfExpired(error);
      return;
    }
    replace(view, h("h1", {}, found[1]), h("p", { class: "empty", role: "alert" }, explain(error)));
  }
}

function explain(error) {
  if (error.status === 403) return `You may not see this: ${error.message}`;
  if (error instanceof api.ApiError) return error.message;
  throw error;
}

function drawFrame(section) {
  const sections = SECTIONS.filter(([name]) => !(api.isPassThrough() && NEED_KEY.has(name)));
  const links = sections.map(([name, title]) =>
    h("a", { href: `#/${name}`, "aria-current": name === section ? "page" : undefined }, title));
  replace(document.getElementById("nav"), api.isSignedIn() ? links : []);
  const out = h("button", { onclick: () => { api.signOut(); forgetNames(); show(); } }, "Sign out");
  replace(document.getElementById("who"), api.isSignedIn() ? [h("span", { class: "hint" }, `${api.name()} `), out] : []);
}

async function drawHealth() {
  const place = document.getElementById("health");
  let status = "unreachable", told = "service unreachable";
  try {
    const health = await api.get("/v2/healthcheck");
    const { queue, workers } = health.components;
    status = health.status;
    told = `${status.replace("_", " ")} · ${queue.depth} waiting · ${workers.active_jobs} running`;
  } catch {
    // Said by the words that are shown: the service cannot be reached.
  }
  replace(place, h("span", { class: `dot ${status}` }), ` ${told}`);
}

window.addEventListener("hashchange", show);
window.addEventListener("naas-expired", () => { forgetNames(); notice("Your sign-in has ended. Please sign in again; you come back here.", "bad"); show(); });
window.addEventListener("unhandledrejection", (event) => {
  // What an action of a view could not do is told; it is no fault of the page.
  if (!(event.reason instanceof api.ApiError)) return;
  event.preventDefault();
  if (!api.leaveIfExpired(event.reason)) notice(event.reason.message, "bad");
});
show();
drawHealth();
setInterval(drawHealth, HEALTH_EVERY);
