import { appRouter } from "@ballast/api";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { apiContext } from "@/server/api-context";

const handler = (req: Request) =>
  fetchRequestHandler({ endpoint: "/api/trpc", req, router: appRouter, createContext: () => apiContext(req.headers) });

export { handler as GET, handler as POST };
