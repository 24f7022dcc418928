import { permanentRedirect } from "next/navigation";
import type { ProjectPageProps } from "@/page/load";

/** The overview is the project's home. */
export default async function OverviewAddress({ params }: ProjectPageProps) {
  const { team, project } = await params;
  permanentRedirect(`/${team}/${project}`);
}
