"use client";

import type { Permission } from "@ballast/core";
import { CommandPalette, type PaletteGroup } from "@ballast/ui";
import { FolderKanban, Keyboard, LogOut, SunMoon } from "lucide-react";
import { usePathname, useRouter } from "next/navigation";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { KeyHelp } from "./key-help.tsx";
import { LiveProvider } from "./live.tsx";
import { LiveSubscription } from "./live-subscription.tsx";
import { MayProvider } from "./may.tsx";
import { allPages, pagePath } from "./navigation.ts";
import { readShortcut, type ShortcutAction } from "./shortcuts.ts";
import { Sidebar } from "./sidebar.tsx";
import { toggleNavigation, toggleTheme } from "./theme.ts";
import { Topbar } from "./topbar.tsx";
import { TrailProvider } from "./trail.tsx";
import { isTyping } from "./typing.ts";

export interface FrameProps {
  teams: readonly { slug: string; name: string; projects: readonly { slug: string; name: string }[] }[];
  team: { slug: string; name: string };
  project: { slug: string; name: string };
  user: { name: string; email: string; role: string };
  /** What the user's role may do: controls that would only be refused are not drawn. */
  permissions: readonly Permission[];
  signOut: () => Promise<void>;
  children: ReactNode;
}

/** The frame of a project: side bar, top bar, palette and keys around a page. */
export function Frame(props: FrameProps) {
  return (
    <LiveProvider>
      <TrailProvider>
        <LiveSubscription team={props.team.slug} project={props.project.slug} />
        <MayProvider permissions={props.permissions}>
          <FrameBody {...props} />
        </MayProvider>
      </TrailProvider>
    </LiveProvider>
  );
}

function FrameBody(props: FrameProps) {
  const { team, project, teams, signOut, children } = props;
  const base = `/${team.slug}/${project.slug}`;
  const router = useRouter();
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const sheet = useSheet();

  useShortcuts((action) => {
    if (action.kind === "palette") setPalette((open) => !open);
    else if (action.kind === "help") setHelp(true);
    else if (action.kind === "collapse") toggleNavigation();
    else if (action.kind === "filter") document.querySelector<HTMLInputElement>("[data-filter]")?.focus();
    else {
      const page = allPages.find((candidate) => candidate.key === action.key);
      if (page) router.push(pagePath(base, page));
    }
  });

  const groups = useMemo<PaletteGroup[]>(
    () => [
      {
        heading: "Go to",
        commands: allPages.map((page) => ({
          id: `page-${page.segment}`,
          label: page.label,
          icon: page.icon,
          keywords: page.keywords,
          hint: `g ${page.key}`,
          run: () => router.push(pagePath(base, page)),
        })),
      },
      {
        heading: "Projects",
        commands: teams.flatMap((candidate) =>
          candidate.projects.map((item) => ({
            id: `project-${candidate.slug}-${item.slug}`,
            label: item.name,
            icon: FolderKanban,
            hint: candidate.name,
            run: () => router.push(`/${candidate.slug}/${item.slug}`),
          })),
        ),
      },
      {
        heading: "You",
        commands: [
          { id: "theme", label: "Switch theme", icon: SunMoon, keywords: ["dark", "light"], run: toggleTheme },
          { id: "keys", label: "Show keys", icon: Keyboard, hint: "?", run: () => setHelp(true) },
          { id: "sign-out", label: "Sign out", icon: LogOut, run: () => void signOut() },
        ],
      },
    ],
    [base, router, teams, signOut],
  );

  return (
    <>
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <div className="app">
        <Sidebar base={base} />
        <button type="button" className="sheet-scrim" aria-label="Close navigation" onClick={sheet.close} />
        <div className="app-column">
          <Topbar
            {...props}
            base={base}
            openPalette={() => setPalette(true)}
            openHelp={() => setHelp(true)}
            sheetOpen={sheet.open}
            openSheet={sheet.show}
          />
          <main id="main" className="page" tabIndex={-1}>
            {children}
          </main>
        </div>
      </div>
      <CommandPalette open={palette} onOpenChange={setPalette} groups={groups} />
      <KeyHelp open={help} onOpenChange={setHelp} />
    </>
  );
}

/** The phone's navigation sheet: closes on Escape and whenever the address changes. */
function useSheet() {
  const pathname = usePathname();
  const [openAt, setOpenAt] = useState<string>();
  const open = openAt === pathname;
  useEffect(() => {
    const root = document.documentElement;
    if (!open) {
      delete root.dataset.sheet;
      return;
    }
    root.dataset.sheet = "open";
    document.querySelector<HTMLElement>("#navigation a[aria-current]")?.focus();
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === "Escape") setOpenAt(undefined);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => {
      window.removeEventListener("keydown", onKeyDown);
      delete root.dataset.sheet;
    };
  }, [open]);
  return { open, show: () => setOpenAt(pathname), close: () => setOpenAt(undefined) };
}

function useShortcuts(act: (action: ShortcutAction) => void): void {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    let pendingSince: number | undefined;
    const onKeyDown = (event: KeyboardEvent): void => {
      const { key, metaKey: meta, ctrlKey: ctrl, altKey: alt } = event;
      const read = readShortcut(
        { key, meta, ctrl, alt, typing: isTyping(event.target), at: event.timeStamp },
        pendingSince,
      );
      pendingSince = read.pendingSince;
      if (!read.action) return;
      event.preventDefault();
      latest.current(read.action);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
