// Speaks the v2 API. Credentials stay in this tab (sessionStorage) and go nowhere but to this service.

const KEY = "naas-authorization";

export class ApiError extends Error {
  constructor(status, message, problems = []) {
    super(message);
    this.status = status;
    this.problems = problems;
  }
}

/** A key that ended leads to the sign-in, and from there back to where one was. */
export function leaveIfExpired(error) {
  if (error?.status !== 401) return false;
  signOut();
  window.dispatchEvent(new Event("naas-expired"));
  return true;
}

export function isSignedIn() { return sessionStorage.getItem(KEY) !== null; }
export function signOut() { sessionStorage.removeItem(KEY); sessionStorage.removeItem("naas-name"); }
export function name() { return sessionStorage.getItem("naas-name") ?? ""; }
export function isPassThrough() { return (sessionStorage.getItem(KEY) ?? "").startsWith("Basic "); }

export function signInWithKey(key) {
  sessionStorage.setItem(KEY, `Bearer ${key}`);
  sessionStorage.setItem("naas-name", "API key");
}

export function signInWithLogin(username, password) {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  sessionStorage.setItem(KEY, `Basic ${btoa(String.fromCharCode(...bytes))}`);
  sessionStorage.setItem("naas-name", username);
}

function headers(more = {}) {
  const authorization = sessionStorage.getItem(KEY);
  return { Accept: "application/problem+json, application/json", ...(authorization ? { Authorization: authorization } : {}), ...more };
}

export async function call(method, path, body, more = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      // The browser adds nothing of its own, and asks for no login in a window of its own when the answer is 401.
      credentials: "omit",
      headers: headers({ ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...more }),
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiError(0, "the service cannot be reached");
  }
  const text = await response.text();
  const answer = text && response.headers.get("content-type")?.includes("json") ? JSON.parse(text) : text;
  if (!response.ok) {
    const problems = answer.errors ?? [];
    const told = problems.map((each) => `${each.loc.join(".")}: ${each.msg}`).join("\n");
    throw new ApiError(response.status, told || answer.detail || answer.message || answer.error || response.statusText, problems);
  }
  return answer;
}

export const get = (path, query = {}) => call("GET", withQuery(path, query));
export const post = (path, body, more) => call("POST", path, body, more);
export const put = (path, body) => call("PUT", path, body);
export const remove = (path) => call("DELETE", path);

export function withQuery(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

/** Read server-sent events until `signal` aborts; comes back by itself after an interruption. EventSource cannot send
 *  an Authorization header, so the stream is read by hand. */
export async function listen(path, onEvent, signal) {
  while (!signal.aborted) {
    try {
      const response = await fetch(path, { credentials: "omit", headers: headers({ Accept: "text/event-stream" }), signal });
      if (!response.ok) throw new ApiError(response.status, response.statusText);
      await read(response.body.pipeThrough(new TextDecoderStream()).getReader(), onEvent);
    } catch (error) {
      if (signal.aborted || leaveIfExpired(error) || error.status === 403) return;
    }
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

async function read(reader, onEvent) {
  let buffer = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    buffer += value;
    const frames = buffer.split("\n\n");
    buffer = frames.pop();
    for (const frame of frames) {
      const fields = Object.fromEntries(frame.split("\n").filter((line) => line && !line.startsWith(":")).map((line) => {
        const at = line.indexOf(":");
        return [line.slice(0, at), line.slice(at + 1).trimStart()];
      }));
      if (fields.data) onEvent(fields.event ?? "message", JSON.parse(fields.data));
    }
  }
}
