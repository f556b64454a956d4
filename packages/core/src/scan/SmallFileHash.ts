import { createHash } from "node:crypto"
import { closeSync, fstatSync, openSync, readSync } from "node:fs"
import * as RawPath from "../stage/RawPath.js"
import type { FileStat } from "../store/FileStat.js"
import { FLAGS, faultOf, changedSince, changedWhileRead, type HashFault } from "./HashFault.js"
import { same } from "./FoundFile.js"

/** Of such a file, in bytes, a thread may wait for the whole: a few milliseconds. */
export const MOST_BYTES = 1n << 20n

const read = (path: string, stamp: FileStat, room: Buffer): string | HashFault => {
  const file = openSync(RawPath.forNode(path), FLAGS)
  try {
    const before = fstatSync(file, { bigint: true })
    if (!before.isFile() || !same(before, stamp)) return changedSince(path)
    const most = Math.min(room.length, Number(stamp.size) + 1)
    let size = 0
    // A file that grows meanwhile has another size afterwards.
    for (let got = -1; got !== 0 && size < stamp.size; size += got) got = readSync(file, room, size, most - size, size)
    if (!same(fstatSync(file, { bigint: true }), stamp)) return changedWhileRead(path)
    return createHash("sha256").update(room.subarray(0, size)).digest("hex")
  } finally {
    closeSync(file)
  }
}

/**
 * What `ContentHash.of` says of a file of at most {@link MOST_BYTES}, at once.
 *
 * @param room of at least as many bytes and one
 */
export const of = (path: string, stamp: FileStat, room: Buffer): string | HashFault => {
  try {
    return read(path, stamp, room)
  } catch (cause) {
    return faultOf(path, cause)
  }
}
