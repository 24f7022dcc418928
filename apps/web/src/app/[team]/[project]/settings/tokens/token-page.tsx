"use client";

import type { Permission } from "@ballast/core";
import { Note, PageHead, Panel, SegmentedLinks } from "@ballast/ui";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { CommandPlace } from "@/page/commands";
import { QueryView } from "@/page/query-view";
import { SearchBox } from "@/page/search-box";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { CreateToken, type MadeToken, MadeTokenPanel } from "./create-token";
import { NoTokens, type Token, TokenTable, tokenState } from "./token-table";

/** The project's API tokens: who holds what, until when, last used. */
export function TokenPage({
  place,
  grantable,
  mayWrite,
}: {
  place: CommandPlace;
  grantable: readonly Permission[];
  mayWrite: boolean;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { scope } = useProject();
  const query = useQuery(trpc.token.list.queryOptions(scope));
  const [made, setMade] = useState<MadeToken>();
  const refresh = () => queries.invalidateQueries({ queryKey: trpc.token.list.queryKey(scope) });
  const now = useNow();
  return (
    <>
      <PageHead title="Tokens" meta="Keys for programs, each with the permissions you choose">
        {mayWrite ? (
          <CreateToken
            grantable={grantable}
            onMade={(token) => {
              setMade(token);
              void refresh();
            }}
          />
        ) : null}
      </PageHead>
      {mayWrite ? null : <Note tone="info">Your role may read tokens, not make or revoke them.</Note>}
      {made ? <MadeTokenPanel made={made} onDone={() => setMade(undefined)} /> : null}
      <Panel>
        <QueryView query={query} what="tokens">
          {(tokens) =>
            tokens.length === 0 ? (
              <NoTokens place={place} />
            ) : (
              <TokenLists
                tokens={tokens}
                now={now}
                mayWrite={mayWrite}
                refresh={refresh}
                onMade={(token) => {
                  setMade(token);
                  void refresh();
                }}
              />
            )
          }
        </QueryView>
      </Panel>
    </>
  );
}

function TokenLists({
  tokens,
  now,
  ...rest
}: {
  tokens: readonly Token[];
  now: number;
  mayWrite: boolean;
  refresh: () => Promise<void>;
  onMade: (made: MadeToken) => void;
}) {
  const { params, href } = useUrlState();
  const ended = params.get("show") === "ended";
  const sought = (params.get("q") ?? "").toLowerCase();
  const isEnded = (token: Token) => ["expired", "revoked"].includes(tokenState(token, now));
  const shown = tokens.filter(
    (token) =>
      isEnded(token) === ended &&
      `${token.name} ${token.prefix} ${token.createdBy} ${token.serviceAccount ?? ""}`.toLowerCase().includes(sought),
  );
  const count = tokens.filter(isEnded).length;
  return (
    <>
      <div className="filter-bar">
        <SearchBox label="Search tokens by name or maker" placeholder="Search tokens" />
        <span className="end">
          <SegmentedLinks
            label="Tokens shown"
            current={ended ? "ended" : "active"}
            options={[
              { value: "active", label: `Active ${tokens.length - count}`, href: href({ show: null }) },
              { value: "ended", label: `Ended ${count}`, href: href({ show: "ended" }) },
            ]}
          />
        </span>
      </div>
      <TokenTable
        tokens={shown}
        now={now}
        empty={sought ? `No such token contains “${sought}”.` : ended ? "No token has ended." : "No token is active."}
        {...rest}
      />
    </>
  );
}

/** The present moment, to the minute: whether a token has expired is read from it. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 60_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
