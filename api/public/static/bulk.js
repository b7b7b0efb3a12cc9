// Many acts of one type from a file: the server reads its cells, the rules look at each row, then one signature per row.
import { element } from "./answers.js";
import { cited } from "./citations.js";
import { enumerated, pick as inLanguage, say } from "./plain-words.js";
import { call, composed, explained, given } from "./statements.js";

const context = JSON.parse(document.getElementById("context").textContent), box = document.querySelector("[data-bulk]"), verdict = box.querySelector(".verdict"), body = box.querySelector("tbody");
const sign = box.querySelector("[name=sign]"), raised = box.querySelector(".raised"), told = box.querySelector(".read"), AT_ONCE = 25;
const pick = (told) => inLanguage([told.zh, told.en]);

async function read(file) {
  const response = await fetch(`${context.api}/cells/${context.topic}`, { method: "POST", body: await file.arrayBuffer(), headers: { "Content-Type": "application/octet-stream", "X-CSRF-Token": context.csrf } });
  const found = await response.json();
  if (!response.ok) throw new Error(explained(found));
  return found;
}
// How the file was read: encoding, separator, heads, rows without content.
function tellReading(found) {
  const heads = found.columns.map((c) => `${c.column} ${pick(c)}${c.unit ? say(" ({unit})", { unit: pick(c.unit) }) : ""}`);
  const empty = found.empty_rows ? say("; {n} empty rows passed over", { n: found.empty_rows }) : "";
  const formed = found.rows.filter((r) => r.normalised?.length).length;
  const normalised = formed ? say("; in {n} rows a text was put into NFC, which looks the same", { n: formed }) : "";
  told.textContent = say("Read as {encoding}, separated by {separator}: {n} rows{empty}{normalised}. Columns: {heads}.", { encoding: pick(found.encoding), separator: pick(found.separator), n: found.rows.length, empty, normalised, heads: enumerated(heads) });
}
function tell(text, css) { verdict.textContent = text; verdict.className = `verdict ${css}`; }
function refuse(said, ...lines) { said.replaceChildren(...lines.map((line) => element("p", {}, line))); said.className = "bad"; }

let ready = [];
// Rows become statements first; then the rules look at some at a time, each row after those before it that may be recorded.
async function candidates(rows) {
  const found = [];
  for (const row of rows) {
    const said = element("td");
    body.append(element("tr", {}, element("td", {}, String(row.row)), element("td", {}, row.cells.join(" | ").slice(0, 120)), said));
    if (row.errors) refuse(said, ...row.errors.map(pick));
    else found.push({ made: await statementOf(row), said });
  }
  return found;
}
function statementOf(row) {
  return composed({ type: context.topic, schema: context.schema, log: context.origin, actor: context.principal, role: box.querySelector("[name=role]").value, effective_at: row.effective_at ?? context.today, basis: [], causes: [], evidence: [], payload: row.payload }, row.restricted);
}
async function dryRun(found) {
  const flags = [];
  for (let start = 0; start < found.length; start += AT_ONCE) {
    const some = found.slice(start, start + AT_ONCE), answer = await call(context, "/foresee/batch", { after: ready.map((r) => r.made), rows: some.map((r) => r.made) });
    answer.rows.forEach((row, i) => {
      if (row.refusal) { refuse(some[i].said, explained(row.refusal)); return; }
      some[i].said.textContent = say("may be recorded");
      ready.push(some[i]);
    });
    flags.push(...answer.flags);
    tell(say("dry run {done}/{all}", { done: start + some.length, all: found.length }), "");
  }
  return flags;
}
// A file is read anew when another role is chosen: what its rows say to the rules depends on it.
async function begin(file) {
  ready = []; sign.disabled = true; body.replaceChildren(); raised.replaceChildren(); told.textContent = "";
  if (!file) return;
  try {
    tell(say("Reading…"), "");
    const { rows, ...reading } = await read(file);
    tellReading({ rows, ...reading });
    const flags = await dryRun(await candidates(rows)), refused = rows.length - ready.length;
    raised.append(...flags.map((f) => element("p", { class: "flagged", title: f.flag }, say("{name}: {told} ({articles})", { name: inLanguage([f.name_zh, f.name_en]), told: pick(f), articles: cited(f.articles) }))));
    tell(say("Dry run done: {n} rows may be recorded, {refused} may not. Each row was taken after those before it.", { n: ready.length, refused }), refused ? "bad" : "good");
    sign.disabled = ready.length === 0;
  } catch (error) { ready = []; tell(error.message, "bad"); }
}
const input = box.querySelector("[type=file]"), role = box.querySelector("[name=role]");
for (const changed of [input, role]) changed.addEventListener("change", async () => {
  input.disabled = role.disabled = true;
  await begin(input.files[0]);
  input.disabled = role.disabled = false;
});
sign.addEventListener("click", async () => {
  sign.disabled = input.disabled = role.disabled = true;
  let recorded = 0;
  for (const { made, said } of ready) {
    try {
      const done = await given(context, made);
      recorded++;
      said.textContent = done.receipt ? say("recorded: entry {position}", { position: done.receipt.position }) : say("signed, waits for a second signature");
    } catch (error) { refuse(said, error.told ? explained(error.told) : error.message); }
  }
  tell(say("{n} of {all} rows submitted.", { n: recorded, all: ready.length }), recorded === ready.length ? "good" : "bad");
  ready = [];
  input.value = "";
  input.disabled = role.disabled = false;
});
// The file is taken only from here on.
input.disabled = false;
