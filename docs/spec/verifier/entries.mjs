// Sections 2 to 4 and 8: one entry after the other; what later entries depend on is kept. Runs in Node and in browsers.
// ``suites`` are given by the caller: length of the raw key -> { spki(raw), verify(raw, signature, message) }.
import { hex, joined, need, parseCanonical, sha256, unbase64, unhex } from "./log.mjs";
import { checkStatement, effectiveDay, isNarrowInstant, isObject, micros, schemaOf, shanghaiDay } from "./statement.mjs";

const ENVELOPE_LENGTH_MAX = 65_535 - 57, TOLERANCE = 5_000_000n;

// Envelope, statement and time of an entry; raises what is wrong with its form.
function opened(bytes, schemas) {
  need(bytes.length - 57 <= ENVELOPE_LENGTH_MAX, "too long");
  const entry = parseCanonical(bytes);
  need(isObject(entry) && Object.keys(entry).join() === "envelope,recorded_at" && isNarrowInstant(entry.recorded_at) &&
    entry.recorded_at.length === 27 && entry.recorded_at.endsWith("Z"), "not framed as an entry");
  const { envelope, recorded_at: at } = entry;
  need(isObject(envelope) && Object.keys(envelope).sort().join() === "payload,payloadType,signatures" &&
    envelope.payloadType === "application/vnd.rongjian.statement+json", "not our envelope");
  need(Array.isArray(envelope.signatures) && envelope.signatures.length >= 1 && envelope.signatures.length <= 8 && envelope.signatures.every((s, i, all) =>
    isObject(s) && Object.keys(s).sort().join() === "keyid,sig" && typeof s.keyid === "string" && /^[0-9a-f]{64}$/.test(s.keyid) &&
    (i === 0 || all[i - 1].keyid < s.keyid)), "signatures out of form");
  const body = unbase64(envelope.payload), signatures = envelope.signatures.map(({ keyid, sig }) => ({ keyid, signature: unbase64(sig) }));
  const statement = parseCanonical(body);
  checkStatement(statement, schemas);
  return { statement, body, signatures, type: envelope.payloadType, at };
}

export class Entries {
  keys = new Map(); grants = []; cancelled = []; ids = new Map(); times = []; last = ""; ahead = false;
  // report(position, field, problem) for what is wrong; note(position, code, problem) for what is whole and strange.
  constructor(origin, schemas, suites, report, note = () => {}) { Object.assign(this, { origin, schemas, suites, report, note }); }

  // The statement, or null where the entry is none.
  async check(position, bytes) {
    const finding = (field, problem) => this.report(position, field, problem);
    let entry;
    try { entry = opened(bytes, this.schemas); } catch (error) { finding("entry", error.message); return null; }
    const { statement, at, signatures } = entry;
    if ((position === 1) !== (statement.type === "GenesisDeclared")) finding("genesis", "GenesisDeclared is the first entry and no other");
    if (statement.log !== this.origin) finding("log", `names ${statement.log}`);
    if (this.ids.has(statement.id)) finding("id", `used at ${this.ids.get(statement.id)} before`);
    else this.ids.set(statement.id, position);
    if (statement.type === "HistoryLossDeclared" && (statement.payload.lost_from !== position || statement.payload.lost_to < position))
      finding("lost_from", "a loss begins where it is declared");
    if (at < this.last && !this.correctsClock(position, statement, at)) finding("recorded_at", "earlier than the entry before");
    else this.last = at;
    this.times.push({ position, at: micros(this.last) });
    if (effectiveDay(statement.effective_at) > shanghaiDay(micros(at))) finding("effective_at", "after the day of recording");
    if (!this.ahead && micros(at) > BigInt(Date.now()) * 1000n + TOLERANCE) {
      this.ahead = true;
      this.note(position, "recorded_in_the_future", `recorded at ${at}, which has not come`);
    }
    await this.signed(entry, finding);
    this.apply(statement, at);
    return { statement, keyids: signatures.map((s) => s.keyid), recorded_at: at };
  }

  // Time may step back where two founders doubt the entries right before, and say until when time was true.
  correctsClock(position, { type, payload: p }, at) {
    if (type !== "ClockCorrected") return false;
    const truth = micros(p.last_true_at), before = this.times.findLast((t) => t.position < p.doubted_from)?.at ?? truth;
    return p.doubted_from <= p.doubted_to && p.doubted_to === position - 1 && before <= truth && truth <= micros(at);
  }

  async signed({ statement: s, body, signatures, type, at }, finding) {
    const own = new Map(), p = s.payload, signers = new Set(), before = new Set(), good = new Set(), now = micros(at), day = shanghaiDay(now);
    for (const k of s.type === "GenesisDeclared" ? p.founders : s.type === "KeyRegistered" ? [p] : []) own.set(k.key_id, { principal: k.principal_id, raw: k.public_key });
    const message = joined(`DSSEv1 ${type.length} ${type} ${body.length} `, body);
    for (const { keyid, signature } of signatures) {
      const known = this.keys.get(keyid), key = known ?? own.get(keyid);
      if (key === undefined) { finding("signature", "by a key that is not registered"); continue; }
      const raw = unhex(key.raw), suite = this.suites[raw.length];
      if (known && !(known.from.every((t) => t <= now) && known.until.every((t) => now < t))) finding("signature", "by a key that is not valid then");
      const holds = suite !== undefined && hex(await sha256(suite.spki(raw))) === keyid && (await suite.verify(raw, signature, message));
      if (!holds) { finding("signature", "does not verify"); continue; }
      signers.add(key.principal);
      good.add(keyid);
      if (known) before.add(key.principal);
    }
    if (s.type === "KeyRegistered") this.introduced(p, signatures, before, day, finding);
    if (!signers.has(s.actor)) finding("actor", "did not sign");
    if (s.type === "GenesisDeclared") {
      const roles = p.founders.map((f) => f.role).sort().join(), people = new Set(p.founders.map((f) => f.principal_id));
      if (roles !== "GOV,OPR,SECH" || people.size !== p.founders.length) finding("founders", "not one GOV, one OPR and one SECH, each another principal");
      for (const f of p.founders) if (!good.has(f.key_id)) finding(`founder ${f.principal_id}`, "did not sign the genesis");
      return;
    }
    const others = [...signers].filter((x) => x !== s.actor);
    if (!this.holds(s.actor, s.role, day)) finding("role", `${s.actor} does not hold ${s.role}`);
    const seats = schemaOf(this.schemas, s)["x-signers"].filter((x) => x.originator === s.role).map((x) => x.countersigner);
    if (!seats.some((role) => role === null || others.some((o) => this.holds(o, role, day)))) finding("countersignature", "missing");
    if (s.override !== undefined && !others.some((o) => this.holds(o, "SUP", day) || this.holds(o, "GOV", day))) finding("override", "no second signature by SUP or GOV");
  }

  introduced({ principal_id: who, key_id: keyid }, signatures, before, day, finding) {
    const others = [...before].filter((x) => x !== who), vouched = (...roles) => others.some((o) => roles.some((r) => this.holds(o, r, day)));
    const hasKeys = [...this.keys.values()].some((k) => k.principal === who);
    if (!signatures.some((s) => s.keyid === keyid)) finding("introduction", "the new key does not sign");
    else if (!before.has(who) && !vouched("SECH", "GOV") && !(!hasKeys && vouched("OPR"))) finding("introduction", "no key registered before vouches for it");
  }

  holds(who, role, day) {
    if (role === "PUB") return true;
    const cancelled = this.cancelled.some((c) => c.who === who && c.since <= day && (c.until === undefined || day <= c.until));
    if (cancelled && (role === "REV" || role === "LEAD")) return false;
    return this.grants.some((g) => g.who === who && g.role === role && g.from <= day && (g.until === undefined || day <= g.until) &&
      (g.withdrawn === undefined || day < g.withdrawn));
  }

  apply({ type, payload: p, id, effective_at }, at) {
    const on = effectiveDay(effective_at), keyOf = (k, from, until) => this.keys.set(k.key_id, { principal: k.principal_id, raw: k.public_key, from, until });
    if (type === "GenesisDeclared") for (const f of p.founders) {
      keyOf(f, [], []);
      this.grants.push({ id, who: f.principal_id, role: f.role, from: on });
    }
    if (type === "KeyRegistered") keyOf(p, [micros(p.valid_from)], [micros(p.valid_until)]);
    const key = type === "KeyRevoked" ? this.keys.get(p.key_id) : undefined;
    if (key !== undefined && !key.revoked) {
      key.revoked = true;
      key.until.push(micros(at), ...(p.compromised_since === undefined ? [] : [micros(p.compromised_since)]));
    }
    if (type === "RoleGranted") this.grants.push({ id, who: p.principal_id, role: p.role, from: p.valid_from, until: p.valid_until });
    if (type === "RoleWithdrawn") for (const g of this.grants) if (g.id === p.grant_id && g.who === p.principal_id) g.withdrawn = p.from_on;
    if (type === "SanctionImposed" && p.measure === "review_eligibility_cancelled") this.cancelled.push({ who: p.subject, since: on, until: p.until });
  }
}
