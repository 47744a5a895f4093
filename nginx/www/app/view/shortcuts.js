// The keyboard shortcuts: which key does what. The handlers of keys and the list for users are made from this table.

const MOD = "Mod";

/**
 * The shortcuts in the order of the list. `keys` are combinations, each of which does: modifiers and a key, as
 * KeyboardEvent.key names it; Mod is Ctrl or, on a Mac, Command. Those `of` a field are of text fields alone.
 */
export const SHORTCUTS = [
  { name: "previousConversation", keys: ["Alt+ArrowUp"] },
  { name: "nextConversation", keys: ["Alt+ArrowDown"] },
  { name: "searchConversations", keys: [`${MOD}+k`] },
  { name: "searchMessages", keys: [`${MOD}+f`, "/"] },
  { name: "send", keys: ["Enter", `${MOD}+Enter`], of: "field" },
  { name: "newLine", keys: ["Shift+Enter"], of: "field" },
  { name: "close", keys: ["Escape"] },
  { name: "showShortcuts", keys: ["?"] },
];

const NAMES = new Map(SHORTCUTS.flatMap(({ name, keys, of }) => keys.map((combination) => [combination, { name, of }])));

/**
 * Returns the name of the shortcut that a keydown event is, or null. It is none while an input method composes, where
 * something else has taken the key, and in a dialog, which has the keys for itself. A plain character is none where it
 * is typed into a field.
 */
export function shortcutOf(event) {
  // Safari ends the composition before the key's event, which then has the code 229.
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return null;
  const target = event.target instanceof Element ? event.target : document.body;
  if (target.closest("dialog") !== null) return null;
  const { name, of } = NAMES.get(combinationOf(event)) ?? {};
  if (name === undefined) return null;
  if (of === "field") return target.matches("textarea") ? name : null;
  return isPlain(event) && takesText(target) ? null : name;
}

/** Returns the keys of a shortcut as they are written on the keyboard: [["Ctrl", "K"], …], one array a combination. */
export function keyLabels({ keys }) {
  const labels = isMac() ? MAC_LABELS : LABELS;
  return keys.map((combination) => combination.split("+").map((key) => labels[key] ?? LABELS[key] ?? key.toUpperCase()));
}

const LABELS = { Mod: "Ctrl", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", Enter: "Enter", Alt: "Alt", Shift: "Shift" };
const MAC_LABELS = { Mod: "⌘", Alt: "⌥", Shift: "⇧", Enter: "⏎" };

function combinationOf(event) {
  const { key, altKey, ctrlKey, metaKey, shiftKey } = event;
  const [isMod, isOther] = isMac() ? [metaKey, ctrlKey] : [ctrlKey, metaKey];
  if (isOther || key === undefined) return null;
  const isCharacter = key.length === 1;
  // Which modifiers make a character, such as Shift for "?", is the keyboard's to say.
  if (isCharacter && !isMod && !altKey) return key;
  const modifiers = [isMod && MOD, altKey && "Alt", shiftKey && "Shift"].filter(Boolean);
  return [...modifiers, isCharacter ? letterOf(event) : key].join("+");
}

// On keyboards of other alphabets the letter is that which stands at the same place of a Latin one.
function letterOf({ key, code = "" }) {
  const isLatin = /^[\x20-\x7e]$/.test(key);
  return (isLatin || !code.startsWith("Key") ? key : code.slice(3)).toLowerCase();
}

function isPlain({ key, altKey, ctrlKey, metaKey }) {
  return key.length === 1 && !altKey && !ctrlKey && !metaKey;
}

const WITHOUT_TEXT = new Set(["button", "checkbox", "color", "file", "image", "radio", "range", "reset", "submit"]);

function takesText(target) {
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  return target.matches("input") && !WITHOUT_TEXT.has(target.type);
}

/** Whether the keyboard is that of a Mac, an iPhone or an iPad. */
export function isMac() {
  return /^(Mac|iP)/.test(navigator.userAgentData?.platform || navigator.platform);
}
