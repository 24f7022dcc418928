import { openApiDocument } from "@ballast/api";
import { publicOrigin } from "@/page/load";
import { appRouter } from "@/server/app-router";

export const dynamic = "force-dynamic";

/** The API as an OpenAPI 3.1 document. It describes what there is to ask, and nothing of any team. */
export async function GET(): Promise<Response> {
  return Response.json(openApiDocument(await appRouter(), await publicOrigin()));
}
