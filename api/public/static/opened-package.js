// Opens an evidence package in the browser: proves its bytes as docs/spec/verifier/package.mjs does, then shows what is in it,
// read-only. It derives no answer, and says so where a verdict would stand.
import { element, named, shown, withoutUnit, worded } from "./answers.js";
import { cited } from "./citations.js";
import { schemaOf, schemasOf } from "./statement.mjs";
import { checkPackage } from "./package.mjs";
import { enumerated, get, pick, problem, say } from "./plain-words.js";
import { SIGNERS, SUITES } from "./suites.mjs";

const SIZE_MAX = 200_000_000;

function answer(told, vocabulary) {
  const body = {
    value: () => shown(told.value, vocabulary, told.fact, told.fact),
    not_applicable: () => element("em", { class: "silent" }, say("not applicable: {why}", { why: pick([told.not_applicable.zh, told.not_applicable.en]) })),
    undetermined: () => element("div", { class: "silent" }, say("undetermined: "), shown(told.undetermined, vocabulary)),
  }[told.state]();
  const articles = cited(told.why.articles) || "—";
  return element("details", {}, element("summary", { title: told.number }, withoutUnit(pick([told.zh, told.en]))), body,
    element("p", { class: "basis" }, say("Basis {articles}; {n} events", { articles, n: told.why.events.length })));
}

function entry({ position, statement, recorded_at: recorded }, schemas, vocabulary) {
  const title = pick(schemaOf(schemas, statement).title.split(" / "));
  return element("details", { class: "entry" },
    element("summary", {}, element("span", { class: "position" }, String(position)), ` ${title} · ${statement.effective_at} · ${statement.actor}`),
    element("p", { class: "basis" }, say("recorded {recorded}, role {role}, id {id}", { recorded, role: worded(statement.role, vocabulary, "role"), id: statement.id })),
    shown(statement.payload, vocabulary, "", statement.type),
    ...(Object.keys(statement.sd).length ? [element("p", { class: "basis" }, say("withheld: {fields}", { fields: enumerated(Object.keys(statement.sd).map((p) => named(p.slice(1), vocabulary.members))) }))] : []));
}

function contents({ manifest, rows, answers, disclosures }, schemas, vocabulary) {
  const kind = { case: say("case"), award: say("award"), org: say("organisation"), edition: say("edition") }[manifest.subject.kind];
  return [
    element("h3", {}, `${kind} ${manifest.subject.id}`),
    element("p", {}, say("As of {day}, of the first {known} entries; {n} of them are here.", { day: manifest.as_of, known: manifest.known_at, n: rows.length })),
    element("h3", {}, say("Answers (as the package states them, not derived anew)")), ...answers.map((told) => answer(told, vocabulary)),
    ...(disclosures.length ? [element("h3", {}, say("Opened fields")), element("ul", {}, ...disclosures.map((d) => element("li", {}, `${d.event} ${d.pointer}: `, shown(d.value, vocabulary, d.pointer.slice(1)))))] : []),
    element("h3", {}, say("Entries")), ...rows.map((row) => entry(row, schemas, vocabulary)),
  ];
}

async function open(section, file) {
  const verdict = section.querySelector(".verdict"), into = section.querySelector(".contents");
  into.replaceChildren();
  verdict.className = "verdict";
  verdict.textContent = say("Checking…");
  try {
    if (file.size > SIZE_MAX) throw new Error(say("larger than 200 MB: check it on the command line"));
    const vkeys = section.querySelector("textarea").value.trim().split(/\s+/);
    const vocabulary = await (await get(section.dataset.vocabulary)).json();
    const schemas = schemasOf(vocabulary.events);
    const found = await checkPackage(new Uint8Array(await file.arrayBuffer()), vkeys, schemas, SUITES, SIGNERS);
    into.append(...contents(found, schemas, vocabulary));
    // Neither green nor "holds": a revocation left out together with its keys would stand under the same words.
    verdict.textContent = say("Bytes proven, answers not derived here: all {n} entries are among the first {size} of {log}, signatures and roles fit, and nothing is left out under the {keys} keys it names; whether the answers follow from them, rongjian evidence check tells.",
      { n: found.rows.length, size: found.head.size, log: found.manifest.origin, keys: found.manifest.keys.length });
    if (found.head.unverified.length > 0) verdict.append(say(" This browser has no ML-DSA-44: that line is not verified."));
    verdict.classList.add("underived");
  } catch (error) {
    verdict.textContent = say("Does not hold: {why}", { why: problem(error) });
    verdict.classList.add("bad");
  }
}

for (const section of document.querySelectorAll("[data-package]"))
  section.querySelector("input").addEventListener("change", (event) => event.target.files[0] && open(section, event.target.files[0]));
