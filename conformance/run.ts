/**
 * Unmodified Python clients, the example script and the curl calls of `examples/README.md`, against an installation of their
 * own: `node conformance/run.ts <folder of the Python environments>`. Every check is a line; the last line is "N passed, N failed".
 */
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { freePort } from "@ballast/db/embedded";
import { startInstallation, waitFor } from "../e2e/installation.ts";
import { createProject, DEPLOYMENT, otherTokens, type Project, serveFirstModel } from "./set-up.ts";

const START_LIMIT_MS = 300_000;
const SCRIPT_LIMIT_MS = 180_000;
const ROOT = path.join(import.meta.dirname, "..");
const environments = process.argv[2] ?? ".ballast";
const pythonOf = (environment: string) => path.join(environments, environment, "bin", "python");

const counts = { passed: 0, failed: 0 };
function tell(passed: boolean, what: string, detail = ""): void {
  counts[passed ? "passed" : "failed"] += 1;
  console.log(`${passed ? "✓" : "✗"} ${what}${detail === "" ? "" : `\n    ${detail}`}`);
}

interface Ended {
  code: number | null;
  output: string;
}
function run(command: string, args: string[], env: Record<string, string>): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, env: { ...process.env, ...env }, timeout: SCRIPT_LIMIT_MS });
    let output = "";
    const keep = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", (error) => resolve({ code: null, output: error.message }));
    child.once("exit", (code) => resolve({ code, output }));
  });
}

/** A script that prints its checks; one that ends another way than its checks say is a failed check itself. */
async function runChecks(script: string, env: Record<string, string>, environment: string): Promise<void> {
  console.log(`\n── ${script} (${environment})`);
  const { code, output } = await run(pythonOf(environment), [path.join(import.meta.dirname, script)], env);
  process.stdout.write(output);
  const lines = output.split("\n");
  const failed = lines.filter((line) => line.startsWith("✗ ")).length;
  counts.passed += lines.filter((line) => line.startsWith("✓ ")).length;
  counts.failed += failed;
  if ((code === 0) !== (failed === 0)) tell(false, `${script} ended with code ${code}`);
}

/** Every `sh` block of the examples' page, as a reader would paste it: it succeeds, and says what the page says it says. */
async function runCurlExamples(env: Record<string, string>): Promise<void> {
  console.log("\n── examples/README.md");
  const page = fs.readFileSync(path.join(ROOT, "examples", "README.md"), "utf8");
  const blocks = [...page.matchAll(/^(.+)\n\n```sh\n([\s\S]*?)^```(?:\n\nAnswers `(.+?)`)?/gm)];
  for (const [, title = "", script = "", expected] of blocks) {
    const { code, output } = await run("sh", ["-euc", script], env);
    const says = expected === undefined || output.includes(expected);
    const problem = says ? `ended with code ${code}` : `does not say ${expected}`;
    tell(code === 0 && says, title, code === 0 && says ? "" : `${problem}: ${output.slice(0, 500)}`);
  }
  if (blocks.length === 0) tell(false, "examples/README.md has no sh block");
}

/** The script with `@ballast/client`. */
async function runClientExample(env: Record<string, string>): Promise<void> {
  console.log("\n── examples/track-and-release.ts");
  const script = ["--disable-warning=ExperimentalWarning", "examples/track-and-release.ts"];
  const { code, output } = await run(process.execPath, script, env);
  process.stdout.write(`${output.replace(/^/gm, "    ").trimEnd()}\n`);
  const says = (pattern: RegExp) => code === 0 && pattern.test(output);
  tell(
    says(/loss: 200 points, last 0\.3069/),
    "logs a run with its history and reads it back",
    code === 0 ? "" : output,
  );
  tell(says(/by-hand-\d+ version 1/), "registers a model version");
  tell(says(/newest rollout: version \d+ \w+/), "says how the newest rollout stands");
  const stranger = await run(process.execPath, script, { ...env, BALLAST_TOKEN: `blst_${"0".repeat(40)}` });
  tell(stranger.code === 1 && /^unauthenticated: .*rotate/m.test(stranger.output), "names the fix for a wrong token");
}

async function runExampleScript(env: Record<string, string>): Promise<void> {
  console.log("\n── examples/ask-and-decide.ts");
  const flags = ["--disable-warning=ExperimentalWarning"];
  const { code, output } = await run(process.execPath, [...flags, "examples/ask-and-decide.ts"], env);
  process.stdout.write(output.replace(/^/gm, "    ").trimEnd());
  console.log("");
  tell(
    code === 0 && /gate onnx_parity passed/.test(output),
    "reads the deployments and the gates of the rollout",
    code === 0 ? "" : output,
  );
  tell(/training trn_\w+: (queued|refused)/.test(output), "asks for a training and gets a job");
  const stranger = await run(process.execPath, [...flags, "examples/ask-and-decide.ts"], {
    ...env,
    TOKEN: "blst_nope",
  });
  tell(
    stranger.code === 1 && stranger.output.includes("UNAUTHORIZED"),
    "ends with 1 and the reason without a valid token",
  );
}

const startedAt = Date.now();
const installation = startInstallation(["--empty", "--port", String(await freePort())]);
try {
  const found = await waitFor("Ballast to start", START_LIMIT_MS, () => {
    if (installation.process.exitCode !== null) throw new Error(`Ballast did not start:\n${installation.log()}`);
    const [, web] = /Ballast {3}(http\S+)/.exec(installation.log()) ?? [];
    const [, gateway] = /Gateway {3}(http\S+)/.exec(installation.log()) ?? [];
    return web && gateway ? { web, gateway } : null;
  });
  console.log(
    `Ballast runs after ${((Date.now() - startedAt) / 1000).toFixed(0)} s: ${found.web}, ${found.gateway}\n── set-up`,
  );
  const project: Project = await createProject(found.web);
  tell(true, "sign up, sign in, make a token");
  const facts = await serveFirstModel(found.web, found.gateway, project);
  tell(true, "upload, validate, declare, train, pass the gates, serve");
  const env = {
    ...{ BALLAST_GATEWAY: found.gateway, BALLAST_TOKEN: project.token, BALLAST_MODEL: DEPLOYMENT },
    ...{ BALLAST_FACTS: JSON.stringify(facts), PYTHONDONTWRITEBYTECODE: "1" },
  };
  const { team, token } = project;
  const asked = { BALLAST: found.web, GATEWAY: found.gateway, TOKEN: token, PROJECT: `${team}/${project.project}` };
  for (const script of ["triton.py", "metrics.py", "features.py", "web.py", "openapi.py"])
    await runChecks(script, { ...env, ...asked }, "conformance-venv");
  const others = await otherTokens(found.web, project);
  for (const environment of ["conformance-mlflow-3", "conformance-mlflow-2"]) {
    for (const script of ["tracking.py", "searching.py", "models.py"])
      await runChecks(script, { ...env, ...others }, environment);
  }
  await runCurlExamples(asked);
  await runExampleScript(asked);
  await runClientExample({ BALLAST_URL: found.web, BALLAST_TOKEN: token });
} catch (error) {
  tell(false, "set-up", error instanceof Error ? (error.stack ?? error.message) : String(error));
} finally {
  await installation.stop();
}
console.log(`\n${counts.passed} passed, ${counts.failed} failed (${((Date.now() - startedAt) / 1000).toFixed(0)} s)`);
process.exitCode = counts.failed === 0 ? 0 : 1;
