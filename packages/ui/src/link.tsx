"use client";

import { type ComponentType, createContext, type ReactNode, useContext } from "react";

export interface LinkProps {
  href: string;
  className?: string | undefined;
  title?: string | undefined;
  "aria-current"?: "page" | "true" | undefined;
  /** False keeps the router from reading the page ahead: for lists of thousands. */
  prefetch?: false | undefined;
  /** Done besides going there: a message that led there closes. */
  onClick?: (() => void) | undefined;
  children?: ReactNode;
}

const LinkContext = createContext<ComponentType<LinkProps> | undefined>(undefined);

/** Tells the design system how the app navigates (its router's link), so that components need no router of their own. */
export function LinkProvider({ component, children }: { component: ComponentType<LinkProps>; children: ReactNode }) {
  return <LinkContext.Provider value={component}>{children}</LinkContext.Provider>;
}

/** A link through the app's router; a plain anchor outside a {@link LinkProvider}. */
export function Link(props: LinkProps) {
  const Routed = useContext(LinkContext);
  if (Routed) return <Routed {...props} />;
  const { prefetch: _ahead, ...plain } = props;
  return <a {...plain}>{props.children}</a>;
}
