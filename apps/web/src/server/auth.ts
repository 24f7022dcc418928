import "server-only";
import { isAppError } from "@ballast/core";
import { SignInThrottle, verifyPassword } from "@ballast/governance/server";
import NextAuth, { CredentialsSignin } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { database } from "./database.ts";

const SESSION_HOURS = 12;

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

/** The caller's network address as Next.js or the proxy in front of it tells; a forged one meets the limit per e-mail address. */
function addressOf(request: Request): string {
  return request.headers.get("x-forwarded-for")?.split(",")[0]?.trim() ?? "";
}

/** Sign-in for people: a password checked against argon2id, a signed session cookie that holds id, name and e-mail. */
export const { handlers, auth, signIn, signOut } = NextAuth(() => ({
  session: { strategy: "jwt" as const, maxAge: SESSION_HOURS * 3600 },
  trustHost: true,
  pages: { signIn: "/signin" },
  logger: {
    error: (error: Error) =>
      error instanceof CredentialsSignin ? undefined : process.stderr.write(`${error.stack ?? error.message}\n`),
  },
  providers: [
    Credentials({
      credentials: { email: {}, password: {} },
      async authorize({ email, password }, request) {
        if (typeof email !== "string" || typeof password !== "string") return null;
        const check = () => verifyPassword(database(), email, password);
        return signIns()
          .guard(email, addressOf(request), check)
          .catch((error: unknown) => {
            if (isAppError(error) && error.code === "too_many_requests") throw new TooManyAttempts(error.publicMessage);
            throw error;
          });
      },
    }),
  ],
  callbacks: {
    session({ session, token }) {
      if (token.sub) session.user.id = token.sub;
      return session;
    },
  },
}));
