// Asks @sigstore/verify about inclusion proofs: one JSON case a line in, "good" or the error's message a line out.
const { createPublicKey } = require("node:crypto");
const { join } = require("node:path");
const inside = (name) => join(__dirname, "node_modules/@sigstore/verify/dist/tlog", name);
const { verifyCheckpoint } = require(inside("checkpoint.js"));
const { verifyMerkleInclusion } = require(inside("merkle.js"));

const bytes = (text) => Buffer.from(text, "base64");
function judged({ entry, index, hashes, checkpoint, spki, keyHint, origin }) {
  const publicKey = createPublicKey({ key: bytes(spki), format: "der", type: "spki" });
  const asked = { canonicalizedBody: bytes(entry), inclusionProof: { logIndex: String(index), hashes: hashes.map(bytes), checkpoint: { envelope: checkpoint } } };
  try {
    verifyMerkleInclusion(asked, verifyCheckpoint(asked, [{ logID: bytes(keyHint), baseURL: origin, publicKey }]));
    return "good";
  } catch (error) { return error.message; }
}
const lines = require("node:fs").readFileSync(0, "utf8").trim().split("\n");
for (const line of lines) console.log(judged(JSON.parse(line)));
