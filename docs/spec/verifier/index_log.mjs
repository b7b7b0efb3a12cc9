// Section 14 of ../README.md: the log of index heads that lies in a folder beside the log itself.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bundleOf, hashesOf, tilePath, upperTiles } from "./files.mjs";
import { leafHash, need, openCheckpoint, openIndex, openIndexHead, renamed, same, treeHash } from "./log.mjs";

const FOLDER = "index-log";
const alike = (a, b) => a.keys === b.keys && same(a.root, b.root);

// The index heads that are logged, by the size of the log they are of.
class LoggedHeads {
  heads = new Map(); leaves = []; added = 0;
  // Called for each entry that can be read, in order, once it is in the index; behind one that cannot there is nothing to compare with.
  async compare(position, tags, report) {
    this.added++;
    if (this.heads.has(position) && this.added === position && !alike(this.heads.get(position), await tags.root()))
      report(position, FOLDER, `the index head of size ${position} that is logged is not that of the entries`);
  }
}

// What the folder has of it, proven by the log's keys; null where it has none. What is wrong with it is told, and nothing of it kept then.
export async function readIndexLog(folder, vkeys, signers, origin, report) {
  const own = join(folder, FOLDER), logged = new LoggedHeads(), heads = new Map(), leaves = [];
  if (!existsSync(join(own, "checkpoint"))) return null;
  try {
    const names = vkeys.filter((vkey) => vkey.slice(0, vkey.indexOf("+")) === origin);
    const head = await openCheckpoint(readFileSync(join(own, "checkpoint")), await renamed(names, `${origin}/index`), signers);
    need(head.origin === `${origin}/index`, `the head is of ${head.origin}`);
    const notes = [];
    for (let index = 0; index * 256 < head.size; index++) notes.push(...bundleOf(own, index, Math.min(256, head.size - index * 256)));
    for (const note of notes) leaves.push(await leafHash(note));
    need(same(await treeHash(leaves), head.root), "the entries do not lead to the signed root");
    for (const note of notes) {
      const stated = await openIndexHead(note, vkeys, signers, origin), known = heads.get(stated.size);
      need(known === undefined || alike(known, stated), `two roots of the index of size ${stated.size} are logged`);
      heads.set(stated.size, stated);
    }
    Object.assign(logged, { heads, leaves });
  } catch (error) { report(0, FOLDER, error.message); }
  return logged;
}

// Its hash tiles, and that index/<size> is the head that is logged of this size.
export async function checkIndexLog(folder, { heads, leaves }, vkeys, signers, head, report) {
  const lowest = Array.from({ length: Math.ceil(leaves.length / 256) }, (_, index) => ({ level: 0, index, hashes: leaves.slice(index * 256, index * 256 + 256) }));
  for (const { level, index, hashes } of [...lowest, ...(await upperTiles(leaves))]) {
    const path = tilePath(level, index, hashes.length), tell = (problem) => report(0, `${FOLDER}/${path}`, problem);
    try { if (!hashesOf(join(folder, FOLDER), level, index, hashes.length).every((hash, i) => same(hash, hashes[i]))) tell("hashes are others"); }
    catch (error) { tell(error.message); }
  }
  if (!heads.has(head.size)) return;
  let served;
  try { served = await openIndex(readFileSync(join(folder, `index/${head.size}`)), vkeys, signers, head); } catch { return; } // Named where the index is checked.
  if (!alike(heads.get(head.size), served)) report(0, `index/${head.size}`, "is not the index head that is logged of this size");
}
