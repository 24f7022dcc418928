import { database } from "@/server/database";

export const dynamic = "force-dynamic";

/** 200 when pages can be served and the database answers, 503 otherwise. */
export async function GET(): Promise<Response> {
  try {
    await database().sql`select 1`;
    return Response.json({ ready: true });
  } catch {
    return Response.json({ ready: false, reason: "the database does not answer" }, { status: 503 });
  }
}
