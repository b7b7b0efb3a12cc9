// Recording an act: a form from the vocabulary, a preview of what the rules say, a signature with the person's own key.
import { element, isAmount, named, shown as laidOut, withoutUnit, worded } from "./answers.js";
import { cited } from "./citations.js";
import { fenOf, inYuan, plainYuan } from "./figures.js";
import { Form } from "./form.js";
import { stored } from "./keys.js";
import { pointsField } from "./points.js";
import { enumerated, get, pick, say } from "./plain-words.js";
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
const hidden = Object.entries(schema["x-restricted"]).map(([pointer, r]) => [pointer, sealed(pointer, made.field(pointer.slice(1), r.schema, false))]);
fields.append(...parts.map(([, part]) => part.node));
if (hidden.length) fields.append(element("fieldset", {}, element("legend", {}, say("Restricted (the log keeps a commitment; the value is kept apart, encrypted)")), ...hidden.map(([, part]) => part.node)));
const fill = (values) => parts.forEach(([name, part]) => values[name] !== undefined && part.write(values[name]));
fill({ ...context.defaults, ...context.prefilled });

// A standard's points: an input per item, their sum as the total.
function sealed(pointer, field) {
  if (pointer !== "/item_scores" || !context.points) return field;
  const part = (wanted) => parts.find(([name]) => name === wanted)[1];
  return pointsField(context.points, field, (sum) => { part("total").write(sum); part("full").write(context.points.total); });
}
if (context.points) parts.find(([name]) => name === "full")[1].write(context.points.total);

// The value of a parameter that is an amount is written in yuan, like every amount.
const about = parts.find(([name]) => name === "param_path")?.[1], value = parts.find(([name]) => name === "value")?.[1];
if (about && value) {
  const plain = { read: value.read, write: value.write }, hint = element("small", { class: "hint" }), isOne = () => isAmount(about.read() ?? "", words);
  value.node.append(hint);
  value.read = () => { const given = plain.read(); return given !== undefined && isOne() ? fenOf(String(given)) : given; };
  value.write = (given) => plain.write(typeof given === "number" && isOne() ? plainYuan(given) : given);
  const tellAmount = () => { let said = ""; try { const fen = isOne() ? value.read() : undefined; said = !isOne() ? "" : fen === undefined ? say("in yuan") : `= ${inYuan(fen)}`; } catch (error) { said = error.message; } hint.textContent = said; };
  form.addEventListener("input", tellAmount);
}

function tell(text, css) { verdict.textContent = text; verdict.className = `verdict ${css}`; }
const list = (text) => text.split(/[\s,，、]+/).filter(Boolean);

function entered() {
  const found = Object.fromEntries(parts.map(([name, part]) => [name, part.read()]).filter(([, v]) => v !== undefined));
  const restricted = Object.fromEntries(hidden.map(([pointer, part]) => [pointer, part.read()]).filter(([, v]) => v !== undefined));
  const f = form.elements, members = {
    type: schema["x-type"], schema: schema["x-schema"], log: context.origin, actor: context.principal, role: f.role.value, effective_at: f.effective_at.value,
    basis: list(f.basis.value), causes: list(f.causes.value), evidence: list(f.evidence.value).map((sha256) => ({ sha256, label: say("attachment"), class: "R" })), payload: found };
  if (f.late.value.trim()) members.late = { kind: "delayed", reason: f.late.value.trim() };
  if (f.override.value.trim()) members.override = { reason: f.override.value.trim(), instrument_no: f.instrument_no.value.trim() };
  return { members, restricted };
}

let ready = null;
function changed(fact) {
  const at = (m) => m.path.split("/").filter((p) => p && p !== "value" && !/^\d+$/.test(p)).pop() ?? fact.fact;
  const said = (value, m) => (value === undefined ? "—" : laidOut(value, words, at(m), fact.fact));
  const path = (m) => m.path.split("/").filter((p) => p && p !== "value").map((p) => (/^\d+$/.test(p) ? say("no. {n}", { n: Number(p) + 1 }) : named(p, words.members))).join(" › ");
  const rows = fact.members.filter((m) => m.path !== "/state").map((m) => element("div", {}, path(m) ? say("{name}: ", { name: path(m) }) : "", said(m.before, m), " → ", said(m.after, m)));
  return element("tr", {}, element("td", { title: fact.number }, withoutUnit(pick([fact.zh, fact.en]))), element("td", {}, ...rows), element("td", { class: "basis" }, cited(fact.after.why.articles) || "—"));
}
function shown(told) {
  const blocks = [element("h3", {}, say("Check before signing"))];
  blocks.push(told.refusal ? element("p", { class: "verdict bad" }, say("The rules refuse: "), explained(told.refusal)) : element("p", { class: "verdict good" }, say("The rules let it be recorded.")));
  if (told.names_alike.length) blocks.push(element("p", { class: "verdict" }, say("There are names that differ in width, case or blanks only; is it the same organisation? "), enumerated(told.names_alike)));
  const seats = [...new Set(told.seats.map((s) => s.countersigner))];
  blocks.push(element("p", {}, seats.includes(null) ? say("Your signature is enough.") : say("Another person holding {seats} has to countersign.", { seats: seats.map((s) => worded(s, words, "role")).join(say(" or ")) })));
  for (const flag of told.flags) blocks.push(element("p", { class: "flagged", title: flag.flag }, say("{name}: {told} ({articles})", { name: pick([flag.name_zh, flag.name_en]), told: pick([flag.zh, flag.en]), articles: cited(flag.articles) })));
  // Flags are told above, in words.
  for (const { subject, facts } of told.consequences.map((c) => ({ ...c, facts: c.changed.filter((f) => !f.fact.endsWith(".flags")) }))) if (facts.length) {
    blocks.push(element("h4", {}, say("What follows for {subject}", { subject })));
    blocks.push(element("div", { class: "table", role: "region", tabindex: "0", "aria-label": say("Consequences") }, element("table", {}, element("tbody", {}, ...facts.map(changed)))));
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
    tell(say("Checking…"), "");
    const candidate = await composed(members, restricted);
    const told = await call(context, "/foresee", candidate);
    shown(told);
    if (told.refusal === null || members.override) ready = candidate;
    tell(ready ? say("Read it, then sign.") : say("Nothing was recorded."), "");
    preview.scrollIntoView({ block: "nearest" });
  });
});
form.addEventListener("input", () => { ready = null; sign.disabled = true; });

sign.addEventListener("click", () => attempt(async () => {
  const done = await given(context, ready);
  ready = null;
  await draft("delete");
  if (done.pending) { tell(say("Signed; it waits for {roles} to countersign.", { roles: enumerated(done.pending.waits_for.map((r) => worded(r, words, "role"))) }), "good"); verdict.append(" ", element("a", { href: context.next.to }, context.next.words)); return; }
  // Opened values are shown here and kept nowhere.
  if (done.disclosures) preview.replaceChildren(element("h3", {}, say("What was opened (this once)")), laidOut(Object.fromEntries(done.disclosures.map((d) => [d.pointer.slice(1), d.value])), words));
  tell(say("Recorded as entry {position}.", { position: done.receipt.position }), "good");
  const file = new Blob([JSON.stringify(done.receipt, null, 1)], { type: "application/json" });
  verdict.append(" ", element("a", { href: URL.createObjectURL(file), download: `receipt-${done.receipt.position}.json` }, say("Download the receipt")), " · ", element("a", { href: context.next.to }, context.next.words));
}));

// Drafts stay in this browser, without restricted content.
const slot = `${context.origin} ${context.principal} ${schema["x-type"]}`;
function draft(act, value) { return stored("drafts", "readwrite", (store) => (act === "put" ? store.put(value, slot) : store.delete(slot))); }
form.querySelector("[name=draft]").addEventListener("click", () => attempt(async () => { await draft("put", entered().members.payload); tell(say("The draft is kept in this browser, without restricted content."), "good"); }));
const before = await stored("drafts", "readonly", (store) => store.get(slot));
if (before && Object.keys(context.prefilled).length === 0) { fill(before); tell(say("The draft was loaded."), ""); }
form.dataset.ready = "yes";
