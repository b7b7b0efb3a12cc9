// Answers as lists of named values, in the reader's language; and the elements that scripts make.
import { flagSentence, inYuan, score } from "./figures.js";
import { pick, say } from "./plain-words.js";

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  made.append(...children);
  return made;
}
export const named = (name, table) => (Object.hasOwn(table, name) ? pick(table[name]) : name);
// The name of a fact as it stands beside an amount in yuan: packages hold names that end in the unit of JSON.
export const withoutUnit = (text) => text.replace(/\(分\)$| \(fen\)$/, "");

// What a word says as the value of a member, of an event type or fact where that matters.
export function worded(name, vocabulary, member = "", of = "") {
  const meaning = [`${of}/${member}`, member].map((key) => vocabulary.meanings[key]).find((table) => table && Object.hasOwn(table, name));
  return meaning ? pick(meaning[name]) : named(name, vocabulary.words);
}

const EVENT = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

// A value of a member as text and lists, of an event type or fact; names and words in the reader's language, money in yuan.
export function shown(value, vocabulary, member = "", of = "") {
  if (value === null) return "—";
  if (typeof value === "boolean") return value ? say("yes") : say("no");
  if (Array.isArray(value)) return value.length === 0 ? "—" : element("ul", {}, ...value.map((v) => element("li", {}, shown(v, vocabulary, member, of))));
  if (typeof value === "number") return figure(value, vocabulary, member);
  if (typeof value === "string") return text(value, vocabulary, member, of);
  // What is said in both languages is told in the reader's; the sentence of a flag is in yuan and rounded scores.
  if (typeof value.zh === "string" && typeof value.en === "string" && typeof value.flag === "string") return flagSentence(value.flag, pick([value.zh, value.en]));
  const amount = typeof value.param_path === "string" && isAmount(value.param_path, vocabulary);
  return element("dl", {}, ...Object.entries(value).flatMap(([k, v]) => row(k, v, vocabulary, member, of, amount && k === "value" ? "amount" : undefined)));
}
// Is the value of a parameter an amount? Paths of the catalogue have a name in braces: prize.first.{award}.
export const isAmount = (path, vocabulary) => vocabulary.amounts.some((known) => { const [head, tail] = known.split(/\{.*\}/); return tail === undefined ? path === known : path.startsWith(head) && path.endsWith(tail) && path.length > head.length + tail.length; });
function figure(value, vocabulary, member) {
  if (vocabulary.money.includes(member)) return inYuan(value);
  return member === "year" ? String(value) : value.toLocaleString("en-US");
}
function text(value, vocabulary, member, of) {
  if (EVENT.test(value)) return element("code", { title: value }, `…${value.slice(-8)}`);
  if (vocabulary.scores.includes(member) && score(value) !== value) return element("span", { title: value }, score(value));
  return worded(value, vocabulary, member, of);
}
// A sum that is due has the name of a day that is; what stands under an id is what the member over it holds.
function row(key, value, vocabulary, over, of, read) {
  // A key may be a JSON Pointer, whose end names the member.
  const name = key.startsWith("/") ? key.slice(key.lastIndexOf("/") + 1) : key;
  const due = name === "due" && typeof value === "number", member = read ?? (due ? "due_amount" : Object.hasOwn(vocabulary.members, name) && !(name === "new" && over) ? name : over);
  return [element("dt", {}, named(due ? "due_amount" : name, vocabulary.members)), element("dd", {}, shown(value, vocabulary, member, of))];
}
