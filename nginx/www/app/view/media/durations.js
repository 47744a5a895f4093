// Lengths of videos, sounds and recordings as text.

/** Returns seconds as "0:05", "12:30" or "1:02:03". */
export function clockOf(seconds) {
  const all = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Returns a length, which is at least a second: what is there is not "0:00". */
export function lengthText(seconds) {
  return clockOf(Math.max(1, Math.round(seconds)));
}
