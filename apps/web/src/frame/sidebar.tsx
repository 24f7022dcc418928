"use client";

import { Icon, Link, Mark } from "@ballast/ui";
import { PanelLeftClose } from "lucide-react";
import { usePathname } from "next/navigation";
import { useLive } from "./live.tsx";
import { type NavigationPage, navigation, pageOf, pagePath } from "./navigation.ts";
import { toggleNavigation } from "./theme.ts";

/** Pages by activity. On phones it is a sheet, opened from the top bar. */
export function Sidebar({ base }: { base: string }) {
  const current = pageOf(base, usePathname());
  return (
    <aside className="sidebar" id="navigation" aria-label="Main navigation">
      <Link className="brand" href={base}>
        <Mark />
        <span className="nav-text">Ballast</span>
      </Link>
      <nav aria-label="Pages">
        {navigation.map((group) => (
          <div className="nav-group" key={group.heading ?? "overview"}>
            {group.heading ? <h2>{group.heading}</h2> : null}
            <ul>
              {group.pages.map((page) => (
                <li key={page.segment}>
                  <SidebarLink page={page} href={pagePath(base, page)} current={page === current} />
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <div className="sidebar-foot only-wide">
        <button type="button" className="nav-link" onClick={toggleNavigation} title="Collapse or expand ([)">
          <Icon of={PanelLeftClose} />
          <span className="nav-text">Collapse</span>
          <kbd>[</kbd>
        </button>
      </div>
    </aside>
  );
}

function SidebarLink({ page, href, current }: { page: NavigationPage; href: string; current: boolean }) {
  const live = useLive();
  const count = page.count ? live[page.count] : undefined;
  return (
    <Link
      className="nav-link"
      href={href}
      title={`${page.label} (g ${page.key})`}
      aria-current={current ? "page" : undefined}
    >
      <Icon of={page.icon} />
      <span className="nav-text">{page.label}</span>
      {count ? (
        <span className="nav-count" data-tone="breach">
          {count}
          <span className="visually-hidden"> open</span>
        </span>
      ) : null}
    </Link>
  );
}
