// What every verifier of a Rongjian log does, written from ../README.md alone: forms, notes, the tree, entries one by one.
// Runs in Node and in browsers; the only cryptography here is Web Crypto's SHA-256. Signature suites are given by the caller:
// length of the raw key -> { spki(raw), verify(raw, signature, message) }, and for heads { ed25519 }.

export const fail = (problem) => { throw new Error(problem); };
export const need = (holds, problem) => { if (!holds) fail(problem); };

// Bytes.
export const bytesOf = (text) => new TextEncoder().encode(text);
export const utf8 = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
export const unhex = (text) => (/^([0-9a-f]{2})*$/.test(text) ? Uint8Array.from(text.match(/../g) ?? [], (b) => parseInt(b, 16)) : fail("not hexadecimal"));
export const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
export function joined(...parts) {
  const all = parts.map((p) => (typeof p === "string" ? bytesOf(p) : p)), out = new Uint8Array(all.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of all) { out.set(part, at); at += part.length; }
  return out;
}
export const base64 = (bytes) => btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
export function unbase64(text) {
  let bytes;
  try { bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0)); } catch { fail("not base64"); }
  return text !== "" && base64(bytes) === text ? bytes : fail("base64 not in its one form");
}
export const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
const u64 = (n) => { const out = new Uint8Array(8); new DataView(out.buffer).setBigUint64(0, BigInt(n)); return out; };

// Section 1: canonical JSON. The platform's parser is lenient, so the value is written again and compared byte for byte.
export function canonical(value, depth = 0) {
  need(depth <= 32, "nested too deep");
  if (Array.isArray(value)) return `[${value.map((v) => canonical(v, depth + 1)).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const names = Object.keys(value).sort();
    need(names.every((n) => /^[\x00-\x7f]*$/.test(n)), "member name not ASCII");
    return `{${names.map((n) => `${JSON.stringify(n)}:${canonical(value[n], depth + 1)}`).join(",")}}`;
  }
  need(typeof value !== "number" || Number.isSafeInteger(value), "number is no safe integer");
  return JSON.stringify(value);
}
export function parseCanonical(bytes) {
  const text = utf8(bytes), value = JSON.parse(text);
  need(canonical(value) === text, "not canonical JSON");
  return value;
}

// Section 6: signed notes (c2sp.org/signed-note), checkpoints, the tree of RFC 6962.
async function keyOf(vkey, type = 1) {
  const plus = vkey.indexOf("+"), [name, raw] = [vkey.slice(0, plus), unbase64(vkey.slice(plus + 10))];
  const id = (await sha256(name, "\n", raw)).subarray(0, 4);
  need(raw[0] === type && raw.length === 33 && vkey.slice(plus + 1, plus + 9) === hex(id), "vkey is no Ed25519 key");
  return { name, id, raw: raw.subarray(1) };
}
// The text of a note that at least one of the keys signed under its own name, and the names on all its lines.
export async function openNote(bytes, vkeys, ed25519) {
  const text = utf8(bytes), at = text.lastIndexOf("\n\n"), names = [];
  need(at >= 0 && text.endsWith("\n"), "no signature block");
  const signed = text.slice(0, at + 1), keys = await Promise.all(vkeys.map((vkey) => keyOf(vkey)));
  let by = null;
  for (const line of text.slice(at + 2, -1).split("\n")) {
    const [, name, encoded] = line.match(/^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u) ?? fail("malformed signature line");
    const decoded = unbase64(encoded), key = keys.find((k) => k.name === name && same(k.id, decoded.subarray(0, 4)));
    names.push(name);
    if (key === undefined) continue;
    need(await ed25519(key.raw, decoded.subarray(4), bytesOf(signed)), `signature of ${name} does not verify`);
    by = name;
  }
  need(by !== null, "no key given signed it");
  return { signed, by, names };
}
// Witnesses among the vkeys (type 4, c2sp.org/tlog-cosignature) that cosigned the note, and when, in POSIX seconds.
export async function cosigned(bytes, vkeys, ed25519) {
  const text = utf8(bytes), at = text.lastIndexOf("\n\n"), signed = text.slice(0, at + 1), found = [];
  const keys = await Promise.all(vkeys.map((vkey) => keyOf(vkey, 4)));
  for (const line of text.slice(at + 2, -1).split("\n")) {
    const [, name, encoded] = line.split(" "), decoded = unbase64(encoded), key = keys.find((k) => k.name === name && same(k.id, decoded.subarray(0, 4)));
    if (key === undefined) continue;
    const time = Number(new DataView(decoded.buffer, decoded.byteOffset + 4).getBigUint64(0));
    need(await ed25519(key.raw, decoded.subarray(12), bytesOf(`cosignature/v1\ntime ${time}\n${signed}`)), `cosignature of ${name} does not verify`);
    found.push({ name, time });
  }
  return found;
}
export async function openCheckpoint(bytes, vkeys, ed25519) {
  const { signed, by, names } = await openNote(bytes, vkeys, ed25519), [origin, size, root, ...rest] = signed.split("\n");
  need(rest.length === 1 && rest[0] === "" && /^(0|[1-9][0-9]{0,15})$/.test(size) && by === origin, "not origin, size and root");
  const hash = unbase64(root);
  need(hash.length === 32, "root is not 32 bytes");
  return { origin, size: Number(size), root: hash, witnesses: names.filter((n) => n !== origin) };
}
export async function openIndex(bytes, vkeys, ed25519, head) {
  const { signed, by } = await openNote(bytes, vkeys, ed25519), [kind, origin, size, keys, root, ...rest] = signed.split("\n");
  need(kind === "rongjian/tag-index@v1" && rest.join() === "" && rest.length === 1 && /^(0|[1-9][0-9]{0,15})$/.test(keys), "no tag index");
  need(by === head.origin && origin === head.origin && size === String(head.size), "the index is not of this log and size");
  return { keys: Number(keys), root: unbase64(root) };
}

export const leafHash = (entry) => sha256(Uint8Array.of(0), entry);
export const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);
export async function treeHash(hashes) {
  if (hashes.length === 0) return sha256("");
  if (hashes.length === 1) return hashes[0];
  const half = 2 ** Math.floor(Math.log2(hashes.length - 1));
  return nodeHash(await treeHash(hashes.slice(0, half)), await treeHash(hashes.slice(half)));
}
// RFC 9162, 2.1.3.2: the root to which a leaf and its proof lead.
export async function rootOf(index, size, leaf, proof) {
  need(Number.isSafeInteger(index) && index >= 0 && index < size, "the proof lies beyond the tree");
  let fn = index, sn = size - 1, root = leaf;
  for (const sibling of proof) {
    need(sn > 0 && sibling.length === 32, "the proof is too long");
    if (fn % 2 === 1 || fn === sn) {
      root = await nodeHash(sibling, root);
      while (fn % 2 === 0 && fn !== 0) { fn = Math.floor(fn / 2); sn = Math.floor(sn / 2); }
    } else root = await nodeHash(root, sibling);
    fn = Math.floor(fn / 2); sn = Math.floor(sn / 2);
  }
  need(sn === 0, "the proof is too short");
  return root;
}

// Sections 7 and 8: tags, the keys of the tag index, and a key's chain over its entries.
function valuesAt(value, path) {
  const [first, ...rest] = path.split("."), list = first.endsWith("[]"), found = value?.[list ? first.slice(0, -2) : first];
  if (found === undefined || found === null) return [];
  return (list ? found : [found]).flatMap((v) => (rest.length > 0 ? valuesAt(v, rest.join(".")) : [v]));
}
export function indexKeys(statement, schema) {
  const tags = new Set([`by:${statement.actor}`]);
  for (const tag of schema["x-tags"]) {
    const at = tag.indexOf(":"), kind = tag.slice(0, at);
    for (const item of valuesAt(statement.payload, tag.slice(at + 1))) {
      tags.add(`${kind}:${item}`);
      if (kind === "c") tags.add(`ed:${item.slice(0, Math.max(0, item.lastIndexOf("/")))}`);
    }
  }
  return [statement.type, ...tags, ...[...tags].map((t) => `${statement.type} ${t}`)];
}
export class TagIndex {
  chains = new Map();
  async add(position, leaf, keys) {
    for (const key of keys) {
      const { count, chain } = this.chains.get(key) ?? { count: 0, chain: new Uint8Array(32) };
      this.chains.set(key, { count: count + 1, chain: await sha256(chain, u64(position), leaf) });
    }
  }
  // The leaf hash of a key: of what was added under it, or of what is claimed.
  static leaf({ key, count, chain }) { return leafHash(bytesOf(canonical({ chain, count, key }))); }
  async root() {
    const leaves = await Promise.all([...this.chains].map(async ([key, { count, chain }]) => ({ key: hex(await sha256(key)), count, chain: hex(chain) })));
    leaves.sort((a, b) => (a.key < b.key ? -1 : 1));
    return { keys: leaves.length, root: await treeHash(await Promise.all(leaves.map(TagIndex.leaf))) };
  }
}

// Schemas by type and schema version: an old entry is held against the version under which it was signed.
export const schemasOf = (schemas) => new Map(schemas.map((s) => [`${s["x-type"]} ${s["x-schema"]}`, s]));
export const schemaOf = (schemas, statement) => schemas.get(`${statement.type} ${statement.schema}`);

// Section 2 and events/*.json: the keywords of JSON Schema that our schemas use.
const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;
const INSTANT = /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|\+08:00)$/;
const isDay = (text) => DAY.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);
const isInstant = (text) => INSTANT.test(text) && isDay(text.slice(0, 10));
function conforms(value, schema, defs) {
  if (schema.$ref) return conforms(value, defs[schema.$ref.replace("#/$defs/", "")], defs);
  if (schema.anyOf) return schema.anyOf.some((s) => conforms(value, s, defs));
  if (schema.enum && !schema.enum.includes(value)) return false;
  const kinds = { object: () => value !== null && typeof value === "object" && !Array.isArray(value), array: () => Array.isArray(value),
    string: () => typeof value === "string", integer: () => Number.isSafeInteger(value), boolean: () => typeof value === "boolean", null: () => value === null };
  if (schema.type && !kinds[schema.type]()) return false;
  if (typeof value === "string") {
    const length = [...value].length;
    if (schema.pattern && !new RegExp(schema.pattern, "u").test(value)) return false;
    if (length < (schema.minLength ?? 0) || length > (schema.maxLength ?? Infinity)) return false;
    if ((schema.format === "date" && !isDay(value)) || (schema.format === "date-time" && !isInstant(value))) return false;
  }
  if (typeof value === "number" && (value < (schema.minimum ?? -Infinity) || value > (schema.maximum ?? Infinity))) return false;
  if (Array.isArray(value)) return value.every((v) => conforms(v, schema.items ?? {}, defs));
  if (value === null || typeof value !== "object") return true;
  if ((schema.required ?? []).some((name) => !Object.hasOwn(value, name))) return false;
  return Object.entries(value).every(([name, v]) => Object.hasOwn(schema.properties ?? {}, name)
    ? conforms(v, schema.properties[name], defs)
    : schema.additionalProperties !== false && (!schema.propertyNames || conforms(name, schema.propertyNames, defs)) &&
      conforms(v, typeof schema.additionalProperties === "object" ? schema.additionalProperties : {}, defs));
}

// Microseconds since 1970: Date.parse alone stops at milliseconds.
const micros = (text) => Date.parse(text.replace(/\.\d+/, "")) * 1000 + Number((text.match(/\.(\d+)/)?.[1] ?? "").padEnd(6, "0"));
const shanghaiDay = (instant) => new Date(Date.parse(instant) + 8 * 3600e3).toISOString().slice(0, 10);
export const effectiveDay = (text) => (text.includes("T") ? shanghaiDay(text) : text);
const MEMBERS = ["actor", "basis", "causes", "effective_at", "evidence", "id", "log", "payload", "role", "schema", "sd", "type"];

// Sections 2 to 4 and 8: one entry after the other; what later entries depend on is kept.
export class Entries {
  keys = new Map(); grants = []; cancelled = []; ids = new Map(); times = []; last = "";
  constructor(origin, schemas, suites, report) { Object.assign(this, { origin, schemas, suites, report }); }

  // The statement, or null where the entry is none.
  async check(position, bytes) {
    const finding = (field, problem) => this.report(position, field, problem);
    let statement, envelope, at;
    try {
      const entry = parseCanonical(bytes);
      need(Object.keys(entry).join() === "envelope,recorded_at" && entry.recorded_at.length === 27 &&
        /\.\d{6}Z$/.test(entry.recorded_at) && isInstant(entry.recorded_at), "not framed as an entry");
      [envelope, at] = [entry.envelope, entry.recorded_at];
      need(Object.keys(envelope).sort().join() === "payload,payloadType,signatures" &&
        envelope.payloadType === "application/vnd.rongjian.statement+json", "not our envelope");
      need(envelope.signatures.length >= 1 && envelope.signatures.length <= 8 && envelope.signatures.every((s, i, all) =>
        Object.keys(s).sort().join() === "keyid,sig" && /^[0-9a-f]{64}$/.test(s.keyid) && (i === 0 || all[i - 1].keyid < s.keyid)), "signatures out of form");
      envelope.body = unbase64(envelope.payload);
      statement = parseCanonical(envelope.body);
      this.form(statement);
    } catch (error) { finding("entry", error.message); return null; }
    if (statement.log !== this.origin) finding("log", `names ${statement.log}`);
    if (this.ids.has(statement.id)) finding("id", `used at ${this.ids.get(statement.id)} before`);
    else this.ids.set(statement.id, position);
    if (at < this.last && !this.correctsClock(position, statement, at)) finding("recorded_at", "earlier than the entry before");
    else this.last = at;
    this.times.push({ position, at: micros(this.last) });
    await this.signed(statement, envelope, at, finding);
    this.apply(statement, at);
    return { statement, keyids: envelope.signatures.map((s) => s.keyid), recorded_at: at };
  }

  // Time may step back where two founders doubt the entries right before, and say until when time was true.
  correctsClock(position, { type, payload: p }, at) {
    if (type !== "ClockCorrected") return false;
    const truth = micros(p.last_true_at), before = this.times.findLast((t) => t.position < p.doubted_from)?.at ?? truth;
    return p.doubted_from <= p.doubted_to && p.doubted_to === position - 1 && before <= truth && truth <= micros(at);
  }

  form(s) {
    const names = Object.keys(s).filter((n) => n !== "late" && n !== "override").sort(), schema = schemaOf(this.schemas, s);
    need(names.join() === MEMBERS.join() && schema !== undefined, "not a statement of the vocabulary");
    need(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(s.id), "id is no UUIDv7");
    need(isDay(s.effective_at) || isInstant(s.effective_at), "effective_at is no day or instant");
    need(!Object.keys(schema["x-restricted"]).some((p) => Object.hasOwn(s.payload, p.slice(1))), "restricted plaintext");
    need(conforms(s.payload, schema, schema.$defs), "payload breaks its schema");
    need(Object.entries(s.sd).every(([p, d]) => Object.hasOwn(schema["x-restricted"], p) && /^[A-Za-z0-9_-]{43}$/.test(d)), "sd out of form");
  }

  async signed(s, envelope, at, finding) {
    const type = envelope.payloadType, own = new Map(), p = s.payload, signers = new Set(), before = new Set();
    for (const k of s.type === "GenesisDeclared" ? p.founders : s.type === "KeyRegistered" ? [p] : []) own.set(k.key_id, { principal: k.principal_id, raw: k.public_key });
    const message = joined(`DSSEv1 ${type.length} ${type} ${envelope.body.length} `, envelope.body);
    for (const { keyid, sig } of envelope.signatures) {
      const known = this.keys.get(keyid), key = known ?? own.get(keyid);
      if (key === undefined) { finding("signature", "by a key that is not registered"); continue; }
      const now = micros(at), raw = unhex(key.raw), suite = this.suites[raw.length];
      if (known && !(now >= known.from && now < known.until)) finding("signature", "by a key that is not valid then");
      const holds = suite !== undefined && hex(await sha256(suite.spki(raw))) === keyid && (await suite.verify(raw, unbase64(sig), message));
      if (!holds) { finding("signature", "does not verify"); continue; }
      signers.add(key.principal);
      if (known) before.add(key.principal);
    }
    if (s.type === "KeyRegistered") this.introduced(p.principal_id, before, shanghaiDay(at), finding);
    if (!signers.has(s.actor)) finding("actor", "did not sign");
    if (s.type === "GenesisDeclared") return;
    const day = shanghaiDay(at), others = [...signers].filter((x) => x !== s.actor);
    if (!this.holds(s.actor, s.role, day)) finding("role", `${s.actor} does not hold ${s.role}`);
    const seats = schemaOf(this.schemas, s)["x-signers"].filter((x) => x.originator === s.role).map((x) => x.countersigner);
    if (!seats.some((role) => role === null || others.some((o) => this.holds(o, role, day)))) finding("countersignature", "missing");
  }

  introduced(who, before, day, finding) {
    const others = [...before].filter((x) => x !== who), vouched = (...roles) => others.some((o) => roles.some((r) => this.holds(o, r, day)));
    const hasKeys = [...this.keys.values()].some((k) => k.principal === who);
    if (!before.has(who) && !vouched("SECH", "GOV") && !(!hasKeys && vouched("OPR"))) finding("introduction", "no key registered before vouches for it");
  }

  holds(who, role, day) {
    if (role === "PUB") return true;
    const cancelled = this.cancelled.some((c) => c.who === who && c.since <= day && (c.until == null || day <= c.until));
    if (cancelled && (role === "REV" || role === "LEAD")) return false;
    return this.grants.some((g) => g.who === who && g.role === role && g.from <= day && (g.until == null || day <= g.until) &&
      (g.withdrawn == null || day < g.withdrawn));
  }

  apply({ type, payload: p, id, effective_at }, at) {
    const on = effectiveDay(effective_at);
    if (type === "GenesisDeclared") for (const f of p.founders) {
      this.keys.set(f.key_id, { principal: f.principal_id, raw: f.public_key, from: -Infinity, until: Infinity });
      this.grants.push({ who: f.principal_id, role: f.role, from: on });
    }
    if (type === "KeyRegistered") this.keys.set(p.key_id, { principal: p.principal_id, raw: p.public_key, from: micros(p.valid_from), until: micros(p.valid_until) });
    if (type === "KeyRevoked" && this.keys.has(p.key_id) && !this.keys.get(p.key_id).revoked) {
      const key = this.keys.get(p.key_id);
      Object.assign(key, { revoked: true, until: Math.min(key.until, micros(at), p.compromised_since == null ? Infinity : micros(p.compromised_since)) });
    }
    if (type === "RoleGranted") this.grants.push({ id, who: p.principal_id, role: p.role, from: p.valid_from, until: p.valid_until });
    if (type === "RoleWithdrawn") for (const g of this.grants) if (g.id === p.grant_id && g.who === p.principal_id) g.withdrawn = p.from_on;
    if (type === "SanctionImposed" && p.measure === "review_eligibility_cancelled") this.cancelled.push({ who: p.subject, since: on, until: p.until });
  }
}
