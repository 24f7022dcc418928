import { handleRest } from "@ballast/api";
import { apiContext } from "@/server/api-context";
import { appRouter } from "@/server/app-router";

const handler = async (request: Request, { params }: { params: Promise<{ operation: string }> }) =>
  handleRest(request, (await params).operation, await appRouter(), () => apiContext(request.headers));

export { handler as DELETE, handler as GET, handler as PATCH, handler as POST, handler as PUT };
