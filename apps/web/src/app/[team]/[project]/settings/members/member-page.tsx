"use client";

import { Note, PageHead, Panel } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { QueryView } from "@/page/query-view";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useTRPC } from "@/trpc/client";
import { InvitationTable } from "./invitation-table";
import { Invite, type MadeInvitation, type MadeLink, MadeLinkPanel } from "./invite";
import { MemberTable } from "./member-table";

export interface MemberPageProps {
  /** Where people reach this installation: what links start with. */
  web: string;
  /** The signed-in person's id. */
  me: string;
  team: string;
  mayManage: boolean;
}

/** Who is in the team, with which role, and who is invited. */
export function MemberPage({ web, me, team, mayManage }: MemberPageProps) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const refresh = useRefresh();
  const members = useQuery(trpc.member.list.queryOptions(scope));
  const [made, setMade] = useState<MadeLink>();
  const onMade = ({ secret, ...link }: MadeInvitation) => {
    setMade({ ...link, address: `${web}/invite/${secret}` });
    void refresh();
  };
  return (
    <>
      <PageHead title="People" meta={`Who is in ${team}, in all of its projects`}>
        {mayManage ? <Invite team={team} onMade={onMade} /> : null}
      </PageHead>
      {mayManage ? null : <Note tone="info">Your role may see who is here. Admins invite people and set roles.</Note>}
      {made ? <MadeLinkPanel made={made} onDone={() => setMade(undefined)} /> : null}
      <Panel title="Members">
        <QueryView query={members} what="members">
          {(rows) => <MemberTable members={rows} me={me} team={team} mayManage={mayManage} refresh={refresh} />}
        </QueryView>
      </Panel>
      {mayManage ? <Invitations refresh={refresh} onMade={onMade} /> : null}
    </>
  );
}

function Invitations(props: { refresh: () => Promise<void>; onMade: (made: MadeInvitation) => void }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const query = useQuery(trpc.invitation.list.queryOptions(scope));
  return (
    <Panel title="Invitations" note="links that nobody used yet">
      <QueryView query={query} what="invitations" rows={2}>
        {(invitations) => <InvitationTable invitations={invitations} {...props} />}
      </QueryView>
    </Panel>
  );
}
