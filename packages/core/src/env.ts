import { z } from "zod";

const schema = z.object({
  /** Folder for everything a self-contained installation keeps: database, artifacts, journal, secrets. */
  BALLAST_HOME: z.string().optional(),
  /** The checkout; where plugins and migrations are. Set by the start-up for its children. */
  BALLAST_ROOT: z.string().optional(),
  /** Whether the database is the start-up's own; only for people to read. Set by the start-up for its children. */
  BALLAST_DATABASE: z.enum(["embedded", "external"]).default("embedded"),
  /** The application role's URL (no BYPASSRLS). Set by the start-up for its children. */
  BALLAST_APP_DATABASE_URL: z.string().optional(),
  BALLAST_WEB_PORT: z.coerce.number().int().optional(),
  BALLAST_GATEWAY_PORT: z.coerce.number().int().optional(),
  BALLAST_GATEWAY_URL: z.string().optional(),
  /** Where people reach the web app: the gateway forwards the links that MLflow's clients print to it. */
  BALLAST_WEB_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** 32 bytes hex; keys prediction ids and gateway-to-worker calls. */
  BALLAST_SECRET: z.string().optional(),
  /** Where artifacts lie: `s3://bucket/prefix`; unset, in the installation's folder. The keys and the server's address go with it. */
  BALLAST_ARTIFACTS: z.string().optional(),
  BALLAST_S3_ENDPOINT: z.string().optional(),
  BALLAST_S3_REGION: z.string().optional(),
  BALLAST_S3_ACCESS_KEY_ID: z.string().optional(),
  BALLAST_S3_SECRET_ACCESS_KEY: z.string().optional(),
  BALLAST_S3_SESSION_TOKEN: z.string().optional(),
  /** Largest file that may be uploaded, bytes. */
  BALLAST_MAX_UPLOAD_BYTES: z.coerce.number().int().positive().optional(),
  AUTH_SECRET: z.string().optional(),
  AUTH_URL: z.string().optional(),
  /** Ed25519 private key, PKCS #8 in base64: signs what is attested of model versions. Made at the first start. */
  BALLAST_SIGNING_KEY: z.string().optional(),
  /** Hosts (`name` or `name:port`, comma-separated) webhooks may reach although they are private or speak plain http. */
  BALLAST_WEBHOOK_HOSTS: z.string().optional(),
  /** Sign-in through an OpenID Connect provider; see docs/guides/access.md. */
  BALLAST_OIDC_ISSUER: z.string().optional(),
  BALLAST_OIDC_CLIENT_ID: z.string().optional(),
  BALLAST_OIDC_CLIENT_SECRET: z.string().optional(),
  BALLAST_OIDC_NAME: z.string().optional(),
  BALLAST_OIDC_SCOPES: z.string().optional(),
  BALLAST_OIDC_DOMAINS: z.string().optional(),
  BALLAST_OIDC_TEAM: z.string().optional(),
  BALLAST_OIDC_ROLE: z.string().optional(),
  BALLAST_OIDC_ROLES: z.string().optional(),
  BALLAST_OIDC_ROLE_CLAIM: z.string().optional(),
  BALLAST_LOG: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});
export type Env = z.infer<typeof schema>;

/** The process environment, parsed once per call; throws naming the variable that is wrong. */
export function readEnv(source: Record<string, string | undefined> = process.env): Env {
  const parsed = schema.safeParse(source);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  throw new Error(`Environment variable ${first?.path.join(".")}: ${first?.message}`);
}

/** A setting that this process cannot do without. */
export function requireEnv(name: Exclude<keyof Env, "BALLAST_LOG">): string {
  const value = readEnv()[name];
  if (value === undefined)
    throw new Error(`Environment variable ${name} is not set; start with \`npm start\`, which sets it.`);
  return String(value);
}
