import { readFileSync, readdirSync } from "node:fs"
import { join, relative, sep } from "node:path"
import { fileURLToPath } from "node:url"
import type { PluginName } from "./PluginName.js"

/** A file of a new plugin; the path is relative to its folder, with `/`. */
export interface TemplateFile {
  readonly path: string
  readonly contents: string
}

/** The template is an ordinary package: its own names stand where the new ones go. */
const folder = fileURLToPath(new URL("../../../template", import.meta.url))

const named = (text: string, name: PluginName): string =>
  text
    .replaceAll("my-package", name.package)
    .replaceAll("my-stage", name.stage)
    .replaceAll("myStage", name.value)
    .replaceAll("MyStage", name.kind)

/** npm leaves out a file that is named `.gitignore`, and takes a `package.json` for one of its own. */
const realNames: Readonly<Record<string, string>> = { gitignore: ".gitignore", "manifest.json": "package.json" }

/** The files of a new plugin. */
export const files = (name: PluginName): ReadonlyArray<TemplateFile> =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => {
      const written = named(relative(folder, path).split(sep).join("/"), name)
      return { path: realNames[written] ?? written, contents: named(readFileSync(path, "utf8"), name) }
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1))
