"use client";

import { Button, Facts, formatDateTime, Note, Panel, PanelBody, Status, useToast } from "@ballast/ui";
import { skipToken, useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "@/frame/may";
import { QueryView } from "@/page/query-view";
import { saveJson } from "@/page/save-file";
import { useAttempt } from "@/page/use-attempt";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useTRPC, useTRPCClient } from "@/trpc/client";

/** What was signed about the version, whether it still holds, and its bill of materials. */
export function ProvenancePanel({ versionId }: { versionId: string }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const { scope } = useProject();
  const { show } = useToast();
  const refresh = useRefresh();
  const [checking, setChecking] = useState(false);
  const attempt = useAttempt();
  const may = useMay("model.write");
  const query = useQuery(trpc.model.attestation.queryOptions({ ...scope, versionId }));
  const verified = useQuery(
    trpc.model.verifyAttestation.queryOptions(checking ? { ...scope, versionId } : skipToken, { staleTime: 0 }),
  );
  const attest = useMutation(
    trpc.model.attest.mutationOptions({
      onSuccess: () => refresh(),
      onError: (error) => show({ text: error.message }),
    }),
  );
  const attestation = query.data;
  const saveBom = async () => saveJson(`${versionId}.cdx.json`, await client.model.bom.query({ ...scope, versionId }));
  return (
    <Panel
      title="Provenance"
      note="signed digests and bill of materials"
      actions={
        <>
          {attestation ? (
            <>
              <Button size="small" onClick={() => saveJson(`${versionId}.intoto.json`, attestation.envelope)}>
                Save the attestation
              </Button>
              <Button size="small" busy={verified.isFetching} onClick={() => setChecking(true)}>
                {verified.isFetching ? "Reading every file" : "Verify"}
              </Button>
            </>
          ) : null}
          <Button size="small" onClick={() => attempt(saveBom)}>
            Save the ML-BOM
          </Button>
        </>
      }
    >
      <QueryView query={query} what="attestation" rows={2}>
        {(found) => (
          <PanelBody className="grid gap-3">
            {found ? (
              <Facts
                rows={[
                  ["Signed", `${formatDateTime(found.createdAt)} UTC by ${found.createdBy}`],
                  ["Key", <code key="key">{found.keyId.slice(0, 32)}…</code>],
                ]}
              />
            ) : (
              <div className="row">
                <span className="secondary">Nothing is signed about this version yet.</span>
                {may ? (
                  <Button size="small" busy={attest.isPending} onClick={() => attest.mutate({ ...scope, versionId })}>
                    Sign its digests
                  </Button>
                ) : null}
              </div>
            )}
            {checking && verified.error ? (
              <Note tone="breach" alert>
                {verified.error.message}
              </Note>
            ) : null}
            {checking && verified.data ? (
              <ul className="grid gap-1">
                {verified.data.checks.map(({ check, passed, message }) => (
                  <li key={check}>
                    <Status tone={passed ? "healthy" : "breach"}>{check}</Status>{" "}
                    <span className="secondary">{message}</span>
                  </li>
                ))}
              </ul>
            ) : null}
          </PanelBody>
        )}
      </QueryView>
    </Panel>
  );
}
