// An independent verifier of a Rongjian log, written from ../README.md alone. Node 18 or later, standard library only.
//
//   node verify.mjs FOLDER VKEY [VKEY...]      a log as static files (c2sp.org/tlog-tiles)
//   node verify.mjs PACKAGE.zip VKEY [VKEY...] an evidence package
//
// Of a log: the checkpoint by at least one key given, every entry (frame, canonical form, schema, signatures, keys and roles
// at their time, order, unique ids), every hash tile, the root, and the tag index where the folder holds one of this size.
// Prints one JSON line: {"origin","size","findings":[{"position","field","problem"}]}. Exit status 0 only without findings.
import { webcrypto } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Entries, TagIndex, indexKeys, leafHash, need, openCheckpoint, openIndex, same, schemaOf, schemasOf, treeHash } from "./log.mjs";
import { checkPackage } from "./package.mjs";
import { SUITES, ed25519 } from "./suites.mjs";

globalThis.crypto ??= webcrypto;
const here = dirname(fileURLToPath(import.meta.url));
const SCHEMAS = schemasOf(readdirSync(join(here, "../events")).map((file) => JSON.parse(readFileSync(join(here, "../events", file), "utf8"))));

// A level-l tile holds hashes of 256^l leaves; every level is recomputed from the entries.
const tilePath = (level, index) => {
  const groups = String(index).padStart(Math.ceil(String(index).length / 3) * 3, "0").match(/.../g);
  return `tile/${level}/${groups.map((g, i) => (i < groups.length - 1 ? `x${g}` : g)).join("/")}`;
};
function readTile(folder, level, index, width) {
  const full = tilePath(level, index), partial = width < 256 ? `${full}.p/${width}` : full;
  const path = [partial, full].find((p) => existsSync(join(folder, p)));
  need(path !== undefined, `${partial} is missing`);
  return readFileSync(join(folder, path));
}

// Leaf hashes of all entries, each checked; what they say goes into the tag index.
async function readEntries(folder, head, checker, report) {
  const hashes = [], tags = new TagIndex();
  for (let index = 0; index * 256 < head.size; index++) {
    const width = Math.min(256, head.size - index * 256);
    let bundle = readTile(folder, "entries", index, width);
    for (let i = 0; i < width; i++) {
      const position = index * 256 + i + 1, length = bundle.length >= 2 ? bundle.readUInt16BE() : 0, entry = bundle.subarray(2, 2 + length);
      if (bundle.length < 2 || entry.length !== length) { report(position, "bundle", "breaks off"); break; }
      hashes.push(await leafHash(entry));
      const checked = await checker.check(position, entry);
      if (checked) await tags.add(position, hashes.at(-1), indexKeys(checked.statement, schemaOf(SCHEMAS, checked.statement)));
      bundle = bundle.subarray(2 + length);
    }
  }
  return { hashes, tags };
}

async function checkTiles(folder, leaves, report) {
  let hashes = leaves;
  for (let level = 0, span = 1; hashes.length > 0; level++, span *= 256) {
    const above = [];
    for (let index = 0; index * 256 < hashes.length; index++) {
      const expected = hashes.slice(index * 256, index * 256 + 256);
      try {
        const found = readTile(folder, level, index, expected.length);
        const at = expected.findIndex((h, i) => !same(h, found.subarray(i * 32, i * 32 + 32)));
        if (at >= 0 || found.length % 32) report((index * 256 + at + 1) * span, tilePath(level, index), `hash ${at} is another`);
      } catch (error) { report((index * 256 + 1) * span, tilePath(level, index), error.message); }
      if (expected.length === 256) above.push(await treeHash(expected));
    }
    hashes = above;
  }
}

async function checkIndex(folder, vkeys, head, tags, report) {
  const path = join(folder, "index", String(head.size));
  if (!existsSync(path)) return;
  try {
    const [stated, ours] = [await openIndex(readFileSync(path), vkeys, ed25519, head), await tags.root()];
    if (stated.keys !== ours.keys || !same(stated.root, ours.root)) report(0, `index/${head.size}`, "entries do not lead to the signed root of the tag index");
  } catch (error) { report(0, `index/${head.size}`, error.message); }
}

export async function verifyFolder(folder, vkeys) {
  const findings = [], report = (position, field, problem) => findings.push({ position, field, problem });
  const head = await openCheckpoint(readFileSync(join(folder, "checkpoint")), vkeys, ed25519);
  const { hashes, tags } = await readEntries(folder, head, new Entries(head.origin, SCHEMAS, SUITES, report), report);
  if (hashes.length !== head.size || !same(await treeHash(hashes), head.root)) report(0, "root", "entries do not lead to the signed root");
  await checkTiles(folder, hashes, report);
  await checkIndex(folder, vkeys, head, tags, report);
  return { origin: head.origin, size: head.size, findings };
}

async function verifyPackage(path, vkeys) {
  const { manifest, rows } = await checkPackage(new Uint8Array(readFileSync(path)), vkeys, SCHEMAS, SUITES, ed25519);
  return { origin: manifest.origin, size: manifest.known_at, subject: manifest.subject, entries: rows.length, keys: manifest.keys.length, findings: [] };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let result;
  try {
    need(process.argv.length >= 4, "usage: node verify.mjs FOLDER|PACKAGE.zip VKEY [VKEY...]");
    const [path, ...vkeys] = process.argv.slice(2);
    result = await (statSync(path).isDirectory() ? verifyFolder : verifyPackage)(path, vkeys);
  } catch (error) { result = { findings: [{ position: 0, field: "log", problem: error.message }] }; }
  console.log(JSON.stringify(result));
  process.exitCode = result.findings.length === 0 ? 0 : 1;
}
