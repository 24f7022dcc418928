"use client";

import { Icon, IconButton, Menu, type MenuEntry } from "@ballast/ui";
import { ChevronsUpDown, Keyboard, LogOut, Menu as MenuIcon, Search, SunMoon } from "lucide-react";
import type { FrameProps } from "./frame.tsx";
import { LiveIndicator } from "./live.tsx";
import { toggleTheme } from "./theme.ts";
import { Trail } from "./trail.tsx";

interface TopbarProps extends Pick<FrameProps, "teams" | "team" | "project" | "user" | "signOut"> {
  base: string;
  openPalette: () => void;
  openHelp: () => void;
  sheetOpen: boolean;
  openSheet: () => void;
}

/** Where you are, search, how fresh the page is, theme, you. */
export function Topbar(props: TopbarProps) {
  return (
    <header className="topbar">
      <button
        type="button"
        className="icon-button only-phone"
        aria-label="Open navigation"
        aria-expanded={props.sheetOpen}
        aria-controls="navigation"
        onClick={props.openSheet}
      >
        <Icon of={MenuIcon} size={18} />
      </button>
      <ProjectSwitch {...props} />
      <Trail base={props.base} />
      <div className="topbar-end">
        <button
          type="button"
          className="command-button"
          aria-label="Search or run a command ⌘K"
          onClick={props.openPalette}
        >
          <Icon of={Search} size={14} />
          <span>Search or run a command</span>
          <kbd>⌘K</kbd>
        </button>
        <LiveIndicator />
        <IconButton className="theme-toggle" icon={SunMoon} label="Switch theme" onClick={toggleTheme} />
        <UserMenu {...props} />
      </div>
    </header>
  );
}

function ProjectSwitch({ teams, team, project }: Pick<TopbarProps, "teams" | "team" | "project">) {
  const entries: MenuEntry[] = teams.flatMap((candidate) => [
    { kind: "label" as const, label: candidate.name },
    ...candidate.projects.map((item) => ({
      kind: "link" as const,
      label: item.name,
      href: `/${candidate.slug}/${item.slug}`,
      current: candidate.slug === team.slug && item.slug === project.slug,
      ...(candidate.slug === team.slug && item.slug === project.slug ? { hint: "here" } : {}),
    })),
  ]);
  return (
    <Menu
      entries={entries}
      trigger={
        <button type="button" className="project-switch">
          <span className="visually-hidden">Switch project. Now in </span>
          <span className="team-name">{team.name}</span>
          <span className="slash" aria-hidden="true">
            /
          </span>
          <b>{project.name}</b>
          <Icon of={ChevronsUpDown} size={14} />
        </button>
      }
    />
  );
}

const initials = (name: string): string =>
  name
    .split(/\s+/)
    .map((word) => word.charAt(0).toUpperCase())
    .slice(0, 2)
    .join("");

function UserMenu({ user, signOut, openHelp }: Pick<TopbarProps, "user" | "signOut" | "openHelp">) {
  return (
    <Menu
      align="end"
      entries={[
        {
          kind: "label",
          label: (
            <>
              {user.name}, {user.role}
              <br />
              {user.email}
            </>
          ),
        },
        { kind: "rule" },
        { kind: "action", label: "Switch theme", icon: SunMoon, onSelect: toggleTheme },
        { kind: "action", label: "Keyboard", icon: Keyboard, hint: "?", onSelect: openHelp },
        { kind: "rule" },
        { kind: "action", label: "Sign out", icon: LogOut, onSelect: () => void signOut() },
      ]}
      trigger={
        <button
          type="button"
          className="user-button"
          aria-label={`${initials(user.name)}: your menu, ${user.name}, ${user.role}`}
        >
          {initials(user.name)}
        </button>
      }
    />
  );
}
