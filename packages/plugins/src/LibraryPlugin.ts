import { Plugin } from "@mediaspool/core"
import { migrations } from "./library/LibrarySchema.js"
import { SavedQueries } from "./library/SavedQueries.js"
import { persist } from "./stages/Persist.js"

/** The library's tables, the stage that writes them, and the queries that the config saves. */
export const libraryPlugin = Plugin.make({
  name: "library",
  stages: [persist],
  migrations,
  sections: [{ name: "queries", schema: SavedQueries }]
})
