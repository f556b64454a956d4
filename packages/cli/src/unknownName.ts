import { type Database, PlanNames, type Row } from "@mediaspool/core"
import { inline } from "./output/Text.js"

/** Names that a person gave, to see only what belongs to them. */
export interface Names {
  readonly pipeline?: string | undefined
  readonly stage?: string | undefined
}

const among = (what: string, name: string, rows: ReadonlyArray<Row>): string | undefined => {
  const known = rows.map((row) => String(row["name"]))
  return known.length === 0 || known.includes(name)
    ? undefined
    : `No ${what} named '${inline(name)}' has run here: there ${known.length === 1 ? "is" : "are"} ${known.map((one) => `'${inline(one)}'`).join(", ")}.`
}

/** What to say where nothing was found because of a name that no plan has that ever ran here. Synchronous: short reads. */
export const unknownName = (database: Database["Type"], { pipeline, stage }: Names): string | undefined =>
  (pipeline === undefined ? undefined : among("pipeline", pipeline, database.rows(PlanNames.PIPELINES, []))) ??
  (stage === undefined ? undefined : among("stage or node", stage, database.rows(PlanNames.STAGES, [])))
