import type { Scope } from "@ballast/core";
import { actorOfToken } from "@ballast/governance/server";
import type { Caller } from "../token-cache.ts";

const scopes = new WeakMap<Caller, Scope>();

/** Whoever holds a token acts in its project, and in its name. */
export function scopeOf(caller: Caller): Scope {
  const known = scopes.get(caller);
  if (known) return known;
  const { teamId, projectId, tokenId, name, serviceAccountId, permissions } = caller;
  const scope: Scope = {
    teamId,
    projectId,
    actor: actorOfToken({ tokenId, name, serviceAccountId, permissions: [...permissions] }),
  };
  scopes.set(caller, scope);
  return scope;
}
