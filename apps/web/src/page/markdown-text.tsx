"use client";

import Markdown from "markdown-to-jsx/react";
import type { ComponentProps, ReactNode } from "react";

/**
 * Text that people wrote in Markdown, as elements: raw HTML stays text, addresses that run code lose their link, images become links
 * (a picture from elsewhere would tell its owner who reads this page), and headings fit below the page's own.
 */
export function MarkdownText({ text }: { text: string }) {
  return (
    <div className="markdown">
      <Markdown options={OPTIONS}>{text}</Markdown>
    </div>
  );
}

const heading = (Level: "h3" | "h4" | "h5") =>
  function Heading({ children }: { children?: ReactNode }) {
    return <Level>{children}</Level>;
  };

function OutwardLink({ href, children }: ComponentProps<"a">) {
  return href ? (
    <a href={href} rel="noopener noreferrer nofollow ugc" target="_blank">
      {children}
    </a>
  ) : (
    <span>{children}</span>
  );
}

function PictureLink({ src, alt }: ComponentProps<"img">) {
  return typeof src === "string" ? <OutwardLink href={src}>{alt || src}</OutwardLink> : <span>{alt}</span>;
}

function TaskBox({ checked }: ComponentProps<"input">) {
  return <input type="checkbox" disabled checked={checked ?? false} aria-label={checked ? "done" : "to do"} />;
}

const OPTIONS = {
  disableParsingRawHTML: true,
  forceBlock: true,
  overrides: {
    a: OutwardLink,
    img: PictureLink,
    input: TaskBox,
    h1: heading("h3"),
    h2: heading("h4"),
    h3: heading("h5"),
    h4: heading("h5"),
    h5: heading("h5"),
    h6: heading("h5"),
  },
};
