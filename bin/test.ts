import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** The checks, in the order in which a failure is cheapest to see. */
const STEPS: { name: string; command: string[] }[] = [
  { name: "format and lint", command: ["biome", "check", "."] },
  { name: "types", command: ["turbo", "run", "typecheck", "--output-logs=errors-only"] },
  { name: "floors", command: ["depcruise", "--config", ".dependency-cruiser.cjs", "apps", "packages", "plugins"] },
  { name: "file sizes", command: ["node", "bin/check-sizes.ts"] },
  { name: "unused code and dependencies", command: ["knip"] },
  { name: "unit tests", command: ["vitest", "run", "--project", "unit"] },
  { name: "integration tests", command: ["vitest", "run", "--project", "int"] },
  { name: "browser journey", command: ["node", "e2e/run.ts"] },
  { name: "browser journey of people", command: ["node", "e2e/people.ts"] },
  { name: "faults", command: ["node", "e2e/faults.ts", "--runs", "3"] },
];

/** Playwright drives Debian's or the caller's Chromium; as root on Debian one is installed. */
function ensureChromium(): void {
  const found = ["chromium", "chromium-browser", "google-chrome"].some(
    (name) => spawnSync("which", [name]).status === 0,
  );
  if (found || existsSync("/Applications/Google Chrome.app")) return;
  if (process.getuid?.() !== 0 || spawnSync("which", ["apt-get"]).status !== 0) {
    console.error("The browser tests need Chromium. Install it (Debian: apt-get install chromium) and run again.");
    process.exit(1);
  }
  console.log("Installing Chromium…");
  spawnSync("apt-get", ["update", "-qq"], { stdio: "inherit" });
  const installed = spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  if (installed.status !== 0) process.exit(1);
}

function run(command: string[]): Promise<boolean> {
  const [program, ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program as string, args, { stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}

const wanted = process.argv.slice(2);
const steps = wanted.length === 0 ? STEPS : STEPS.filter((step) => wanted.some((w) => step.name.includes(w)));
if (steps.some((step) => step.name.startsWith("browser journey"))) ensureChromium();
let failed = 0;
for (const step of steps) {
  const startedAt = Date.now();
  console.log(`\n── ${step.name}`);
  const passed = await run(step.command);
  if (!passed) failed += 1;
  console.log(`${passed ? "passed" : "FAILED"}: ${step.name} (${((Date.now() - startedAt) / 1000).toFixed(0)} s)`);
}
console.log(`\n${steps.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
