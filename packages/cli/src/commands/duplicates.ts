import * as Command from "@effect/cli/Command"
import { Effect } from "effect"
import { Output, paint } from "../output/Output.js"
import { counted } from "../output/Quantity.js"
import { place } from "../output/Text.js"
import { Refused } from "../Refused.js"
import { withStore } from "../store.js"
import * as options from "./options.js"

/** In what they are the same. */
const said = { content: "same content", audio: "same sound", near: "nearly the same sound" } as const

/** What a person decided on the page, beside the path. */
const marked = (path: string, mark: "keep" | "duplicate" | null | undefined): string =>
  mark === "keep" ? `${path}  ${paint.green("keep")}` : mark === "duplicate" ? paint.dim(`${path}  duplicate`) : path

export const duplicates = Command.make("duplicates", { json: options.json, config: options.config }, ({ config, json }) =>
  Effect.gen(function* () {
    const { Duplicates } = yield* Effect.promise(() => import("@mediaspool/plugins"))
    const output = yield* Output
    const { groups, prints } = yield* withStore(
      config,
      Effect.catchTag(Duplicates.find, "LibraryError", (error) => Refused.of(error))
    )
    for (const group of groups) {
      yield* output.value({ type: "group", ...group })
      if (!output.json)
        yield* output.print(
          `${[paint.dim(said[group.how]), ...group.paths.map((path, i) => marked(place(path), group.marks[i]))].join("\n  ")}\n`
        )
    }
    yield* output.value({ type: "summary", groups: groups.length, fingerprints: prints })
    const files = groups.reduce((sum, { paths }) => sum + paths.length, 0)
    yield* output.print(
      groups.length === 0
        ? "No duplicates found."
        : `${counted(groups.length, "group")} of ${counted(files, "file")}. Nothing was deleted.`
    )
    if (prints === 0)
      yield* output.note("Only equal content was compared. Add `fingerprint: {}` to a pipeline, before `persist`, and run it.")
  }).pipe(Effect.provide(Output.layer(json)))
).pipe(Command.withDescription("List files that are there twice: equal content, equal sound, or nearly so"))
