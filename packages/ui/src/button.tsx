import type { LucideIcon } from "lucide-react";
import { Slot } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { Icon } from "./icon.tsx";

export interface ButtonProps extends ComponentProps<"button"> {
  /** One primary per panel. Danger is outlined until the confirming dialog, where it is the filled one. */
  variant?: "default" | "primary" | "danger" | "danger-filled" | "ghost";
  size?: "small" | "default" | "large";
  icon?: LucideIcon | undefined;
  /** The key that does the same, shown in the button. */
  shortcut?: string | undefined;
  /** Work is under way: a second press does nothing, the label should say what is happening. */
  busy?: boolean;
  /** Render the child element (a link) with the look of a button. Icon and shortcut are then the child's own. */
  asChild?: boolean;
}

/** A button, named by what it does. "…" at its end means that a confirmation follows. */
export function Button({
  variant = "default",
  size = "default",
  icon,
  shortcut,
  busy = false,
  asChild = false,
  className,
  children,
  onClick,
  type = "button",
  ...rest
}: ButtonProps) {
  const shared = {
    className: className ? `button ${className}` : "button",
    "data-variant": variant,
    "data-size": size,
  };
  if (asChild) {
    return (
      <Slot.Root {...shared} {...rest}>
        {children}
      </Slot.Root>
    );
  }
  return (
    <button
      {...shared}
      {...rest}
      type={type}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {icon ? <Icon of={icon} size={14} /> : null}
      {children}
      {shortcut ? <kbd>{shortcut}</kbd> : null}
    </button>
  );
}

/** A square button with an icon alone: only where nothing in production changes. The label is for screen readers and hover. */
export function IconButton({
  icon,
  label,
  className,
  ...rest
}: { icon: LucideIcon; label: string } & Omit<ComponentProps<"button">, "children">): ReactNode {
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      {...rest}
      className={className ? `icon-button ${className}` : "icon-button"}
    >
      <Icon of={icon} size={16} />
    </button>
  );
}
