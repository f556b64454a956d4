import { Either } from "effect"
import { hash } from "node:crypto"
import { type Kind, unkeyedPaths } from "../stage/Kind.js"
import * as Canonical from "./Canonical.js"

/**
 * The digest of a value from its encoded form, 43 characters. Observed fields stay out of it, so an original counts by its
 * content hash and an artifact by its result's key and slot: neither by path nor by size.
 */
export type Digest = (encoded: unknown) => Either.Either<string, Canonical.CanonicalError>

/** sha-256 as base64url: 43 characters. */
export const sha256 = (text: string): string => hash("sha256", text, "base64url")

/** The parts that `unkeyedPaths` names, as a tree. */
const except = (kind: Kind): Canonical.Except | undefined => {
  type Tree = { [key: string]: Tree | true }
  const root: Tree = Object.create(null)
  for (const path of unkeyedPaths(kind)) {
    let at = root
    for (const [i, step] of path.entries()) {
      const inner = at[step]
      if (inner === true) break
      if (i === path.length - 1) at[step] = true
      else at = at[step] = inner ?? Object.create(null)
    }
  }
  return Object.keys(root).length === 0 ? undefined : root
}

/** How values of this kind are digested: made once per kind, then used for every value. */
export const make = (kind: Kind): Digest => {
  const left = except(kind)
  return (encoded) => Either.map(Canonical.stringify(encoded, left), sha256)
}
