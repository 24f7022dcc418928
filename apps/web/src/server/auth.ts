import "server-only";
import { verifyPassword } from "@ballast/governance/server";
import NextAuth, { CredentialsSignin } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { database } from "./database.ts";

const SESSION_HOURS = 12;

/** Sign-in for people: a password checked against argon2id, a signed session cookie that holds id, name and e-mail. */
export const { handlers, auth, signIn, signOut } = NextAuth(() => ({
  session: { strategy: "jwt" as const, maxAge: SESSION_HOURS * 3600 },
  trustHost: true,
  pages: { signIn: "/signin" },
  logger: { error: (error: Error) => (error instanceof CredentialsSignin ? undefined : process.stderr.write(`${error.stack ?? error.message}\n`)) },
  providers: [
    Credentials({
      credentials: { email: {}, password: {} },
      async authorize({ email, password }) {
        if (typeof email !== "string" || typeof password !== "string") return null;
        return verifyPassword(database(), email, password);
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
