import "server-only";
import { Auth, type AuthConfig } from "@auth/core";
import { boundedText } from "@ballast/api";
import { isAppError, requireEnv } from "@ballast/core";
import { accountOfIdentity, SignInThrottle, verifyPassword } from "@ballast/governance/server";
import NextAuth, { CredentialsSignin } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { publicOrigin } from "../page/load.ts";
import { database } from "./database.ts";
import { networkAddress } from "./network-address.ts";
import { identityProvider, OIDC, oidc, refusalOf } from "./oidc.ts";

const SESSION_HOURS = 12;
/** A form of Auth.js is a few lines. */
const MOST_FORM_BYTES = 64 * 1024;

/** Refused unheard, as too many attempts failed. */
export class TooManyAttempts extends CredentialsSignin {
  override code = "too_many_attempts";
  /** How long to wait, as a sentence; Auth.js puts more into `message`. */
  readonly advice: string;

  constructor(advice: string) {
    super(advice);
    this.advice = advice;
  }
}

const holder = globalThis as unknown as { ballastSignIns?: SignInThrottle };

/** One count per process: actions and route handlers have module instances of their own. */
function signIns(): SignInThrottle {
  holder.ballastSignIns ??= new SignInThrottle();
  return holder.ballastSignIns;
}

/** Auth.js wraps what went wrong twice: the operator needs the innermost reason. */
function tell(error: Error): void {
  if (error instanceof CredentialsSignin) return;
  const { cause } = error;
  const inner = cause && typeof cause === "object" && "err" in cause ? cause.err : cause;
  const reason = inner instanceof Error ? `: ${inner.stack ?? inner.message}` : "";
  process.stderr.write(`${error.stack ?? error.message}${reason}\n`);
}

/** Sign-in for people: a password checked against argon2id or an identity provider; a signed session cookie that holds id, name and e-mail. */
const config = (): AuthConfig => ({
  session: { strategy: "jwt", maxAge: SESSION_HOURS * 3600 },
  trustHost: true,
  pages: { signIn: "/signin", error: "/signin" },
  logger: { error: tell },
  providers: [
    Credentials({
      credentials: { email: {}, password: {} },
      async authorize({ email, password }, request) {
        if (typeof email !== "string" || typeof password !== "string") return null;
        const check = () => verifyPassword(database(), email, password);
        return signIns()
          .guard(email, networkAddress(request.headers), check)
          .catch((error: unknown) => {
            if (isAppError(error) && error.code === "too_many_requests") throw new TooManyAttempts(error.publicMessage);
            throw error;
          });
      },
    }),
    ...identityProvider(),
  ],
  callbacks: {
    /** Whoever comes from the identity provider gets their account here, or the reason why not. */
    async signIn({ account, profile }) {
      if (account?.provider !== OIDC) return true;
      return refusalOf(profile, async () => (await auth())?.user?.id ?? null);
    },
    /** The session stands for the account, not for what the provider calls its owner. */
    async jwt({ token, account, profile }) {
      const settings = oidc();
      if (account?.provider !== OIDC || !settings || typeof profile?.sub !== "string") return token;
      const found = await accountOfIdentity(database(), settings.issuer, profile.sub);
      return found ? { sub: found.id, name: found.name, email: found.email } : null;
    },
    session({ session, token }) {
      if (token.sub) session.user.id = token.sub;
      // Auth.js tells when the session would end if this answer renewed its cookie; no page does.
      return typeof token.exp === "number"
        ? { ...session, expires: new Date(token.exp * 1000).toISOString() }
        : session;
    },
  },
});
export const { auth, signIn, signOut } = NextAuth(config);

/**
 * Answers the routes of Auth.js under the address that people use. next-auth's own handlers call every address of this machine
 * "localhost", and an identity provider compares the address that a code was asked for letter by letter.
 */
export async function answerAuth(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const { method, headers } = request;
  const read: unknown =
    method === "POST" ? await boundedText(request, MOST_FORM_BYTES).catch((error: unknown) => error) : null;
  if (isAppError(read)) return Response.json({ error: read.publicMessage, code: read.code }, { status: read.status });
  const body = typeof read === "string" ? { body: read } : {};
  const asked = new Request(`${await publicOrigin()}${pathname}${search}`, { method, headers, ...body });
  return Auth(asked, { ...config(), basePath: "/api/auth", secret: requireEnv("AUTH_SECRET") });
}
