import type { WorkerContext } from "./context.ts";

/** Runs a step of house-keeping; its failure is told of and holds up no other: neither the next step nor the next project. */
export async function apart(
  { log }: Pick<WorkerContext, "log">,
  of: { step: string; projectId: string },
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.warn("house-keeping failed; it is tried again", { ...of, error });
  }
}
