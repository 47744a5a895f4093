// The sign-in, as a demo user or with a token of the platform's.

import { t } from "../language/language.js";
import { Session } from "../session.js";
import { avatar } from "./avatar.js";
import { element, isolated } from "./dom.js";
import { languageSwitch } from "./language-switch.js";
import { settingsButton } from "./settings-menu.js";

export class SignInView {
  #demoUsers = element("div.demo-users");
  #listening = new AbortController();

  /**
   * @param {?string} problem the name of the text that says why the user has to sign in again
   * @param {object} actions signIn(session), changeLanguage(code)
   */
  constructor(problem, { signIn, changeLanguage }) {
    this.#showDemoUsers(signIn);
    this.node = element(
      "main.sign-in", {},
      element(
        "header", {},
        element("h1", {}, t("appName")), settingsButton(this.#listening.signal), languageSwitch(changeLanguage),
      ),
      element("p.problem", { role: "alert" }, problem ? t(problem) : ""),
      this.#demoUsers,
      tokenForm(signIn),
    );
  }

  destroy() {
    this.#listening.abort();
  }

  // Only scripts/run has demo users; elsewhere the list stays empty.
  async #showDemoUsers(signIn) {
    const users = await demoUsers();
    if (users.length === 0) return;
    this.#demoUsers.append(
      element("h2", {}, t("signInAs")),
      element("p.note", {}, t("signInLead")),
      element("ul", {}, ...users.map((user) => element("li", {}, element(
        "button.user", { type: "button", onclick: () => signIn(new Session(user.token)) },
        avatar(user.avatar_url, user.nickname),
        element("span.name", {}, isolated(user.nickname)),
        element("span.note", {}, t({ buyer: "roleBuyer", kol: "roleKol", admin: "roleAdmin" }[user.part])),
      )))),
    );
  }
}

async function demoUsers() {
  try {
    const response = await fetch("/demo-users.json", { cache: "no-store" });
    return response.ok ? (await response.json()).users : [];
  } catch {
    return [];
  }
}

function tokenForm(signIn) {
  const input = element("input", {
    name: "token", required: true, autocomplete: "off", spellcheck: "false", dir: "ltr",
  });
  input.addEventListener("input", () => input.setCustomValidity(""));
  const submit = (event) => {
    event.preventDefault();
    const session = sessionOf(input.value);
    if (session) {
      signIn(session);
    } else {
      input.setCustomValidity(t("tokenInvalid"));
      input.reportValidity();
    }
  };
  return element(
    "form.token", { onsubmit: submit },
    element("h2", {}, t("orPasteToken")),
    element("label.field", {}, t("token"), input),
    element("div.buttons", {}, element("button.primary", { type: "submit" }, t("signIn"))),
  );
}

function sessionOf(token) {
  try {
    return new Session(token);
  } catch {
    return null;
  }
}
