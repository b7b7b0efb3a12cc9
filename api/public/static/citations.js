// Articles as people cite them: what ledger/regulation/citations.py says on pages, for what a script is told by number.
import { enumerated, say, tag } from "./plain-words.js";

const DIGITS = "一二三四五六七八九";
const tens = (n) => (n < 10 ? "" : (n < 20 ? "" : DIGITS[Math.floor(n / 10) - 1]) + "十");
const written = (n) => tens(n) + (n % 10 ? DIGITS[(n % 10) - 1] : "");
// 1 to 99 as the articles of a regulation are numbered.
const NUMERALS = Array.from({ length: 99 }, (_, i) => written(i + 1));
const numeral = (n) => (tag.startsWith("zh") ? NUMERALS[n - 1] ?? n : n);
const numbered = (chinese) => numeral(NUMERALS.indexOf(chinese) + 1);

const article = (n, item) => (item === undefined || item === "0" ? say("Art. {article}", { article: numeral(n) }) : say("Art. {article}({item})", { article: numeral(n), item: numeral(item) }));
const items = (n, first, last) => say("{article}, items {first} to {last}", { article: article(n), first: numeral(first), last: numeral(last) });
function part(name, item, number) {
  if (item === undefined) return say("part {part}", { part: numbered(name) });
  if (number === undefined) return say("part {part}({item})", { part: numbered(name), item: numbered(item) });
  return say("part {part}({item}), no. {number}", { part: numbered(name), item: numbered(item), number });
}
function point(name, n, articles) {
  const named = say("interpretation, part {part}, point {point}", { part: numbered(name), point: n });
  return articles === undefined ? named : say("{point} ({articles})", { point: named, articles: cited(articles.split(",")) });
}

const FORMS = [
  [/^([1-9]\d?)(?:\((\d{1,2})\))?$/, article],
  [/^(\d{1,2})\((\d{1,2})\)-\((\d{1,2})\)$/, items],
  [/^(\d{1,2})((?:\(\d{1,2}\)){2,})$/, (n, each) => enumerated(each.match(/\d+/g).map((item) => article(n, item)))],
  [/^(\d{1,2})-(\d{1,2})$/, (first, last) => say("{first} to {last}", { first: article(first), last: article(last) })],
  [/^([一二三四五六七八九十]+)(?:\(([一二三四五六七八九十]+)\)(\d{1,2})?)?$/, part],
  [/^([一二三四五六七八九十]+)\.(\d{1,2})(?:\(§([\d,]+)\))?$/, point],
];
const numerals = (text) => (text.match(/[一二三四五六七八九十]+/g) ?? []).every((n) => NUMERALS.includes(n));
function one(text) {
  const form = numerals(text) && FORMS.find(([pattern]) => pattern.test(text));
  return form ? form[1](...form[0].exec(text).slice(1)) : text;
}

// What is cited in another form stays as it is. A comma within the brackets of a citation parts nothing.
export const cited = (citations) => enumerated(citations.flatMap((c) => c.split(/,(?![^(]*\))/)).map((c) => one(c.trim().slice(c.trim().lastIndexOf(":") + 1))));
