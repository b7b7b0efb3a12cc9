// Answers as lists of named values, in the reader's language; and the elements that scripts make.
import { chinese, say } from "./plain-words.js";

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  made.append(...children);
  return made;
}
const pick = ([zh, en]) => (chinese ? zh : en);
export const named = (name, table) => (Object.hasOwn(table, name) ? pick(table[name]) : name);

const EVENT = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

// A value of an answer or a payload as text and lists; names and words in the reader's language.
export function shown(value, vocabulary) {
  if (value === null) return "—";
  if (typeof value === "boolean") return value ? say("是", "yes") : say("否", "no");
  if (Array.isArray(value)) return value.length === 0 ? "—" : element("ul", {}, ...value.map((v) => element("li", {}, shown(v, vocabulary))));
  if (typeof value === "string" && EVENT.test(value)) return element("code", { title: value }, `…${value.slice(-8)}`);
  if (typeof value !== "object") return typeof value === "string" ? named(value, vocabulary.words) : value.toLocaleString("en-US");
  return element("dl", {}, ...Object.entries(value).flatMap(([k, v]) => member(k, v, vocabulary)));
}
// Sums are kept in fen, which their label says, and shown in yuan; a sum that is due has the name of a day that is.
const FEN = /\(分\)$| \(fen\)$/;
function member(name, value, vocabulary) {
  const label = name === "due" && typeof value === "number" ? say("应得", "due") : named(name, vocabulary.members);
  if (typeof value !== "number" || !FEN.test(label)) return [element("dt", {}, label), element("dd", {}, shown(value, vocabulary))];
  const yuan = (value / 100).toLocaleString("en-US", { minimumFractionDigits: 2 });
  return [element("dt", {}, label.replace(FEN, "")), element("dd", {}, say(`${yuan} 元`, `CNY ${yuan}`))];
}
