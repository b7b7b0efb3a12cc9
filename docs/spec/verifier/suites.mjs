// The three signature suites of ../README.md section 3, for Node and browsers: { spki, verify } by length of the raw key.
import { hex, joined, same, sha256, unhex } from "./log.mjs";

const subtle = () => globalThis.crypto.subtle;
const der = (prefix) => (raw) => joined(unhex(prefix), raw);
const number = (bytes) => BigInt("0x" + (hex(bytes) || "0")), bytes32 = (x) => unhex(x.toString(16).padStart(64, "0"));
const imported = new Map();
function keyOf(raw, algorithm) {
  const slot = `${algorithm.name} ${hex(raw)}`;
  if (!imported.has(slot)) imported.set(slot, subtle().importKey("raw", raw, algorithm, false, ["verify"]));
  return imported.get(slot);
}

// Ed25519: RFC 8032 without cofactor; S below the group's order; neither key nor R of small order.
const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const SMALL_ORDER = new Set(["0".repeat(64), "01" + "0".repeat(62), "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "ec" + "f".repeat(60) + "7f", "ed" + "f".repeat(60) + "7f",
  "ee" + "f".repeat(60) + "7f"]);
const smallOrder = (point) => SMALL_ORDER.has(hex(point.subarray(0, 31)) + (point[31] & 0x7f).toString(16).padStart(2, "0"));
export async function ed25519(raw, signature, message) {
  if (signature.length !== 64 || raw.length !== 32 || smallOrder(raw) || smallOrder(signature.subarray(0, 32))) return false;
  if (number(signature.slice(32).reverse()) >= GROUP_ORDER) return false;
  try { return await subtle().verify({ name: "Ed25519" }, await keyOf(raw, { name: "Ed25519" }), signature, message); }
  catch (error) { if (error.name === "NotSupportedError") throw error; return false; } // A key that is no point of the curve.
}

// A DER sequence of two positive integers of 32 bytes at most, in its one form; null for anything else.
const integer = (x) => { const h = x.toString(16), b = unhex((h.length % 2 ? "0" : /^[89a-f]/.test(h) ? "00" : "") + h); return joined(Uint8Array.of(2, b.length), b); };
function pairOf(signature) {
  const at = 4 + (signature[3] ?? 0), [r, s] = [signature.subarray(4, at), signature.subarray(at + 2)].map(number);
  const body = joined(integer(r), integer(s));
  return body.length < 128 && r >= 1n && s >= 1n && same(joined(Uint8Array.of(0x30, body.length), body), signature) ? [r, s] : null;
}

// SM3 (GB/T 32905).
const turn = (x, n) => ((x << n % 32) | (x >>> (32 - (n % 32)))) >>> 0;
const P0 = (x) => (x ^ turn(x, 9) ^ turn(x, 17)) >>> 0, P1 = (x) => (x ^ turn(x, 15) ^ turn(x, 23)) >>> 0;
function compress(state, block) {
  const w = Array.from({ length: 16 }, (_, i) => block.getUint32(i * 4));
  for (let i = 16; i < 68; i++) w.push((P1((w[i - 16] ^ w[i - 9] ^ turn(w[i - 3], 15)) >>> 0) ^ turn(w[i - 13], 7) ^ w[i - 6]) >>> 0);
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const ss1 = turn((turn(a, 12) + e + turn(i < 16 ? 0x79cc4519 : 0x7a879d8a, i)) >>> 0, 7), ss2 = (ss1 ^ turn(a, 12)) >>> 0;
    const ff = i < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c), gg = i < 16 ? e ^ f ^ g : (e & f) | (~e & g);
    [a, b, c, d, e, f, g, h] = [(ff + d + ss2 + ((w[i] ^ w[i + 4]) >>> 0)) >>> 0, a, turn(b, 9), c, P0((gg + h + ss1 + w[i]) >>> 0), e, turn(f, 19), g];
  }
  return [a, b, c, d, e, f, g, h].map((x, i) => (x ^ state[i]) >>> 0);
}
export function sm3(message) {
  const length = Math.ceil((message.length + 9) / 64) * 64, view = new DataView(joined(message, Uint8Array.of(0x80), new Uint8Array(length - message.length - 1)).buffer);
  view.setBigUint64(length - 8, BigInt(message.length) * 8n);
  let state = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e];
  for (let at = 0; at < length; at += 64) state = compress(state, new DataView(view.buffer, at, 64));
  return unhex(state.map((x) => x.toString(16).padStart(8, "0")).join(""));
}

// SM2 with SM3 (GB/T 32918.2), identity 1234567812345678, DER signature. No platform's verify() can be told the identity.
const P = BigInt("0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff"), A = P - 3n;
const B = BigInt("0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93");
const N = BigInt("0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123");
const G = [BigInt("0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"), BigInt("0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0")];
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
function sm2(raw, signature, message) {
  const pair = pairOf(signature), [x, y] = [number(raw.subarray(1, 33)), number(raw.subarray(33))];
  if (pair === null || pair[0] >= N || pair[1] >= N) return false;
  if (raw[0] !== 4 || x >= P || y >= P || mod(y * y - x * x * x - A * x - B) !== 0n) return false;
  const [r, s] = pair, z = sm3(joined(Uint8Array.of(0, 128), "1234567812345678", ...[A, B, ...G].map(bytes32), raw.subarray(1))), t = (r + s) % N;
  const point = t === 0n ? null : plus(times(s, G), times(t, [x, y]));
  return point !== null && (number(sm3(joined(z, message))) + point[0]) % N === r;
}

// A passkey's assertion over the hash of the message; the registered key is the hash of a site's id and a point on P-256.
const CLIENT = /^","origin":"(https?):\/\/([a-z0-9.-]{1,253})(:[0-9]{1,5})?"(,"crossOrigin":false(,.*)?)?\}$/s;
const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
async function ofSite(client, site, message) {
  const text = String.fromCharCode(...client);
  const start = `{"type":"webauthn.get","challenge":"${base64url(await sha256(message))}`;
  const page = text.startsWith(start) && text.slice(start.length).match(CLIENT);
  if (!page || (page[1] === "http" && page[2] !== "localhost")) return false;
  const hashes = await Promise.all(page[2].split(".").map((_, i, all) => sha256(all.slice(i).join("."))));
  return hashes.some((hash) => same(hash, site));
}
async function passkey(raw, signature, message) {
  const view = new DataView(signature.buffer, signature.byteOffset, signature.length), site = raw.subarray(0, 32);
  const part = (at) => (at + 2 <= signature.length ? signature.subarray(at + 2, at + 2 + view.getUint16(at)) : new Uint8Array());
  if (signature.length < 2) return false;
  const data = part(0), client = part(2 + data.length), pair = pairOf(signature.subarray(4 + data.length + client.length));
  if (view.getUint16(0) !== data.length || data.length < 37 || data.length > 2048 || client.length > 2048 || pair === null) return false;
  if (!same(data.subarray(0, 32), site) || (data[32] & 0x45) !== 0x05 || !(await ofSite(client, site, message))) return false;
  if (pair.some((x) => x >= 2n ** 256n)) return false;
  try {
    const key = await keyOf(raw.subarray(32), { name: "ECDSA", namedCurve: "P-256" });
    return await subtle().verify({ name: "ECDSA", hash: "SHA-256" }, key, joined(...pair.map(bytes32)), joined(data, await sha256(client)));
  } catch { return false; } // A point that is not on the curve.
}

// What signs notes, and is here on every platform.
export const SIGNERS = { ed25519, sm2 };
export const SUITES = {
  32: { spki: der("302a300506032b6570032100"), verify: ed25519 },
  65: { spki: der("3059301306072a8648ce3d020106082a811ccf5501822d034200"), verify: sm2 },
  97: { spki: (raw) => der("3059301306072a8648ce3d020106082a8648ce3d030107034200")(raw.subarray(32)), verify: passkey },
};
