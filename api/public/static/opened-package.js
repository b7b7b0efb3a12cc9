// Opens an evidence package in the browser: proves its bytes as docs/spec/verifier/package.mjs does, then shows what is in it,
// read-only. It derives no answer, and says so where a verdict would stand.
import { element, shown, withoutUnit } from "./answers.js";
import { schemaOf, schemasOf } from "./statement.mjs";
import { checkPackage } from "./package.mjs";
import { chinese, get, problem, say } from "./plain-words.js";
import { SIGNERS, SUITES } from "./suites.mjs";

const SIZE_MAX = 200_000_000;

function answer(told, vocabulary) {
  const body = {
    value: () => shown(told.value, vocabulary, told.fact, told.fact),
    not_applicable: () => element("em", { class: "silent" }, say(`不适用：${told.not_applicable.zh}`, `does not apply: ${told.not_applicable.en}`)),
    undetermined: () => element("div", { class: "silent" }, say("未能确定：", "undetermined: "), shown(told.undetermined, vocabulary)),
  }[told.state]();
  const articles = told.why.articles.join(say("、", ", "));
  return element("details", {}, element("summary", {}, `${told.number} ${withoutUnit(chinese ? told.zh : told.en)}`), body,
    element("p", { class: "basis" }, say(`依据 ${articles || "—"}；${told.why.events.length} 条事件`, `Basis ${articles || "—"}; ${told.why.events.length} events`)));
}

function entry({ position, statement, recorded_at: recorded }, schemas, vocabulary) {
  const title = schemaOf(schemas, statement).title.split(" / ")[chinese ? 0 : 1];
  return element("details", { class: "entry" },
    element("summary", {}, element("span", { class: "position" }, String(position)), ` ${title} · ${statement.effective_at} · ${statement.actor}`),
    element("p", { class: "basis" }, say(`登记于 ${recorded}，岗位 ${statement.role}，id ${statement.id}`, `recorded ${recorded}, role ${statement.role}, id ${statement.id}`)),
    shown(statement.payload, vocabulary, "", statement.type),
    ...(Object.keys(statement.sd).length ? [element("p", { class: "basis" }, say(`未公开字段：${Object.keys(statement.sd).join("、")}`, `withheld: ${Object.keys(statement.sd).join(", ")}`))] : []));
}

function contents({ manifest, rows, answers, disclosures }, schemas, vocabulary) {
  const kind = { case: say("案件", "case"), award: say("奖项", "award"), org: say("组织", "organisation"), edition: say("届次", "edition") }[manifest.subject.kind];
  return [
    element("h3", {}, `${kind} ${manifest.subject.id}`),
    element("p", {}, say(`事实日 ${manifest.as_of}，账本前 ${manifest.known_at} 条；其中 ${rows.length} 条在此。`, `As of ${manifest.as_of}, of the first ${manifest.known_at} entries; ${rows.length} of them are here.`)),
    element("h3", {}, say("答案（照包内所载，未重新推导）", "Answers (as the package states them, not derived anew)")), ...answers.map((told) => answer(told, vocabulary)),
    ...(disclosures.length ? [element("h3", {}, say("已启封字段", "Opened fields")), element("ul", {}, ...disclosures.map((d) => element("li", {}, `${d.event} ${d.pointer}: `, shown(d.value, vocabulary, d.pointer.slice(1)))))] : []),
    element("h3", {}, say("条目", "Entries")), ...rows.map((row) => entry(row, schemas, vocabulary)),
  ];
}

async function open(section, file) {
  const verdict = section.querySelector(".verdict"), into = section.querySelector(".contents");
  into.replaceChildren();
  verdict.className = "verdict";
  verdict.textContent = say("正在核验……", "Checking…");
  try {
    if (file.size > SIZE_MAX) throw new Error(say("文件超过 200 MB，请用命令行核验", "larger than 200 MB: check it on the command line"));
    const vkeys = section.querySelector("textarea").value.trim().split(/\s+/);
    const vocabulary = await (await get(section.dataset.vocabulary)).json();
    const schemas = schemasOf(vocabulary.events);
    const found = await checkPackage(new Uint8Array(await file.arrayBuffer()), vkeys, schemas, SUITES, SIGNERS);
    into.append(...contents(found, schemas, vocabulary));
    // Neither green nor "holds": a revocation left out together with its keys would stand under the same words.
    verdict.textContent = say(
      `字节已证明，答案未在此推导：${found.rows.length} 条条目都在 ${found.manifest.origin} 前 ${found.head.size} 条之中，签名与岗位相符，所列 ${found.manifest.keys.length} 个键之下没有遗漏；答案是否由此得出，须用 rongjian evidence check 核验。`,
      `Bytes proven, answers not derived here: all ${found.rows.length} entries are among the first ${found.head.size} of ${found.manifest.origin}, signatures and roles fit, and nothing is left out under the ${found.manifest.keys.length} keys it names; whether the answers follow from them, rongjian evidence check tells.`);
    if (found.head.unverified.length > 0) verdict.append(say(" 本浏览器没有 ML-DSA-44，未核验该签名行。", " This browser has no ML-DSA-44: that line is not verified."));
    verdict.classList.add("underived");
  } catch (error) {
    verdict.textContent = say(`不成立：${problem(error)}`, `Does not hold: ${problem(error)}`);
    verdict.classList.add("bad");
  }
}

for (const section of document.querySelectorAll("[data-package]"))
  section.querySelector("input").addEventListener("change", (event) => event.target.files[0] && open(section, event.target.files[0]));
