import { placeOfFiles, type Scope } from "@ballast/core";
import type { Tx } from "@ballast/db";
import { type SQL, sql } from "drizzle-orm";

type NamedVersion = { model: string; version: number };

/**
 * A registered version of the team, one in the trash too, whose files are those of a run or logged model that `owners` lists or selects by id; null
 * without. A version that is one ONNX file has its bytes by itself, but what was logged beside that file has it nowhere else.
 */
export async function versionOfFiles(tx: Tx, scope: Scope, owners: SQL): Promise<NamedVersion | null> {
  const versions = await tx.execute<NamedVersion & { loggedModelId: string | null; source: string | null }>(sql`
    select m.name as model, v.version, v.logged_model_id as "loggedModelId", v.source
    from model_versions v join registered_models m on m.team_id = v.team_id and m.id = v.model_id
    where v.team_id = ${scope.teamId} and (v.logged_model_id is not null or v.source is not null)`);
  const users = new Map<string, NamedVersion>();
  for (const { model, version, ...files } of versions) {
    const place = placeOfFiles(files);
    if (place !== null) users.set(place.ownerId, { model, version });
  }
  if (users.size === 0) return null;
  const [owner] = await tx.execute<{ id: string }>(sql`
    select o.id from jsonb_array_elements_text(${JSON.stringify([...users.keys()])}::jsonb) o(id) where o.id in (${owners}) limit 1`);
  return owner ? (users.get(owner.id) ?? null) : null;
}
