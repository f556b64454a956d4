import * as GlobMatcher from "./GlobMatcher.js"
import { meaning } from "./FileExtension.js"
import { isIgnored } from "./IgnoredName.js"
import type { IgnoredReason } from "./IgnoredReason.js"

/** Which files of a folder are taken: picomatch globs on the path below the folder. Case doesn't count. */
export interface Globs {
  /** Absent: sound and video, by content. */
  readonly include?: ReadonlyArray<string> | undefined
  readonly exclude: ReadonlyArray<string>
}

/**
 * What a file's name says: that it is taken, that only its first bytes can tell, why it is ignored, or that the globs leave it out,
 * which nobody needs to hear of, or that a glob comes to no end.
 */
export type NameVerdict = "taken" | "unsure" | IgnoredReason | "excluded" | "undecided"

/** Compiled {@link Globs}. Paths are relative RawPaths; the parents of a path are not looked at. */
export interface Selection {
  readonly judge: (path: string) => NameVerdict
  /** Whether the name alone asks for it. */
  readonly takes: (path: string) => boolean
  /** Whether nothing below the folder can be taken. */
  readonly prunes: (path: string) => boolean
  /** Whether the folder has a name that `include` asks for, as `x.wav` is by `*.wav`, but not by `*`. */
  readonly mistakes: (path: string) => boolean
  /** The glob that came to no end for a path, which then isn't taken. */
  readonly undecided: (path: string) => string | undefined
}

/** A name that `include` doesn't name: it is matched by nothing but a catch-all. */
const nobody = "\u0001"

/** Which glob a path fits; `undecided`: the one that came to no end. */
interface Fit {
  readonly fits: boolean
  readonly undecided: string | undefined
}

const no: Fit = { fits: false, undecided: undefined }
const yes: Fit = { fits: true, undecided: undefined }

const anyOf = (globs: ReadonlyArray<string>): ((path: string) => Fit) => {
  const matchers = globs.map((glob) => ({ glob, matches: GlobMatcher.compile(glob) }))
  return (path) => {
    let fit = no
    for (const { glob, matches } of matchers) {
      const is = matches(path)
      if (is === true) return yes
      if (is === undefined) fit = { fits: false, undecided: glob }
    }
    return fit
  }
}

const beyondAscii = /[^\x00-\x7f]/
/** The same name in one form, however the disk spells its accents. */
const spelled = (path: string): string => (beyondAscii.test(path) ? path.normalize() : path)

const whatever: Selection = {
  judge: () => "taken",
  takes: () => true,
  prunes: () => false,
  mistakes: () => false,
  undecided: () => undefined
}

/** What a name says that no glob asks for. */
const byExtension = (path: string): NameVerdict => {
  const known = meaning(path)
  return known === "media" ? "taken" : (known ?? "unsure")
}

/** @param globs absent: everything is taken */
export const compile = (globs: Globs | undefined): Selection => {
  if (globs === undefined) return whatever
  const { exclude, include } = globs
  const includes = include === undefined ? () => yes : anyOf(include)
  const excludes = anyOf(exclude)
  /** Of the last path that was asked for: whoever is told that nobody can say asks why. */
  let last: { readonly path: string; readonly undecided: string } | undefined
  const judge = (path: string): NameVerdict => {
    const name = spelled(path)
    const included = includes(name)
    const excluded = included.fits ? excludes(name) : no
    const undecided = included.undecided ?? excluded.undecided
    last = undecided === undefined ? undefined : { path, undecided }
    if (undecided !== undefined) return "undecided"
    if (!included.fits || excluded.fits) return "excluded"
    return include === undefined ? byExtension(path) : "taken"
  }
  const takes = (path: string) => judge(path) === "taken"
  return {
    judge,
    takes,
    undecided: (path) => (last?.path === path ? last.undecided : undefined),
    prunes: (path) => excludes(spelled(path)).fits,
    mistakes: (path) => {
      if (include === undefined) return takes(path)
      const name = spelled(path)
      return includes(name).fits && !includes(`${name.slice(0, name.lastIndexOf("/") + 1)}${nobody}`).fits
    }
  }
}

/** Whether a walk comes by a path: no folder on the way to it, nor itself, is left alone. */
export const reaches = (selection: Selection, path: string): boolean => {
  if (selection === whatever) return true
  const segments = path.split("/")
  if (segments.some(isIgnored)) return false
  for (let depth = 1; depth <= segments.length; depth++) if (selection.prunes(segments.slice(0, depth).join("/"))) return false
  return true
}

/** The whole rule for a path that the walk did not lead to, an event's or a row's: whether it may be taken. */
export const selects = (selection: Selection, path: string): boolean => {
  if (!reaches(selection, path)) return false
  const verdict = selection.judge(path)
  return verdict === "taken" || verdict === "unsure"
}
