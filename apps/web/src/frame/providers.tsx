"use client";

import { type LinkProps, LinkProvider, ToastProvider } from "@ballast/ui";
import NextLink from "next/link";
import type { ReactNode } from "react";
import { ApiProvider } from "@/trpc/client";

function RoutedLink(props: LinkProps) {
  return <NextLink {...props} />;
}

/** What every page stands in, signed in or not. */
export function Providers({ children }: { children: ReactNode }) {
  return (
    <LinkProvider component={RoutedLink}>
      <ApiProvider>
        <ToastProvider>{children}</ToastProvider>
      </ApiProvider>
    </LinkProvider>
  );
}
