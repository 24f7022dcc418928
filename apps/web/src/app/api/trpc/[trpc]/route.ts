import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { apiContext } from "@/server/api-context";
import { appRouter } from "@/server/app-router";

const handler = async (req: Request) =>
  fetchRequestHandler({
    endpoint: "/api/trpc",
    req,
    router: await appRouter(),
    createContext: () => apiContext(req.headers),
  });

export { handler as GET, handler as POST };
