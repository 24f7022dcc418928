"use server";

import { isAppError } from "@ballast/core";
import { signUpSchema } from "@ballast/governance";
import { signUp } from "@ballast/governance/server";
import { redirect } from "next/navigation";
import { AuthError } from "next-auth";
import { signIn, TooManyAttempts } from "@/server/auth";
import { database } from "@/server/database";
import { safeReturnPath } from "./return-path.ts";

/** What a form shows again after it was refused. Passwords never travel back. */
export interface AuthFormState {
  values: Readonly<Record<string, string>>;
  /** Per field, what to enter. */
  errors: Readonly<Record<string, string>>;
  /** Why the whole form was refused. */
  refusal?: string | undefined;
}

const text = (form: FormData, name: string): string => {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
};

/** Signs in with e-mail and password, then goes to `next` or the first project. */
export async function signInAction(_state: AuthFormState, form: FormData): Promise<AuthFormState> {
  const email = text(form, "email").trim();
  const password = text(form, "password");
  const errors: Record<string, string> = {};
  if (!email) errors.email = "Enter the e-mail address of your account.";
  if (!password) errors.password = "Enter your password.";
  if (Object.keys(errors).length > 0) return { values: { email }, errors };
  try {
    await signIn("credentials", { email, password, redirect: false });
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    if (error instanceof TooManyAttempts) return { values: { email }, errors: {}, refusal: error.advice };
    const mismatch = error.type === "CredentialsSignin";
    return {
      values: { email },
      errors: {},
      refusal: mismatch
        ? "E-mail and password do not match."
        : "The password could not be checked. Look whether the database answers, below, then try again.",
    };
  }
  redirect(safeReturnPath(text(form, "next")));
}

/** Makes a person, their team and a first project, and signs them in. */
export async function signUpAction(_state: AuthFormState, form: FormData): Promise<AuthFormState> {
  const fields = ["name", "email", "teamName", "projectName"] as const;
  const values = Object.fromEntries(fields.map((field) => [field, text(form, field)]));
  const parsed = signUpSchema.safeParse({ ...values, password: text(form, "password") });
  if (!parsed.success) {
    const errors: Record<string, string> = {};
    for (const issue of parsed.error.issues) errors[String(issue.path[0])] ??= issue.message;
    return { values, errors };
  }
  let home: string;
  try {
    const made = await signUp(database(), parsed.data);
    home = `/${made.teamSlug}/${made.projectSlug}`;
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { values, errors: { [String(error.details.field ?? "email")]: error.publicMessage } };
  }
  await signIn("credentials", { email: parsed.data.email, password: parsed.data.password, redirect: false });
  redirect(home);
}
