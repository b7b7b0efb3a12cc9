// Composes, signs and submits statements in the browser (docs/spec/README.md sections 1, 2, 3 and 5).
import { base64, bytesOf, canonical, hex, sha256 } from "./log.mjs";
import { cited } from "./citations.js";
import { keys, signed } from "./keys.js";
import { pick, say, tag } from "./plain-words.js";

export const STATEMENT_TYPE = "application/vnd.rongjian.statement+json";
const base64url = (bytes) => base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const random = (length) => crypto.getRandomValues(new Uint8Array(length));

export function newId() {
  const bytes = random(16), now = Date.now();
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now / 2 ** (8 * (5 - i))) & 255;
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// members: type, schema, log, actor, role, effective_at, basis, causes, evidence, payload, late?, override?; restricted: pointer -> value.
export async function composed(members, restricted) {
  const sd = {}, openings = {};
  for (const [pointer, value] of Object.entries(restricted)) {
    const salt = base64url(random(32));
    sd[pointer] = base64url(await sha256(base64url(bytesOf(canonical([salt, pointer, value])))));
    openings[pointer] = { salt, value };
  }
  return { statement: { ...members, id: newId(), sd }, openings };
}

export async function call(context, path, value, method = "POST") {
  const response = await fetch(`${context.api}${path}`, { method, body: value === undefined ? undefined : JSON.stringify(value), headers: { "Content-Type": "application/json", "Accept-Language": tag, "X-CSRF-Token": context.csrf } });
  const told = response.status === 204 ? {} : await response.json();
  if (!response.ok) throw Object.assign(new Error(explained(told)), { told });
  return told;
}
export function explained(told) {
  const articles = told.article ? say(" ({cited})", { cited: cited([told.article]) }) : "", then = (text) => (text ? say(". {sentence}", { sentence: text }) : "");
  const again = told.retry_after ? say("Try again in {n} seconds", { n: told.retry_after }) : "";
  return `${told.title ?? pick([told.zh, told.en])}${articles}${then(pick([told.remedy_zh ?? told.remedy, told.remedy]))}${then(again)}${then(told.recourse && pick([told.recourse.zh, told.recourse.en]))}`;
}

export async function ownKey(context) {
  const key = (await keys()).find((k) => k.keyid === context.keyId);
  if (!key) throw new Error(say("the key of this session is no longer in this browser; log in again"));
  return key;
}

export async function submission(context, { statement, openings }) {
  const key = await ownKey(context), body = bytesOf(canonical(statement));
  return { envelope: { payload: base64(body), payloadType: STATEMENT_TYPE, signatures: [{ keyid: key.keyid, sig: await signed(key, body, STATEMENT_TYPE) }] }, openings };
}

// Recorded, or passed on for the second signature that it needs. An opening gives what it opens, once.
export async function given(context, made) {
  const whole = await submission(context, made), { type, payload } = made.statement;
  try {
    if (type === "RestrictedDataHandled" && payload.action === "opened") return await call(context, "/disclosures", whole);
    return { receipt: await call(context, "/statements", whole) };
  }
  catch (error) {
    if (!["countersignature_missing", "override_not_authorised"].includes(error.told?.code)) throw error;
    return { pending: await call(context, "/pending", whole) };
  }
}
