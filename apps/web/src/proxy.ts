import { type NextRequest, NextResponse } from "next/server";
import { auth } from "@/server/auth";

/** Pages of a project need a signed-in person; everything else decides for itself. */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const session = await auth();
  if (session?.user) return NextResponse.next();
  const signIn = new URL("/signin", request.nextUrl);
  signIn.searchParams.set("next", `${request.nextUrl.pathname}${request.nextUrl.search}`);
  return NextResponse.redirect(signIn);
}

export const config = {
  // Team and project, not the API, not Next's files, not the pages before the frame.
  matcher: ["/((?!api/|_next/|invite/|signin|signup|icon.svg)[^/.]+/[^/]+.*)"],
};
