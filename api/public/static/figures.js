// Amounts and scores as people write and read them. The log holds whole fen; people write yuan. Nothing goes through a binary fraction.
import { say } from "./plain-words.js";

const grouped = (digits) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");

// 1234.50 for 123450 fen, as it stands in a field.
export function plainYuan(fen) {
  const whole = BigInt(fen), sign = whole < 0n ? "-" : "", size = whole < 0n ? -whole : whole;
  return `${sign}${size / 100n}.${String(size % 100n).padStart(2, "0")}`;
}
export function groupedFen(fen) { const text = String(fen); return text.startsWith("-") ? `-${grouped(text.slice(1))}` : grouped(text); }
export function groupedYuan(fen) {
  const [whole, part] = plainYuan(fen).split(".");
  return `${whole.startsWith("-") ? `-${grouped(whole.slice(1))}` : grouped(whole)}.${part}`;
}
export const inYuan = (fen) => say("CNY {yuan}", { yuan: groupedYuan(fen) });

// Full-width digits and signs in the usual width.
export const folded = (text) => text.replace(/[！-～]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replaceAll("\u3000", " ").replaceAll("￥", "¥").replaceAll("−", "-").trim();

const AMOUNT = /^¥? ?(-?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))? ?(万元|万|元)?$/;
// Fen of an amount written in yuan: 200000, 200,000.00, ¥200,000, 20万元. Throws an Error that says what is wrong.
export function fenOf(text, { least = -Infinity } = {}) {
  const found = AMOUNT.exec(folded(text));
  if (!found) throw new Error(say("an amount in yuan with at most two decimals, as 200,000.00"));
  const [, sign, whole, part = "", unit] = found, times = unit?.startsWith("万") ? 10_000n : 1n;
  const fen = Number((BigInt(whole.replaceAll(",", "")) * 100n + BigInt(part.padEnd(2, "0"))) * times * (sign ? -1n : 1n));
  if (!Number.isSafeInteger(fen)) throw new Error(say("the amount is too large"));
  if (fen < least) throw new Error(say("the amount is below zero"));
  return fen;
}

// A score with at most two decimals, half up; what is no decimal is given back as it is.
export function score(text) {
  const found = /^(-?)(\d+)\.(\d{3,})$/.exec(text);
  if (!found) return text;
  const [, sign, whole, part] = found, up = part[2] >= "5" ? 1n : 0n, hundredths = BigInt(whole + part.slice(0, 2)) + up;
  const digits = String(hundredths).padStart(3, "0"), shown = `${digits.slice(0, -2)}.${digits.slice(-2)}`;
  return hundredths === 0n ? shown : sign + shown;
}

// The sentence of a flag as people read it (projections/figures.py): scores with two decimals, a clawback in yuan.
export function flagSentence(flag, text) {
  if (["RF11", "RF12", "RF13", "RF14"].includes(flag)) return text.replace(/(?<![0-9A-Za-z._/-])-?\d+\.\d{3,}(?![0-9A-Za-z._/-])/g, (found) => (flag === "RF12" ? found.replace(/(\.\d\d)\d+/, "$1") : score(found)));
  if (flag !== "RF52") return text;
  return text.replace(/追缴\(分\)为 (\d+)，(?:推导为|按规则应为) (\d+)/, (_, a, b) => `追缴为 ${groupedYuan(a)} 元，按规则应为 ${groupedYuan(b)} 元`).replace(/clawback \(fen\) (\d+), the rules (\d+)/, (_, a, b) => `clawback CNY ${groupedYuan(a)}, the rules CNY ${groupedYuan(b)}`);
}
