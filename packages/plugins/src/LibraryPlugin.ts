import { Plugin } from "@mediaspool/core"
import { migrations } from "./library/LibrarySchema.js"
import { persist } from "./stages/Persist.js"

/** The library's tables, and the stage that writes them. */
export const libraryPlugin = Plugin.make({ name: "library", stages: [persist], migrations })
