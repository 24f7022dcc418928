import { ROLES, type Role } from "@ballast/core";

/** The parts of the environment that sign-in through an identity provider is set by. */
export interface OidcEnv {
  BALLAST_OIDC_ISSUER?: string | undefined;
  BALLAST_OIDC_CLIENT_ID?: string | undefined;
  BALLAST_OIDC_CLIENT_SECRET?: string | undefined;
  BALLAST_OIDC_NAME?: string | undefined;
  BALLAST_OIDC_SCOPES?: string | undefined;
  BALLAST_OIDC_DOMAINS?: string | undefined;
  BALLAST_OIDC_TEAM?: string | undefined;
  BALLAST_OIDC_ROLE?: string | undefined;
  BALLAST_OIDC_ROLES?: string | undefined;
  BALLAST_OIDC_ROLE_CLAIM?: string | undefined;
}

/** How people come in from one OpenID Connect provider. */
export interface OidcSettings {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** What the button says: "Sign in with …". */
  name: string;
  /** What is asked for, parted by blanks. A provider may refuse a scope it does not know, so more than the usual is set by hand. */
  scopes: string;
  /** Domains of e-mail addresses that are let in, lower case; empty for all. */
  domains: readonly string[];
  /** What everybody joins at sign-in; null for nothing. */
  join: JoinRule | null;
}

export interface JoinRule {
  teamSlug: string;
  /** For whom no value of the claim is mapped. */
  role: Role;
  claim: string;
  /** Claim value → role. Empty: the claim is not read, and a role given by hand stays. */
  roles: ReadonlyMap<string, Role>;
}

const isRole = (text: string): text is Role => (ROLES as readonly string[]).includes(text);
const listOf = (text: string | undefined): string[] =>
  (text ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

/**
 * Settings from the environment; null where no provider is set.
 * @throws Error naming the variable that is missing or wrong
 */
export function oidcSettings(env: OidcEnv): OidcSettings | null {
  const { BALLAST_OIDC_ISSUER: issuer, BALLAST_OIDC_CLIENT_ID: clientId } = env;
  const { BALLAST_OIDC_CLIENT_SECRET: clientSecret, BALLAST_OIDC_TEAM: teamSlug } = env;
  if (issuer === undefined || issuer === "") return null;
  if (!URL.canParse(issuer)) throw new Error("BALLAST_OIDC_ISSUER must be a URL, such as https://login.example.com.");
  if (!clientId) throw new Error("BALLAST_OIDC_CLIENT_ID is missing: the id under which the provider knows Ballast.");
  if (!clientSecret) throw new Error("BALLAST_OIDC_CLIENT_SECRET is missing: the provider gave it with the client id.");
  const domains = listOf(env.BALLAST_OIDC_DOMAINS).map((domain) => domain.toLowerCase().replace(/^@/, ""));
  const name = env.BALLAST_OIDC_NAME || new URL(issuer).hostname;
  const scopes = env.BALLAST_OIDC_SCOPES || "openid email profile";
  return { issuer, clientId, clientSecret, name, scopes, domains, join: teamSlug ? joinRule(teamSlug, env) : null };
}

function joinRule(teamSlug: string, env: OidcEnv): JoinRule {
  const roles = listOf(env.BALLAST_OIDC_ROLES).map((pair): [string, Role] => {
    const cut = pair.lastIndexOf("=");
    const role = pair.slice(cut + 1);
    if (cut < 1 || !isRole(role))
      throw new Error(`BALLAST_OIDC_ROLES: "${pair}" must be value=role with a role of ${ROLES.join(", ")}.`);
    return [pair.slice(0, cut), role];
  });
  const role = env.BALLAST_OIDC_ROLE ?? "viewer";
  if (!isRole(role)) throw new Error(`BALLAST_OIDC_ROLE must be one of ${ROLES.join(", ")}.`);
  return { teamSlug, role, claim: env.BALLAST_OIDC_ROLE_CLAIM ?? "groups", roles: new Map(roles) };
}

/** The greatest role that any value of the claim is mapped to, else the default. `claim` is a text or a list of texts. */
export function roleFromClaim(rule: JoinRule, claim: unknown): Role {
  const values = Array.isArray(claim) ? claim : [claim];
  const mapped = new Set(values.map((value) => (typeof value === "string" ? rule.roles.get(value) : undefined)));
  return ROLES.find((role) => mapped.has(role)) ?? rule.role;
}
