import { isAppError } from "@ballast/core";
import { publicKeyOf, readInstallation } from "@ballast/governance/server";

export const dynamic = "force-dynamic";

/** The installation's public key, with which anybody checks what it attests of model versions; 503 where it has none. */
export function GET(): Response {
  try {
    return Response.json(publicKeyOf(readInstallation()), { headers: { "cache-control": "public, max-age=300" } });
  } catch (error) {
    if (!isAppError(error)) throw error;
    return Response.json({ error: error.publicMessage }, { status: error.status });
  }
}
