import type { Tone } from "@ballast/ui";

interface Provider {
  name: string;
  domains: readonly string[];
}

/**
 * What to say when the identity provider's person was not let in. The address names the reason only, never the words: a link could
 * otherwise put somebody else's on this page.
 */
export function wordsOf(
  reason: string | string[] | undefined,
  provider: Provider | null,
): { tone: Tone; text: string } | null {
  if (reason === undefined || !provider) return null;
  const { name, domains } = provider;
  switch (reason) {
    case "password_first":
      return {
        tone: "info",
        text: `There is an account with your address here. Enter its password once, and it is connected with ${name}.`,
      };
    case "unverified_email":
      return {
        tone: "breach",
        text: `${name} has not verified your e-mail address. Verify it there, then sign in again.`,
      };
    case "no_email":
      return {
        tone: "breach",
        text: `${name} did not say your e-mail address. Its operator must release the claim “email” to Ballast.`,
      };
    case "domain":
      return {
        tone: "breach",
        text: `Only addresses of ${domains.join(", ")} are let in. Sign in to ${name} with one.`,
      };
    default:
      return {
        tone: "breach",
        text: `${name} did not sign you in. Try again; if it stays, the log of the web app says why.`,
      };
  }
}
