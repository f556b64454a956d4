import { closeSync, existsSync, lstatSync, openSync, readSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { StoreError } from "./StoreError.js"

/** "MSPL": tells our files from other SQLite files (`application_id`, 4 bytes at offset 68 of the file's header). */
export const APPLICATION = 0x4d53504c
/** Bytes of a SQLite file's header that are looked at. */
const HEADER = 72

/** Whether a regular file is a database of ours, by its header alone. */
export const isOurs = (path: string): boolean => {
  const descriptor = openSync(path, "r")
  try {
    const header = Buffer.alloc(HEADER)
    return (
      readSync(descriptor, header, 0, HEADER, 0) === HEADER &&
      header.toString("latin1", 0, 15) === "SQLite format 3" &&
      header.readUInt32BE(68) === APPLICATION
    )
  } finally {
    closeSync(descriptor)
  }
}

/** A database that a command works with lies in a state folder, beside the locks of its owners. */
const isLive = (path: string): boolean => basename(path) === "spool.db" && existsSync(join(dirname(path), "owners"))

const refused = (path: string, why: string): StoreError =>
  new StoreError({ code: "BackupRefused", detail: `${path} ${why}: a backup replaces nothing but an earlier backup` })

/**
 * Why a backup may not be written there; `undefined` where nothing is, or an earlier backup. A link is not followed: what it leads to
 * is not what was named.
 *
 * @param path absolute
 */
export const refusal = (path: string): StoreError | undefined => {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  if (stat.isDirectory()) return refused(path, "is a folder")
  if (!stat.isFile()) return refused(path, "is no regular file")
  if (isLive(path)) return refused(path, "is a database in use")
  return isOurs(path) ? undefined : refused(path, "is no backup")
}
