import type { ReactNode } from "react";
import { Frame } from "@/frame/frame";
import { requireProject } from "@/server/account";
import { signOut } from "@/server/auth";

async function leave(): Promise<void> {
  "use server";
  await signOut({ redirectTo: "/signin" });
}

export default async function ProjectLayout({
  params,
  children,
}: {
  params: Promise<{ team: string; project: string }>;
  children: ReactNode;
}) {
  const { team: teamSlug, project: projectSlug } = await params;
  const { account, teams, team, project, permissions } = await requireProject(teamSlug, projectSlug);
  return (
    <Frame
      teams={teams}
      team={{ slug: team.slug, name: team.name }}
      project={project}
      user={{ name: account.name, email: account.email, role: team.role }}
      permissions={permissions}
      signOut={leave}
    >
      {children}
    </Frame>
  );
}
