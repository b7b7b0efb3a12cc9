// The three signature suites of ../README.md section 3 with Node's own cryptography: { spki, verify } by length of the raw key.
import { createHash, createPublicKey, verify } from "node:crypto";

const sha256 = (...parts) => parts.reduce((h, p) => h.update(p), createHash("sha256")).digest();
const der = (prefix) => (raw) => Buffer.concat([Buffer.from(prefix, "hex"), raw]);
const keyOf = (spki) => createPublicKey({ key: spki, format: "der", type: "spki" });

// Ed25519: RFC 8032 as OpenSSL checks it; S below the group's order; neither key nor R of small order.
const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const SMALL_ORDER = new Set(["0".repeat(64), "01" + "0".repeat(62), "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "ec" + "f".repeat(60) + "7f", "ed" + "f".repeat(60) + "7f",
  "ee" + "f".repeat(60) + "7f"]);
const smallOrder = (point) => SMALL_ORDER.has(Buffer.concat([point.subarray(0, 31), Buffer.from([point[31] & 0x7f])]).toString("hex"));
const spkiEd25519 = der("302a300506032b6570032100");
export function ed25519(raw, signature, message) {
  if (signature.length !== 64 || raw.length !== 32 || smallOrder(raw) || smallOrder(signature.subarray(0, 32))) return false;
  if (BigInt("0x" + Buffer.from(signature.subarray(32)).reverse().toString("hex")) >= GROUP_ORDER) return false;
  return verify(null, message, keyOf(spkiEd25519(raw)), signature);
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
const integer = (x) => { const h = x.toString(16), b = Buffer.from((h.length % 2 ? "0" : /^[89a-f]/.test(h) ? "00" : "") + h, "hex"); return Buffer.concat([Buffer.from([2, b.length]), b]); };
function sm2(key, given, message) {
  const raw = Buffer.from(key), signature = Buffer.from(given), at = 4 + (signature[3] ?? 0);
  const [r, s] = [signature.subarray(4, at), signature.subarray(at + 2)].map((b) => (b.length ? hex(b.toString("hex")) : 0n));
  const body = Buffer.concat([integer(r), integer(s)]), [x, y] = [hex(raw.toString("hex", 1, 33)), hex(raw.toString("hex", 33))];
  if (!Buffer.concat([Buffer.from([0x30, body.length]), body]).equals(signature) || r < 1n || s < 1n || r >= N || s >= N) return false;
  if (raw[0] !== 4 || x >= P || y >= P || mod(y * y - x * x * x - A * x - B) !== 0n) return false;
  const sm3 = (...parts) => parts.reduce((h, p) => h.update(p), createHash("sm3")).digest();
  const z = sm3(Buffer.from([0, 128]), "1234567812345678", ...[A, B, ...G].map(bytes32), raw.subarray(1)), t = (r + s) % N;
  const point = t === 0n ? null : plus(times(s, G), times(t, [x, y]));
  return point !== null && (hex(sm3(z, message).toString("hex")) + point[0]) % N === r;
}

// A passkey's assertion over the hash of the message; the registered key is the hash of a site's id and a point on P-256.
const spkiP256 = (raw) => der("3059301306072a8648ce3d020106082a8648ce3d030107034200")(raw.subarray(32));
const CLIENT = /^","origin":"(https?):\/\/([a-z0-9.-]{1,253})(:[0-9]{1,5})?"(,"crossOrigin":false(,.*)?)?\}$/s;
function passkey(raw, given, message) {
  const signature = Buffer.from(given), site = Buffer.from(raw.subarray(0, 32));
  const part = (at) => (at + 2 <= signature.length ? signature.subarray(at + 2, at + 2 + signature.readUInt16BE(at)) : Buffer.alloc(0));
  if (signature.length < 2) return false;
  const data = part(0), client = part(2 + data.length), rest = signature.subarray(4 + data.length + client.length);
  if (signature.readUInt16BE() !== data.length || data.length < 37 || data.length > 2048 || client.length > 2048) return false;
  if (!data.subarray(0, 32).equals(site) || (data[32] & 0x45) !== 0x05) return false;
  const start = `{"type":"webauthn.get","challenge":"${sha256(message).toString("base64url")}`, text = client.toString("latin1");
  const page = text.startsWith(start) && text.slice(start.length).match(CLIENT);
  if (!page || (page[1] === "http" && page[2] !== "localhost")) return false;
  if (!page[2].split(".").some((_, i, all) => sha256(all.slice(i).join(".")).equals(site))) return false;
  try { return verify("sha256", Buffer.concat([data, sha256(client)]), keyOf(spkiP256(raw)), rest); }
  catch { return false; } // A point that is not on the curve.
}

export const SUITES = {
  32: { spki: spkiEd25519, verify: ed25519 },
  65: { spki: der("3059301306072a8648ce3d020106082a811ccf5501822d034200"), verify: sm2 },
  97: { spki: spkiP256, verify: passkey },
};
