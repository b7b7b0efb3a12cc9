// Checks public entries of a Rongjian log in the browser: hashes, proofs and the log's Ed25519 signature (docs/spec/README.md).
import { cosigned, hex, leafHash, openCheckpoint, rootOf, same, sha256, unbase64 } from "./log.mjs";
import { dayInWords, enumerated, get, problem, say } from "./plain-words.js";
import { SIGNERS } from "./suites.mjs";

// The key seen first in this browser is kept: another one later is worth a warning.
export function remembered(vkey) {
  const name = vkey.slice(0, vkey.indexOf("+")), slot = `rongjian-key ${name}`, known = localStorage.getItem(slot);
  if (known === null) localStorage.setItem(slot, vkey);
  else if (known !== vkey) throw new Error(say("the key of this log is not the one seen before"));
}

// A proof file (c2sp.org/tlog-proof): index, hashes, empty line, the signed tree head.
function parseProof(text) {
  const cut = text.indexOf("\n\n"), lines = text.slice(0, cut).split("\n"), [, index, ...hashes] = lines;
  if (lines[0] !== "c2sp.org/tlog-proof@v1" || !/^index \d+$/.test(index ?? "")) throw new Error(say("the proof file is malformed"));
  return { index: Number(index.slice(6)), hashes: hashes.map(unbase64), note: text.slice(cut + 2) };
}

async function checkEntry(base, vkey, position) {
  const entry = new Uint8Array(await (await get(`${base}entry/${position}`)).arrayBuffer());
  const proof = parseProof(await (await get(`${base}entry/${position}.tlog-proof`)).text());
  const head = await openCheckpoint(new TextEncoder().encode(proof.note), [vkey], SIGNERS);
  if (proof.index !== position - 1) throw new Error(say("the proof is of another entry"));
  const leaf = await leafHash(entry);
  if (!same(await rootOf(proof.index, head.size, leaf, proof.hashes), head.root)) throw new Error(say("the entry does not lead to the signed tree head"));
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
        result.textContent = `✓ ${hex(leaf).slice(0, 12)}… ${say("recorded on {day}", { day })}`;
        result.classList.add("good");
      } catch (error) {
        result.textContent = `✗ ${problem(error)}`;
        result.classList.add("bad");
        throw error;
      }
    }
    if (!head) throw new Error(say("there is no entry to check"));
    // Witnesses of the log's choice; the reader may know their keys from elsewhere.
    const listed = await (await get(`${base}witnesses`)).text(), vkeys = listed.split("\n").filter(Boolean);
    const when = (time) => new Date(time * 1000).toISOString().slice(0, 16).replace("T", " ");
    const heard = (await cosigned(note, vkeys, SIGNERS.ed25519)).map(({ name, time }) => `${name} ${when(time)} UTC`);
    const seen = heard.length ? say("; cosigned by witnesses: {names}", { names: enumerated(heard) }) : say("; no witness has cosigned this head");
    verdict.textContent = say("Holds: these {n} entries are among the first {size} of {log}, under the head that the log signed{seen}.", { n: positions.length, size: head.size, log: head.origin, seen });
    verdict.classList.add("good");
  } catch (error) {
    verdict.textContent = say("Does not hold: {why}", { why: problem(error) });
    verdict.classList.add("bad");
  }
}

for (const section of document.querySelectorAll("[data-verify]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = say("Verify in this browser");
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
        ? say("The ledger knows this document: entries {positions} ({digest}…)", { positions: enumerated(entries.map((e) => e.position)), digest: digest.slice(0, 16) })
        : say("No public entry holds this document ({digest}…)", { digest: digest.slice(0, 16) });
      verdict.classList.add(entries.length ? "good" : "bad");
    } catch (error) {
      verdict.textContent = error.message;
      verdict.classList.add("bad");
    }
  });
}
