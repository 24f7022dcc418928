import { Mark, Note } from "@ballast/ui";
import type { Metadata } from "next";
import { headers } from "next/headers";
import { oidc } from "@/server/oidc";
import { ProviderForm } from "./provider-form.tsx";
import { wordsOf } from "./refusals.ts";
import { SignInForm } from "./sign-in-form.tsx";

export const metadata: Metadata = { title: "Sign in" };

type Search = Promise<Record<string, string | string[] | undefined>>;

export default async function SignInPage({ searchParams }: { searchParams: Search }) {
  const { next: asked, refused, error } = await searchParams;
  const next = typeof asked === "string" ? asked : "";
  const provider = oidc();
  const refusal = wordsOf(refused ?? (error === undefined ? undefined : "provider"), provider);
  const host = (await headers()).get("host") ?? "Ballast";
  return (
    <div className="standalone-card">
      <div className="standalone-head">
        <span className="standalone-brand">
          <Mark size={28} />
          Ballast
        </span>
        <h1>Sign in</h1>
        <p className="secondary">
          to <code>{host}</code>
        </p>
      </div>
      {refusal ? (
        <Note tone={refusal.tone} alert>
          {refusal.text}
        </Note>
      ) : null}
      <SignInForm next={next} connect={refused === "password_first" && provider ? provider.name : null} />
      {provider ? <ProviderForm name={provider.name} next={next} /> : null}
    </div>
  );
}
