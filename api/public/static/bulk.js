// Many acts of one type from a file: the server reads its cells, the rules look at each row, then one signature per row.
import { element } from "./answers.js";
import { chinese, say } from "./plain-words.js";
import { call, composed, explained, given } from "./statements.js";

const context = JSON.parse(document.getElementById("context").textContent), box = document.querySelector("[data-bulk]"), verdict = box.querySelector(".verdict"), body = box.querySelector("tbody");
const sign = box.querySelector("[name=sign]"), raised = box.querySelector(".raised"), told = box.querySelector(".read"), AT_ONCE = 25;
const pick = (pair) => (chinese ? pair.zh : pair.en);

async function read(file) {
  const response = await fetch(`${context.api}/cells/${context.topic}`, { method: "POST", body: await file.arrayBuffer(), headers: { "Content-Type": "application/octet-stream", "X-CSRF-Token": context.csrf } });
  const found = await response.json();
  if (!response.ok) throw new Error(explained(found));
  return found;
}
// How the file was read: encoding, separator, heads, rows without content.
function tellReading(found) {
  const heads = found.columns.map((c) => `${c.column} ${pick(c)}${c.unit ? say(`（${c.unit.zh}）`, ` (${c.unit.en})`) : ""}`).join(say("、", ", "));
  const empty = found.empty_rows ? say(`；略过空行 ${found.empty_rows} 行`, `; ${found.empty_rows} empty rows passed over`) : "";
  const formed = found.rows.filter((r) => r.normalised?.length).length;
  const normalised = formed ? say(`；${formed} 行的文字已转为 NFC 规范形式，字形不变`, `; in ${formed} rows a text was put into NFC, which looks the same`) : "";
  told.textContent = say(`按 ${found.encoding.zh}、${found.separator.zh}分隔读出 ${found.rows.length} 行${empty}${normalised}。列：${heads}。`, `Read as ${found.encoding.en}, separated by ${found.separator.en}: ${found.rows.length} rows${empty}${normalised}. Columns: ${heads}.`);
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
      some[i].said.textContent = say("可登记", "may be recorded");
      ready.push(some[i]);
    });
    flags.push(...answer.flags);
    tell(say(`试运行 ${start + some.length}/${found.length}`, `dry run ${start + some.length}/${found.length}`), "");
  }
  return flags;
}
// A file is read anew when another role is chosen: what its rows say to the rules depends on it.
async function begin(file) {
  ready = []; sign.disabled = true; body.replaceChildren(); raised.replaceChildren(); told.textContent = "";
  if (!file) return;
  try {
    tell(say("正在读取……", "Reading…"), "");
    const { rows, ...reading } = await read(file);
    tellReading({ rows, ...reading });
    const flags = await dryRun(await candidates(rows)), refused = rows.length - ready.length;
    raised.append(...flags.map((f) => element("p", { class: "flagged" }, `${f.flag} ${chinese ? f.name_zh : f.name_en}：${pick(f)}（${f.articles.join(", ")}）`)));
    tell(say(`试运行完毕：${ready.length} 行可登记，${refused} 行不可。各行以其前可登记的行已登记为前提。`, `Dry run done: ${ready.length} rows may be recorded, ${refused} may not. Each row was taken after those before it.`), refused ? "bad" : "good");
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
      said.textContent = done.receipt ? say(`已登记：第 ${done.receipt.position} 条`, `recorded: entry ${done.receipt.position}`) : say("已签名，待会签", "signed, waits for a second signature");
    } catch (error) { refuse(said, error.told ? explained(error.told) : error.message); }
  }
  tell(say(`已提交 ${recorded}/${ready.length} 行。`, `${recorded} of ${ready.length} rows submitted.`), recorded === ready.length ? "good" : "bad");
  ready = [];
  input.value = "";
  input.disabled = role.disabled = false;
});
// The file is taken only from here on.
input.disabled = false;
