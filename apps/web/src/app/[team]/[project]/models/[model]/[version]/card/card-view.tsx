"use client";

import { Button, PageHead, Panel, PanelBody } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { MarkdownText } from "@/page/markdown-text";
import { QueryView } from "@/page/query-view";
import { saveFile, saveJson } from "@/page/save-file";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";

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
              <Button icon={Download} onClick={() => saveFile(`${name}-model-card.md`, markdown, "text/markdown")}>
                Markdown
              </Button>
              <Button icon={Download} onClick={() => saveJson(`${name}-model-card.json`, card)}>
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
