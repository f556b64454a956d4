import { createHash } from "node:crypto"
import { dirname } from "node:path"

/** Parts of an export, each with its share; shares sum up to 1. */
export interface ExportSplit {
  readonly parts: ReadonlyArray<readonly [name: string, share: number]>
  /** What stays together: one content, or all files of a folder. */
  readonly by: "content" | "folder"
}

/** `train=0.9,test=0.1`; `undefined` when it can't be read or doesn't sum up to 1. */
export const parse = (text: string, by: ExportSplit["by"] = "content"): ExportSplit | undefined => {
  const parts = text.split(",").map((part) => /^\s*([a-z][a-z0-9_-]*)\s*=\s*(0?\.\d+|0|1|1\.0+)\s*$/i.exec(part))
  const read = parts.flatMap((part) => (part === null ? [] : [[part[1] ?? "", Number(part[2])] as const]))
  const sum = read.reduce((sum, [, share]) => sum + share, 0)
  const names = new Set(read.map(([name]) => name))
  return read.length === parts.length && names.size === read.length && Math.abs(sum - 1) < 1e-6 ? { parts: read, by } : undefined
}

/** The part of a file: by hash, so that it stays where it is whatever else the library gets. */
export const partOf = ({ by, parts }: ExportSplit, contentHash: string, path: string): string => {
  const key = by === "content" ? contentHash : dirname(path)
  const place = createHash("sha256").update(key).digest().readUIntBE(0, 6) / 2 ** 48
  let end = 0
  for (const [name, share] of parts) if (place < (end += share)) return name
  return parts[parts.length - 1]?.[0] ?? ""
}
