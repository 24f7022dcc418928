"use client";

import { Button, PageHead, Panel, PanelBody } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { MarkdownText } from "@/page/markdown-text";
import { QueryView } from "@/page/query-view";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";

function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/markdown" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

/** The model card: what the platform recorded of a version, and what people wrote about it. */
export function CardView({ versionId }: { versionId: string }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const query = useQuery(trpc.model.card.queryOptions({ ...scope, versionId }));
  return (
    <QueryView query={query} what="model card">
      {({ card, markdown }) => {
        const name = `${card.model.name}-v${card.version.version}`;
        // The page's own title says what the card's first line says.
        const body = markdown.slice(markdown.indexOf("\n") + 1).trimStart();
        return (
          <>
            <PageHead
              title={`Model card of ${card.model.name} v${card.version.version}`}
              meta={
                <span>
                  put together from what was recorded; nothing in it is asserted that was not measured or written down
                </span>
              }
            >
              <Button icon={Download} onClick={() => save(`${name}-model-card.md`, markdown)}>
                Markdown
              </Button>
              <Button icon={Download} onClick={() => save(`${name}-model-card.json`, JSON.stringify(card, null, 2))}>
                JSON
              </Button>
            </PageHead>
            <Panel>
              <PanelBody>
                <MarkdownText text={body} />
              </PanelBody>
            </Panel>
          </>
        );
      }}
    </QueryView>
  );
}
