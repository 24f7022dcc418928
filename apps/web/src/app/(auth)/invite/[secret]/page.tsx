import { isAppError } from "@ballast/core";
import { type InvitationOffer, readInvitation } from "@ballast/governance/server";
import { formatDateTime, Link, Mark, Note } from "@ballast/ui";
import type { Metadata } from "next";
import { currentAccount } from "@/server/account";
import { database } from "@/server/database";
import { oidc } from "@/server/oidc";
import { ProviderForm } from "../../signin/provider-form.tsx";
import { AcceptForm, JoinForm } from "./join-forms.tsx";

export const metadata: Metadata = { title: "Invitation", robots: { index: false }, referrer: "no-referrer" };

async function look(secret: string): Promise<InvitationOffer | string> {
  try {
    return await readInvitation(database(), secret);
  } catch (error) {
    if (isAppError(error)) return error.publicMessage;
    throw error;
  }
}

const ROLE_WORDS: Readonly<Record<InvitationOffer["role"], string>> = {
  admin: "an admin: you may do everything, people and money included",
  engineer: "an engineer: you build, deploy and operate",
  approver: "an approver: you read everything and decide what goes live",
  viewer: "a viewer: you read everything and change nothing",
};

export default async function InvitationPage({ params }: { params: Promise<{ secret: string }> }) {
  const { secret } = await params;
  const [offer, account] = await Promise.all([look(secret), currentAccount()]);
  return (
    <div className="standalone-card">
      <div className="standalone-head">
        <span className="standalone-brand">
          <Mark size={28} />
          Ballast
        </span>
        <h1>{typeof offer === "string" ? "Invitation" : `Join ${offer.teamName}`}</h1>
        {typeof offer === "string" ? null : (
          <p className="secondary">
            {offer.invitedBy} invites you as {ROLE_WORDS[offer.role]}. The link works once, until{" "}
            {formatDateTime(offer.expiresAt)} UTC.
          </p>
        )}
      </div>
      {typeof offer === "string" ? (
        <>
          <Note tone="breach">{offer}</Note>
          <p className="muted small">
            <Link href={account ? "/" : "/signin"}>{account ? "Go to your projects" : "Sign in"}</Link>
          </p>
        </>
      ) : account ? (
        <AcceptForm secret={secret} email={account.email} team={offer.teamName} />
      ) : (
        <Newcomer secret={secret} offer={offer} />
      )}
    </div>
  );
}

function Newcomer({ secret, offer }: { secret: string; offer: InvitationOffer }) {
  const provider = oidc();
  const here = `/invite/${secret}`;
  return (
    <>
      {provider ? <ProviderForm name={provider.name} next={here} /> : null}
      <JoinForm secret={secret} team={offer.teamName} email={offer.email} />
      <p className="muted small">
        Have an account? <Link href={`/signin?next=${encodeURIComponent(here)}`}>Sign in</Link> and join with it.
      </p>
    </>
  );
}
