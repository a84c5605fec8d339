// Signing in: with an API key, or with the login of the devices.

import * as api from "../api.js";
import { h, problem, replace } from "../dom.js";

export function signIn(done) {
  const key = h("input", { type: "password", id: "key", autocomplete: "off" });
  const user = h("input", { type: "text", id: "user", autocomplete: "username" });
  const password = h("input", { type: "password", id: "password", autocomplete: "current-password" });
  const told = h("div", {});
  const submit = async (event) => {
    event.preventDefault();
    if (key.value) api.signInWithKey(key.value.trim());
    else api.signInWithLogin(user.value, password.value);
    try {
      await api.get("/v2/jobs", { per_page: 1 });
      await done();
    } catch (error) {
      api.signOut();
      replace(told, problem(`That did not work: ${error.message}`));
      (key.value ? key : user).focus();
    }
  };
  return h("form", { class: "card narrow", onsubmit: submit },
    h("h1", {}, "Sign in"),
    h("label", { for: "key" }, "API key or token"), key,
    h("p", { class: "hint" }, "Or the login of your devices, which sees your own jobs only:"),
    h("label", { for: "user" }, "User name"), user,
    h("label", { for: "password" }, "Password"), password,
    told, h("div", { class: "row" }, h("button", { class: "primary", type: "submit" }, "Sign in")),
    h("p", { class: "hint" }, "Kept in this tab until it is closed."));
}
