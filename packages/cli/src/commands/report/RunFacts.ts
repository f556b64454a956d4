import { Database, RawPath, type Row, RunStatus, type StoreError } from "@mediaspool/core"
import { Effect, Option, Schema } from "effect"
import { Planned } from "../plan/RunForecast.js"

/** A node of the plan that ran, and the nodes that it takes its inputs from. */
export interface PlanStep {
  readonly name: string
  readonly stage: string
  readonly inputs: ReadonlyArray<string>
}

/** Attempts of one node. */
export interface StepTimes {
  readonly node: string
  readonly attempts: number
  readonly totalSeconds: number
  readonly p50Seconds: number
  readonly p95Seconds: number
  readonly maxSeconds: number
}

/** What went wrong in one way. */
export interface FailureGroup {
  readonly code: string
  readonly node: string
  readonly help: string
  readonly files: ReadonlyArray<{ readonly path: string; readonly message: string }>
}

/** A file of the run, and what came of it. */
export interface SampleFile {
  readonly contentHash: string
  /** Absolute; a RawPath. */
  readonly path: string
  readonly sizeBytes: number
  readonly durationSeconds: number | undefined
  readonly hasSound: boolean
  readonly caption: string | undefined
  readonly tags: ReadonlyArray<string>
  /** 0 to 255 for each part of the file, where they were measured before. */
  readonly peaks: Uint8Array | undefined
}

/** What a report tells of a run. */
export interface RunFacts {
  readonly status: RunStatus.RunStatus
  readonly graph: ReadonlyArray<PlanStep>
  readonly times: ReadonlyArray<StepTimes>
  /** Attempts that ended in each of equal parts of the run. */
  readonly flow: ReadonlyArray<number>
  readonly failures: ReadonlyArray<FailureGroup>
  readonly planned: Option.Option<typeof Planned.Type>
  readonly samples: ReadonlyArray<SampleFile>
}

const SAMPLES = 6
const FLOW_PARTS = 60

const text = (row: Row, name: string): string => String(row[name] ?? "")
const optional = (row: Row, name: string): string | undefined => (typeof row[name] === "string" ? row[name] : undefined)
const path = (row: Row): string => (row["path"] instanceof Uint8Array ? RawPath.fromBytes(row["path"]) : text(row, "path"))

const Description = Schema.parseJson(
  Schema.Struct({
    nodes: Schema.Array(
      Schema.Struct({
        name: Schema.String,
        key: Schema.parseJson(Schema.Struct({ stage: Schema.String })),
        inputs: Schema.Record({ key: Schema.String, value: Schema.Array(Schema.String) })
      })
    )
  })
)
const WithPlanned = Schema.parseJson(Schema.Struct({ planned: Planned }))

const graphOf = (description: string): ReadonlyArray<PlanStep> =>
  Option.match(Schema.decodeUnknownOption(Description)(description), {
    onNone: () => [],
    onSome: ({ nodes }) =>
      nodes.map(({ inputs, key, name }) => ({
        name,
        stage: key.stage,
        inputs: [...new Set(Object.values(inputs).flat())]
      }))
  })

const times = (rows: ReadonlyArray<Row>): ReadonlyArray<StepTimes> => {
  const byNode = new Map<string, Array<number>>()
  for (const row of rows) {
    const node = text(row, "node")
    byNode.set(node, [...(byNode.get(node) ?? []), Number(row["milliseconds"]) / 1000])
  }
  return [...byNode].map(([node, seconds]) => {
    const sorted = seconds.sort((a, b) => a - b)
    const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
    return {
      node,
      attempts: sorted.length,
      totalSeconds: sorted.reduce((sum, each) => sum + each, 0),
      p50Seconds: at(0.5),
      p95Seconds: at(0.95),
      maxSeconds: at(1)
    }
  })
}

const flow = (rows: ReadonlyArray<Row>, from: number, to: number): ReadonlyArray<number> => {
  const parts = Array.from({ length: FLOW_PARTS }, () => 0)
  for (const row of rows) {
    const at = Number(row["started_at"]) + Number(row["milliseconds"])
    const part = Math.min(FLOW_PARTS - 1, Math.max(0, Math.floor(((at - from) / Math.max(1, to - from)) * FLOW_PARTS)))
    parts[part] = (parts[part] ?? 0) + 1
  }
  return parts
}

/** As the run left them; what has failed again, or is done, since then is another run's. */
const FAILED = `WITH asked (pipeline, since, until, run) AS (SELECT ?, ?, ?, ?),
  kept AS (SELECT failure.* FROM failure JOIN asked ON failure.pipeline = asked.pipeline AND failed_at BETWEEN since AND until)
SELECT kept.node, kept.code, kept.message, kept.help, item.path FROM kept JOIN item ON item.id = kept.item
UNION SELECT attempt.node, attempt.code, attempt.message, '', item.path
  FROM attempt JOIN asked ON attempt.run = asked.run JOIN item ON item.id = attempt.item
  WHERE attempt.outcome IN ('failed', 'waiting')
    AND NOT EXISTS (SELECT 1 FROM attempt AS later WHERE later.item = attempt.item AND later.run = attempt.run
      AND later.node = attempt.node AND later.id > attempt.id)
    AND NOT EXISTS (SELECT 1 FROM kept WHERE kept.item = attempt.item AND kept.node = attempt.node)
ORDER BY 2, 1, 5`

const failures = (rows: ReadonlyArray<Row>): ReadonlyArray<FailureGroup> => {
  const groups = new Map<string, FailureGroup>()
  for (const row of rows) {
    const [code, node] = [text(row, "code"), text(row, "node")]
    const group = groups.get(`${code} ${node}`) ?? { code, node, help: text(row, "help"), files: [] }
    groups.set(`${code} ${node}`, { ...group, files: [...group.files, { path: path(row), message: text(row, "message") }] })
  }
  return [...groups.values()].sort((a, b) => b.files.length - a.files.length)
}

const samplesOf = (database: Database["Type"], run: number, pipeline: string): ReadonlyArray<SampleFile> => {
  const has = (name: string) => database.row("SELECT 1 FROM sqlite_master WHERE name = ?", [name]) !== undefined
  if (!has("media")) return []
  const peaks = has("waveform_peaks")
    ? "(SELECT peaks FROM waveform_peaks WHERE waveform_peaks.content_hash = media.content_hash)"
    : "NULL"
  const columns = `SELECT media.id, media.content_hash, CAST(media.path AS BLOB) AS path, size_bytes, duration_seconds, audio_codec,
    (SELECT text FROM caption WHERE media_id = media.id AND pipeline = ? ORDER BY start_seconds IS NOT NULL, id DESC LIMIT 1) AS caption,
    (SELECT json_group_array(DISTINCT vocabulary || ': ' || label) FROM tag WHERE media_id = media.id AND pipeline = ?) AS tags,
    ${peaks} AS peaks FROM media WHERE missing = 0 AND content_hash IN `
  const done = "SELECT item FROM item_state WHERE pipeline = ? AND state = 'done'"
  // Hashes come by chance, and the same report has the same samples.
  const ofRun = `${columns} (SELECT content_hash FROM item WHERE id IN (${done} INTERSECT SELECT item FROM attempt WHERE run = ?))
    ORDER BY content_hash LIMIT ${SAMPLES}`
  const rows = database.rows(ofRun, [pipeline, pipeline, pipeline, run])
  const all = `${columns} (SELECT content_hash FROM item WHERE id IN (${done})) ORDER BY content_hash LIMIT ${SAMPLES}`
  return (rows.length > 0 ? rows : database.rows(all, [pipeline, pipeline, pipeline])).map((row) => ({
    contentHash: text(row, "content_hash"),
    path: path(row),
    sizeBytes: Number(row["size_bytes"]),
    durationSeconds: typeof row["duration_seconds"] === "number" ? row["duration_seconds"] : undefined,
    hasSound: typeof row["audio_codec"] === "string",
    caption: optional(row, "caption"),
    tags: Option.getOrElse(
      Schema.decodeUnknownOption(Schema.parseJson(Schema.Array(Schema.String)))(row["tags"]),
      (): ReadonlyArray<string> => []
    ),
    peaks: row["peaks"] instanceof Uint8Array ? row["peaks"] : undefined
  }))
}

/** Reads what a run left behind; the last one where none is named. `None`: there is no such run. */
export const read = (run?: number): Effect.Effect<Option.Option<RunFacts>, StoreError, Database> =>
  Effect.gen(function* () {
    const database = yield* Database
    const found = yield* RunStatus.of(run)
    if (Option.isNone(found)) return Option.none()
    const status = found.value
    const { endedAt, id, pipeline, startedAt } = status
    const until = endedAt ?? startedAt + status.seconds * 1000
    return yield* database.reading(() => {
      const row = database.row("SELECT plan.description, run.summary FROM run JOIN plan ON plan.id = run.plan WHERE run.id = ?", [
        id
      ])
      const attempts = database.rows("SELECT node, milliseconds, started_at FROM attempt WHERE run = ?", [id])
      return Option.some({
        status,
        graph: graphOf(text(row ?? {}, "description")),
        times: times(attempts),
        flow: flow(attempts, startedAt, until),
        failures: failures(database.rows(FAILED, [pipeline, startedAt, until, id])),
        planned: Option.map(Schema.decodeUnknownOption(WithPlanned)(row?.["summary"]), ({ planned }) => planned),
        samples: samplesOf(database, id, pipeline)
      })
    })
  })
