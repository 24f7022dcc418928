import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { Providers } from "@/frame/providers";
import { NAV_COOKIE, preferredThemeScript, THEME_COOKIE } from "@/frame/theme";
import "./globals.css";

export const metadata: Metadata = {
  title: { template: "%s · Ballast", default: "Ballast" },
  description: "Keeps production models steady.",
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f6f8fa" },
    { media: "(prefers-color-scheme: dark)", color: "#0e1214" },
  ],
};

/** The theme is part of the first byte: from the cookie, or by a script that runs before anything is painted. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const jar = await cookies();
  const chosen = jar.get(THEME_COOKIE)?.value;
  const theme = chosen === "dark" || chosen === "light" ? chosen : undefined;
  return (
    <html
      lang="en"
      data-theme={theme}
      data-nav={jar.get(NAV_COOKIE)?.value === "collapsed" ? "collapsed" : undefined}
      suppressHydrationWarning
    >
      <body>
        {theme ? null : (
          // biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of this repository, needed before the first paint
          <script dangerouslySetInnerHTML={{ __html: preferredThemeScript }} />
        )}
        <Providers>{children}</Providers>
      </body>
    </html>
  );
}
