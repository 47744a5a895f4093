// Formats of times and sizes in the page's language and the browser's time zone.

import { locale, t } from "./language.js";

const DAY = 86_400_000;
// Whether the hours of a day are counted to 12 or to 24 is the browser's to say, whatever language the page is in: there
// are people in the United States who read Chinese, and in China who read English.
const HOURS = hoursOf(new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions().hourCycle);
const formatters = new Map();

// Formatters are kept: making one takes far longer than using it.
function formatter(name, options) {
  const key = `${locale()} ${name}`;
  if (!formatters.has(key)) formatters.set(key, new Intl.DateTimeFormat(locale(), options));
  return formatters.get(key);
}

function startOfDay(time) {
  return new Date(time).setHours(0, 0, 0, 0);
}

/** Returns a key that is the same for all times of a day. */
export function dayKey(time) {
  return String(startOfDay(time));
}

function hoursOf(hourCycle) {
  const isOf12 = hourCycle === "h11" || hourCycle === "h12";
  return isOf12 ? { hourCycle: "h12", hour: "numeric" } : { hourCycle: "h23", hour: "2-digit" };
}

/** Formats a time as "14:05" or "2:05 PM", as is usual where the user is. */
export function clockTime(time) {
  return formatter("clock", { ...HOURS, minute: "2-digit" }).format(time);
}

/** Returns how far a day is in the past: "today", "yesterday", "this year" or "before". */
function relativeDay(time, now) {
  const day = startOfDay(time);
  if (day === startOfDay(now)) return "today";
  // Twelve hours before midnight is always yesterday, although a day can have 23 or 25 hours.
  if (day === startOfDay(startOfDay(now) - DAY / 2)) return "yesterday";
  return new Date(time).getFullYear() === new Date(now).getFullYear() ? "this year" : "before";
}

/** Formats a day as "Today", "Yesterday" or "Tuesday, 3 March", with the year where it is another one. */
export function dayName(time, now = Date.now()) {
  const day = relativeDay(time, now);
  if (day === "today" || day === "yesterday") return t(day);
  return formatter(`day ${day}`, {
    year: day === "before" ? "numeric" : undefined, month: "long", day: "numeric", weekday: "long",
  }).format(time);
}

/** Formats a time for a list: the time of day where it is today, else the day. */
export function shortTime(time, now = Date.now()) {
  const day = relativeDay(time, now);
  if (day === "today") return clockTime(time);
  if (day === "yesterday") return t(day);
  return formatter(`short ${day}`, {
    year: day === "before" ? "2-digit" : undefined, month: "numeric", day: "numeric",
  }).format(time);
}

/** Formats day and time, for a tooltip. */
export function fullTime(time) {
  return formatter("full", {
    year: "numeric", month: "long", day: "numeric", ...HOURS, minute: "2-digit", second: "2-digit",
  }).format(time);
}

/** Formats a size as "184 kB". */
export function fileSize(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return new Intl.NumberFormat(locale(), {
    style: "unit", unit: units[power], unitDisplay: power === 0 ? "long" : "short",
    maximumFractionDigits: power > 1 ? 1 : 0,
  }).format(bytes / 1000 ** power);
}
