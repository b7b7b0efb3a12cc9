// A form for a JSON Schema of the vocabulary, and the value that stands in it. Fields that are left empty are left out.
import { element, worded } from "./answers.js";
import { fenOf, groupedFen, inYuan, plainYuan } from "./figures.js";
import { hex, sha256 } from "./log.mjs";
import { pick, say } from "./plain-words.js";

let numbered = 0;

export class Form {
  // words: { words, members }; labels: x-labels of the type; known: tag prefix -> ids; tagged: member -> prefix; options: member -> values.
  constructor(schema, { words, labels, known, tagged, options }) { Object.assign(this, { schema, words, labels, known, tagged, options, type: schema["x-type"] }); }

  label(name) { const own = this.labels[name]; return own ? pick([own.zh, own.en]) : this.words.members[name] ? pick(this.words.members[name]) : name; }
  word(name, member) { const said = worded(name, this.words, member, this.type); return said === name ? name : `${said} (${name})`; }
  resolved(schema) {
    if (schema.$ref) return this.resolved(this.schema.$defs[schema.$ref.replace("#/$defs/", "")]);
    if (schema.anyOf) return { ...this.resolved(schema.anyOf.find((s) => s.type !== "null")), optional: true };
    return schema;
  }

  // { node, read, write } for one value; read() gives undefined for "nothing".
  field(name, given, required) {
    const schema = this.resolved(given);
    if (schema.type === "object" && schema.properties) return this.group(name, schema);
    if (schema.type === "array") return this.list(name, schema, required);
    if (schema.type === "object") return this.pairs(name, schema, required);
    return this.single(name, schema, required && !schema.optional);
  }

  single(name, schema, required) {
    if (schema.type === "integer" && schema.description?.startsWith("money in fen")) return this.amount(name, schema, required);
    const id = `f${++numbered}`, hash = schema.pattern?.startsWith("^[0-9a-f]{64}$"), day = schema.format === "date", instant = schema.format === "date-time";
    let input;
    if (schema.enum || schema.type === "boolean") {
      const options = schema.enum ?? ["true", "false"];
      input = element("select", { id, required }, new Option("—", ""), ...options.map((o) => new Option(schema.enum ? this.word(o, name) : (o === "true" ? say("yes") : say("no")), o)));
    } else if (schema.type === undefined || schema.maxLength > 500) input = element("textarea", { id, required, rows: 3 });
    else {
      const type = schema.type === "integer" ? "number" : day ? "date" : instant ? "datetime-local" : "text";
      input = element("input", { id, type, required, min: schema.minimum, max: schema.maximum, list: this.datalist(name), autocomplete: "off" });
    }
    const hint = element("small", { id: `${id}-hint` });
    // What a word of the vocabulary means, beside the word.
    const meant = () => { const said = worded(input.value, this.words, name, this.type); if (input.tagName === "INPUT" && said !== input.value) hint.textContent = said; };
    input.setAttribute("aria-describedby", hint.id);
    const node = element("p", { class: "field" }, element("label", { for: id }, this.label(name), required ? element("span", { class: "required" }, say(" (required)")) : ""), input, hint);
    if (hash) {
      const file = element("input", { type: "file", "aria-label": say("{name}: hash of a file", { name: this.label(name) }) });
      file.addEventListener("change", async () => { if (file.files[0]) input.value = hex(await sha256(new Uint8Array(await file.files[0].arrayBuffer()))); });
      node.append(file);
    }
    return { node, write: (value) => { input.value = value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : instant ? String(value).slice(0, 16) : String(value); meant(); }, read: () => {
      const text = input.value.trim();
      if (text === "") return undefined;
      if (schema.type === "integer") return Number(text);
      if (schema.type === "boolean") return text === "true";
      if (instant) return `${text.length === 16 ? `${text}:00` : text}+08:00`;
      if (schema.type !== undefined || schema.enum) return text;
      return this.anything(name, text);
    } };
  }

  // An amount: written in yuan, signed in fen, and the hint says what will be signed.
  amount(name, schema, required) {
    const id = `f${++numbered}`, hint = element("small", { id: `${id}-hint` }), label = this.label(name);
    const input = element("input", { id, inputmode: "decimal", required, autocomplete: "off", "aria-describedby": hint.id });
    const read = () => (input.value.trim() === "" ? undefined : fenOf(input.value, { least: schema.minimum }));
    const check = () => {
      let said = "", wrong = "";
      try { const fen = read(); if (fen !== undefined) said = say("= {amount} (signed as {fen} fen)", { amount: inYuan(fen), fen: groupedFen(fen) }); } catch (error) { wrong = error.message; }
      hint.textContent = wrong || said;
      hint.classList.toggle("bad", wrong !== "");
      input.setCustomValidity(wrong);
    };
    input.addEventListener("input", check);
    const node = element("p", { class: "field" }, element("label", { for: id }, label, say(" (yuan)"), required ? element("span", { class: "required" }, say(" (required)")) : ""), input, hint);
    return { node, write: (fen) => { input.value = fen === undefined || fen === "" ? "" : plainYuan(fen); check(); }, read: () => {
      try { return read(); } catch (error) { throw new Error(say("{name}: {told}", { name: label, told: error.message }), { cause: error }); }
    } };
  }

  // A value of any kind: JSON where it is written as JSON, else the text as it stands. Decimals are text everywhere.
  anything(name, text) {
    let found;
    try { found = JSON.parse(text); } catch {
      if (/^[{["]/.test(text)) throw new Error(say("{name}: the JSON is not complete", { name: this.label(name) }));
      return text;
    }
    return typeof found === "number" && !Number.isSafeInteger(found) ? text : found;
  }

  datalist(name) {
    const prefix = this.tagged[name], values = this.options[name] ?? (prefix && this.known[prefix]) ?? [], id = `known-${this.options[name] ? name : prefix}`;
    if (values.length === 0) return undefined;
    if (!document.getElementById(id)) document.body.append(element("datalist", { id }, ...values.map((v) => element("option", { value: v }, worded(v, this.words, name, this.type) === v ? "" : worded(v, this.words, name, this.type)))));
    return id;
  }

  group(name, schema) {
    const parts = Object.entries(schema.properties).map(([n, s]) => [n, this.field(n, s, (schema.required ?? []).includes(n))]);
    const node = element("fieldset", {}, ...(name ? [element("legend", {}, this.label(name))] : []), ...parts.map(([, part]) => part.node));
    return { node, write: (value) => parts.forEach(([n, part]) => part.write(value?.[n])), read: () => {
      const found = Object.fromEntries(parts.map(([n, part]) => [n, part.read()]).filter(([, v]) => v !== undefined));
      return Object.keys(found).length ? found : undefined;
    } };
  }

  rows(name, make, words) {
    const rows = [], into = element("div"), add = element("button", { type: "button" }, words);
    const push = (value) => {
      const row = make(), out = element("button", { type: "button", class: "remove" }, say("Remove"));
      const node = element("div", { class: "row" }, row.node, out);
      out.addEventListener("click", () => { rows.splice(rows.indexOf(row), 1); node.remove(); });
      if (value !== undefined) row.write(value);
      rows.push(row);
      into.append(node);
    };
    add.addEventListener("click", () => push());
    return { rows, push, clear: () => { rows.length = 0; into.replaceChildren(); }, node: element("fieldset", {}, element("legend", {}, this.label(name)), into, add) };
  }
  list(name, schema, required) {
    const each = this.resolved(schema.items), made = () => (each.properties ? this.group("", each) : this.field(name, schema.items, true));
    const held = this.rows(name, made, say("Add one"));
    return { node: held.node, write: (value) => { held.clear(); (typeof value === "string" ? value.split(",") : value ?? []).forEach(held.push); }, read: () => {
      const found = held.rows.map((row) => row.read()).filter((v) => v !== undefined);
      return found.length || required ? found : undefined;
    } };
  }
  pairs(name, schema, required) {
    const make = () => {
      const key = this.single(/Pointer/.test(schema.propertyNames?.description ?? "") ? "pointer" : "id", { type: "string" }, true);
      const value = this.field("value", schema.additionalProperties || {}, true);
      // The value of a member that is money, named by its pointer, is written in yuan as everywhere.
      const isMoney = () => this.words.money.includes(String(key.read() ?? "").split("/").pop());
      const inFen = (given) => (given === undefined || typeof given === "object" ? given : fenOf(String(given)));
      const read = () => { const given = value.read(); return !isMoney() ? given : given?.new === undefined ? inFen(given) : { ...given, new: inFen(given.new) }; };
      const written = (given) => (typeof given === "number" ? plainYuan(given) : given);
      const write = ([k, v]) => { key.write(k); value.write(!isMoney() ? v : v?.new === undefined ? written(v) : { ...v, new: written(v.new) }); };
      return { node: element("div", {}, key.node, value.node), read: () => [key.read(), read()], write };
    };
    const held = this.rows(name, make, say("Add one"));
    return { node: held.node, write: (value) => { held.clear(); Object.entries(value ?? {}).forEach(held.push); }, read: () => {
      const found = Object.fromEntries(held.rows.map((row) => row.read()).filter(([k, v]) => k !== undefined && v !== undefined));
      return Object.keys(found).length || required ? found : undefined;
    } };
  }
}
