// Checks an evidence package (../README.md section 8) where there is no ledger: every file, proof, signature, key and role, and
// that no entry is left out under the keys it names. Runs in Node and in browsers. It does not derive the answers anew: that
// takes the rules, and is what `rongjian evidence check` does.
import { Entries } from "./entries.mjs";
import { TagIndex, base64, bytesOf, canonical, hex, indexKeys, leafHash, need, openCheckpoint, openIndex, parseCanonical, rootOf, same, sha256, unbase64, unhex, utf8 } from "./log.mjs";
import { schemaOf } from "./statement.mjs";

const FILES_MAX = 100_000, LENGTH_MAX = 512_000_000;
const NAME = /^(manifest|answers|index-proofs|inclusion-proofs|disclosures)\.json$|^(checkpoint|index|policy|README\.txt)$|^report\.(zh|en)\.(html|pdf)$|^entries\/[1-9][0-9]{0,11}\.json$|^packs\/[0-9a-f]{64}\.toml$|^attachments\/[0-9a-f]{64}$|^timestamps\/[A-Za-z0-9._-]{1,60}\.tsr$/;
const MANIFEST = "as_of,files,flags,keys,kind,known_at,origin,positions,subject", OF_VERSION = ["derivation", "words"];

async function inflated(bytes, limit) {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader(), chunks = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { chunks, length };
    length += value.length;
    need(length <= limit, "the package unpacks to too much");
    chunks.push(value);
  }
}
// Name -> bytes of a ZIP file: stored or deflated, names of a package only, none twice, no more than is allowed.
export async function unzip(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), files = new Map();
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  need(end >= 0 && bytes.length - end < 65_558, "no ZIP archive");
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true), left = LENGTH_MAX;
  need(count !== 0xffff && count <= FILES_MAX && at <= end, "no archive of the plain form, or too many files");
  for (let i = 0; i < count; i++) {
    need(at + 46 <= end && view.getUint32(at, true) === 0x02014b50, "directory out of form");
    const [flags, method, packed, long, extra, comment, local] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true), view.getUint32(at + 20, true),
      view.getUint16(at + 28, true), view.getUint16(at + 30, true), view.getUint16(at + 32, true), view.getUint32(at + 42, true)];
    const name = utf8(bytes.subarray(at + 46, at + 46 + long));
    need(NAME.test(name), `no file ${name.slice(0, 60)} belongs in a package`);
    need(!files.has(name), `${name} is there twice`);
    need(!(flags & 1) && (method === 0 || method === 8), `${name} is encrypted or packed in another way`);
    need(local + 30 <= end && view.getUint32(local, true) === 0x04034b50, `${name}: header out of form`);
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true), content = bytes.subarray(start, start + packed);
    need(content.length === packed, `${name} breaks off`);
    const { chunks, length } = method === 8 ? await inflated(content, left) : { chunks: [content], length: packed };
    left -= length;
    need(left >= 0, "the package unpacks to too much");
    const whole = new Uint8Array(length);
    chunks.reduce((to, chunk) => { whole.set(chunk, to); return to + chunk.length; }, 0);
    files.set(name, whole);
    at += 46 + long + extra + comment;
  }
  return files;
}

const json = (files, name) => JSON.parse(utf8(files.get(name) ?? need(false, `${name}: it is missing`)));
async function manifestOf(files) {
  need(files.has("manifest.json"), "manifest.json: it is missing");
  const manifest = parseCanonical(files.get("manifest.json"));
  need(Object.keys(manifest).filter((n) => !OF_VERSION.includes(n)).join() === MANIFEST && manifest.kind === "rongjian/evidence@v1", "manifest.json: not the manifest of a rongjian/evidence@v1");
  const names = [...files.keys()].filter((n) => n !== "manifest.json").sort();
  for (const name of new Set([...names, ...Object.keys(manifest.files)]))
    need(files.has(name) && hex(await sha256(files.get(name))) === manifest.files[name], `${name}: its bytes are not those that the manifest names`);
  return manifest;
}

// Every entry leads to the signed root; what the entries say, in their order.
async function proven(files, manifest, head, schemas, suites) {
  const proofs = json(files, "inclusion-proofs.json"), rows = [], index = new TagIndex();
  const named = manifest.positions.map((p) => `entries/${p}.json`), found = [...files.keys()].filter((n) => n.startsWith("entries/"));
  need(found.length === named.length && named.every((n) => files.has(n)), "entries are not those that the manifest names");
  const checker = new Entries(head.origin, schemas, suites, (p, field, problem) => need(false, `entries/${p}.json: ${field}: ${problem}`));
  for (const position of [...manifest.positions].sort((a, b) => a - b)) {
    const entry = files.get(`entries/${position}.json`), leaf = await leafHash(entry), proof = proofs[position] ?? need(false, `entries/${position}.json: no proof`);
    need(same(await rootOf(position - 1, head.size, leaf, proof.map(unbase64)), head.root), `entries/${position}.json: it does not lead to the signed tree head`);
    const checked = await checker.check(position, entry);
    await index.add(position, leaf, indexKeys(checked.statement, schemaOf(schemas, checked.statement)));
    rows.push({ position, ...checked });
  }
  need(Object.keys(proofs).length === rows.length, "inclusion-proofs.json: proofs of other entries");
  return { rows, index };
}

// No entry is left out: each key's leaf is in the signed index, with all its entries; or two neighbours show that there is none.
async function complete(files, manifest, head, index, known) {
  const stated = json(files, "index-proofs.json");
  need(stated.length === manifest.keys.length, "index-proofs.json: not one proof for each key");
  const stands = async (told) => same(await rootOf(told.index, head.keys, await TagIndex.leaf(told), told.proof.map(unhex)), head.root);
  for (const [i, key] of manifest.keys.entries()) {
    const told = stated[i], here = index.chains.get(key), wanted = hex(await sha256(key)), wrong = `index-proofs.json: entries under ${key} are not proven complete`;
    need(told.key === key && (told.at !== undefined) === (here !== undefined), wrong);
    if (here !== undefined) need(told.at.key === wanted && told.at.count === here.count && told.at.chain === hex(here.chain) && (await stands(told.at)), wrong);
    else {
      const [before, after] = told.between;
      need((before === null || (before.key < wanted && (await stands(before)))) && (after === null || (wanted < after.key && (await stands(after)))), wrong);
      need((after === null ? head.keys : after.index) === (before === null ? -1 : before.index) + 1, wrong);
    }
  }
  const keys = new Set(manifest.keys);
  for (const { position, statement: s, keyids } of known) {
    const people = [s.actor, ...(s.type === "KeyRegistered" ? [s.payload.principal_id] : [])];
    const asked = ["GenesisDeclared", ...keyids.map((k) => `k:${k}`), ...people.flatMap((p) => ["RoleGranted", "RoleWithdrawn", "SanctionImposed"].map((t) => `${t} p:${p}`))];
    const open = asked.find((key) => !keys.has(key));
    need(open === undefined, `entries/${position}.json: nothing proves that the entries under ${open} are complete`);
  }
}

// Section 5: what was opened is what was committed to.
async function opened(files, known) {
  if (!files.has("disclosures.json")) return [];
  const b64url = (bytes) => base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const disclosures = json(files, "disclosures.json");
  for (const { event, pointer, commitment, salt, value } of disclosures) {
    const statement = known.find((k) => k.statement.id === event)?.statement;
    const committed = b64url(await sha256(b64url(bytesOf(canonical([salt, pointer, value])))));
    need(statement !== undefined && statement.sd[pointer] === commitment && committed === commitment, `disclosures.json: ${pointer} of ${event} is not what was committed to`);
  }
  return disclosures;
}

// The package of ZIP bytes, its bytes proven and its answers not derived: a revocation that was cut out together with its keys
// passes here, and whoever calls this says so where a verdict would stand. Raises an Error that names the file and what is wrong with it.
export async function checkPackage(bytes, vkeys, schemas, suites, signers) {
  const files = await unzip(bytes), manifest = await manifestOf(files);
  const head = await openCheckpoint(files.get("checkpoint"), vkeys, signers);
  need(head.origin === manifest.origin && head.size === manifest.known_at, "checkpoint: not of this log and size");
  const indexHead = await openIndex(files.get("index"), vkeys, signers, head);
  const { rows, index } = await proven(files, manifest, head, schemas, suites);
  await complete(files, manifest, indexHead, index, rows);
  return { manifest, head, rows, answers: json(files, "answers.json"), disclosures: await opened(files, rows), files };
}
