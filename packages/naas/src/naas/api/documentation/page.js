// Shows the OpenAPI document of this service, and sends requests from it. Text goes in as text, never as HTML.
"use strict";

const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

const resolve = (root, node) => {
  while (node && node.$ref) node = node.$ref.slice(2).split("/").reduce((at, part) => at[part], root);
  return node;
};

// A type in words: what a reader wants to know before they read the schema.
const typeOf = (schema) => {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" or ");
  if (schema.type === "array") return `list of ${typeOf(schema.items)}`;
  if (schema.enum) return schema.enum.join(" | ");
  return schema.type || "anything";
};

const bounds = (schema) => ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern", "default"]
  .filter((key) => schema[key] !== undefined).map((key) => `${key} ${JSON.stringify(schema[key])}`).join(", ");

const table = (rows) => element("table", {}, ...rows.map(([name, type, text]) => element("tr", {},
  element("td", {}, element("code", { textContent: name })), element("td", { textContent: type }),
  element("td", { textContent: text }))));

const fields = (root, schema) => {
  const found = resolve(root, schema);
  if (!found || !found.properties) return element("p", { textContent: typeOf(schema) });
  const required = new Set(found.required || []);
  return table(Object.entries(found.properties).map(([name, rules]) =>
    [required.has(name) ? `${name} *` : name, typeOf(rules), [rules.description, bounds(rules)].filter(Boolean).join(" — ")]));
};

const sender = (root, path, method, operation, parameters) => {
  const inputs = parameters.filter((each) => each.in !== "header").map((each) =>
    [each, element("input", { name: each.name, placeholder: typeOf(each.schema) })]);
  const authorization = element("input", { type: "password", placeholder: "Bearer KEY, or user:password", autocomplete: "off" });
  const body = operation.requestBody && element("textarea", { value: "{\n  \n}", spellcheck: false });
  const output = element("pre", { textContent: "", hidden: true });
  const form = element("form", {},
    ...inputs.map(([each, input]) => element("label", {}, `${each.name} (${each.in})`, input)),
    element("label", {}, "Authorization", authorization), ...(body ? [element("label", {}, "Body", body)] : []),
    element("button", { textContent: "Send" }), output);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    let url = path;
    const query = new URLSearchParams();
    for (const [each, input] of inputs) {
      if (each.in === "path") url = url.replace(`{${each.name}}`, encodeURIComponent(input.value));
      else if (input.value) query.append(each.name, input.value);
    }
    const headers = {};
    const login = authorization.value.trim();
    if (login) headers.Authorization = /^(basic|bearer) /i.test(login) ? login
      : `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(login)))}`;
    if (body) headers["Content-Type"] = "application/json";
    output.hidden = false;
    output.textContent = "…";
    try {
      const answer = await fetch(query.size ? `${url}?${query}` : url, { method: method.toUpperCase(), headers, body: body && body.value });
      const text = await answer.text();
      let shown = text;
      try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: shown as it came */ }
      output.textContent = `${answer.status} ${answer.statusText}\n${[...answer.headers].map(([k, v]) => `${k}: ${v}`).join("\n")}\n\n${shown}`;
    } catch (error) {
      output.textContent = String(error);
    }
  });
  return form;
};

const operationOf = (root, path, method, operation) => {
  const parameters = (operation.parameters || []).map((each) => resolve(root, each));
  const content = operation.requestBody && operation.requestBody.content["application/json"];
  const item = element("details", {}, element("summary", {}, element("span", { className: "method", textContent: method.toUpperCase() }),
    " ", element("code", { textContent: path }), ` ${operation.summary}`));
  // The parts are made when somebody looks: the document has hundreds of fields.
  item.addEventListener("toggle", () => {
    item.append(element("p", { textContent: operation.description }));
    if (parameters.length) item.append(element("h4", { textContent: "Parameters" }), table(parameters.map((each) =>
      [each.required ? `${each.name} *` : each.name, `${each.in}: ${typeOf(each.schema)}`, each.description])));
    if (content) item.append(element("h4", { textContent: "Body" }), fields(root, content.schema));
    item.append(element("h4", { textContent: "Answers" }), table(Object.entries(operation.responses).map(([status, each]) =>
      [status, typeOf(each.content && Object.values(each.content)[0].schema), each.description])));
    const success = Object.values(operation.responses)[0].content;
    if (success) item.append(fields(root, Object.values(success)[0].schema));
    item.append(element("h4", { textContent: "Try it" }), sender(root, path, method, operation, parameters));
  }, { once: true });
  return item;
};

const show = (root) => {
  document.getElementById("title").textContent = `${root.info.title} API ${root.info.version}`;
  document.getElementById("about").textContent = root.info.description;
  const main = document.getElementById("operations");
  for (const tag of root.tags) {
    const group = element("section", {}, element("h2", { textContent: tag.name }), element("p", { textContent: tag.description }));
    for (const [path, methods] of Object.entries(root.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        if (operation.tags.includes(tag.name)) group.append(operationOf(root, path, method, operation));
      }
    }
    main.append(group);
  }
  document.getElementById("filter").addEventListener("input", (event) => {
    const wanted = event.target.value.toLowerCase();
    for (const item of main.querySelectorAll("details")) item.hidden = !item.textContent.toLowerCase().includes(wanted);
  });
};

fetch("openapi.json").then((answer) => answer.json()).then(show, (error) => {
  document.getElementById("about").textContent = `The document cannot be read: ${error}`;
});
