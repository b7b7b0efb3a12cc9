// A log as static files (../README.md section 6; c2sp.org/tlog-tiles), read in Node.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { need, same, treeHash } from "./log.mjs";

// A level-l tile holds hashes of 256^l leaves. A partial tile may be gone once the full one is there.
export const tilePath = (level, index, width) => {
  const groups = String(index).padStart(Math.ceil(String(index).length / 3) * 3, "0").match(/.../g);
  return `tile/${level}/${groups.map((g, i) => (i < groups.length - 1 ? `x${g}` : g)).join("/")}${width < 256 ? `.p/${width}` : ""}`;
};
function readTile(folder, level, index, width) {
  const wanted = tilePath(level, index, width), path = [wanted, tilePath(level, index, 256)].find((p) => existsSync(join(folder, p)));
  need(path !== undefined, "is missing");
  return readFileSync(join(folder, path));
}
export function bundleOf(folder, index, width) {
  const bundle = readTile(folder, "entries", index, width), entries = [];
  for (let at = 0; at < bundle.length; at += 2 + entries.at(-1).length) {
    const length = at + 2 <= bundle.length ? bundle.readUInt16BE(at) : NaN;
    need(at + 2 + length <= bundle.length, `breaks off at byte ${at}`);
    entries.push(bundle.subarray(at + 2, at + 2 + length));
  }
  need(entries.length >= width && entries.length <= 256, `has ${entries.length} entries`);
  return entries.slice(0, width);
}
export function hashesOf(folder, level, index, width) {
  const tile = readTile(folder, level, index, width);
  need(tile.length % 32 === 0 && tile.length >= width * 32 && tile.length <= 256 * 32, `has ${tile.length} bytes`);
  return Array.from({ length: width }, (_, i) => tile.subarray(i * 32, i * 32 + 32));
}
// What was read, or null where that is a finding.
export const tried = (read, position, field, report) => {
  try { return read(); } catch (error) { report(position, field, error.message); return null; }
};

// The hash tiles above the leaves, from the level of 256 leaves a hash on: each { level, index, span, hashes }.
export async function upperTiles(leaves) {
  const tiles = [];
  for (let level = 1, span = 256, below = leaves; below.length >= 256; level++, span *= 256) {
    const from = below, nodes = await Promise.all(Array.from({ length: Math.floor(from.length / 256) }, (_, i) => treeHash(from.slice(i * 256, i * 256 + 256))));
    for (let index = 0; index * 256 < nodes.length; index++) tiles.push({ level, index, span, hashes: nodes.slice(index * 256, index * 256 + 256) });
    below = nodes;
  }
  return tiles;
}
export async function checkUpperTiles(folder, leaves, report) {
  for (const { level, index, span, hashes } of await upperTiles(leaves)) {
    const path = tilePath(level, index, hashes.length), found = tried(() => hashesOf(folder, level, index, hashes.length), (index * 256 + hashes.length) * span, path, report);
    for (const [i, hash] of hashes.entries()) if (found !== null && !same(hash, found[i])) report((index * 256 + i + 1) * span, `${path} hash ${i}`, "is another");
  }
}
