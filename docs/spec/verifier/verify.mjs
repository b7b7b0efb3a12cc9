// An independent verifier of a Rongjian log, written from ../README.md alone. Node 18 or later, standard library only.
//
//   node verify.mjs FOLDER VKEY [VKEY...]      a log as static files (c2sp.org/tlog-tiles)
//   node verify.mjs PACKAGE.zip VKEY [VKEY...] an evidence package
//
// Of a log: the checkpoint by at least one key given, every entry (frame, canonical form, schema, signatures, keys and roles
// at their time, order, unique ids), every hash tile, the root, the tag index, the documents that entries name, and the log of
// index heads where there is one.
// Of a package: every file, proof, signature, key and role. Its answers are not derived: that is the verdict then.
//
// Prints one JSON line: {"origin","size","verdict","zh","en","findings":[{"position","field","problem"}],"notes":[{"position","code",
// "problem"}]}. Exit status 0: a log holds. 1: something is wrong, and named. 5: a package's bytes are proven, its answers not
// derived here. 2: it was called otherwise than above, and says so on standard error. Notes are about what is whole and strange; they change no verdict.
import { webcrypto } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Entries } from "./entries.mjs";
import { bundleOf, checkUpperTiles, hashesOf, tilePath, tried } from "./files.mjs";
import { checkIndexLog, readIndexLog } from "./index_log.mjs";
import { TagIndex, hex, indexKeys, leafHash, need, openHead, openIndex, rootsAt, same, sha256, treeHash } from "./log.mjs";
import { mldsa44 } from "./mldsa.mjs";
import { checkPackage } from "./package.mjs";
import { schemaOf, schemasOf } from "./statement.mjs";
import { SIGNERS as EVERYWHERE, SUITES } from "./suites.mjs";

globalThis.crypto ??= webcrypto;
const SIGNERS = { ...EVERYWHERE, mldsa44 };
const here = dirname(fileURLToPath(import.meta.url));
const SCHEMAS = schemasOf(readdirSync(join(here, "../events")).map((file) => JSON.parse(readFileSync(join(here, "../events", file), "utf8"))));

const VERDICTS = {
  holds: { status: 0, zh: "成立", en: "holds" },
  does_not_hold: { status: 1, zh: "不成立", en: "does not hold" },
  not_derived: { status: 5, zh: "字节已证明，答案未在此推导", en: "bytes proven, answers not derived here" },
};

// Both readings of the leaves, by entries and by hash tiles; each entry checked, and what it says told to ``seen``.
async function readLeaves(folder, head, checker, report, seen) {
  const byEntry = [], byTile = [], apart = [];
  for (let index = 0; index * 256 < head.size; index++) {
    const width = Math.min(256, head.size - index * 256), first = index * 256 + 1;
    const entries = tried(() => bundleOf(folder, index, width), first, tilePath("entries", index, width), report);
    const hashes = tried(() => hashesOf(folder, 0, index, width), first, tilePath(0, index, width), report);
    if (entries === null && hashes === null) {
      report(first, "log", "neither entries nor hashes to go on with");
      return null;
    }
    const found = entries === null ? hashes : await Promise.all(entries.map(leafHash));
    byEntry.push(...found);
    byTile.push(...(hashes ?? found));
    for (const [i, entry] of (entries ?? []).entries()) {
      if (hashes !== null && !same(found[i], hashes[i])) apart.push({ position: first + i, path: tilePath(0, index, width) });
      const checked = await checker.check(first + i, entry);
      if (checked) await seen(first + i, found[i], checked.statement);
    }
  }
  return { byEntry, byTile, apart };
}
// The reading that leads to the signed root; where entry and tile disagree, the root says which of them is wrong.
async function leavesUnder(head, { byEntry, byTile, apart }, report) {
  const leads = async (leaves) => same(await treeHash(leaves), head.root), entriesLead = await leads(byEntry);
  const tilesLead = !entriesLead && apart.length > 0 && (await leads(byTile));
  for (const { position, path } of apart) report(position, tilesLead ? "entry" : path, tilesLead ? "its hash is another in the signed tree" : "the hash of this entry is another");
  if (!entriesLead && !tilesLead) report(0, "root", "entries do not lead to the signed root");
  return tilesLead ? byTile : byEntry;
}
async function checkIndex(folder, vkeys, head, tags, report) {
  const path = `index/${head.size}`;
  try {
    need(existsSync(join(folder, path)), "is missing");
    const [stated, ours] = [await openIndex(readFileSync(join(folder, path)), vkeys, SIGNERS, head), await tags.root()];
    need(stated.keys === ours.keys && same(stated.root, ours.root), "entries do not lead to the signed root of the tag index");
  } catch (error) { report(0, path, error.message); }
}
// Section 6: a folder holds each document that a pack_hash names, under the hash of its bytes.
async function checkDocuments(folder, named, report) {
  for (const [digest, position] of named) {
    const path = `documents/${digest}`;
    if (!existsSync(join(folder, path))) report(position, path, "is missing");
    else if (hex(await sha256(readFileSync(join(folder, path)))) !== digest) report(position, path, "its bytes have another hash");
  }
}

// Section 4: the heads that stand in entries, and entries that are declared lost, whose heads are not compared.
class AttestedHeads {
  stated = []; lost = [];
  take(position, { type, payload: p }) {
    if (type === "HistoryLossDeclared" && p.lost_from === position) this.lost.push(p);
    if (type === "TimeAttested" && !this.lost.some((l) => l.lost_to === p.tree_size && l.root_hash === p.root_hash)) this.stated.push({ position, ...p });
  }
  async check(leaves, report) {
    const before = ({ position }) => Math.min(position - 1, leaves.length), here = this.stated.filter((head) => head.tree_size <= before(head));
    for (const head of this.stated) if (!here.includes(head)) report(head.position, "tree_size", `names ${head.tree_size} entries, before it are ${before(head)}`);
    const roots = await rootsAt(leaves, here.map((head) => head.tree_size));
    for (const { position, tree_size: size, root_hash: root } of here)
      if (hex(roots.get(size)) !== root) report(position, "root_hash", `the root of this log at size ${size} is another`);
  }
}

export async function verifyFolder(folder, vkeys) {
  const findings = [], notes = [], report = (position, field, problem) => findings.push({ position, field, problem });
  const note = (position, code, problem) => notes.push({ position, code, problem });
  const head = await openHead(readFileSync(join(folder, "checkpoint")), vkeys, SIGNERS);
  if (head.extensions.length > 0) report(0, "checkpoint", "extension lines: a log of ours has none");
  notVerified(head, note);
  const tags = new TagIndex(), documents = new Map(), attested = new AttestedHeads(), indexLog = await readIndexLog(folder, vkeys, SIGNERS, head.origin, report), checker = new Entries(head.origin, SCHEMAS, SUITES, report, note);
  const leaves = await readLeaves(folder, head, checker, report, async (position, leaf, statement) => {
    await tags.add(position, leaf, indexKeys(statement, schemaOf(SCHEMAS, statement)));
    await indexLog?.compare(position, tags, report);
    attested.take(position, statement);
    const digest = statement.payload.pack_hash;
    if (digest !== undefined && !documents.has(digest)) documents.set(digest, position);
  });
  if (leaves !== null) {
    const tree = await leavesUnder(head, leaves, report);
    await attested.check(tree, report);
    await checkUpperTiles(folder, tree, report);
    await checkIndex(folder, vkeys, head, tags, report);
  }
  if (indexLog === null) note(0, "no_index_log", "no log of index heads is here: that nobody was given another index, nothing shows");
  else await checkIndexLog(folder, indexLog, vkeys, SIGNERS, head, report);
  await checkDocuments(folder, documents, report);
  return judged({ origin: head.origin, size: head.size, findings, notes });
}

// Lines under the log's own name by keys that were not given prove nothing here, whatever they are of.
const notVerified = (head, note) => {
  for (const { id } of head.passedOver) note(0, "line_not_verified", `a line under ${head.origin} by a key that was not given, ${id}, is not verified`);
};
async function verifyPackage(path, vkeys) {
  const notes = [], { manifest, head, rows } = await checkPackage(new Uint8Array(readFileSync(path)), vkeys, SCHEMAS, SUITES, SIGNERS);
  notVerified(head, (position, code, problem) => notes.push({ position, code, problem }));
  return judged({ origin: manifest.origin, size: manifest.known_at, subject: manifest.subject, entries: rows.length, keys: manifest.keys.length, findings: [], notes }, "not_derived");
}

const judged = (result, good = "holds") => {
  const verdict = result.findings.length > 0 ? "does_not_hold" : good, { zh, en } = VERDICTS[verdict];
  return { verdict, zh, en, ...result };
};
// The verdict over a folder or a package; what cannot be read at all is a finding about the log as a whole.
export async function verify(path, vkeys) {
  try { return await (statSync(path).isDirectory() ? verifyFolder : verifyPackage)(path, vkeys); }
  catch (error) { return judged({ findings: [{ position: 0, field: "log", problem: error.message }], notes: [] }); }
}

const USAGE = `usage: node verify.mjs FOLDER|PACKAGE.zip VKEY [VKEY...]
  FOLDER       a log as static files; PACKAGE.zip an evidence package
  VKEY         a key of the log that you trust, NAME+8 hexadecimal digits+base64; there are no options, and no policy is read
用法：node verify.mjs 文件夹|证据包.zip 验证密钥 [验证密钥…]
  验证密钥为读者自己信任的账本公钥；没有选项，也不读取策略文件`;
const VKEY = /^\S+?\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}$/;
// What is wrong with the way it was called; empty where nothing is. No verdict over a log follows from that.
const misused = ([path, ...vkeys]) => {
  const option = [path, ...vkeys].find((argument) => argument?.startsWith("-"));
  if (option !== undefined) return `no such option: ${option}`;
  if (path === undefined || vkeys.length === 0) return "a folder or a package, and one key at least";
  const odd = vkeys.find((vkey) => !VKEY.test(vkey));
  if (odd !== undefined) return `not a key: ${odd}`;
  return existsSync(path) ? "" : `there is no ${path}`;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [path, ...vkeys] = process.argv.slice(2);
  const wrong = misused(process.argv.slice(2));
  if (wrong) {
    console.error(`${wrong}\n${USAGE}`);
    process.exitCode = 2;
  } else {
    const result = await verify(path, vkeys);
    console.log(JSON.stringify(result));
    process.exitCode = VERDICTS[result.verdict].status;
  }
}
