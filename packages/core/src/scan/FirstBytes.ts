import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs"
import { type BytePath, forNode } from "./BytePath.js"
import * as FileSignature from "./FileSignature.js"
import type { IgnoredReason } from "./IgnoredReason.js"
import { vanished } from "./Walk.js"

/** Every look is a moment's: they share their bytes. */
const head = Buffer.allocUnsafeSlow(FileSignature.HEAD_BYTES)

/**
 * What a file is by its first bytes; `undefined` for one that vanished. Follows no link and waits for no pipe's other end.
 * Synchronous: some 20 µs.
 */
export const look = (path: BytePath): "media" | IgnoredReason | undefined => {
  let file: number | undefined
  try {
    file = openSync(forNode(path), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0))
    const stats = fstatSync(file)
    if (!stats.isFile()) return undefined
    return FileSignature.classify(head.subarray(0, readSync(file, head, 0, head.length, 0)), stats.size)
  } catch (cause) {
    return vanished(cause) ? undefined : "unreadable"
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
