// Recording an act: a form from the vocabulary, a preview of what the rules say, a signature with the person's own key.
import { element, named, shown as laidOut } from "./answers.js";
import { Form } from "./form.js";
import { stored } from "./keys.js";
import { chinese, get, say } from "./plain-words.js";
import { call, composed, explained, given } from "./statements.js";

const context = JSON.parse(document.getElementById("context").textContent);
const form = document.querySelector("[data-record]"), fields = form.querySelector(".fields"), preview = form.querySelector(".preview"), verdict = form.querySelector(".verdict");
const sign = form.querySelector("[name=sign]");
const { schema } = context, words = await (await get(context.vocabulary)).json();
const tagged = Object.fromEntries(schema["x-tags"].map((t) => [t.slice(t.indexOf(":") + 1).replace("[]", "").split(".").pop(), t.slice(0, t.indexOf(":"))]));
const made = new Form(schema, { words, labels: schema["x-labels"], known: context.known, options: context.options, tagged });

const payload = schema.$ref ? made.resolved(schema) : schema;
// The labels stand in the order in which the vocabulary names the fields.
const order = Object.keys(schema["x-labels"]), place = ([name]) => (order.indexOf(name) + order.length + 1) % (order.length + 1);
const parts = Object.entries(payload.properties).sort((a, b) => place(a) - place(b)).map(([name, s]) => [name, made.field(name, s, (payload.required ?? []).includes(name))]);
const hidden = Object.entries(schema["x-restricted"]).map(([pointer, r]) => [pointer, made.field(pointer.slice(1), r.schema, false)]);
fields.append(...parts.map(([, part]) => part.node));
if (hidden.length) fields.append(element("fieldset", {}, element("legend", {}, say("受限内容（账本只存承诺值，明文加密另存）", "Restricted (the log keeps a commitment; the value is kept apart, encrypted)")), ...hidden.map(([, part]) => part.node)));
const fill = (values) => parts.forEach(([name, part]) => values[name] !== undefined && part.write(values[name]));
fill({ ...context.defaults, ...context.prefilled });

// A standard's points: one row per category, their sum as the total.
if (context.points) {
  const items = hidden.find(([pointer]) => pointer === "/item_scores")[1], total = parts.find(([name]) => name === "total")[1];
  items.write(Object.fromEntries(context.points.categories.map((c) => [c.number, ""])));
  parts.find(([name]) => name === "full")[1].write(context.points.total);
  items.node.addEventListener("input", () => {
    const hundredths = Object.values(items.read() ?? {}).reduce((sum, v) => sum + Math.round(Number(v) * 100), 0);
    if (Number.isSafeInteger(hundredths)) total.write(String(hundredths / 100));
  });
}

function tell(text, css) { verdict.textContent = text; verdict.className = `verdict ${css}`; }
const list = (text) => text.split(/[\s,，、]+/).filter(Boolean);

function entered() {
  const found = Object.fromEntries(parts.map(([name, part]) => [name, part.read()]).filter(([, v]) => v !== undefined));
  const restricted = Object.fromEntries(hidden.map(([pointer, part]) => [pointer, part.read()]).filter(([, v]) => v !== undefined));
  const f = form.elements, members = {
    type: schema["x-type"], schema: schema["x-schema"], log: context.origin, actor: context.principal, role: f.role.value, effective_at: f.effective_at.value,
    basis: list(f.basis.value), causes: list(f.causes.value), evidence: list(f.evidence.value).map((sha256) => ({ sha256, label: say("附件", "document"), class: "R" })), payload: found };
  if (f.late.value.trim()) members.late = { kind: "delayed", reason: f.late.value.trim() };
  if (f.override.value.trim()) members.override = { reason: f.override.value.trim(), instrument_no: f.instrument_no.value.trim() };
  return { members, restricted };
}

let ready = null;
function changed(fact) {
  const said = (value) => (value === undefined ? "—" : laidOut(value, words));
  const path = (m) => m.path.split("/").filter((p) => p && p !== "value").map((p) => (/^\d+$/.test(p) ? say(`第 ${Number(p) + 1} 项`, `no. ${Number(p) + 1}`) : named(p, words.members))).join(" › ");
  const rows = fact.members.filter((m) => m.path !== "/state").map((m) => element("div", {}, path(m) ? `${path(m)}：` : "", said(m.before), " → ", said(m.after)));
  return element("tr", {}, element("td", {}, `${fact.number} ${chinese ? fact.zh : fact.en}`), element("td", {}, ...rows), element("td", { class: "basis" }, [...fact.after.why.articles, ...fact.after.why.packs].join(say("、", ", ")) || "—"));
}
function shown(told) {
  const blocks = [element("h3", {}, say("签名前核对", "Before you sign"))];
  blocks.push(told.refusal ? element("p", { class: "verdict bad" }, say("规则不允许：", "The rules refuse: "), explained(told.refusal)) : element("p", { class: "verdict good" }, say("规则允许登记。", "The rules let it be recorded.")));
  if (told.names_alike.length) blocks.push(element("p", { class: "verdict" }, say("账本中已有仅全半角、大小写或空格不同的名称，请核对是否同一单位：", "There are names that differ in width, case or blanks only; is it the same organisation? "), told.names_alike.join(say("、", ", "))));
  const seats = [...new Set(told.seats.map((s) => s.countersigner))];
  blocks.push(element("p", {}, seats.includes(null) ? say("本人签名即可。", "Your signature is enough.") : say(`须由另一人以 ${seats.join(" 或 ")} 岗位会签。`, `Another person holding ${seats.join(" or ")} has to sign too.`)));
  for (const flag of told.flags) blocks.push(element("p", { class: "flagged" }, `${flag.flag} ${chinese ? flag.name_zh : flag.name_en}：${chinese ? flag.zh : flag.en}（${flag.articles.join(", ")}）`));
  // Flags are told above, in words.
  for (const { subject, kind, facts } of told.consequences.map((c) => ({ ...c, facts: c.changed.filter((f) => !f.fact.endsWith(".flags")) }))) if (facts.length) {
    blocks.push(element("h4", {}, say(`对 ${subject} 的后果`, `What follows for ${kind} ${subject}`)));
    blocks.push(element("div", { class: "table", role: "region", tabindex: "0", "aria-label": say("后果", "Consequences") }, element("table", {}, element("tbody", {}, ...facts.map(changed)))));
  }
  preview.replaceChildren(...blocks);
}
async function attempt(act) {
  form.querySelectorAll("button").forEach((b) => { b.disabled = true; });
  try { await act(); } catch (error) { tell(error.told ? explained(error.told) : error.message, "bad"); }
  form.querySelectorAll("button").forEach((b) => { b.disabled = false; });
  sign.disabled = ready === null;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    const { members, restricted } = entered();
    ready = null;
    tell(say("正在核对……", "Checking…"), "");
    const candidate = await composed(members, restricted);
    const told = await call(context, "/foresee", candidate);
    shown(told);
    if (told.refusal === null || members.override) ready = candidate;
    tell(ready ? say("请核对后签名。", "Read it, then sign.") : say("未登记任何内容。", "Nothing was recorded."), "");
    preview.scrollIntoView({ block: "nearest" });
  });
});
form.addEventListener("input", () => { ready = null; sign.disabled = true; });

sign.addEventListener("click", () => attempt(async () => {
  const done = await given(context, ready);
  ready = null;
  await draft("delete");
  if (done.pending) { tell(say(`已签名，等待 ${done.pending.waits_for.join("、")} 会签。`, `Signed; it waits for ${done.pending.waits_for.join(", ")}.`), "good"); verdict.append(" ", element("a", { href: context.next.to }, context.next.words)); return; }
  // Opened values are shown here and kept nowhere.
  if (done.disclosures) preview.replaceChildren(element("h3", {}, say("所启封的内容（仅此一次）", "What was opened (this once)")), laidOut(Object.fromEntries(done.disclosures.map((d) => [d.pointer.slice(1), d.value])), words));
  tell(say(`已登记为第 ${done.receipt.position} 条。`, `Recorded as entry ${done.receipt.position}.`), "good");
  const file = new Blob([JSON.stringify(done.receipt, null, 1)], { type: "application/json" });
  verdict.append(" ", element("a", { href: URL.createObjectURL(file), download: `receipt-${done.receipt.position}.json` }, say("下载回执", "Download the receipt")), " · ", element("a", { href: context.next.to }, context.next.words));
}));

// Drafts stay in this browser, without restricted content.
const slot = `${context.origin} ${context.principal} ${schema["x-type"]}`;
function draft(act, value) { return stored("drafts", "readwrite", (store) => (act === "put" ? store.put(value, slot) : store.delete(slot))); }
form.querySelector("[name=draft]").addEventListener("click", () => attempt(async () => { await draft("put", entered().members.payload); tell(say("草稿已存于此浏览器（不含受限内容）。", "The draft is kept in this browser, without restricted content."), "good"); }));
const before = await stored("drafts", "readonly", (store) => store.get(slot));
if (before && Object.keys(context.prefilled).length === 0) { fill(before); tell(say("已载入草稿。", "The draft was loaded."), ""); }
form.dataset.ready = "yes";
