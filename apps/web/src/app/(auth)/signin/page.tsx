import { Mark } from "@ballast/ui";
import type { Metadata } from "next";
import { headers } from "next/headers";
import { SignInForm } from "./sign-in-form.tsx";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: { searchParams: Promise<{ next?: string | string[] }> }) {
  const { next } = await searchParams;
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
      <SignInForm next={typeof next === "string" ? next : ""} />
    </div>
  );
}
