import "server-only";
import { isAppError, readEnv } from "@ballast/core";
import { type OidcSettings, oidcSettings, signInWithProvider } from "@ballast/governance/server";
import type { Profile } from "next-auth";
import type { OIDCConfig } from "next-auth/providers";
import { database } from "./database.ts";

/** The provider's id in Auth.js, and with it in the callback's address: `/api/auth/callback/oidc`. */
export const OIDC = "oidc";

/** The identity provider this installation trusts; null where none is set. Throws naming a variable that is wrong. */
export const oidc = (): OidcSettings | null => oidcSettings(readEnv());

/** Code flow with PKCE, state and nonce. Claims come from userinfo, where every provider tells all of them. */
export function identityProvider(): OIDCConfig<Profile>[] {
  const settings = oidc();
  if (!settings) return [];
  const { issuer, clientId, clientSecret, name, scopes: scope } = settings;
  return [
    {
      ...{ id: OIDC, type: "oidc" as const, name, issuer, clientId, clientSecret, idToken: false },
      checks: ["pkce", "state", "nonce"],
      authorization: { params: { scope } },
      profile: ({ sub, email, name: who }) => ({ id: String(sub), email: email ?? null, name: who ?? null }),
    },
  ];
}

const text = (claim: unknown): string | null => (typeof claim === "string" ? claim : null);

/** Signs the provider's person in: true, or the address of the page that says why not. */
export async function refusalOf(
  profile: Profile | undefined,
  signedInAs: () => Promise<string | null>,
): Promise<true | string> {
  const settings = oidc();
  const subject = text(profile?.sub);
  if (!settings || !profile || subject === null) return "/signin?refused=provider";
  const claims = {
    ...{ subject, email: text(profile.email), name: text(profile.name) },
    emailVerified: profile.email_verified === true,
    role: settings.join ? profile[settings.join.claim] : null,
  };
  try {
    await signInWithProvider(database(), settings, claims, await signedInAs());
    return true;
  } catch (error) {
    if (!isAppError(error) || error.code !== "forbidden") throw error;
    return `/signin?refused=${String(error.details.reason)}`;
  }
}
