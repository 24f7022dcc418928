import { createCaller } from "@ballast/api";
import { TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { apiContext } from "@/server/api-context";
import { appRouter } from "@/server/app-router";

export const dynamic = "force-dynamic";

/** Runs and jobs that are read at a time. */
const PAGE = 200;

function dateOf(text: string | null): Date | undefined {
  return text === null ? undefined : new Date(text);
}

/**
 * OpenLineage run events of a project as newline-delimited JSON: `?team=…&project=…`, and `from` and `to` as ISO 8601 times. Guarded as
 * the procedure `openLineage.export` is. Read page by page while it is sent, so that its length costs no memory.
 */
export async function GET(request: Request): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const { export: page } = createCaller(await appRouter())(await apiContext(request.headers)).openLineage;
  const asked = {
    team: searchParams.get("team") ?? "",
    project: searchParams.get("project") ?? "",
    from: dateOf(searchParams.get("from")),
    to: dateOf(searchParams.get("to")),
    limit: PAGE,
  };
  try {
    let current: Awaited<ReturnType<typeof page>> | null = await page(asked);
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        // A pull that gives nothing is not repeated, and a page may be empty.
        let lines = "";
        while (lines === "" && current !== null) {
          lines = current.events.map((event) => `${JSON.stringify(event)}\n`).join("");
          current = current.next === null ? null : await page({ ...asked, after: current.next });
        }
        if (lines === "") controller.close();
        else controller.enqueue(encoder.encode(lines));
      },
    });
    return new Response(body, { headers: { "content-type": "application/x-ndjson; charset=utf-8" } });
  } catch (error) {
    if (!(error instanceof TRPCError)) throw error;
    return Response.json({ error: error.message }, { status: getHTTPStatusCodeFromError(error) });
  }
}
