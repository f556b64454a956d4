import { INCLUDE, Items, type Plan, type ReadyPlan, Scanned, Scanner, type ScanRequest } from "@mediaspool/core"
import { Effect, type Scope, Stream } from "effect"
import { lstatSync } from "node:fs"
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path"
import { ExitCode, Refused } from "../ExitCode.js"
import * as Failed from "../Failed.js"
import { inline, place } from "../render/Text.js"
import type { Expected, Tally } from "../render/Tally.js"
import type { Choice } from "./Choice.js"

/** After so long it is worth counting what is still to come; most runs have ended by then. */
const COUNT_AFTER = "2 seconds"

/** What to look through: whole folders, or single files in one. */
type Search =
  | { readonly _tag: "Folder"; readonly request: ScanRequest }
  | { readonly _tag: "File"; readonly request: ScanRequest; readonly relativePath: string }

const below = (folder: string, path: string): string | undefined => {
  const name = relative(folder, path)
  return name === ".." || name.startsWith(`..${sep}`) || isAbsolute(name) ? undefined : name
}

const usage = (message: string, help: string) => new Refused({ code: ExitCode.usage, message, help })

/** A path that somebody typed. What lies in the source folder keeps its place there; a named file is taken whatever `include` says. */
const named = (path: string, plan: Plan.Plan, against: ScanRequest["against"]): Effect.Effect<Search, Refused> =>
  Effect.suspend(() => {
    const absolute = resolve(path)
    const stats = lstatSync(absolute, { throwIfNoEntry: false })
    if (stats === undefined) return usage(`There is no ${inline(path)}.`, "Name files and folders that are there.")
    const root = plan.source?.folder ?? ""
    const inside = root === "" ? undefined : below(root, absolute)
    const { exclude, include } = plan.source ?? { include: INCLUDE, exclude: [] }
    if (!stats.isDirectory()) {
      const folder = inside === undefined ? dirname(absolute) : root
      return Effect.succeed<Search>({
        _tag: "File",
        request: { folder, include: ["**"], exclude: [], against },
        relativePath: inside ?? basename(absolute)
      })
    }
    return Effect.succeed<Search>({
      _tag: "Folder",
      request:
        inside === undefined
          ? { folder: absolute, include, exclude, against }
          : { folder: root, include, exclude, against, within: [{ relativePath: inside, deep: true }] }
    })
  })

const searches = ({ paths, plan }: Choice, against: ScanRequest["against"]): Effect.Effect<ReadonlyArray<Search>, Refused> => {
  const { source } = plan
  if (paths.length > 0) return Effect.forEach(paths, (path) => named(path, plan, against))
  return source === undefined
    ? usage(
        `The pipeline '${plan.pipeline}' has no source folder.`,
        `Name files or folders: \`spool run ${plan.pipeline} PATH …\`, or write \`source: { folder: … }\` in the config.`
      )
    : Effect.succeed([{ _tag: "Folder", request: { ...source, against } }])
}

/** A single file that somebody named: what isn't news is as before, or nothing that can be taken. */
const look = ({ relativePath, request }: Search & { readonly _tag: "File" }) =>
  Effect.gen(function* () {
    const scanner = yield* Scanner
    const items = yield* Items
    const path = join(request.folder, relativePath)
    const { found, refused } = yield* Effect.mapError(scanner.look(request, [relativePath]), Failed.refused)
    if (found.length > 0) return Scanned.Found({ files: found })
    if (refused.length > 0) return Scanned.Refused({ refusals: refused })
    if (items.at(path) !== undefined) return Scanned.Unchanged({ count: 1 })
    return yield* usage(
      `${place(path)} is nothing that can be taken.`,
      "Name regular files; links, hidden and half-copied files and what a stage has written are left alone."
    )
  })

const scan = (search: Search): Stream.Stream<Scanned, Refused, Items | Scanner> =>
  search._tag === "File"
    ? Stream.fromEffect(look(search))
    : Stream.unwrap(
        Effect.map(Scanner, (scanner) =>
          Stream.mapError(scanner.scan(search.request), (error) => Failed.refused(error, place(search.request.folder)))
        )
      )

/** How much there is to do, for those who wait. Sees what the scan sees, without keeping it. */
const count = (all: ReadonlyArray<Search>): Effect.Effect<Expected, Refused, Items | Scanner> =>
  Stream.fromIterable(all).pipe(
    Stream.flatMap(scan),
    Stream.runFold({ files: 0, bytes: 0 }, (sum, told) =>
      told._tag === "Found"
        ? { files: sum.files + told.files.length, bytes: told.files.reduce((bytes, { size }) => bytes + Number(size), sum.bytes) }
        : told._tag === "Unchanged"
          ? { ...sum, files: sum.files + told.count }
          : sum
    )
  )

/** The files of a choice, for the runner; the tally hears of them as they pass. */
export const of = (
  choice: Choice,
  ready: ReadyPlan,
  rerun: boolean,
  tally: Tally
): Effect.Effect<Stream.Stream<Scanned, Refused, Items | Scanner>, Refused, Items | Scanner | Scope.Scope> =>
  Effect.gen(function* () {
    // No plan has the number 0: made anew, everything is unfinished.
    const all = yield* searches(choice, { pipeline: choice.plan.pipeline, plan: rerun ? 0 : ready.id })
    yield* count(all).pipe(
      Effect.tap((expected) => Effect.sync(() => (tally.expected = expected))),
      Effect.delay(COUNT_AFTER),
      // Whatever is wrong, the scan itself says it.
      Effect.ignore,
      Effect.forkScoped
    )
    return Stream.fromIterable(all).pipe(
      Stream.flatMap(scan),
      Stream.tap((told) =>
        Effect.sync(() => told._tag === "Found" && told.files.forEach(({ path, size }) => tally.arrive(path, Number(size))))
      )
    )
  })
