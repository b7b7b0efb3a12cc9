// What every verifier of a Rongjian log rests on, written from ../README.md alone: bytes, canonical JSON, notes, the tree, the tag
// index. Runs in Node and in browsers; the only cryptography here is Web Crypto's SHA-256. How a key signs notes is given by the
// caller as ``signers``: { ed25519, sm2, mldsa44 }, functions of raw key, signature and message, those that the platform has.

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
  need(depth < 32 || value === null || typeof value !== "object", "nested too deep");
  if (Array.isArray(value)) return `[${value.map((v) => canonical(v, depth + 1)).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const names = Object.keys(value).sort();
    need(names.every((n) => /^[\x00-\x7f]*$/.test(n)), "member name not ASCII");
    return `{${names.map((n) => `${JSON.stringify(n)}:${canonical(value[n], depth + 1)}`).join(",")}}`;
  }
  need(typeof value !== "number" || Number.isSafeInteger(value), "number is no safe integer");
  need(typeof value !== "string" || !/\p{Surrogate}/u.test(value), "a lone surrogate");
  return JSON.stringify(value);
}
export function parseCanonical(bytes) {
  const text = utf8(bytes), value = JSON.parse(text);
  need(canonical(value) === text, "not canonical JSON");
  return value;
}

// Section 6: signed notes (c2sp.org/signed-note), checkpoints, the tree of RFC 6962.
// Types of keys: what is signed with them, and what stands between the type byte and the raw key, of how many bytes.
const SM2 = 0xff;
const KINDS = { 1: { of: "ed25519", long: "", length: 32 }, 4: { long: "", length: 32 }, 6: { of: "mldsa44", line: "ML-DSA-44", long: "", length: 1312 },
  [SM2]: { of: "sm2", line: "SM2", long: "rongjian/sm2-sm3", length: 65 } };
async function keyOf(vkey, types) {
  const plus = vkey.indexOf("+"), [name, raw] = [vkey.slice(0, plus), unbase64(vkey.slice(plus + 10))];
  const id = (await sha256(name, "\n", raw)).subarray(0, 4);
  const wrong = types[0] === 4 ? "vkey is no witness's" : "vkey is no key of a log", kind = types.includes(raw[0]) ? KINDS[raw[0]] : fail(wrong), start = 1 + kind.long.length;
  need(raw.length === start + kind.length && same(raw.subarray(1, start), bytesOf(kind.long)) && vkey.slice(plus + 1, plus + 9) === hex(id), wrong);
  return { name, id, kind, raw: raw.subarray(start) };
}
const LINE = /^\u2014 ((?:[^\s+\u0085]|\ufeff)+) ([A-Za-z0-9+/]+={0,2})$/u;
// Text and signature lines of a note; nothing is verified.
function splitNote(bytes) {
  const text = utf8(bytes), at = text.lastIndexOf("\n\n");
  need(!/[\0-\x09\x0b-\x1f]/.test(text), "the note holds a control character");
  need(at >= 0 && text.endsWith("\n"), "no signature block");
  const lines = text.slice(at + 2, -1).split("\n").map((line) => {
    const [, name, encoded] = line.match(LINE) ?? fail("malformed signature line"), decoded = unbase64(encoded);
    need(decoded.length >= 5, "malformed signature line");
    return { name, id: decoded.subarray(0, 4), signature: decoded.subarray(4) };
  });
  need(lines.length <= 100, "too many signature lines");
  return { signed: text.slice(0, at + 1), lines };
}
// A cosignature with ML-DSA-44 (c2sp.org/tlog-cosignature, 0x06): 8 bytes of time, then the signature over this message.
function subtreeMessage(signed, cosigner, time) {
  const { origin, size, root } = headOf(signed), short = (text) => joined(Uint8Array.of(bytesOf(text).length), text);
  need(bytesOf(cosigner).length < 256 && bytesOf(origin).length < 256, "a name is too long");
  return joined("subtree/v1\n\0", short(cosigner), time, short(origin), u64(0), u64(size), root);
}
// null where the platform has not the algorithm.
async function isSignature({ kind, name, raw }, line, signed, signers) {
  const verify = signers[kind.of];
  if (kind.of !== "mldsa44") return verify === undefined ? null : verify(raw, line.signature, bytesOf(signed));
  const time = line.signature.subarray(0, 8);
  if (line.signature.length <= 8 || time[0] > 0x7f) return false;
  return verify === undefined ? null : verify(raw, line.signature.subarray(8), subtreeMessage(signed, name, time));
}
// The text of a note that at least one of the keys signed, the names of these (by), the names on all lines, what of it could not be
// verified here (unverified), and the lines of other keys (passedOver). A known key that signs wrongly, or twice, spoils the note.
export async function openNote(bytes, vkeys, signers) {
  const { signed, lines } = splitNote(bytes), keys = await Promise.all(vkeys.map((vkey) => keyOf(vkey, [1, 6, SM2])));
  const by = new Set(), seen = new Set(), unverified = [], passedOver = [];
  for (const line of lines) {
    const key = keys.find((k) => k.name === line.name && same(k.id, line.id));
    if (key === undefined) { passedOver.push({ name: line.name, id: hex(line.id) }); continue; }
    need(!seen.has(key), `${line.name} signed twice with one key`);
    seen.add(key);
    const good = await isSignature(key, line, signed, signers);
    need(good !== false, `signature of ${line.name} does not verify`);
    if (good) by.add(key.name); else unverified.push(`the ${key.kind.line} line of ${key.name}`);
  }
  need(by.size > 0, unverified.length > 0 ? `${unverified[0]} is not verified, and no other key given signed it` : "no key given signed it");
  return { signed, by, names: lines.map((line) => line.name), unverified, passedOver };
}
// Witnesses among the vkeys (type 4, c2sp.org/tlog-cosignature) that cosigned the note, and when, in POSIX seconds.
export async function cosigned(bytes, vkeys, ed25519) {
  const { signed, lines } = splitNote(bytes), found = [], keys = await Promise.all(vkeys.map((vkey) => keyOf(vkey, [4])));
  for (const { name, id, signature } of lines) {
    const key = keys.find((k) => k.name === name && same(k.id, id));
    if (key === undefined) continue;
    need(signature.length === 72, `cosignature of ${name} does not verify`);
    const time = Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0));
    need(await ed25519(key.raw, signature.subarray(8), bytesOf(`cosignature/v1\ntime ${time}\n${signed}`)), `cosignature of ${name} does not verify`);
    found.push({ name, time });
  }
  return found;
}
function headOf(signed) {
  const [origin, size, root, ...rest] = signed.split("\n"), extensions = rest.slice(0, -1);
  need(origin !== "" && rest.at(-1) === "" && extensions.every((line) => line !== "") && /^(0|[1-9][0-9]{0,15})$/.test(size), "not origin, size and root");
  const hash = unbase64(root);
  need(hash.length === 32, "root is not 32 bytes");
  return { origin, size: Number(size), root: hash, extensions };
}
// A head that a log of the vkeys signed under its own name. A log of ours has no extension lines; whether there are any, the caller asks.
export async function openHead(bytes, vkeys, signers) {
  const { signed, by, names, unverified, passedOver } = await openNote(bytes, vkeys, signers), head = headOf(signed);
  need(by.has(head.origin), "not origin, size and root");
  return { ...head, witnesses: names.filter((n) => n !== head.origin), unverified, passedOver: passedOver.filter((line) => line.name === head.origin) };
}
export async function openCheckpoint(bytes, vkeys, signers) {
  const head = await openHead(bytes, vkeys, signers);
  need(head.extensions.length === 0, "extension lines: a log of ours has none");
  return head;
}
// The log's own keys count here and nobody else's; only Ed25519 signs an index.
export async function openIndexHead(bytes, vkeys, signers, log) {
  const own = vkeys.filter((vkey) => vkey.slice(0, vkey.indexOf("+")) === log);
  const { signed } = await openNote(bytes, own, signers), [kind, origin, size, keys, root, ...rest] = signed.split("\n");
  need(kind === "rongjian/tag-index@v1" && rest.join() === "" && rest.length === 1 && [size, keys].every((n) => /^(0|[1-9][0-9]{0,15})$/.test(n)), "no tag index");
  need(origin === log, "the index is not of this log");
  return { size: Number(size), keys: Number(keys), root: unbase64(root) };
}
export async function openIndex(bytes, vkeys, signers, head) {
  const index = await openIndexHead(bytes, vkeys, signers, head.origin);
  need(index.size === head.size, "the index is not of this log and size");
  return index;
}
// Section 14: the log's keys under the name of its log of index heads.
export const renamed = (vkeys, name) => Promise.all(vkeys.map(async (vkey) => {
  const encoded = vkey.slice(vkey.indexOf("+") + 10);
  return `${name}+${hex((await sha256(name, "\n", unbase64(encoded))).subarray(0, 4))}+${encoded}`;
}));

export const leafHash = (entry) => sha256(Uint8Array.of(0), entry);
export const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);
export async function treeHash(hashes) {
  if (hashes.length === 0) return sha256("");
  if (hashes.length === 1) return hashes[0];
  const half = 2 ** Math.floor(Math.log2(hashes.length - 1));
  return nodeHash(await treeHash(hashes.slice(0, half)), await treeHash(hashes.slice(half)));
}
// The root when the first so many leaves were all, by each size that is asked for.
export async function rootsAt(leaves, sizes) {
  const wanted = new Set(sizes), roots = new Map([[0, await treeHash([])]]), edge = [];
  for (const [i, leaf] of leaves.slice(0, Math.max(0, ...wanted)).entries()) {
    let carried = leaf;
    for (let n = i; n % 2 === 1; n = (n - 1) / 2) carried = await nodeHash(edge.pop(), carried);
    edge.push(carried);
    if (!wanted.has(i + 1)) continue;
    let root = carried;
    for (const left of edge.slice(0, -1).reverse()) root = await nodeHash(left, root);
    roots.set(i + 1, root);
  }
  return roots;
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
