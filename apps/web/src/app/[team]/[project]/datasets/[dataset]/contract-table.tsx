"use client";

import { type DataColumn, formatCount, formatShare, MISSING, Panel, PanelBody, Tag } from "@ballast/ui";
import { RecordTable } from "@/page/record-table";
import { SearchBox } from "@/page/search-box";
import { useUrlState } from "@/page/use-url-state";
import type { Version } from "./version-table";

type Column = NonNullable<Version["contract"]>["columns"][number];

/** From this many columns on a search is worth its place. */
const SEARCH_FROM = 12;
const SHOWN_CATEGORIES = 6;

const columns: DataColumn<Column>[] = [
  {
    id: "name",
    header: "Column",
    value: (row) => row.name,
    primary: true,
    cell: (row) => <code>{row.name}</code>,
  },
  { id: "type", header: "Type", value: (row) => row.type },
  {
    id: "unit",
    header: "Unit",
    value: (row) => row.unit,
    cell: (row) => (row.unit ? <Tag>{row.unit}</Tag> : MISSING),
  },
  {
    id: "nulls",
    header: "Null share, at most",
    numeric: true,
    value: (row) => row.maxNullShare,
    cell: (row) => formatShare(row.maxNullShare, 2),
  },
  {
    id: "range",
    header: "Range, inclusive",
    numeric: true,
    value: (row) => row.range?.min,
    cell: (row) => (row.range ? `${bound(row.range.min)} to ${bound(row.range.max)}` : MISSING),
  },
  {
    id: "categories",
    header: "Categories",
    wide: true,
    value: (row) => row.categories?.length,
    cell: (row) => (row.categories ? <Categories values={row.categories} /> : MISSING),
  },
];

const bound = (value: number): string =>
  value.toLocaleString("en-US", { maximumFractionDigits: 3 }).replace("-", "\u2212");

function Categories({ values }: { values: readonly string[] }) {
  const first = values.slice(0, SHOWN_CATEGORIES).join(", ");
  if (values.length <= SHOWN_CATEGORIES) {
    return (
      <>
        {formatCount(values.length)}: {first}
      </>
    );
  }
  return (
    <details>
      <summary>
        {formatCount(values.length)}: {first}, …
      </summary>
      <p className="secondary max-w-[60ch]">{values.slice(SHOWN_CATEGORIES).join(", ")}</p>
    </details>
  );
}

/** What every later version is held against, column by column. */
export function ContractTable({ version }: { version: Version }) {
  const { params } = useUrlState();
  const all = version.contract?.columns ?? [];
  const sought = (params.get("column") ?? "").toLowerCase();
  const shown = sought ? all.filter((column) => column.name.toLowerCase().includes(sought)) : all;
  return (
    <Panel
      title="Contract"
      note={`v${version.version}, ${formatCount(all.length)} columns, at least ${formatCount(version.contract?.minRows)} rows`}
    >
      {version.contract === null ? (
        <PanelBody>
          <p className="secondary">
            {version.state === "validating"
              ? "The contract is written, or read from the first version, when the file has been measured."
              : "This version has no contract: the file could not be measured."}
          </p>
        </PanelBody>
      ) : (
        <>
          {all.length >= SEARCH_FROM ? (
            <div className="filter-bar">
              <SearchBox label="Search columns" placeholder="Search columns" param="column" />
            </div>
          ) : null}
          <RecordTable
            label="Contract by column"
            name="contract"
            columns={columns}
            rows={shown}
            rowId={(row) => row.name}
            empty={`No column's name contains “${sought}”.`}
          />
        </>
      )}
    </Panel>
  );
}
