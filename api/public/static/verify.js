// Checks public entries of a Rongjian log in the browser: hashes, proofs and the log's Ed25519 signature (docs/spec/README.md).
const chinese = document.documentElement.lang.startsWith("zh");
const say = (zh, en) => (chinese ? zh : en);
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const joined = (...parts) => {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) { all.set(part, at); at += part.length; }
  return all;
};
const unbase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
const leafHash = (entry) => sha256(joined(new Uint8Array([0]), entry));
const nodeHash = (left, right) => sha256(joined(new Uint8Array([1]), left, right));

async function get(url) {
  const response = await fetch(url, { cache: "no-store" });
  if (!response.ok) throw new Error(say(`取不到 ${url.split("/").pop()}（${response.status}）`, `cannot fetch ${url.split("/").pop()} (${response.status})`));
  return response;
}

// RFC 9162, 2.1.3.2: from a leaf to the root.
async function rootOf(index, size, leaf, proof) {
  if (index >= size) throw new Error(say("证明的位置超出树", "the proof lies beyond the tree"));
  let fn = index, sn = size - 1, root = leaf;
  for (const sibling of proof) {
    if (sn === 0) throw new Error(say("证明过长", "the proof is too long"));
    if (fn % 2 === 1 || fn === sn) {
      root = await nodeHash(sibling, root);
      while (fn % 2 === 0 && fn !== 0) { fn = Math.floor(fn / 2); sn = Math.floor(sn / 2); }
    } else root = await nodeHash(root, sibling);
    fn = Math.floor(fn / 2); sn = Math.floor(sn / 2);
  }
  if (sn !== 0) throw new Error(say("证明过短", "the proof is too short"));
  return root;
}

// A signed note: text, empty line, signature lines; the key is "name+hash+base64(type, public key)".
async function openHead(note, vkey) {
  const cut = note.lastIndexOf("\n\n"), text = note.slice(0, cut + 1), [name, , encoded] = splitKey(vkey);
  const [origin, size, root] = text.split("\n"), raw = unbase64(encoded);
  if (raw[0] !== 1 || raw.length !== 33 || origin !== name) throw new Error(say("密钥不属于该账本", "the key is not this log's"));
  const id = (await sha256(joined(new TextEncoder().encode(name + "\n"), raw))).slice(0, 4);
  const key = await crypto.subtle.importKey("raw", raw.slice(1), { name: "Ed25519" }, false, ["verify"]);
  const witnesses = [];
  let signed = false;
  for (const line of note.slice(cut + 2).trimEnd().split("\n")) {
    const [, who, blob] = line.split(" "), bytes = unbase64(blob);
    if (who === name && same(bytes.slice(0, 4), id)) {
      signed = await crypto.subtle.verify("Ed25519", key, bytes.slice(4), new TextEncoder().encode(text));
      if (!signed) throw new Error(say("树头签名不成立", "the signature of the tree head does not verify"));
    } else if (who !== name) witnesses.push(who);
  }
  if (!signed) throw new Error(say("树头没有该密钥的签名", "the tree head is not signed by this key"));
  return { origin, size: Number(size), root: unbase64(root), witnesses };
}
const splitKey = (vkey) => { const a = vkey.indexOf("+"), b = vkey.indexOf("+", a + 1); return [vkey.slice(0, a), vkey.slice(a + 1, b), vkey.slice(b + 1)]; };

// The key seen first in this browser is kept: another one later is worth a warning.
function remembered(vkey) {
  const [name] = splitKey(vkey), slot = `rongjian-key ${name}`, known = localStorage.getItem(slot);
  if (known === null) localStorage.setItem(slot, vkey);
  else if (known !== vkey) throw new Error(say("该账本的密钥与此前所见不同", "the key of this log is not the one seen before"));
}

// A proof file (c2sp.org/tlog-proof): index, hashes, empty line, the signed tree head.
function parseProof(text) {
  const cut = text.indexOf("\n\n"), lines = text.slice(0, cut).split("\n"), [, index, ...hashes] = lines;
  if (lines[0] !== "c2sp.org/tlog-proof@v1" || !/^index \d+$/.test(index ?? "")) throw new Error(say("证明文件格式有误", "the proof file is malformed"));
  return { index: Number(index.slice(6)), hashes: hashes.map(unbase64), note: text.slice(cut + 2) };
}

async function checkEntry(base, vkey, position) {
  const entry = new Uint8Array(await (await get(`${base}entry/${position}`)).arrayBuffer());
  const proof = parseProof(await (await get(`${base}entry/${position}.tlog-proof`)).text());
  const head = await openHead(proof.note, vkey);
  if (proof.index !== position - 1) throw new Error(say("证明属于另一条目", "the proof is of another entry"));
  const leaf = await leafHash(entry);
  if (!same(await rootOf(proof.index, head.size, leaf, proof.hashes), head.root)) throw new Error(say("条目算不到已签名的树头", "the entry does not lead to the signed tree head"));
  return { leaf, head, recorded: JSON.parse(new TextDecoder().decode(entry)).recorded_at };
}

async function checkSection(section) {
  const base = section.dataset.log, verdict = section.querySelector(".verdict");
  const positions = section.dataset.entries.split(",").filter(Boolean).map(Number);
  verdict.className = "verdict";
  try {
    const vkey = (await (await get(`${base}vkey`)).text()).trim();
    remembered(vkey);
    let head;
    for (const position of positions) {
      const result = section.querySelector(`[data-position="${position}"] .result`);
      result.className = "result";
      try {
        const checked = await checkEntry(base, vkey, position), { leaf, recorded } = checked;
        head = checked.head;
        result.textContent = `✓ ${hex(leaf).slice(0, 12)}… ${recorded.slice(0, 10)}`;
        result.classList.add("good");
      } catch (error) {
        result.textContent = `✗ ${error.message}`;
        result.classList.add("bad");
        throw error;
      }
    }
    if (!head) throw new Error(say("没有可核验的条目", "there is no entry to check"));
    const seen = head.witnesses.length ? say(`；见证人：${head.witnesses.join("、")}`, `; witnesses: ${head.witnesses.join(", ")}`) : say("；该树头没有见证人联署", "; no witness has cosigned this head");
    verdict.textContent = say(
      `成立：以上 ${positions.length} 条确在账本 ${head.origin} 前 ${head.size} 条之中，与账本签名的树头一致${seen}。`,
      `Holds: these ${positions.length} entries are among the first ${head.size} of ${head.origin}, under the head that the log signed${seen}.`);
    verdict.classList.add("good");
  } catch (error) {
    verdict.textContent = say(`不成立：${error.message}`, `Does not hold: ${error.message}`);
    verdict.classList.add("bad");
  }
}

for (const section of document.querySelectorAll("[data-verify]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = say("在本浏览器中核验", "Verify in this browser");
  button.addEventListener("click", () => checkSection(section));
  section.querySelector(".verdict").before(button);
}

for (const section of document.querySelectorAll("[data-document]")) {
  const verdict = section.querySelector(".verdict");
  section.querySelector("input").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    const digest = hex(await sha256(await file.arrayBuffer()));
    verdict.className = "verdict";
    try {
      const { entries } = await (await get(`${section.dataset.document}${digest}`)).json();
      verdict.textContent = entries.length
        ? say(`账本知道这份文件：第 ${entries.map((e) => e.position).join("、")} 条（${digest.slice(0, 16)}…）`, `The ledger knows this document: entries ${entries.map((e) => e.position).join(", ")} (${digest.slice(0, 16)}…)`)
        : say(`公开条目中没有这份文件（${digest.slice(0, 16)}…）`, `No public entry holds this document (${digest.slice(0, 16)}…)`);
      verdict.classList.add(entries.length ? "good" : "bad");
    } catch (error) {
      verdict.textContent = error.message;
      verdict.classList.add("bad");
    }
  });
}
export { checkEntry, openHead, parseProof, rootOf };
