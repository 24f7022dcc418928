/** Every permission there is. A procedure or route names exactly one; the access matrix test walks them all. */
export const PERMISSIONS = [
  "project.read",
  "team.manage",
  "project.write",
  "audit.read",
  "token.read",
  "token.write",
  "dataset.write",
  "feature.write",
  "feature.read_online",
  "feature.push",
  "experiment.write",
  "model.write",
  "deployment.write",
  "rollout.decide",
  "prediction.create",
  "outcome.write",
  "training.request",
  "policy.write",
  "incident.resolve",
  "budget.write",
  "model.approve",
  "governance.write",
  "webhook.write",
  "trash.purge",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const ROLES = ["admin", "engineer", "approver", "viewer"] as const;
export type Role = (typeof ROLES)[number];

const READING: readonly Permission[] = ["project.read", "audit.read", "token.read"];
/** What an engineer leaves to others: people, money, what must be approved, and what cannot be undone. */
const KEPT_FROM_ENGINEERS: readonly Permission[] = [
  "team.manage",
  "budget.write",
  "model.approve",
  "governance.write",
  "trash.purge",
];

/** What each role may do; nothing else in the house knows roles. */
export const ROLE_PERMISSIONS: Record<Role, readonly Permission[]> = {
  admin: PERMISSIONS,
  engineer: PERMISSIONS.filter((permission) => !KEPT_FROM_ENGINEERS.includes(permission)),
  approver: [...READING, "model.approve", "rollout.decide", "incident.resolve"],
  viewer: READING,
};

/** Who acts. `platform` is Ballast itself: its decisions are signed with it. */
export type Actor =
  | { type: "user"; id: string; name: string; role: Role }
  | { type: "token"; id: string; name: string; permissions: readonly Permission[] }
  /** A program with a name of its own; `tokenId` is the credential it showed. */
  | { type: "service_account"; id: string; name: string; permissions: readonly Permission[]; tokenId: string }
  | { type: "platform"; id: "platform"; name: "platform" };

export const PLATFORM: Actor = { type: "platform", id: "platform", name: "platform" };

/** Where one acts. Every service takes it, every query filters by it. */
export interface Scope {
  teamId: string;
  projectId: string;
  actor: Actor;
}

/** True if the actor holds the permission in the scope it was resolved for. */
export function mayDo(actor: Actor, permission: Permission): boolean {
  switch (actor.type) {
    case "platform":
      return true;
    case "token":
    case "service_account":
      return actor.permissions.includes(permission);
    case "user":
      return ROLE_PERMISSIONS[actor.role].includes(permission);
  }
}
