// Checks public entries of a Rongjian log in the browser: hashes, proofs and the log's Ed25519 signature (docs/spec/README.md).
import { cosigned, hex, leafHash, openCheckpoint, rootOf, same, sha256, unbase64 } from "./log.mjs";
import { dayInWords, get, problem, say } from "./plain-words.js";
import { SIGNERS } from "./suites.mjs";

// The key seen first in this browser is kept: another one later is worth a warning.
export function remembered(vkey) {
  const name = vkey.slice(0, vkey.indexOf("+")), slot = `rongjian-key ${name}`, known = localStorage.getItem(slot);
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
  const head = await openCheckpoint(new TextEncoder().encode(proof.note), [vkey], SIGNERS);
  if (proof.index !== position - 1) throw new Error(say("证明属于另一条目", "the proof is of another entry"));
  const leaf = await leafHash(entry);
  if (!same(await rootOf(proof.index, head.size, leaf, proof.hashes), head.root)) throw new Error(say("条目算不到已签名的树头", "the entry does not lead to the signed tree head"));
  return { leaf, head, note: new TextEncoder().encode(proof.note), recorded: JSON.parse(new TextDecoder().decode(entry)).recorded_at };
}

async function checkSection(section) {
  const base = section.dataset.log, verdict = section.querySelector(".verdict");
  const positions = section.dataset.entries.split(",").filter(Boolean).map(Number);
  verdict.className = "verdict";
  try {
    const vkey = (await (await get(`${base}vkey`)).text()).trim();
    remembered(vkey);
    let head, note;
    for (const position of positions) {
      const result = section.querySelector(`[data-position="${position}"] .result`);
      result.className = "result";
      try {
        const checked = await checkEntry(base, vkey, position), { leaf, recorded } = checked;
        ({ head, note } = checked);
        const day = dayInWords(recorded);
        result.textContent = `✓ ${hex(leaf).slice(0, 12)}… ${say(`登记于 ${day}`, `recorded on ${day}`)}`;
        result.classList.add("good");
      } catch (error) {
        result.textContent = `✗ ${problem(error)}`;
        result.classList.add("bad");
        throw error;
      }
    }
    if (!head) throw new Error(say("没有可核验的条目", "there is no entry to check"));
    // Witnesses of the log's choice; the reader may know their keys from elsewhere.
    const listed = await (await get(`${base}witnesses`)).text(), vkeys = listed.split("\n").filter(Boolean);
    const when = (time) => new Date(time * 1000).toISOString().slice(0, 16).replace("T", " ");
    const heard = (await cosigned(note, vkeys, SIGNERS.ed25519)).map(({ name, time }) => `${name} ${when(time)} UTC`);
    const seen = heard.length ? say(`；见证人联署成立：${heard.join("、")}`, `; cosigned by witnesses: ${heard.join(", ")}`) : say("；该树头没有见证人联署", "; no witness has cosigned this head");
    verdict.textContent = say(
      `成立：以上 ${positions.length} 条确在账本 ${head.origin} 前 ${head.size} 条之中，与账本签名的树头一致${seen}。`,
      `Holds: these ${positions.length} entries are among the first ${head.size} of ${head.origin}, under the head that the log signed${seen}.`);
    verdict.classList.add("good");
  } catch (error) {
    verdict.textContent = say(`不成立：${problem(error)}`, `Does not hold: ${problem(error)}`);
    verdict.classList.add("bad");
  }
}

for (const section of document.querySelectorAll("[data-verify]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = say("在本浏览器中核验", "Verify in this browser");
  button.addEventListener("click", () => checkSection(section));
  section.querySelector(".act").append(button);
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
