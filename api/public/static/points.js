// Item scores by the points table of a standard: an input per item with its name and its points, refused where they do not fit.
import { element } from "./answers.js";
import { folded } from "./figures.js";
import { pick, say } from "./plain-words.js";

const SCORE = /^(0|[1-9]\d*)(\.\d{1,2})?$/;
const hundredths = (text) => { const [whole, part = ""] = text.split("."); return Number(whole) * 100 + Number(part.padEnd(2, "0")); };

function itemOf({ number, zh, en, points }) {
  const id = `item-${number}`, hint = element("small", { id: `${id}-hint`, class: "hint" }), name = `${number} ${pick([zh, en])}`;
  const input = element("input", { id, inputmode: "decimal", autocomplete: "off", "aria-describedby": hint.id });
  const wrong = () => {
    const text = folded(input.value);
    if (text === "") return "";
    if (!SCORE.test(text)) return say("{name}: a number from 0 to {points} with at most two decimals", { name, points });
    return hundredths(text) > points * 100 ? say("{name} has at most {points} points, not {text}", { name, points, text }) : "";
  };
  // The browser stops at the field, and the page says why beside it.
  const check = () => { const said = wrong(); input.setCustomValidity(said); hint.textContent = said; hint.classList.toggle("bad", said !== ""); };
  input.addEventListener("input", check);
  const label = element("label", { for: id }, name, say(" (at most {points})", { points }));
  return { number, node: element("p", { class: "field" }, label, input, hint), read: () => folded(input.value), write: (value) => { input.value = value ?? ""; check(); } };
}

// A field of the form, as form.js has them: { node, read, write }. ``other`` is the field for items of another standard; it is
// offered where the call of the edition does not name this one. ``told`` is given the sum of what was entered.
export function pointsField(table, other, told) {
  const items = table.items.map(itemOf), sum = element("output", {}, "—");
  const legend = say("Item scores ({standard}, {total} in all)", { standard: table.standard, total: table.total });
  const grid = element("fieldset", {}, element("legend", {}, legend), ...items.map((i) => i.node), element("p", { class: "sum" }, say("Total "), sum));
  const node = element("div", {}, grid);
  let chosen = null;
  grid.addEventListener("input", () => {
    const given = items.map((i) => i.read()).filter((t) => SCORE.test(t)), total = given.reduce((s, t) => s + hundredths(t), 0);
    sum.textContent = given.length ? String(total / 100) : "—";
    if (given.length) told(String(total / 100));
  });
  if (!table.announced) {
    const swap = element("button", { type: "button" }, say("Use other items"));
    swap.addEventListener("click", () => { chosen = other; node.replaceChildren(other.node); });
    grid.append(swap);
  }
  return { node, write: (value) => items.forEach((i) => i.write(value?.[i.number])), read: () => {
    if (chosen) return chosen.read();
    const given = items.map((i) => [i.number, i.read()]).filter(([, text]) => text !== "");
    return given.length ? Object.fromEntries(given) : undefined;
  } };
}
