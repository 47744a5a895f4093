// The dialog with the members of a conversation.

import { fullTime } from "../../language/formats.js";
import { t, tOr } from "../../language/language.js";
import { avatar } from "../avatar.js";
import { openDialog } from "../dialog.js";
import { element, isolated } from "../dom.js";

export function showMembers(members, userId, signal) {
  openDialog(t("members"), () => [element("ul.members", {}, ...members.map((member) => element(
    "li", {},
    avatar(member.avatar_url, member.nickname),
    element(
      "div", {},
      element("p.name", {}, isolated(member.nickname), member.user_id === userId ? ` (${t("you")})` : null),
      element("p.note", {}, readText(member.last_read_at)),
    ),
    element("span.tag", {}, tOr(`role_${member.role}`, member.role)),
  )))], { signal });
}

function readText(time) {
  return time ? t("readUpTo", { time: fullTime(time) }) : t("readNothing");
}
