import { generateKeyPairSync, randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { commandOf, isAlive } from "@ballast/db/os-process";

/** Where a self-contained installation keeps everything: database, artifacts, journal, secrets. */
export interface Home {
  dir: string;
  secrets: Secrets;
  /** Ends this process's claim on the folder. */
  release(): void;
}
interface Secrets {
  /** Owner's password of the embedded database. */
  postgresPassword: string;
  /** Password of the application role. */
  appPassword: string;
  /** Keys prediction ids. */
  secret: string;
  authSecret: string;
  /** Ed25519 private key, PKCS #8 in base64: signs what is attested of model versions. */
  signingKey: string;
  /** Password of the demo's account. */
  demoPassword: string;
}

const random = (bytes: number) => randomBytes(bytes).toString("hex");

const newSigningKey = () =>
  generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "der" }).toString("base64");

/** Opens the folder, made if new, and claims it. Throws, naming the other process, if one runs here already. */
export function openHome(dir: string): Home {
  fs.mkdirSync(dir, { recursive: true, mode: 0o755 });
  const release = claim(path.join(dir, "up.lock"), dir);
  return { dir, secrets: readSecrets(path.join(dir, "secrets.json")), release };
}

function claim(lock: string, dir: string): () => void {
  const other = fs.existsSync(lock) ? Number(fs.readFileSync(lock, "utf8")) : 0;
  if (other > 0 && other !== process.pid && isAlive(other) && commandOf(other).includes("apps/cli")) {
    throw new Error(
      `Ballast already runs on ${dir} (process ${other}). Stop that one first, or choose another folder with --home.`,
    );
  }
  fs.writeFileSync(lock, String(process.pid));
  return () => fs.rmSync(lock, { force: true });
}

function readSecrets(file: string): Secrets {
  const known: Partial<Secrets> = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : {};
  const secrets: Secrets = {
    postgresPassword: known.postgresPassword ?? random(16),
    appPassword: known.appPassword ?? random(16),
    secret: known.secret ?? random(32),
    authSecret: known.authSecret ?? random(32),
    signingKey: known.signingKey ?? newSigningKey(),
    demoPassword: known.demoPassword ?? `${random(3)}-${random(3)}-${random(3)}`,
  };
  const temporary = `${file}.${process.pid}`;
  fs.writeFileSync(temporary, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(temporary, file);
  return secrets;
}
