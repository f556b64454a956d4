import { constants } from "node:fs"
import * as RawPath from "../stage/RawPath.js"
import { vanished } from "./Walk.js"

/** Why a file has no hash: a `SourceError`, as it crosses between threads. */
export interface HashFault {
  readonly code: "FileVanished" | "FileChanged" | "FileUnreadable"
  readonly detail: string
}

// Never through a link that somebody put there since the scan, and never waiting for a pipe's other end.
export const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** A link is there now, where the scan saw a file. */
const isLink = (cause: unknown): boolean => cause instanceof Error && "code" in cause && cause.code === "ELOOP"

export const faultOf = (path: string, cause: unknown): HashFault => ({
  code: vanished(cause) ? "FileVanished" : isLink(cause) ? "FileChanged" : "FileUnreadable",
  detail: `${RawPath.display(path)}: ${cause instanceof Error ? cause.message : String(cause)}`
})

const changed = (path: string, when: string): HashFault => ({
  code: "FileChanged",
  detail: `${RawPath.display(path)} changed ${when}`
})

export const changedSince = (path: string): HashFault => changed(path, "since it was found")
export const changedWhileRead = (path: string): HashFault => changed(path, "while it was read")
