/** `npm run bench -- --list` names the benchmarks; `npm run bench -- <name> [--json]` runs one. See README.md. */
import { existsSync, readdirSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Benchmark, BenchResult } from "./benchmark.ts";

function names(): string[] {
  const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders
    .map((entry) => entry.name)
    .filter((name) => existsSync(`${import.meta.dirname}/${name}/bench.ts`))
    .sort();
}

async function load(name: string): Promise<Benchmark> {
  return await import(`./${name}/bench.ts`);
}

/** Figures a person can read; the object itself is for programs. */
function printTable(result: BenchResult): void {
  for (const [key, value] of Object.entries(result)) console.log(`${key.padEnd(16)} ${JSON.stringify(value)}`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { list: { type: "boolean" }, json: { type: "boolean" } },
});
const [name] = positionals;
if (values.list) {
  for (const each of names()) console.log(`${each}\t${(await load(each)).title}`);
} else if (name === undefined || !names().includes(name)) {
  console.error(
    `${name === undefined ? "Name a benchmark" : `There is no benchmark "${name}"`}: ${names().join(", ")}.`,
  );
  process.exitCode = 2;
} else {
  try {
    const benchmark = await load(name);
    const result = await benchmark.run({ say: (line) => console.error(line) });
    if (!values.json) printTable(result);
    console.log(JSON.stringify(result));
    if (!result.ok) process.exitCode = 1;
  } catch (error) {
    console.error(`bench ${name} could not run: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 3;
  }
}
