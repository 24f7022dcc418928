import type { DomainEventName } from "@ballast/core";
import { domainEvents } from "@ballast/db";
import { notInArray, type SQL } from "drizzle-orm";

/** Events that come with every window or charge: true, and no news. */
const ROUTINE_EVENTS: DomainEventName[] = ["window.closed", "window.processed", "budget.reserved"];

/** The condition of lists that show what is news. */
export const notRoutine = (): SQL => notInArray(domainEvents.name, ROUTINE_EVENTS);
