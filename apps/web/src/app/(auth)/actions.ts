"use server";

import { isAppError } from "@ballast/core";
import { joinTeamSchema, signUpSchema } from "@ballast/governance";
import { acceptInvitation, createTeam, joinWithInvitation, listProjects, signUp } from "@ballast/governance/server";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { AuthError } from "next-auth";
import { currentAccount } from "@/server/account";
import { signIn, TooManyAttempts } from "@/server/auth";
import { database } from "@/server/database";
import { OIDC, oidc } from "@/server/oidc";
import { admitSignUp } from "@/server/sign-ups";
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

/** Where the identity provider asks who somebody is; afterwards they are at `next`. */
async function providerAddress(next: string): Promise<string> {
  const address: unknown = await signIn(OIDC, { redirect: false, redirectTo: safeReturnPath(next) });
  return typeof address === "string" ? address : "/signin?refused=provider";
}

/** Hands over to the identity provider. */
export async function signInWithProviderAction(_state: AuthFormState, form: FormData): Promise<AuthFormState> {
  let address: string;
  try {
    address = await providerAddress(text(form, "next"));
  } catch {
    const name = oidc()?.name ?? "The identity provider";
    return { values: {}, errors: {}, refusal: `${name} does not answer. Try again, or sign in with a password.` };
  }
  redirect(address);
}

/** Signs in with e-mail and password, then goes to `next` or the first project; with `connect`, by way of the identity provider. */
export async function signInAction(_state: AuthFormState, form: FormData): Promise<AuthFormState> {
  const email = text(form, "email").trim();
  const password = text(form, "password");
  const errors: Record<string, string> = {};
  if (!email) errors.email = "Enter the e-mail address of your account.";
  if (!password) errors.password = "Enter your password.";
  if (Object.keys(errors).length > 0) return { values: { email }, errors };
  const next = safeReturnPath(text(form, "next"));
  try {
    // Auth.js remembers one way back per browser: without this it would be the page of the form.
    await signIn("credentials", { email, password, redirect: false, redirectTo: next });
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
  redirect(text(form, "connect") === "" ? next : await providerAddress(next));
}

type Fields<Name extends string> = Readonly<Record<Name, string>>;
const fieldsOf = <Name extends string>(form: FormData, names: readonly Name[]): Fields<Name> =>
  Object.fromEntries(names.map((name) => [name, text(form, name)])) as Fields<Name>;

/** What to say of each field that was refused; the first reason counts. */
function errorsOf(issues: readonly { path: readonly PropertyKey[]; message: string }[]): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const issue of issues) errors[String(issue.path[0])] ??= issue.message;
  return errors;
}

/** The form again with why it was refused; foreign errors go on. */
function refused(error: unknown, values: AuthFormState["values"]): AuthFormState {
  if (!isAppError(error)) throw error;
  const { field } = error.details;
  if (typeof field === "string") return { values, errors: { [field]: error.publicMessage } };
  return { values, errors: {}, refusal: error.publicMessage };
}

/** Makes a person, their team and a first project, and signs them in. */
export async function signUpAction(_state: AuthFormState, form: FormData): Promise<AuthFormState> {
  const values = fieldsOf(form, ["name", "email", "teamName", "projectName"]);
  const parsed = signUpSchema.safeParse({ ...values, password: text(form, "password") });
  if (!parsed.success) return { values, errors: errorsOf(parsed.error.issues) };
  let home: string;
  try {
    admitSignUp(await headers());
    const made = await signUp(database(), parsed.data);
    home = `/${made.teamSlug}/${made.projectSlug}`;
  } catch (error) {
    return refused(error, values);
  }
  await signIn("credentials", { email: parsed.data.email, password: parsed.data.password, redirect: false });
  redirect(home);
}

/** The first project of a team, by name; a team without one has its admins to ask. */
async function homeIn(team: { teamId: string; teamSlug: string }): Promise<string> {
  const [project] = await listProjects(database(), team.teamId);
  return project ? `/${team.teamSlug}/${project.slug}` : "/welcome";
}

/** A new person takes an invitation: account and membership at once, then signed in. */
export async function joinAction(_state: AuthFormState, form: FormData): Promise<AuthFormState> {
  const values = fieldsOf(form, ["name", "email"]);
  const parsed = joinTeamSchema.safeParse({ ...values, password: text(form, "password") });
  if (!parsed.success) return { values, errors: errorsOf(parsed.error.issues) };
  let home: string;
  try {
    admitSignUp(await headers());
    home = await homeIn((await joinWithInvitation(database(), text(form, "secret"), parsed.data)).offer);
  } catch (error) {
    return refused(error, values);
  }
  await signIn("credentials", { email: parsed.data.email, password: parsed.data.password, redirect: false });
  redirect(home);
}

/** Whoever is signed in takes an invitation. */
export async function acceptAction(_state: AuthFormState, form: FormData): Promise<AuthFormState> {
  const secret = text(form, "secret");
  const account = await currentAccount();
  if (!account) redirect(`/signin?next=${encodeURIComponent(`/invite/${secret}`)}`);
  let home: string;
  try {
    home = await homeIn(await acceptInvitation(database(), account, secret));
  } catch (error) {
    return refused(error, {});
  }
  redirect(home);
}

/** Whoever is signed in makes a team of their own. */
export async function createTeamAction(_state: AuthFormState, form: FormData): Promise<AuthFormState> {
  const account = await currentAccount();
  if (!account) redirect("/signin?next=/welcome");
  const values = fieldsOf(form, ["teamName", "projectName"]);
  const parsed = signUpSchema.pick({ teamName: true, projectName: true }).safeParse(values);
  if (!parsed.success) return { values, errors: errorsOf(parsed.error.issues) };
  let home: string;
  try {
    admitSignUp(await headers());
    const made = await createTeam(database(), account, parsed.data.teamName, parsed.data.projectName);
    home = `/${made.teamSlug}/${made.projectSlug}`;
  } catch (error) {
    return refused(error, values);
  }
  redirect(home);
}
