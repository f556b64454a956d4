import { HttpApi, OpenApi } from "@effect/platform"
import { DuplicateApi } from "./api/DuplicateApi.js"
import { ExportApi } from "./api/ExportApi.js"
import { FailureApi } from "./api/FailureApi.js"
import { ItemApi } from "./api/ItemApi.js"
import { LibraryApi } from "./api/LibraryApi.js"
import { ReviewApi } from "./api/ReviewApi.js"
import { RunApi } from "./api/RunApi.js"
import { SessionApi } from "./api/SessionApi.js"

/** The page's only door. Described at `/api/openapi.json`; the page's own client takes its types from here. */
export const Api = HttpApi.make("mediaspool")
  .add(SessionApi)
  .add(LibraryApi)
  .add(ItemApi)
  .add(ReviewApi)
  .add(DuplicateApi)
  .add(FailureApi)
  .add(RunApi)
  .add(ExportApi)
  .prefix("/api")
  .annotate(OpenApi.Title, "Mediaspool")
  .annotate(OpenApi.Description, "The library, its review and its runs, as the page of `spool serve` uses them.")

export type * from "./api/LibraryApi.js"
