// Phone numbers in a text. Order numbers, ids, dates and prices are digits, too: what is not clearly one is none.

// The longest way to write a number: 15 digits, and two characters between each and the next.
const LONGEST = 48;
const BETWEEN = "[ ().\\u00a0\\u2010-\\u2013-]{0,2}";
const digits = (from, to = from) => `(?:${BETWEEN}\\d){${from},${to}}`;

// China's and America's numbers have one length each, so that digits that follow after a space are not taken for a part
// of them. Those of other countries have nine digits or more here, since +1000000 may be a number of anything.
const INTERNATIONAL = new RegExp(
  `^\\(?\\+(?:86\\)?${BETWEEN}1[3-9]${digits(9)}|1\\)?${BETWEEN}[2-9]${digits(9)}`
  + `|(?!86${BETWEEN}1[3-9])[2-9]${digits(8, 14)})`,
);
// Separators are at their usual places: 138-1234-5678, 138 1234 5678.
const MOBILE = /^1[3-9]\d(?:\d{8}|([ -])\d{4}\1\d{4})/;

// What may stand right before and after a number, of ASCII: punctuation, a label such as "tel:", or another number.
const BEFORE = /(?:^|[^\x21-\x7e])(?:[("'[,;|]|[a-z]+\.?:|[:/-](?<![\w/-][:/-]))*(?:1[3-9]\d{9}[/,;|])*$/i;
const AFTER = /^[()"'[\],;:.!?|/-]*(?:$|[^\x21-\x7e]|[/,;|]1[3-9]\d{9}(?!\d))/;
const PRICE_BEFORE = /[$¥￥€£₩]\s?$/;
const PRICE_AFTER = /^\s?(?:元|块|万|亿|美元|%|％|usd|rmb|cny)/i;
const ID_BEFORE = /(?:单号|订单|编号|流水号|卡号|账号|工号|\bid|\bno|\bqq|order|number|#|№)[\s:：.#是为]{0,4}$/i;

/**
 * Returns the number that is written at that place of a text, or null where there is none.
 *
 * @returns {?{number: string, length: number}} number: digits, with "+" before them where it is international
 */
export function phoneNumberAt(text, index) {
  const start = text.slice(index, index + LONGEST);
  const [written] = start.match(INTERNATIONAL) ?? start.match(MOBILE) ?? [];
  if (written === undefined) return null;
  const before = text.slice(Math.max(0, index - LONGEST), index);
  const after = text.slice(index + written.length, index + written.length + LONGEST);
  return isNumber(written, before, after)
    ? { number: written.replace(/[^\d+]/g, ""), length: written.length } : null;
}

function isNumber(written, before, after) {
  if (!BEFORE.test(before) || !AFTER.test(after)) return false;
  if (PRICE_BEFORE.test(before) || PRICE_AFTER.test(after)) return false;
  if (/^\d/.test(written)) {
    if (ID_BEFORE.test(before)) return false;
    // Groups of digits that go on are those of a card or an account.
    if (/[ -]/.test(written) && (/\d[ -]$/.test(before) || /^[ -]\d/.test(after))) return false;
  }
  return written.split("(").length === written.split(")").length;
}
