// What scripts say, in the language of the page: English templates here, what they are called in other languages in words.<tag>.json,
// which is made of the catalogues. A template is the literal first argument, so that it is found (api/public/scripts.py).
export const tag = document.documentElement.lang;
const chinese = tag.startsWith("zh"), english = tag.startsWith("en");

async function wordsOf() {
  const response = await fetch(new URL(`words.${tag}.json`, import.meta.url));
  return response.ok ? response.json() : {};
}
const words = english ? {} : await wordsOf();

export const say = (template, members = {}) => (words[template] ?? template).replace(/\{(\w+)\}/g, (all, name) => (Object.hasOwn(members, name) ? String(members[name]) : all));
// A template that is said later.
const known = (template) => template;
// Names one after the other, as the language separates them.
export const enumerated = (names) => names.join(say(", "));
// Of what the service says in Chinese and in English, the page's; any other language of a page hears English.
export const pick = ([zh, en]) => (chinese ? zh : en);

// The day of an instant as the office counts it, written as on the pages.
const DAY = new Intl.DateTimeFormat(english ? "en-GB" : tag, { dateStyle: "long", timeZone: "Asia/Shanghai" });
export const dayInWords = (instant) => DAY.format(new Date(instant));

// What the verifier (log.mjs, statement.mjs, entries.mjs, package.mjs) names as wrong: it stands alone and speaks English.
const PROBLEMS = [
  known("not hexadecimal"), known("not base64"), known("base64 not in its one form"), known("nested too deep"), known("member name not ASCII"), known("number is no safe integer"),
  known("a lone surrogate"), known("not canonical JSON"), known("vkey is no witness's"), known("vkey is no key of a log"), known("the note holds a control character"), known("no signature block"),
  known("malformed signature line"), known("too many signature lines"), known("a name is too long"), known("{name} signed twice with one key"), known("cosignature of {name} does not verify"),
  known("signature of {name} does not verify"), known("{name} is not verified, and no other key given signed it"), known("no key given signed it"), known("not origin, size and root"), known("root is not 32 bytes"),
  known("extension lines: a log of ours has none"), known("no tag index"), known("the index is not of this log"), known("the index is not of this log and size"), known("the proof lies beyond the tree"),
  known("the proof is too long"), known("the proof is too short"), known("the package unpacks to too much"), known("no ZIP archive"), known("no archive of the plain form, or too many files"), known("directory out of form"),
  known("no file {file} belongs in a package"), known("{file} is there twice"), known("{file} is encrypted or packed in another way"), known("header out of form"), known("{file} breaks off"), known("it is missing"),
  known("not the manifest of a rongjian/evidence@v1"), known("its bytes are not those that the manifest names"), known("entries are not those that the manifest names"), known("no proof"),
  known("it does not lead to the signed tree head"), known("proofs of other entries"), known("not one proof for each key"), known("entries under {key} are not proven complete"),
  known("nothing proves that the entries under {key} are complete"), known("{pointer} of {event} is not what was committed to"), known("not of this log and size"), known("too long"), known("not framed as an entry"), known("not our envelope"),
  known("signatures out of form"), known("GenesisDeclared is the first entry and no other"), known("names {log}"), known("used at {position} before"), known("a loss begins where it is declared"), known("earlier than the entry before"),
  known("after the day of recording"), known("by a key that is not registered"), known("by a key that is not valid then"), known("does not verify"), known("did not sign"), known("not one GOV, one OPR and one SECH, each another principal"),
  known("did not sign the genesis"), known("{actor} does not hold {role}"), known("missing"), known("no second signature by SUP or GOV"), known("the new key does not sign"), known("no key registered before vouches for it"),
  known("null: absent members are left out"), known("the year of {day} lies outside {first} to {last}"), known("no object"), known("members are not those of a statement"), known("not a type and schema version of the vocabulary"),
  known("log is no origin"), known("id is no UUIDv7"), known("actor or role out of form"), known("effective_at is no day or instant"), known("basis is no list of <pack>:<article>"), known("causes are no list of statement ids"),
  known("evidence out of form"), known("late out of form"), known("override out of form"), known("restricted plaintext"), known("payload breaks its schema"), known("sd out of form"), known("too many tags"),
];
// What it says is wrong with, before a colon; a file or a name stands there as it is.
const PLACES = [known("entry"), known("genesis"), known("log"), known("signature"), known("who acted"), known("founders"), known("role"), known("countersignature"), known("override"), known("introduction"), known("founder {name}")];

const escaped = (text) => text.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
const patternOf = (template) => new RegExp(`^${escaped(template).replace(/\{(\w+)\}/g, "(?<$1>.+?)")}$`);
const told = (templates, text) => { const found = templates.find((t) => patternOf(t).test(text)); return found && say(found, patternOf(found).exec(text).groups); };
function inWords(text) {
  const whole = told(PROBLEMS, text), cut = text.indexOf(": ");
  if (whole !== undefined || cut < 0) return whole ?? text;
  return say("{place}: {problem}", { place: told(PLACES, text.slice(0, cut)) ?? text.slice(0, cut), problem: inWords(text.slice(cut + 2)) });
}
export const problem = (error) => inWords(error.message);

export async function get(url) {
  const response = await fetch(url, { cache: "no-store" }), name = url.split("/").pop();
  if (!response.ok) throw new Error(say("cannot fetch {name} ({status})", { name, status: response.status }));
  return response;
}
