// Many acts of one type from a CSV file: a dry run of each row against the rules, then one signature per row.
import { element } from "./answers.js";
import { chinese, say } from "./plain-words.js";
import { call, composed, explained, given } from "./statements.js";

const context = JSON.parse(document.getElementById("context").textContent), box = document.querySelector("[data-bulk]"), verdict = box.querySelector(".verdict"), body = box.querySelector("tbody");
const sign = box.querySelector("[name=sign]"), ROWS_MAX = 500, AT_ONCE = 25, raised = box.querySelector(".raised");
const { schema } = context, properties = schema.$defs[schema.$ref.replace("#/$defs/", "")].properties;

// RFC 4180: quoted fields, doubled quotes, lines within quotes.
export function parsed(text) {
  const rows = [];
  let row = [], field = "", quoted = false;
  for (const character of `${text.replace(/^\ufeff/, "").replaceAll("\r\n", "\n").replace(/\n+$/, "")}\n`) {
    if (quoted && character === '"') quoted = null;
    else if (quoted === null && character === '"') { field += '"'; quoted = true; }
    else if (quoted) field += character;
    else if (character === '"' && field === "") quoted = true;
    else if (character === "," || character === "\n") { row.push(field); field = ""; quoted = false; if (character === "\n") { rows.push(row); row = []; } }
    else field += character;
  }
  if (quoted) throw new Error(say("引号未闭合", "a quote is not closed"));
  return rows;
}
function typed(name, text) {
  const found = properties[name] ?? schema["x-restricted"][`/${name}`]?.schema, plain = found?.anyOf?.find((s) => s.type !== "null") ?? found;
  if (plain === undefined) throw new Error(say(`没有字段 ${name}`, `there is no field ${name}`));
  if (plain.type === "integer") return Number(text);
  if (plain.type === "boolean") return text === "true";
  return plain.type === "array" || plain.type === "object" || plain.$ref ? JSON.parse(text) : text;
}
function statementOf(names, cells) {
  const payload = {}, restricted = {};
  names.forEach((name, i) => {
    if (cells[i] === undefined || cells[i] === "" || name === "effective_at") return;
    if (schema["x-restricted"][`/${name}`]) restricted[`/${name}`] = typed(name, cells[i]); else payload[name] = typed(name, cells[i]);
  });
  const on = cells[names.indexOf("effective_at")] || context.today;
  return composed({ type: schema["x-type"], schema: schema["x-schema"], log: context.origin, actor: context.principal, role: box.querySelector("[name=role]").value, effective_at: on, basis: [], causes: [], evidence: [], payload }, restricted);
}
function tell(text, css) { verdict.textContent = text; verdict.className = `verdict ${css}`; }

let ready = [];
function refuse(said, text) { said.textContent = text; said.className = "bad"; }
// Rows become statements first; then the rules look at some at a time, each row after those before it that may be recorded.
async function candidates(names, rows) {
  const found = [];
  for (const [i, cells] of rows.entries()) {
    const said = element("td");
    body.append(element("tr", {}, element("td", {}, String(i + 1)), element("td", {}, cells.join(" | ").slice(0, 120)), said));
    try { found.push({ made: await statementOf(names, cells), said }); } catch (error) { refuse(said, error.message); }
  }
  return found;
}
async function dryRun(found) {
  const flags = [];
  for (let start = 0; start < found.length; start += AT_ONCE) {
    const some = found.slice(start, start + AT_ONCE), told = await call(context, "/foresee/batch", { after: ready.map((r) => r.made), rows: some.map((r) => r.made) });
    told.rows.forEach((row, i) => {
      if (row.refusal) { refuse(some[i].said, explained(row.refusal)); return; }
      some[i].said.textContent = say("可登记", "may be recorded");
      ready.push(some[i]);
    });
    flags.push(...told.flags);
    tell(say(`试运行 ${start + some.length}/${found.length}`, `dry run ${start + some.length}/${found.length}`), "");
  }
  return flags;
}
box.querySelector("[type=file]").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  ready = []; sign.disabled = true; body.replaceChildren(); raised.replaceChildren();
  try {
    const [names, ...rows] = parsed(await file.text());
    if (rows.length === 0 || rows.length > ROWS_MAX) throw new Error(say(`应有 1 至 ${ROWS_MAX} 行`, `1 to ${ROWS_MAX} rows`));
    const flags = await dryRun(await candidates(names, rows)), refused = rows.length - ready.length;
    raised.append(...flags.map((f) => element("p", { class: "flagged" }, `${f.flag} ${chinese ? f.name_zh : f.name_en}：${chinese ? f.zh : f.en}（${f.articles.join(", ")}）`)));
    tell(say(`试运行完毕：${ready.length} 行可登记，${refused} 行不可。各行以其前可登记的行已登记为前提。`, `Dry run done: ${ready.length} rows may be recorded, ${refused} may not. Each row was taken after those before it.`), refused ? "bad" : "good");
    sign.disabled = ready.length === 0;
  } catch (error) { tell(error.message, "bad"); }
});
sign.addEventListener("click", async () => {
  sign.disabled = true;
  let recorded = 0;
  for (const { made, said } of ready) {
    try {
      const done = await given(context, made);
      recorded++;
      said.textContent = done.receipt ? say(`已登记：第 ${done.receipt.position} 条`, `recorded: entry ${done.receipt.position}`) : say("已签名，待会签", "signed, waits for a second signature");
    } catch (error) { said.textContent = error.told ? explained(error.told) : error.message; said.className = "bad"; }
  }
  tell(say(`已提交 ${recorded}/${ready.length} 行。`, `${recorded} of ${ready.length} rows submitted.`), recorded === ready.length ? "good" : "bad");
  ready = [];
});
// The file is taken only from here on.
box.querySelector("[type=file]").disabled = false;
