import { useQuery } from "@tanstack/react-query";
import { type Reach, reachWords } from "@/page/conversion-reach";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";

/** {@link reachWords} with the names of the project's deployments. */
export function useReachWords(): (reach: Reach) => string {
  const { scope } = useProject();
  const watched = useQuery(useTRPC().monitoring.overviews.queryOptions(scope));
  const nameOf = (id: string) => watched.data?.find(({ deployment }) => deployment.id === id)?.deployment.name ?? id;
  return (reach) => reachWords(reach, nameOf);
}
