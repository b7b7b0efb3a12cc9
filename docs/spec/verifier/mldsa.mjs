// ML-DSA-44 (FIPS 204, pure, empty context): verification alone, in Node, whose releases before 24.6 have none of it. The numbers in
// comments are of its algorithms.
import { createHash } from "node:crypto";

const Q = 8380417, D = 13, TAU = 39, GAMMA1 = 2 ** 17, GAMMA2 = (Q - 1) / 88, BETA = 78, K = 4, L = 4, OMEGA = 80, N = 256;
const KEY_LENGTH = 32 + 320 * K, SIGNATURE_LENGTH = 32 + 576 * L + OMEGA + K;

const shake = (bits, length, ...parts) => parts.reduce((hash, part) => hash.update(part), createHash(`shake${bits}`, { outputLength: length })).digest();
const mod = (a) => ((a % Q) + Q) % Q;
const polynomial = (at) => Array.from({ length: N }, (_, i) => at(i));
// The i-th of the numbers of some bits that are packed one after the other, the lowest bit first.
const unpacked = (bytes, bits, i) => {
  let value = 0;
  for (let b = 0; b < bits; b++) value += ((bytes[(i * bits + b) >> 3] >> ((i * bits + b) & 7)) & 1) * 2 ** b;
  return value;
};

const power = (a, e) => { let r = 1; for (; e > 0; e >>= 1, a = (a * a) % Q) if (e & 1) r = (r * a) % Q; return r; };
const reversed = (i) => { let r = 0; for (let b = 0; b < 8; b++) r |= ((i >> b) & 1) << (7 - b); return r; };
const ZETAS = polynomial((i) => power(1753, reversed(i)));
function ntt(f) { // 41
  const w = [...f];
  for (let length = 128, m = 1; length >= 1; length >>= 1)
    for (let start = 0; start < N; start += 2 * length, m++)
      for (let j = start; j < start + length; j++) {
        const t = (ZETAS[m] * w[j + length]) % Q;
        [w[j], w[j + length]] = [(w[j] + t) % Q, mod(w[j] - t)];
      }
  return w;
}
function inverse(f) { // 42
  const w = [...f];
  for (let length = 1, m = 255; length < N; length *= 2)
    for (let start = 0; start < N; start += 2 * length, m--)
      for (let j = start; j < start + length; j++) [w[j], w[j + length]] = [(w[j] + w[j + length]) % Q, ((Q - ZETAS[m]) * mod(w[j] - w[j + length])) % Q];
  return w.map((a) => (a * 8347681) % Q);
}

function uniform(rho, s, r) { // 30
  for (let length = 1024; ; length *= 2) {
    const stream = shake(128, length, rho, Uint8Array.of(s, r)), a = [];
    for (let at = 0; at + 3 <= length && a.length < N; at += 3) {
      const value = stream[at] + stream[at + 1] * 256 + (stream[at + 2] & 127) * 65536;
      if (value < Q) a.push(value);
    }
    if (a.length === N) return a;
  }
}
function challenge(seed) { // 29
  const stream = shake(256, 1024, seed), c = new Array(N).fill(0);
  for (let i = N - TAU, at = 8; i < N; i++) {
    while (stream[at] > i) at++;
    const j = stream[at++], bit = i + TAU - N;
    c[i] = c[j];
    c[j] = (stream[bit >> 3] >> (bit & 7)) & 1 ? Q - 1 : 1;
  }
  return c;
}
function hints(bytes) { // 21; null for an encoding that is not the one there is
  const h = Array.from({ length: K }, () => new Set());
  let index = 0;
  for (let i = 0; i < K; i++) {
    const end = bytes[OMEGA + i], first = index;
    if (end < index || end > OMEGA) return null;
    for (; index < end; index++) {
      if (index > first && bytes[index - 1] >= bytes[index]) return null;
      h[i].add(bytes[index]);
    }
  }
  return bytes.subarray(index, OMEGA).every((b) => b === 0) ? h : null;
}
function highBits(r, hinted) { // 36, 40
  let r0 = r % (2 * GAMMA2);
  if (r0 > GAMMA2) r0 -= 2 * GAMMA2;
  const top = r - r0 === Q - 1, r1 = top ? 0 : (r - r0) / (2 * GAMMA2);
  if (top) r0--;
  return hinted ? (r1 + (r0 > 0 ? 1 : 43)) % 44 : r1;
}
function packed6(w) { // 28
  const out = new Uint8Array((N * 6) / 8);
  w.forEach((value, i) => { for (let b = 0; b < 6; b++) out[(i * 6 + b) >> 3] |= ((value >> b) & 1) << ((i * 6 + b) & 7); });
  return out;
}

// Is it a signature of the key over the message? (3, 8)
export function mldsa44(raw, signature, message) {
  if (raw.length !== KEY_LENGTH || signature.length !== SIGNATURE_LENGTH) return false;
  const rho = raw.subarray(0, 32), seed = signature.subarray(0, 32), h = hints(signature.subarray(32 + 576 * L));
  const t1 = Array.from({ length: K }, (_, r) => ntt(polynomial((i) => mod(unpacked(raw.subarray(32 + 320 * r), 10, i) * 2 ** D))));
  const z = Array.from({ length: L }, (_, s) => polynomial((i) => GAMMA1 - unpacked(signature.subarray(32 + 576 * s), 18, i)));
  if (h === null || z.some((p) => p.some((a) => Math.abs(a) >= GAMMA1 - BETA))) return false;
  const mu = shake(256, 64, shake(256, 64, raw), Uint8Array.of(0, 0), message), c = ntt(challenge(seed)), zs = z.map((p) => ntt(p.map(mod)));
  const w1 = Array.from({ length: K }, (_, r) => {
    const sum = polynomial((i) => mod(-c[i] * t1[r][i]));
    for (let s = 0; s < L; s++) {
      const a = uniform(rho, s, r);
      for (let i = 0; i < N; i++) sum[i] = (sum[i] + a[i] * zs[s][i]) % Q;
    }
    return packed6(inverse(sum).map((value, i) => highBits(value, h[r].has(i))));
  });
  return Buffer.compare(shake(256, 32, mu, ...w1), seed) === 0;
}
