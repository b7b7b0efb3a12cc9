// For each package of ../../docs/spec/vectors.json: the keys that the second verifier asks for and each list lacks, one JSON line.
//   node lacking.mjs DOCS_SPEC
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const spec = process.argv[2], load = (name) => import(pathToFileURL(join(spec, "verifier", name)).href);
const [{ neededKeys }, { schemasOf }] = [await load("needed.mjs"), await load("statement.mjs")];
const schemas = schemasOf(readdirSync(join(spec, "events")).map((file) => JSON.parse(readFileSync(join(spec, "events", file), "utf8"))));
const { packages } = JSON.parse(readFileSync(join(spec, "vectors.json"), "utf8"));
const statements = packages.entries.map((entry) => JSON.parse(atob(JSON.parse(Buffer.from(entry, "base64")).envelope.payload)));
console.log(JSON.stringify(packages.vectors.map(({ name, subject, flags, derivation, good, spoilt }) => {
  const needed = neededKeys(subject, flags, derivation, statements, schemas), lacking = ({ keys }) => needed.filter((key) => !keys.includes(key));
  return { name, needed, good: lacking(good), spoilt: lacking(spoilt) };
})));
