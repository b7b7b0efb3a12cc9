// Signing keys of this browser: made here and never extractable, read from an encrypted key file, or a passkey.
// What is kept lies in IndexedDB; a private key never leaves Web Crypto or the authenticator.
import { base64, bytesOf, hex, joined, sha256, unbase64 } from "./log.mjs";
import { say } from "./plain-words.js";
import { SUITES } from "./suites.mjs";

const ED25519 = { name: "Ed25519" };
const idOf = async (raw) => hex(await sha256(SUITES[raw.length].spki(raw)));

export function stored(name, mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("rongjian", 1);
    opening.onupgradeneeded = () => { opening.result.createObjectStore("keys", { keyPath: "keyid" }); opening.result.createObjectStore("drafts"); };
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const asked = act(opening.result.transaction(name, mode).objectStore(name));
      asked.onsuccess = () => { resolve(asked.result); opening.result.close(); };
      asked.onerror = () => reject(asked.error);
    };
  });
}
export const keys = () => stored("keys", "readonly", (store) => store.getAll());
export const forget = (keyid) => stored("keys", "readwrite", (store) => store.delete(keyid));
async function kept(kind, raw, more) {
  const key = { keyid: await idOf(raw), kind, publicKey: hex(raw), ...more };
  await stored("keys", "readwrite", (store) => store.put(key));
  return key;
}

export async function makeKey() {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(ED25519, false, ["sign", "verify"]);
  return kept("browser", new Uint8Array(await crypto.subtle.exportKey("raw", publicKey)), { privateKey });
}

// DER: the parts of a constructed value, or the bytes of a primitive one.
function der(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at];
    let length = bytes[at + 1], start = at + 2;
    if (length > 0x80) { const n = length & 0x7f; length = Number("0x" + hex(bytes.subarray(start, start + n))); start += n; }
    const body = bytes.subarray(start, start + length);
    found.push(tag & 0x20 ? der(body) : body);
    at = start + length;
  }
  return found;
}
const PBES2 = "2a864886f70d01050d", PBKDF2 = "2a864886f70d01050c", HMAC_SHA256 = "2a864886f70d0209", AES_256_CBC = "60864801650304012a";
async function decrypted(bytes, password) {
  const [[[scheme, [[derivation, [salt, rounds, ...rest]], [cipher, iv]]], sealed]] = der(bytes);
  const digest = rest.map((part) => (Array.isArray(part) ? hex(part[0]) : "")).find(Boolean);
  if (hex(scheme) !== PBES2 || hex(derivation) !== PBKDF2 || hex(cipher) !== AES_256_CBC || digest !== HMAC_SHA256) throw new Error(say("the key file is encrypted in a way not known here"));
  const base = await crypto.subtle.importKey("raw", bytesOf(password), "PBKDF2", false, ["deriveKey"]);
  const key = await crypto.subtle.deriveKey({ name: "PBKDF2", salt, iterations: Number("0x" + hex(rounds)), hash: "SHA-256" }, base, { name: "AES-CBC", length: 256 }, false, ["decrypt"]);
  try { return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CBC", iv }, key, sealed)); }
  catch { throw new Error(say("wrong password")); }
}
export async function readKeyFile(text, password) {
  const [, encrypted, body] = text.match(/-----BEGIN (ENCRYPTED )?PRIVATE KEY-----([\s\S]+?)-----END/) ?? [];
  if (body === undefined) throw new Error(say("no PKCS 8 key file"));
  const packed = unbase64(body.replace(/\s/g, "")), pkcs8 = encrypted ? await decrypted(packed, password) : packed;
  let open;
  try { open = await crypto.subtle.importKey("pkcs8", pkcs8, ED25519, true, ["sign"]); }
  catch { throw new Error(say("browsers take Ed25519 key files only; sign with SM2 keys on the command line")); }
  const { x } = await crypto.subtle.exportKey("jwk", open), raw = unbase64(x.replaceAll("-", "+").replaceAll("_", "/") + "=");
  return kept("file", raw, { privateKey: await crypto.subtle.importKey("pkcs8", pkcs8, ED25519, false, ["sign"]) });
}

export async function makePasskey(name) {
  const made = await navigator.credentials.create({ publicKey: {
    challenge: crypto.getRandomValues(new Uint8Array(32)), rp: { name: "Rongjian", id: location.hostname }, user: { id: crypto.getRandomValues(new Uint8Array(16)), name, displayName: name },
    pubKeyCredParams: [{ type: "public-key", alg: -7 }], authenticatorSelection: { userVerification: "required", residentKey: "preferred" }, attestation: "none" } });
  const spki = new Uint8Array(made.response.getPublicKey());
  return kept("passkey", joined(await sha256(location.hostname), spki.slice(-65)), { credential: new Uint8Array(made.rawId) });
}
async function asserted(key, message) {
  const { response } = await navigator.credentials.get({ publicKey: { challenge: await sha256(message), rpId: location.hostname, allowCredentials: [{ type: "public-key", id: key.credential }], userVerification: "required" } });
  const part = (buffer) => { const bytes = new Uint8Array(buffer); return joined(Uint8Array.of(bytes.length >> 8, bytes.length & 255), bytes); };
  return joined(part(response.authenticatorData), part(response.clientDataJSON), new Uint8Array(response.signature));
}

// The signature of bytes under a DSSE payload type, in base64.
export async function signed(key, body, payloadType) {
  const message = joined(`DSSEv1 ${bytesOf(payloadType).length} ${payloadType} ${body.length} `, body);
  return base64(key.kind === "passkey" ? await asserted(key, message) : new Uint8Array(await crypto.subtle.sign(ED25519, key.privateKey, message)));
}
export const nameOf = (key) => `${{ browser: say("browser key"), file: say("key file"), passkey: say("passkey") }[key.kind]} ${key.keyid.slice(0, 12)}…`;
