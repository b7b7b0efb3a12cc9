// Sections 1 and 2 and events/*.json: what a statement has to be like, judged from its bytes alone.
import { indexKeys, need } from "./log.mjs";

// Schemas by type and schema version: an old entry is held against the version under which it was signed.
export const schemasOf = (schemas) => new Map(schemas.map((s) => [`${s["x-type"]} ${s["x-schema"]}`, s]));
export const schemaOf = (schemas, statement) => schemas.get(`${statement.type} ${statement.schema}`);

const matches = (pattern, text) => typeof text === "string" && pattern.test(text);
export const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

// Days and instants. Wherever a string has the form of one, its year is within these.
const YEAR_MIN = 1900, YEAR_MAX = 2999;
const DAY = /^(\d{4})-(\d\d)-(\d\d)$/, LIKE_A_DAY = /^\d{4}-\d\d-\d\d(T[0-9:.+Z-]*)?$/;
const INSTANT = /^(\d{4}-\d\d-\d\d)[Tt ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):?([0-5]\d))$/;
const NARROW = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+08:00)$/;
const inYears = (text) => Number(text.slice(0, 4)) >= YEAR_MIN && Number(text.slice(0, 4)) <= YEAR_MAX;

function midnight(text) {
  const [, year, month, day] = text.match(DAY) ?? [], at = new Date(0);
  if (year === undefined || Number(year) < 1) return null;
  at.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return at.getUTCMonth() === Number(month) - 1 && at.getUTCDate() === Number(day) ? at.getTime() : null;
}
// Microseconds since 1970 of an RFC 3339 instant as BigInt, the seventh decimal rounded half up; null for anything else.
export function micros(text) {
  const [, day, hour, minute, second, decimals = "", sign, ahead = "0", minutes = "0"] = (typeof text === "string" && text.match(INSTANT)) || [];
  const start = day === undefined ? null : midnight(day);
  if (start === null) return null;
  const offset = (Number(ahead) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
  const seconds = BigInt(start / 1000) + BigInt(Number(hour) * 3600 + (Number(minute) - offset) * 60 + Number(second));
  return seconds * 1_000_000n + BigInt(decimals.padEnd(7, "0").slice(0, 6)) + (decimals[6] >= "5" ? 1n : 0n);
}
const isDay = (text) => typeof text === "string" && midnight(text) !== null;
// As effective_at and recorded_at have it: Z or +08:00, at most six decimals.
export const isNarrowInstant = (text) => matches(NARROW, text) && micros(text) !== null && inYears(text);
export const shanghaiDay = (at) => {
  const eight = at + 28_800_000_000n, milli = 86_400_000_000n;
  return new Date(Number((eight - ((eight % milli) + milli) % milli) / 1000n)).toISOString().slice(0, 10);
};
export const effectiveDay = (text) => (text.includes("T") ? shanghaiDay(micros(text)) : text);

// The keywords of JSON Schema that our schemas use.
const patterns = new Map();
const patternOf = (text) => patterns.get(text) ?? patterns.set(text, new RegExp(text, "u")).get(text);
const KINDS = { object: isObject, array: Array.isArray, string: (v) => typeof v === "string", integer: Number.isSafeInteger,
  boolean: (v) => typeof v === "boolean", null: (v) => v === null };
function conforms(value, schema, defs) {
  if (schema.$ref) return conforms(value, defs[schema.$ref.replace("#/$defs/", "")], defs);
  if (schema.anyOf) return schema.anyOf.some((s) => conforms(value, s, defs));
  if (schema.enum && !schema.enum.includes(value)) return false;
  if (schema.type && !KINDS[schema.type](value)) return false;
  if (typeof value === "string") {
    const length = [...value].length;
    if (schema.pattern && !patternOf(schema.pattern).test(value)) return false;
    if (length < (schema.minLength ?? 0) || length > (schema.maxLength ?? Infinity)) return false;
    if ((schema.format === "date" && !isDay(value)) || (schema.format === "date-time" && micros(value) === null)) return false;
  }
  if (typeof value === "number" && (value < (schema.minimum ?? -Infinity) || value > (schema.maximum ?? Infinity))) return false;
  if (Array.isArray(value)) return value.every((v) => conforms(v, schema.items ?? {}, defs));
  if (!isObject(value)) return true;
  if ((schema.required ?? []).some((name) => !Object.hasOwn(value, name))) return false;
  return Object.entries(value).every(([name, v]) => Object.hasOwn(schema.properties ?? {}, name)
    ? conforms(v, schema.properties[name], defs)
    : schema.additionalProperties !== false && (!schema.propertyNames || conforms(name, schema.propertyNames, defs)) &&
      conforms(v, typeof schema.additionalProperties === "object" ? schema.additionalProperties : {}, defs));
}

// No null anywhere, and no day so far off that a period counted from it would leave the calendar.
function checkValues(value) {
  need(value !== null, "null: absent members are left out");
  if (typeof value === "string") need(!LIKE_A_DAY.test(value) || inYears(value), `the year of ${value.slice(0, 10)} lies outside ${YEAR_MIN} to ${YEAR_MAX}`);
  else if (typeof value === "object") Object.values(value).forEach(checkValues);
}

const MEMBERS = ["actor", "basis", "causes", "effective_at", "evidence", "id", "log", "payload", "role", "schema", "sd", "type"];
const ROLES = ["APP", "REC", "DEP", "SEC", "SECH", "REV", "LEAD", "COM", "CHR", "GOV", "FIN", "SUP", "DIS", "PUB", "OPR"];
const ID = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,79}$/, UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const ORIGIN = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(\/[a-z0-9._-]+)*$/, ARTICLE = /^[A-Za-z0-9_.-]{1,40}:[^\n]{1,80}$/u;
const DIGEST = /^[0-9a-f]{64}$/, COMMITMENT = /^[A-Za-z0-9_-]{43}$/;
const CAUSES_MAX = 500, TAGS_MAX = 2000;
const isText = (value) => typeof value === "string" && value !== "" && [...value].length <= 500;
const hasMembers = (value, ...names) => isObject(value) && Object.keys(value).sort().join() === names.join();
const isListOf = (holds, value) => Array.isArray(value) && value.every(holds);

// Raises what is wrong with the form of a parsed statement.
export function checkStatement(s, schemas) {
  need(isObject(s), "no object");
  checkValues(s);
  const names = Object.keys(s).filter((n) => n !== "late" && n !== "override").sort();
  need(names.join() === MEMBERS.join() && typeof s.type === "string" && Number.isSafeInteger(s.schema), "members are not those of a statement");
  const schema = schemaOf(schemas, s);
  need(schema !== undefined, "not a type and schema version of the vocabulary");
  need(matches(ORIGIN, s.log) && s.log.length <= 100, "log is no origin");
  need(matches(UUID7, s.id), "id is no UUIDv7");
  need(matches(ID, s.actor) && ROLES.includes(s.role), "actor or role out of form");
  need(isDay(s.effective_at) || isNarrowInstant(s.effective_at), "effective_at is no day or instant");
  need(isListOf((a) => matches(ARTICLE, a), s.basis), "basis is no list of <pack>:<article>");
  need(isListOf((c) => matches(UUID7, c), s.causes) && s.causes.length <= CAUSES_MAX, "causes are no list of statement ids");
  need(isListOf((e) => hasMembers(e, "class", "label", "sha256") && ["P", "R"].includes(e.class) && isText(e.label) && matches(DIGEST, e.sha256), s.evidence), "evidence out of form");
  need(s.late === undefined || (hasMembers(s.late, "kind", "reason") && ["delayed", "legacy_import"].includes(s.late.kind) && isText(s.late.reason)), "late out of form");
  need(s.override === undefined || (hasMembers(s.override, "instrument_no", "reason") && isText(s.override.instrument_no) && isText(s.override.reason)), "override out of form");
  need(isObject(s.payload) && !Object.keys(schema["x-restricted"]).some((p) => Object.hasOwn(s.payload, p.slice(1))), "restricted plaintext");
  need(conforms(s.payload, schema, schema.$defs), "payload breaks its schema");
  need(isObject(s.sd) && Object.entries(s.sd).every(([p, d]) => Object.hasOwn(schema["x-restricted"], p) && matches(COMMITMENT, d)), "sd out of form");
  need(indexKeys(s, schema).length <= 2 * TAGS_MAX + 1, "too many tags");
}
