// Login: choose or bring a key, sign the service's challenge with it.
import { unbase64 } from "./log.mjs";
import { forget, keys, makeKey, makePasskey, nameOf, readKeyFile, signed } from "./keys.js";
import { say, tag } from "./plain-words.js";
import { explained } from "./statements.js";

const form = document.querySelector("[data-login]"), select = form.querySelector("[name=key]"), verdict = form.querySelector(".verdict");
const shown = form.querySelector(".public-key"), api = form.dataset.login;

function tell(text, good) {
  verdict.textContent = text;
  verdict.className = `verdict ${good ? "good" : "bad"}`;
}
async function list(chosen) {
  const all = await keys();
  select.replaceChildren(...all.map((key) => new Option(nameOf(key), key.keyid, false, key.keyid === chosen)));
  select.disabled = all.length === 0;
  form.querySelector("[type=submit]").disabled = all.length === 0;
  const key = all.find((k) => k.keyid === select.value);
  shown.textContent = key ? say("id {id}, public key {key}", { id: key.keyid, key: key.publicKey }) : say("This browser has no key yet. Read a key file, or make a key and have it registered.");
}
async function attempt(act) {
  try { await act(); } catch (error) { tell(error.message, false); }
}
async function answer(url, value) {
  const response = await fetch(url, { method: "POST", body: value === undefined ? undefined : JSON.stringify(value), headers: { "Content-Type": "application/json", "Accept-Language": tag } });
  const told = await response.json();
  if (!response.ok) throw new Error(explained(told));
  return told;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    const key = (await keys()).find((k) => k.keyid === select.value);
    const { challenge, payload_type: type } = await answer(`${api}/login/challenge`);
    const told = await answer(`${api}/login`, { challenge, key_id: key.keyid, signature: await signed(key, unbase64(challenge), type), purpose: form.purpose.value });
    tell(say("Logged in: {name}", { name: told.principal }), true);
    location.assign(form.dataset.next);
  });
});
form.querySelector("[name=file]").addEventListener("change", (event) => attempt(async () => {
  const [file] = event.target.files;
  if (!file) return;
  const key = await readKeyFile(await file.text(), form.password.value);
  await list(key.keyid);
  tell(say("The key is in this browser now, and cannot be taken out."), true);
}));
form.querySelector("[name=make]").addEventListener("click", () => attempt(async () => list((await makeKey()).keyid)));
form.querySelector("[name=passkey]").addEventListener("click", () => attempt(async () => list((await makePasskey(location.hostname)).keyid)));
form.querySelector("[name=forget]").addEventListener("click", () => attempt(async () => { await forget(select.value); await list(); }));
select.addEventListener("change", () => attempt(() => list(select.value)));
attempt(() => list());
// Inputs do something only from here on.
form.querySelector("fieldset").disabled = false;
form.dataset.ready = "yes";
