// The head of the sidebar: who is signed in, and the menu with all that concerns the page as a whole.

import { language, LANGUAGES, t } from "../../language/language.js";
import { element, fill, iconButton, isolated } from "../dom.js";
import { opensMenu } from "../menu.js";
import { settingsItems } from "./settings-menu.js";
import { showShortcuts } from "../shortcuts-dialog.js";

export class SidebarHead {
  #alerts;
  #actions;
  #signal;
  #name = element("p.note.own-name");

  /**
   * @param {object} actions signOut(), changeLanguage(code)
   * @param {AbortSignal} signal closes the menu, and the list of shortcuts
   */
  constructor(alerts, actions, signal) {
    this.#alerts = alerts;
    this.#actions = actions;
    this.#signal = signal;
    const button = iconButton("more", t("more"), null);
    button.classList.add("more");
    this.node = element(
      "header.sidebar-head", {},
      element("div.titles", {}, element("h1", {}, t("appName")), this.#name),
      opensMenu(button, () => this.#items(), { signal }),
    );
  }

  set userName(name) {
    if (this.#name.textContent !== name) fill(this.#name, isolated(name));
  }

  showShortcuts() {
    showShortcuts(this.#signal);
  }

  #items() {
    const { signOut, changeLanguage } = this.#actions;
    return [
      {
        label: t("language"),
        items: Object.entries(LANGUAGES).map(([code, label]) => ({
          label, kind: "radio", isChecked: code === language(), onSelect: () => changeLanguage(code),
        })),
      },
      ...settingsItems(this.#signal, this.#alerts),
      { label: t("signOut"), onSelect: signOut },
    ];
  }
}
