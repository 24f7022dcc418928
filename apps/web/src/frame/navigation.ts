import type { LucideIcon } from "lucide-react";
import {
  Activity,
  Bot,
  Box,
  Database,
  FlaskConical,
  Gauge,
  GitFork,
  KeyRound,
  Repeat,
  ScrollText,
  Siren,
  TableProperties,
  Trash2,
  Users,
  Wallet,
  Webhook,
} from "lucide-react";

export interface NavigationPage {
  /** Path below the project; empty for the overview. */
  segment: string;
  label: string;
  icon: LucideIcon;
  /** The letter that follows `g`. */
  key: string;
  /** Other words that find it in the palette. */
  keywords: readonly string[];
  /** Shows a count beside the label, as named in the live state. */
  count?: "openIncidents";
}

export interface NavigationGroup {
  heading: string | undefined;
  pages: readonly NavigationPage[];
}

/** The pages of a project, by activity. Only what works is named. */
export const navigation: readonly NavigationGroup[] = [
  {
    heading: undefined,
    pages: [{ segment: "", label: "Overview", icon: Gauge, key: "o", keywords: ["loop", "home", "health"] }],
  },
  {
    heading: "Build",
    pages: [
      { segment: "datasets", label: "Datasets", icon: Database, key: "d", keywords: ["data", "contract", "versions"] },
      { segment: "features", label: "Features", icon: TableProperties, key: "f", keywords: ["feature views", "store"] },
      { segment: "runs", label: "Runs", icon: FlaskConical, key: "r", keywords: ["experiments", "metrics"] },
      {
        segment: "training",
        label: "Training",
        icon: Repeat,
        key: "t",
        keywords: ["pipelines", "policies", "retrain"],
      },
    ],
  },
  {
    heading: "Run",
    pages: [
      { segment: "models", label: "Models", icon: Box, key: "m", keywords: ["registry", "versions", "champion"] },
      {
        segment: "deployments",
        label: "Deployments",
        icon: GitFork,
        key: "p",
        keywords: ["rollout", "canary", "routes"],
      },
    ],
  },
  {
    heading: "Watch",
    pages: [
      { segment: "monitoring", label: "Monitoring", icon: Activity, key: "w", keywords: ["drift", "performance"] },
      {
        segment: "incidents",
        label: "Incidents",
        icon: Siren,
        key: "i",
        keywords: ["findings", "alerts"],
        count: "openIncidents",
      },
    ],
  },
  {
    heading: "Account for",
    pages: [
      { segment: "costs", label: "Costs", icon: Wallet, key: "c", keywords: ["budget", "ledger", "money"] },
      { segment: "audit", label: "Audit log", icon: ScrollText, key: "l", keywords: ["who", "changes", "history"] },
    ],
  },
  {
    heading: "Settings",
    pages: [
      { segment: "settings/members", label: "People", icon: Users, key: "h", keywords: ["members", "invite", "roles"] },
      {
        segment: "settings/webhooks",
        label: "Webhooks",
        icon: Webhook,
        key: "e",
        keywords: ["events", "deliveries", "notifications"],
      },
      {
        segment: "trash",
        label: "Trash",
        icon: Trash2,
        key: "x",
        keywords: ["deleted", "restore", "retention", "purge"],
      },
      { segment: "settings/tokens", label: "Tokens", icon: KeyRound, key: "k", keywords: ["api", "keys", "secrets"] },
      {
        segment: "settings/service-accounts",
        label: "Service accounts",
        icon: Bot,
        key: "b",
        keywords: ["programs", "robots", "ci"],
      },
    ],
  },
];

export const allPages: readonly NavigationPage[] = navigation.flatMap((group) => group.pages);

/** The address of a page in a project. */
export function pagePath(base: string, page: NavigationPage): string {
  return page.segment === "" ? base : `${base}/${page.segment}`;
}

/** The page that an address belongs to: deeper addresses belong to their section. Undefined outside of all. */
export function pageOf(base: string, pathname: string): NavigationPage | undefined {
  if (pathname !== base && !pathname.startsWith(`${base}/`)) return undefined;
  const below = pathname.slice(base.length + 1);
  return allPages.find(({ segment }) => below === segment || (segment !== "" && below.startsWith(`${segment}/`)));
}
