import type { Role } from "@ballast/core";

/** What each role may do, greatest first. */
export const roleWords: readonly (readonly [Role, string])[] = [
  ["admin", "everything, people and money included"],
  ["engineer", "builds, deploys and operates; no approvals, budgets or people"],
  ["approver", "reads everything, approves versions, decides rollouts and incidents"],
  ["viewer", "reads everything, changes nothing"],
];
