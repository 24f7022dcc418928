import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { AppError, readEnv } from "@ballast/core";

/** What this installation keeps to itself, and what its operator allows. */
export interface Installation {
  /** Hex, 32 bytes: encrypts what the database keeps of secrets. */
  secret: string;
  /** Ed25519 private key, PKCS #8 DER in base64; null where the start-up gave none. */
  signingKey: string | null;
  /** Hosts (`name` or `name:port`) that webhooks may reach although they are private or speak plain http. */
  webhookHosts: readonly string[];
}

/** The installation as the environment tells it. @throws AppError `unavailable` without `BALLAST_SECRET` */
export function readInstallation(): Installation {
  const env = readEnv();
  if (!env.BALLAST_SECRET)
    throw new AppError("unavailable", "BALLAST_SECRET is not set; start with `npm start`, which sets it.");
  const hosts = (env.BALLAST_WEBHOOK_HOSTS ?? "").split(",").map((host) => host.trim().toLowerCase());
  return {
    secret: env.BALLAST_SECRET,
    signingKey: env.BALLAST_SIGNING_KEY ?? null,
    webhookHosts: hosts.filter((host) => host !== ""),
  };
}

const keyFor = (secret: string, purpose: string) =>
  Buffer.from(hkdfSync("sha256", Buffer.from(secret, "hex"), Buffer.alloc(0), `ballast/${purpose}`, 32));

/** AES-256-GCM under a key of the installation's secret for one purpose: `v1.<nonce>.<tag>.<ciphertext>`, base64url. */
export function sealText(secret: string, purpose: string, text: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", keyFor(secret, purpose), nonce);
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return ["v1", ...[nonce, cipher.getAuthTag(), sealed].map((part) => part.toString("base64url"))].join(".");
}

/** The text of {@link sealText}. @throws AppError `unavailable` when it was sealed under another secret */
export function openSealed(secret: string, purpose: string, sealed: string): string {
  const [version, nonce = "", tag = "", text = ""] = sealed.split(".");
  try {
    if (version !== "v1") throw new Error(`unknown version ${version}`);
    const decipher = createDecipheriv("aes-256-gcm", keyFor(secret, purpose), Buffer.from(nonce, "base64url"));
    decipher.setAuthTag(Buffer.from(tag, "base64url"));
    return Buffer.concat([decipher.update(Buffer.from(text, "base64url")), decipher.final()]).toString("utf8");
  } catch (cause) {
    throw new AppError("unavailable", "A stored secret was encrypted under another BALLAST_SECRET.", { cause });
  }
}
