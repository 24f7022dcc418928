import { Mark } from "@ballast/ui";
import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { currentAccount, homeOf } from "@/server/account";
import { CreateTeamForm } from "./create-team-form.tsx";

export const metadata: Metadata = { title: "Welcome" };

/** For whoever is signed in and in no team: the way into one, or one of their own. */
export default async function WelcomePage() {
  const account = await currentAccount();
  if (!account) redirect("/signin?next=/welcome");
  const home = await homeOf(account);
  if (home !== "/welcome") redirect(home);
  return (
    <div className="standalone-card">
      <div className="standalone-head">
        <span className="standalone-brand">
          <Mark size={28} />
          Ballast
        </span>
        <h1>You are in no team yet</h1>
        <p className="secondary">
          Signed in as <b>{account.email}</b>. To join your colleagues, ask an admin of their team for an invitation
          link and open it in this browser. Or make a team of your own.
        </p>
      </div>
      <CreateTeamForm />
    </div>
  );
}
