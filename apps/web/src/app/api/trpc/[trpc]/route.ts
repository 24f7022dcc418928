import { handleTrpc } from "@ballast/api";
import { apiContext } from "@/server/api-context";
import { appRouter } from "@/server/app-router";

const handler = async (request: Request) =>
  handleTrpc(request, "/api/trpc", await appRouter(), () => apiContext(request.headers));

export { handler as GET, handler as POST };
