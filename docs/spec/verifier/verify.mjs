// An independent verifier of a Rongjian log, written from ../README.md alone. Node 18 or later, standard library only.
//
//   node verify.mjs FOLDER VKEY [VKEY...]
//
// FOLDER holds a log as static files (c2sp.org/tlog-tiles). Checks the checkpoint by at least one key given, every entry
// (frame, canonical form, schema, signatures, keys and roles at their time, order, unique ids), every hash tile, the root.
// Prints one JSON line: {"origin","size","findings":[{"position","field","problem"}]}. Exit status 0 only without findings.
import { createHash, createPublicKey, verify } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const sha256 = (...parts) => parts.reduce((h, p) => h.update(p), createHash("sha256")).digest();
const utf8 = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
const fail = (problem) => { throw new Error(problem); };
const need = (holds, problem) => { if (!holds) fail(problem); };
const unbase64 = (text) => {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text && text !== "" ? bytes : fail("base64 not in its one form");
};

// Section 6: signed note, checkpoint.
const spki = (raw) => Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]);
const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const SMALL_ORDER = new Set(["0".repeat(64), "01" + "0".repeat(62), "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "ec" + "f".repeat(60) + "7f", "ed" + "f".repeat(60) + "7f",
  "ee" + "f".repeat(60) + "7f"]);
const smallOrder = (point) => SMALL_ORDER.has(Buffer.concat([point.subarray(0, 31), Buffer.from([point[31] & 0x7f])]).toString("hex"));
function ed25519(raw, signature, message) {
  if (signature.length !== 64 || raw.length !== 32 || smallOrder(raw) || smallOrder(signature.subarray(0, 32))) return false;
  if (BigInt("0x" + Buffer.from(signature.subarray(32)).reverse().toString("hex")) >= GROUP_ORDER) return false;
  return verify(null, message, createPublicKey({ key: spki(raw), format: "der", type: "spki" }), signature);
}

// SM2 with SM3 (GB/T 32918.2), identity 1234567812345678, DER signature. Node's verify() cannot be told the identity.
const hex = (text) => BigInt("0x" + text), bytes32 = (x) => Buffer.from(x.toString(16).padStart(64, "0"), "hex");
const P = hex("fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff"), A = P - 3n;
const B = hex("28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93");
const N = hex("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123");
const G = [hex("32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"), hex("bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0")];
const mod = (a) => ((a % P) + P) % P;
const power = (a, e) => { let r = 1n; for (a = mod(a); e > 0n; e >>= 1n, a = (a * a) % P) if (e & 1n) r = (r * a) % P; return r; };
function plus(p, q) {
  if (p === null || q === null) return p ?? q;
  if (p[0] === q[0] && mod(p[1] + q[1]) === 0n) return null;
  const slope = p[0] === q[0] ? (3n * p[0] * p[0] + A) * power(2n * p[1], P - 2n) : (q[1] - p[1]) * power(q[0] - p[0], P - 2n);
  const x = mod(slope * slope - p[0] - q[0]);
  return [x, mod(slope * (p[0] - x) - p[1])];
}
const times = (k, p) => { let r = null; for (; k > 0n; k >>= 1n, p = plus(p, p)) if (k & 1n) r = plus(r, p); return r; };
const der = (x) => { const h = x.toString(16), b = Buffer.from((h.length % 2 ? "0" : /^[89a-f]/.test(h) ? "00" : "") + h, "hex"); return Buffer.concat([Buffer.from([2, b.length]), b]); };
const spkiSM2 = (raw) => Buffer.concat([Buffer.from("3059301306072a8648ce3d020106082a811ccf5501822d034200", "hex"), raw]);
function sm2(raw, signature, message) {
  const at = 4 + (signature[3] ?? 0), [r, s] = [signature.subarray(4, at), signature.subarray(at + 2)].map((b) => (b.length ? hex(b.toString("hex")) : 0n));
  const body = Buffer.concat([der(r), der(s)]), [x, y] = [hex(raw.toString("hex", 1, 33)), hex(raw.toString("hex", 33))];
  if (!Buffer.concat([Buffer.from([0x30, body.length]), body]).equals(signature) || r < 1n || s < 1n || r >= N || s >= N) return false;
  if (raw[0] !== 4 || x >= P || y >= P || mod(y * y - x * x * x - A * x - B) !== 0n) return false;
  const sm3 = (...parts) => parts.reduce((h, p) => h.update(p), createHash("sm3")).digest();
  const z = sm3(Buffer.from([0, 128]), "1234567812345678", ...[A, B, ...G].map(bytes32), raw.subarray(1)), t = (r + s) % N;
  const point = t === 0n ? null : plus(times(s, G), times(t, [x, y]));
  return point !== null && (hex(sm3(z, message).toString("hex")) + point[0]) % N === r;
}

// A passkey's assertion over the hash of the message; the registered key is the hash of a site's id and a point on P-256.
const spkiP256 = (raw) => Buffer.concat([Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex"), raw.subarray(32)]);
const CLIENT = /^","origin":"(https?):\/\/([a-z0-9.-]{1,253})(:[0-9]{1,5})?"(,"crossOrigin":false(,.*)?)?\}$/s;
function passkey(raw, signature, message) {
  const part = (at) => (at + 2 <= signature.length ? signature.subarray(at + 2, at + 2 + signature.readUInt16BE(at)) : Buffer.alloc(0));
  if (signature.length < 2) return false;
  const data = part(0), client = part(2 + data.length), rest = signature.subarray(4 + data.length + client.length);
  if (signature.readUInt16BE() !== data.length || data.length < 37 || data.length > 2048 || client.length > 2048) return false;
  if (!data.subarray(0, 32).equals(raw.subarray(0, 32)) || (data[32] & 0x45) !== 0x05) return false;
  const start = `{"type":"webauthn.get","challenge":"${sha256(message).toString("base64url")}`, text = client.toString("latin1");
  const page = text.startsWith(start) && text.slice(start.length).match(CLIENT);
  if (!page || (page[1] === "http" && page[2] !== "localhost")) return false;
  if (!page[2].split(".").some((_, i, all) => sha256(all.slice(i).join(".")).equals(raw.subarray(0, 32)))) return false;
  try { return verify("sha256", Buffer.concat([data, sha256(client)]), createPublicKey({ key: spkiP256(raw), format: "der", type: "spki" }), rest); }
  catch { return false; } // A point that is not on the curve.
}
const SUITES = { 32: [spki, ed25519], 65: [spkiSM2, sm2], 97: [spkiP256, passkey] };

function openCheckpoint(bytes, vkeys) {
  const text = utf8(bytes), at = text.lastIndexOf("\n\n");
  need(at >= 0 && text.endsWith("\n"), "no signature block");
  const signed = text.slice(0, at + 1), [origin, size, root, ...rest] = signed.split("\n");
  need(rest.length === 1 && rest[0] === "" && /^(0|[1-9][0-9]{0,15})$/.test(size), "not origin, size and root");
  const keys = vkeys.map((vkey) => {
    const plus = vkey.indexOf("+"), [name, raw] = [vkey.slice(0, plus), unbase64(vkey.slice(plus + 10))];
    const id = sha256(name, "\n", raw).subarray(0, 4);
    need(raw[0] === 1 && raw.length === 33 && vkey.slice(plus + 1, plus + 9) === id.toString("hex"), "vkey is no Ed25519 key");
    return { name, id, raw: raw.subarray(1) };
  });
  let verified = 0;
  for (const line of text.slice(at + 2, -1).split("\n")) {
    const [, name, encoded] = line.match(/^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u) ?? fail("malformed signature line");
    const decoded = unbase64(encoded), key = keys.find((k) => k.name === name && k.id.equals(decoded.subarray(0, 4)));
    if (key === undefined) continue;
    need(name === origin && ed25519(key.raw, decoded.subarray(4), Buffer.from(signed)), `signature of ${name} does not verify`);
    verified += 1;
  }
  need(verified > 0, "no key given signed the checkpoint");
  const hash = unbase64(root);
  need(hash.length === 32, "root is not 32 bytes");
  return { origin, size: Number(size), root: hash };
}

// Section 1: canonical JSON. Node's parser is lenient, so the value is written again and compared byte for byte.
function canonical(value, depth = 0) {
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
function parseCanonical(bytes) {
  const text = utf8(bytes), value = JSON.parse(text);
  need(canonical(value) === text, "not canonical JSON");
  return value;
}

// Section 2 and events/*.json: the keywords of JSON Schema that our schemas use.
const here = dirname(fileURLToPath(import.meta.url));
const SCHEMAS = new Map(readdirSync(join(here, "../events")).map((file) => {
  const schema = JSON.parse(readFileSync(join(here, "../events", file), "utf8"));
  return [schema["x-type"], schema];
}));
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
const effectiveDay = (text) => (text.includes("T") ? shanghaiDay(text) : text);
const MEMBERS = ["actor", "basis", "causes", "effective_at", "evidence", "id", "log", "payload", "role", "schema", "sd", "type"];

// Sections 2 to 4 and 8: one entry after the other; what later entries depend on is kept.
class Entries {
  keys = new Map(); grants = []; cancelled = []; ids = new Map(); last = "";
  constructor(origin, report) { this.origin = origin; this.report = report; }

  check(position, bytes) {
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
    } catch (error) { return finding("entry", error.message); }
    if (statement.log !== this.origin) finding("log", `names ${statement.log}`);
    if (this.ids.has(statement.id)) finding("id", `used at ${this.ids.get(statement.id)} before`);
    else this.ids.set(statement.id, position);
    if (at < this.last) finding("recorded_at", "earlier than the entry before");
    if (at > this.last) this.last = at;
    this.signed(statement, envelope, at, finding);
    this.apply(statement, at);
  }

  form(s) {
    const names = Object.keys(s).filter((n) => n !== "late" && n !== "override").sort(), schema = SCHEMAS.get(s.type);
    need(names.join() === MEMBERS.join() && schema !== undefined && s.schema === schema["x-schema"], "not a statement of the vocabulary");
    need(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(s.id), "id is no UUIDv7");
    need(isDay(s.effective_at) || isInstant(s.effective_at), "effective_at is no day or instant");
    need(!Object.keys(schema["x-restricted"]).some((p) => Object.hasOwn(s.payload, p.slice(1))), "restricted plaintext");
    need(conforms(s.payload, schema, schema.$defs), "payload breaks its schema");
    need(Object.entries(s.sd).every(([p, d]) => Object.hasOwn(schema["x-restricted"], p) && /^[A-Za-z0-9_-]{43}$/.test(d)), "sd out of form");
  }

  signed(s, envelope, at, finding) {
    const type = envelope.payloadType, own = new Map(), p = s.payload, signers = new Set(), before = new Set();
    const own_keys = s.type === "GenesisDeclared" ? p.founders : s.type === "KeyRegistered" ? [p] : [];
    for (const k of own_keys) own.set(k.key_id, { principal: k.principal_id, raw: k.public_key });
    const message = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${envelope.body.length} `), envelope.body]);
    for (const { keyid, sig } of envelope.signatures) {
      const known = this.keys.get(keyid), key = known ?? own.get(keyid);
      if (key === undefined) { finding("signature", "by a key that is not registered"); continue; }
      const now = micros(at);
      if (known && !(now >= known.from && now < known.until)) finding("signature", "by a key that is not valid then");
      const raw = Buffer.from(key.raw, "hex");
      const [encode, check] = SUITES[raw.length];
      if (sha256(encode(raw)).toString("hex") !== keyid || !check(raw, unbase64(sig), message)) finding("signature", "does not verify");
      else { signers.add(key.principal); if (known) before.add(key.principal); }
    }
    if (s.type === "KeyRegistered") this.introduced(p.principal_id, before, shanghaiDay(at), finding);
    if (!signers.has(s.actor)) finding("actor", "did not sign");
    if (s.type === "GenesisDeclared") return;
    const day = shanghaiDay(at), others = [...signers].filter((x) => x !== s.actor);
    if (!this.holds(s.actor, s.role, day)) finding("role", `${s.actor} does not hold ${s.role}`);
    const seats = SCHEMAS.get(s.type)["x-signers"].filter((x) => x.originator === s.role).map((x) => x.countersigner);
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

// Section 6: tiles. Every level is recomputed from the entries; a level-l tile holds hashes of 256^l leaves.
const node = (l, r) => sha256(Buffer.from([1]), l, r);
function mth(hashes) {
  if (hashes.length === 0) return sha256("");
  if (hashes.length === 1) return hashes[0];
  const half = 2 ** Math.floor(Math.log2(hashes.length - 1));
  return node(mth(hashes.slice(0, half)), mth(hashes.slice(half)));
}
const tilePath = (level, index) => {
  const groups = String(index).padStart(Math.ceil(String(index).length / 3) * 3, "0").match(/.../g);
  return `tile/${level}/${groups.map((g, i) => (i < groups.length - 1 ? `x${g}` : g)).join("/")}`;
};
function readTile(folder, level, index, width) {
  const full = tilePath(level, index), partial = width < 256 ? `${full}.p/${width}` : full;
  const path = [partial, full].find((p) => existsSync(join(folder, p))) ?? fail(`${partial} is missing`);
  return readFileSync(join(folder, path));
}

export function verifyFolder(folder, vkeys) {
  const findings = [], report = (position, field, problem) => findings.push({ position, field, problem });
  const head = openCheckpoint(readFileSync(join(folder, "checkpoint")), vkeys), checker = new Entries(head.origin, report);
  let hashes = [];
  for (let index = 0; index * 256 < head.size; index++) {
    const width = Math.min(256, head.size - index * 256);
    let bundle = readTile(folder, "entries", index, width);
    for (let i = 0; i < width; i++) {
      const length = bundle.length >= 2 ? bundle.readUInt16BE() : 0, entry = bundle.subarray(2, 2 + length);
      if (bundle.length < 2 || entry.length !== length) { report(index * 256 + i + 1, "bundle", "breaks off"); break; }
      hashes.push(sha256(Buffer.from([0]), entry));
      checker.check(index * 256 + i + 1, entry);
      bundle = bundle.subarray(2 + length);
    }
  }
  if (hashes.length !== head.size || !mth(hashes).equals(head.root)) report(0, "root", "entries do not lead to the signed root");
  for (let level = 0, span = 1; hashes.length > 0; level++, span *= 256) {
    const above = [];
    for (let index = 0; index * 256 < hashes.length; index++) {
      const expected = hashes.slice(index * 256, index * 256 + 256);
      try {
        const found = readTile(folder, level, index, expected.length);
        const at = expected.findIndex((h, i) => !h.equals(found.subarray(i * 32, i * 32 + 32)));
        if (at >= 0 || found.length % 32) report((index * 256 + at + 1) * span, tilePath(level, index), `hash ${at} is another`);
      } catch (error) { report((index * 256 + 1) * span, tilePath(level, index), error.message); }
      if (expected.length === 256) above.push(mth(expected));
    }
    hashes = above;
  }
  return { origin: head.origin, size: head.size, findings };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let result;
  try {
    need(process.argv.length >= 4, "usage: node verify.mjs FOLDER VKEY [VKEY...]");
    result = verifyFolder(process.argv[2], process.argv.slice(3));
  } catch (error) { result = { findings: [{ position: 0, field: "log", problem: error.message }] }; }
  console.log(JSON.stringify(result));
  process.exitCode = result.findings.length === 0 ? 0 : 1;
}
