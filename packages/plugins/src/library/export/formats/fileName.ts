import { extname, isAbsolute, join } from "node:path"
import type { ExportRow } from "../ExportRow.js"

/**
 * A name for a file of this row, without ending: what its own name says, and the content's hash, so that no two are alike and the
 * same library gives the same names. Without dots, which tar readers of training data split at.
 */
export const stemOf = ({ contentHash, path }: ExportRow): string => {
  const name = path.slice(path.lastIndexOf("/") + 1)
  const stem = name
    .slice(0, name.length - extname(name).length)
    .normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{N}_-]+/gu, "_")
    .replace(/^_+|_+$/g, "")
  return `${Array.from(stem).slice(0, 60).join("")}${stem === "" ? "" : "-"}${contentHash.slice(0, 12)}`
}

/** The file that goes along: the original, or a stage's; `undefined` where there is none. */
export const mediaFileOf = (row: ExportRow, stateFolder: string, files: boolean): string | undefined =>
  files
    ? row.artifact === undefined
      ? undefined
      : isAbsolute(row.artifact)
        ? row.artifact
        : join(stateFolder, row.artifact)
    : row.missing
      ? undefined
      : row.path

/** The ending of a path, in lower case and with nothing strange in it: `wav`; `bin` without one. */
export const endingOf = (path: string): string => {
  const ending = extname(path).slice(1).toLowerCase()
  return /^[a-z0-9]{1,8}$/.test(ending) ? ending : "bin"
}
