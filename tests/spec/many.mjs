// Runs the second verifier over many folders in one process: a line {"path", "vkeys"} each on standard input, a line of result each.
//   node many.mjs VERIFY.mjs < LINES
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { verify } = await import(pathToFileURL(process.argv[2]).href);
for await (const line of createInterface({ input: process.stdin })) {
  const { path, vkeys } = JSON.parse(line);
  console.log(JSON.stringify(await verify(path, vkeys)));
}
