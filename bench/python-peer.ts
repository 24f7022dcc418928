import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

function run(command: string, args: string[]): { ok: boolean; output: string } {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  return { ok: status === 0, output: error?.message ?? `${stdout}${stderr}`.trim() };
}

/**
 * The Python with a peer's packages installed, in a virtual environment under `.ballast/` that is made on first use.
 * @param imports modules to be importable, e.g. `sklearn`
 * @param requirements what pip installs when one is not
 * @param folder of the environment, for a peer whose packages would change another's
 */
export function pythonWith(
  imports: string[],
  requirements: string[],
  say: (line: string) => void,
  folder = "bench-venv",
): string {
  const venv = join(ROOT, ".ballast", folder);
  const python = join(venv, "bin", "python");
  const probe = ["-c", `import ${imports.join(", ")}`];
  if (existsSync(python) && run(python, probe).ok) return python;
  say(`Setting up the peer (${requirements.join(", ")}) in .ballast/${folder} …`);
  const made = run("python3", ["-m", "venv", venv]);
  if (!made.ok) {
    throw new Error(`The peer needs python3 with venv (Debian: apt install python3-venv). It said: ${made.output}`);
  }
  const installed = run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...requirements]);
  if (!installed.ok || !run(python, probe).ok) {
    throw new Error(`pip could not install ${requirements.join(", ")}: ${installed.output.slice(-2000)}`);
  }
  return python;
}
