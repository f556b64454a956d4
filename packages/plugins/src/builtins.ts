import type { Plugin } from "@mediaspool/core"
import { hookPlugin } from "./HookPlugin.js"
import { libraryPlugin } from "./LibraryPlugin.js"
import { mediaPlugin } from "./MediaPlugin.js"
import { modelPlugin } from "./ModelPlugin.js"

/** The plugins that every pipeline may use without naming them. They take the same door as a stranger's. */
export const builtins: ReadonlyArray<Plugin.AnyPlugin> = [mediaPlugin, modelPlugin, libraryPlugin, hookPlugin]
