// Times and sizes as people of the page's language write them, in the browser's time zone.

import { locale, t } from "./language.js";

const DAY = 86_400_000;
const formatters = new Map();

// Making a formatter takes far longer than using it.
function formatter(name, options) {
  const key = `${locale()} ${name}`;
  if (!formatters.has(key)) formatters.set(key, new Intl.DateTimeFormat(locale(), options));
  return formatters.get(key);
}

function startOfDay(time) {
  return new Date(time).setHours(0, 0, 0, 0);
}

/** Names a day the same for all its times. */
export function dayKey(time) {
  return String(startOfDay(time));
}

/** "14:05" */
export function clockTime(time) {
  return formatter("clock", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(time);
}

/** Which day it is, seen from now: "today", "yesterday", "this year" or "before". */
function distance(time, now) {
  const day = startOfDay(time);
  if (day === startOfDay(now)) return "today";
  // Half a day before midnight is yesterday, however long either of the two days is.
  if (day === startOfDay(startOfDay(now) - DAY / 2)) return "yesterday";
  return new Date(time).getFullYear() === new Date(now).getFullYear() ? "this year" : "before";
}

/** "Today", "Yesterday", "Tuesday, 3 March", with the year where it is another one. */
export function dayName(time, now = Date.now()) {
  const day = distance(time, now);
  if (day === "today" || day === "yesterday") return t(day);
  return formatter(`day ${day}`, {
    year: day === "before" ? "numeric" : undefined, month: "long", day: "numeric", weekday: "long",
  }).format(time);
}

/** Short, for a list: the time today, the day before that. */
export function shortTime(time, now = Date.now()) {
  const day = distance(time, now);
  if (day === "today") return clockTime(time);
  if (day === "yesterday") return t(day);
  return formatter(`short ${day}`, {
    year: day === "before" ? "2-digit" : undefined, month: "numeric", day: "numeric",
  }).format(time);
}

/** Day and time, for a tooltip. */
export function fullTime(time) {
  return formatter("full", { dateStyle: "long", timeStyle: "medium" }).format(time);
}

/** "184 kB" */
export function fileSize(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return new Intl.NumberFormat(locale(), {
    style: "unit", unit: units[power], unitDisplay: power === 0 ? "long" : "short", maximumFractionDigits: power > 1 ? 1 : 0,
  }).format(bytes / 1000 ** power);
}
