import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Api } from "../Api.js"
import * as Facets from "../library/Facets.js"
import { LibraryConnection } from "../library/LibraryConnection.js"
import * as RowOrder from "../library/RowOrder.js"
import * as Rows from "../library/Rows.js"
import * as Suggestions from "../library/Suggestions.js"
import { Peaks } from "../media/Peaks.js"
import { Site } from "../Site.js"

const ROWS = 60

export const libraryHandlers = HttpApiBuilder.group(Api, "library", (handlers) =>
  Effect.gen(function* () {
    const library = yield* LibraryConnection
    const peaks = yield* Peaks
    const site = yield* Site
    const { folder } = site
    const inLibrary = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      effect.pipe(Effect.provideService(LibraryConnection, library), Effect.provideService(Site, site))
    return handlers
      .handle("rows", ({ urlParams: { limit = ROWS, offset = 0, q = "", sort = "best" } }) =>
        Effect.gen(function* () {
          const opened = yield* library.opened
          const selection = yield* RowOrder.select(q, sort)
          const total = yield* RowOrder.total(selection)
          const ids = yield* RowOrder.page(selection, total, offset, limit)
          const rows = yield* Rows.read(opened, ids, selection.phrases, folder)
          return { total, rows }
        }).pipe(inLibrary)
      )
      .handle("facets", ({ urlParams: { q = "" } }) => inLibrary(Facets.of(q)))
      .handle("suggest", ({ urlParams: { word } }) => inLibrary(Suggestions.of(word)))
      .handle("peaks", ({ urlParams: { ids } }) => peaks.of(ids.split(",").map(Number)))
  })
)
