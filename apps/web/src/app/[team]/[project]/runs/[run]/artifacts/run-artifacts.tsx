"use client";

import { formatBytes, Icon, Panel, PanelBody } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronRight, File, Folder } from "lucide-react";
import { useState } from "react";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { PreviewPanel } from "./preview-panel";

type Listing = Outputs["artifact"]["list"][number];

const WATCH_MS = 4_000;

/** The files of a run or a logged model: its folders, and a look at the one that the address names. */
export function RunArtifacts({ ownerId, live }: { ownerId: string; live: boolean }) {
  const { params, set } = useUrlState();
  const path = params.get("file") ?? undefined;
  const root = useFolder(ownerId, "", live);
  return (
    <Panel>
      <QueryView query={root} what="files">
        {(entries) =>
          entries.length === 0 ? (
            <PanelBody>
              <p className="secondary">
                No file was logged. <code>mlflow.log_artifact("model.png")</code> puts one here.
              </p>
            </PanelBody>
          ) : (
            <div className="artifact-split">
              <nav className="artifact-tree" aria-label="Files">
                <Entries
                  ownerId={ownerId}
                  entries={entries}
                  depth={0}
                  live={live}
                  chosen={path}
                  choose={(file) => set({ file })}
                />
              </nav>
              <div className="artifact-preview">
                {path === undefined ? (
                  <p className="secondary">Choose a file to look at it.</p>
                ) : (
                  <PreviewPanel ownerId={ownerId} path={path} />
                )}
              </div>
            </div>
          )
        }
      </QueryView>
    </Panel>
  );
}

function useFolder(ownerId: string, path: string, live: boolean) {
  const trpc = useTRPC();
  const { scope } = useProject();
  return useQuery(
    trpc.artifact.list.queryOptions({ ...scope, ownerId, path }, { refetchInterval: live ? WATCH_MS : false }),
  );
}

interface TreeProps {
  ownerId: string;
  depth: number;
  live: boolean;
  chosen: string | undefined;
  choose: (path: string) => void;
}

function Entries({ entries, ...tree }: TreeProps & { entries: readonly Listing[] }) {
  return (
    <ul>
      {entries.map((entry) => (
        <li key={entry.path}>
          {entry.isFolder ? <FolderEntry entry={entry} {...tree} /> : <FileEntry entry={entry} {...tree} />}
        </li>
      ))}
    </ul>
  );
}

const indent = (depth: number) => ({ paddingLeft: 8 + depth * 16 });

function FileEntry({ entry, depth, chosen, choose }: TreeProps & { entry: Listing }) {
  return (
    <button
      type="button"
      className="artifact-entry"
      style={indent(depth)}
      aria-current={chosen === entry.path ? "true" : undefined}
      onClick={() => choose(entry.path)}
    >
      <span className="artifact-twist" />
      <Icon of={File} size={14} />
      <span className="grid-head-text" title={entry.name}>
        {entry.name}
      </span>
      <small>{formatBytes(entry.sizeBytes)}</small>
    </button>
  );
}

function FolderEntry({ entry, ...tree }: TreeProps & { entry: Listing }) {
  // The folder of the file that is looked at is open.
  const [open, setOpen] = useState(tree.chosen?.startsWith(`${entry.path}/`) ?? false);
  return (
    <>
      <button
        type="button"
        className="artifact-entry"
        style={indent(tree.depth)}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon of={open ? ChevronDown : ChevronRight} size={14} />
        <Icon of={Folder} size={14} />
        <span className="grid-head-text" title={entry.name}>
          {entry.name}
        </span>
      </button>
      {open ? <OpenFolder path={entry.path} {...tree} /> : null}
    </>
  );
}

function OpenFolder({ path, ...tree }: TreeProps & { path: string }) {
  const folder = useFolder(tree.ownerId, path, tree.live);
  return (
    <QueryView query={folder} what="files" rows={2}>
      {(entries) => <Entries {...tree} entries={entries} depth={tree.depth + 1} />}
    </QueryView>
  );
}
