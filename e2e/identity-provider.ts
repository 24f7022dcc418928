import { once } from "node:events";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

/** What the provider says of somebody who signs in under a name. */
export interface Claims {
  email: string;
  email_verified: boolean;
  name: string;
  groups?: string[];
}
export interface IdentityProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  stop(): Promise<void>;
}

/**
 * A real OpenID provider (`oidc-provider`, certified) of one client, with its own pages for signing in and consent. It insists on PKCE.
 * Any password does; the name decides whose claims come.
 */
export async function startIdentityProvider(port: number, web: string, people: Record<string, Claims>) {
  const issuer = `http://127.0.0.1:${port}`;
  const client = { clientId: "ballast", clientSecret: "a-secret-that-both-know" };
  const provider = new Provider(issuer, {
    clients: [
      {
        ...{ client_id: client.clientId, client_secret: client.clientSecret },
        redirect_uris: [`${web}/api/auth/callback/oidc`],
        ...{ grant_types: ["authorization_code"], response_types: ["code"] },
      },
    ],
    cookies: { keys: ["for-tests-only"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
    features: { devInteractions: { enabled: true } },
    pkce: { required: () => true },
    findAccount: (_ctx, id) => {
      const claims = people[id];
      return claims ? { accountId: id, claims: () => ({ sub: id, ...claims }) } : undefined;
    },
  });
  const server = provider.listen(port, "127.0.0.1");
  await once(server, "listening");
  const { port: listening } = server.address() as AddressInfo;
  if (listening !== port) throw new Error("the provider listens elsewhere than its issuer says");
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { issuer, ...client, stop } satisfies IdentityProvider;
}
