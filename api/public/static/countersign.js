// The second signature: the same bytes that the first person signed, shown before they are signed again.
import { bytesOf, canonical, parseCanonical, same, unbase64 } from "./log.mjs";
import { signed } from "./keys.js";
import { say } from "./plain-words.js";
import { STATEMENT_TYPE, call, explained, ownKey } from "./statements.js";

const context = JSON.parse(document.getElementById("context").textContent), box = document.querySelector("[data-countersign]"), verdict = box.querySelector(".verdict");
function tell(text, css) { verdict.textContent = text; verdict.className = `verdict ${css}`; }
async function attempt(act) {
  try { await act(); } catch (error) { tell(error.told ? explained(error.told) : error.message, "bad"); }
}
box.querySelector("[name=sign]").addEventListener("click", () => attempt(async () => {
  const waiting = await call(context, `/pending/${context.id}`, undefined, "GET"), body = unbase64(waiting.envelope.payload);
  // What was shown on the page is what is signed.
  if (!same(bytesOf(canonical(context.statement)), body) || canonical(parseCanonical(body)) !== canonical(context.statement)) throw new Error(say("what waits is not what the page shows"));
  const key = await ownKey(context), sig = await signed(key, body, STATEMENT_TYPE);
  const receipt = await call(context, `/pending/${context.id}/signature`, { keyid: key.keyid, sig });
  tell(receipt.position ? say("Countersigned; recorded as entry {position}.", { position: receipt.position }) : say("Countersigned; it waits for another signature."), "good");
  box.querySelectorAll("button").forEach((b) => b.remove());
}));
box.querySelector("[name=refuse]").addEventListener("click", () => attempt(async () => {
  await call(context, `/pending/${context.id}`, undefined, "DELETE");
  tell(say("Sent back; nothing was recorded."), "good");
  box.querySelectorAll("button").forEach((b) => b.remove());
}));
// A button does something only from here on.
box.querySelectorAll("button").forEach((b) => { b.disabled = false; });
