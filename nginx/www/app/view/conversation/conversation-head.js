// The head of a conversation: its title, who is in it, and the order that it is about.

import { t, tOr } from "../../language/language.js";
import { element, fill, icon, iconButton, isolated } from "../dom.js";
import { externalLink } from "../content/links.js";
import { orderLink, orderStatusText, orderTypeText } from "./order-facts.js";

const UNKNOWN = { status: "active", members: [], related_order_id: null, type: null };

export class ConversationHead {
  #actions;
  #drawn = null;
  #title = element("h1", { id: "conversation-title" });
  #names = element("span.names");
  #type = element("span.order-type");
  #number = element("button.order-number", { type: "button", onclick: () => this.#actions.copyNumber(this.#order) });
  #order = null;
  #orderStatus = element("span.order-status");
  #link = element("span.order-link");
  #status = element("span.tag", { hidden: true });
  #searchButton;
  #membersButton = iconButton("members", t("members"), () => this.#actions.showMembers());

  /**
   * @param {object} actions showMembers(), copyNumber(number)
   * @param {HTMLElement} searchButton
   */
  constructor(actions, searchButton) {
    this.#actions = actions;
    this.#searchButton = searchButton;
    this.node = element(
      "header.conversation-head", {},
      element("a.icon-button.back", { href: "#/", "aria-label": t("back"), title: t("back") }, icon("back")),
      element(
        "div.titles", {},
        this.#title,
        element("p.note.facts", {}, this.#names, this.#type, this.#number, this.#orderStatus, this.#link),
      ),
      this.#status,
      searchButton,
      this.#membersButton,
    );
  }

  /**
   * @param {?object} details the Conversation; null while nothing is known of it
   * @param {?string} orderStatus the platform's name of the order's status, where it is known
   * @param {?ApiError} error why the conversation cannot be shown
   */
  draw(details, orderStatus, error) {
    this.#searchButton.hidden = error !== null;
    this.#membersButton.hidden = !details || error !== null;
    const title = details ? details.title ?? t("untitled") : t("conversation");
    // Of one that is not the user's any more there is nothing but the title.
    const { status, members, related_order_id: number, type } = error || !details ? UNKNOWN : details;
    const names = members.map((member) => member.nickname);
    // What is unchanged stays, with the focus and the selection that are on it.
    const drawn = JSON.stringify([title, status, names, number, type, orderStatus]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    fill(this.#title, isolated(title));
    fill(this.#names, ...names.flatMap((name, index) => [index > 0 ? t("listSeparator") : null, isolated(name)]));
    this.#status.hidden = status === "active";
    this.#status.textContent = tOr(`status_${status}`, status);
    this.#membersButton.setAttribute("aria-label", `${t("members")}: ${t("memberCount", { n: names.length })}`);
    this.#drawOrder(number, type, error ? null : orderStatus);
  }

  #drawOrder(number, type, orderStatus) {
    const typeText = orderTypeText(type);
    this.#type.hidden = typeText === null;
    this.#type.textContent = typeText ?? "";
    this.#order = number;
    this.#number.hidden = !number;
    this.#number.title = t("copyOrderNumber");
    this.#number.setAttribute("aria-label", t("orderNumber", { number: number ?? "" }));
    fill(this.#number, element("bdi", {}, number ?? ""), icon("copy"));
    this.#orderStatus.hidden = !orderStatus;
    this.#orderStatus.textContent = orderStatus ? orderStatusText(orderStatus) : "";
    const href = orderLink({ related_order_id: number, type });
    this.#link.hidden = href === null;
    const text = t("viewOrder");
    fill(this.#link, href && externalLink(href, { title: text }, element("span", {}, text), icon("out")));
  }
}
