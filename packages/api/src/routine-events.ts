import type { DomainEventName } from "@ballast/core";
import { domainEvents } from "@ballast/db";
import { notInArray, type SQL } from "drizzle-orm";

/** Events that come with every window, charge or run: true, and no news. */
const ROUTINE_EVENTS: DomainEventName[] = ["window.closed", "window.processed", "budget.reserved", "run.ended"];

/** The condition of lists that show what is news. */
export const notRoutine = (): SQL => notInArray(domainEvents.name, ROUTINE_EVENTS);
