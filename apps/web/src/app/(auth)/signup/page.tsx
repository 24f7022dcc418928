import { Mark } from "@ballast/ui";
import type { Metadata } from "next";
import { SignUpForm } from "./sign-up-form.tsx";

export const metadata: Metadata = { title: "Sign up" };

export default function SignUpPage() {
  return (
    <div className="standalone-card">
      <div className="standalone-head">
        <span className="standalone-brand">
          <Mark size={28} />
          Ballast
        </span>
        <h1>Sign up</h1>
        <p className="secondary">A team owns projects; a project owns its data, models and budget.</p>
      </div>
      <SignUpForm />
    </div>
  );
}
