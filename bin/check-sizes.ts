import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const WARN_LINES = 300;
const ERROR_LINES = 500;
const CODE = /\.(ts|tsx|mjs|cjs|css|py)$/;
const EXEMPT = /^drizzle\//;

const files = execFileSync("git", ["ls-files"], { encoding: "utf8" })
  .split("\n")
  .filter((f) => CODE.test(f) && !EXEMPT.test(f));
let failed = false;
for (const file of files) {
  let lines: number;
  try {
    lines = readFileSync(file, "utf8").split("\n").length - 1;
  } catch {
    continue;
  }
  if (lines > ERROR_LINES) failed = true;
  if (lines > WARN_LINES)
    console.log(
      `${lines > ERROR_LINES ? "error" : "warning"}: ${file} has ${lines} lines (${WARN_LINES} is a smell, ${ERROR_LINES} the limit)`,
    );
}
process.exitCode = failed ? 1 : 0;
