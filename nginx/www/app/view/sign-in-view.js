// The sign-in: as a demo user, with a token of the platform's, or at the platform itself.

import { t } from "../language/language.js";
import { hasOwnSignIn, signInAddress } from "../platform.js";
import { Session } from "../session.js";
import { avatar } from "./avatar.js";
import { element, fill, isolated } from "./dom.js";
import { languageSwitch } from "./language-switch.js";
import { settingsButton } from "./list/settings-menu.js";

export class SignInView {
  #signIn;
  #offers = element("div.session-offers");
  #demoUsers = element("div.demo-users");
  #listening = new AbortController();
  #stays = element("input", { type: "checkbox", name: "stays" });

  /** Whether the user has begun to sign in here. */
  isTouched = false;

  /**
   * @param {?string} problem the name of the text that says why the user has to sign in again
   * @param {Session[]} offers the sessions of other tabs
   * @param {object} actions signIn(session), changeLanguage(code)
   */
  constructor(problem, offers, { signIn, changeLanguage }) {
    this.#signIn = signIn;
    this.node = element(
      "main.sign-in", {
        onpointerdown: () => { this.isTouched = true; }, onkeydown: () => { this.isTouched = true; },
      },
      element(
        "header", {},
        element("h1", {}, t("appName")), settingsButton(this.#listening.signal), languageSwitch(changeLanguage),
      ),
      element("p.problem", { role: "alert" }, problem ? t(problem) : ""),
      this.#offers,
      ...(hasOwnSignIn ? this.#ownSignIn() : [platformLink()]),
    );
    this.showOffers(offers);
  }

  destroy() {
    this.#listening.abort();
  }

  /** Shows the sessions of other tabs, to go on with one of them. */
  showOffers(sessions) {
    if (sessions.length === 0) return;
    const others = sessions.map((session) => element("li", {}, element(
      "button.user", { type: "button", onclick: () => this.#signIn(session) },
      avatar(null, nameOf(session)), element("span.name", {}, isolated(nameOf(session))),
    )));
    fill(
      this.#offers,
      element("h2", {}, t("goOnAs")), element("p.note", {}, t("goOnAsLead")), element("ul", {}, ...others),
    );
  }

  #ownSignIn() {
    this.#showDemoUsers();
    return [
      element("label.stays", {}, this.#stays, element("span", {}, t("staySignedIn")),
        element("span.note", {}, t("staySignedInNote"))),
      this.#demoUsers,
      tokenForm((token) => this.#makeSession(token), this.#signIn),
    ];
  }

  #makeSession(token, name = null) {
    return new Session(token, { name, isKept: this.#stays.checked });
  }

  // Only scripts/run has demo users; elsewhere the list stays empty.
  async #showDemoUsers() {
    const users = await demoUsers();
    if (users.length === 0) return;
    this.#demoUsers.append(
      element("h2", {}, t("signInAs")),
      element("p.note", {}, t("signInLead")),
      element("ul", {}, ...users.map((user) => element("li", {}, element(
        "button.user", { type: "button", onclick: () => this.#signIn(this.#makeSession(user.token, user.nickname)) },
        avatar(user.avatar_url, user.nickname),
        element("span.name", {}, isolated(user.nickname)),
        element("span.note", {}, t({ buyer: "roleBuyer", kol: "roleKol", admin: "roleAdmin" }[user.part])),
      )))),
    );
  }
}

function nameOf({ name, userId }) {
  return name ?? t("userNumber", { id: userId });
}

async function demoUsers() {
  try {
    const response = await fetch("/demo-users.json", { cache: "no-store" });
    return response.ok ? (await response.json()).users : [];
  } catch {
    return [];
  }
}

// The address is that of the moment: the user may have gone elsewhere meanwhile.
function platformLink() {
  const link = element("a.button.primary", { href: signInAddress(), onclick: () => { link.href = signInAddress(); } },
    t("signIn"));
  return element("div", {}, element("p.note", {}, t("signInAtPlatform")), link);
}

function tokenForm(makeSession, signIn) {
  const input = element("input", {
    name: "token", required: true, autocomplete: "off", spellcheck: "false", dir: "ltr",
  });
  input.addEventListener("input", () => input.setCustomValidity(""));
  const submit = (event) => {
    event.preventDefault();
    let session;
    try {
      session = makeSession(input.value);
    } catch {
      input.setCustomValidity(t("tokenInvalid"));
      input.reportValidity();
      return;
    }
    signIn(session);
  };
  return element(
    "form.token", { onsubmit: submit },
    element("h2", {}, t("orPasteToken")),
    element("label.field", {}, t("token"), input),
    element("div.buttons", {}, element("button.primary", { type: "submit" }, t("signIn"))),
  );
}
