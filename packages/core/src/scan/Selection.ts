import * as GlobMatcher from "./GlobMatcher.js"
import { isIgnored } from "./IgnoredName.js"

/** Which files of a folder are taken: picomatch globs on the path below the folder. Case doesn't count. */
export interface Globs {
  readonly include: ReadonlyArray<string>
  readonly exclude: ReadonlyArray<string>
}

/** Compiled {@link Globs}. Paths are relative RawPaths; the parents of a path are not looked at. */
export interface Selection {
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

const whatever: Selection = { takes: () => true, prunes: () => false, mistakes: () => false, undecided: () => undefined }

/** @param globs absent: everything is taken */
export const compile = (globs: Globs | undefined): Selection => {
  if (globs === undefined) return whatever
  const { exclude, include } = globs
  const includes = anyOf(include)
  const excludes = anyOf(exclude)
  /** Of the last path that was asked for: whoever isn't told that it is taken asks why. */
  let last: { readonly path: string; readonly undecided: string } | undefined
  return {
    takes: (path) => {
      const name = spelled(path)
      const included = includes(name)
      const excluded = included.fits ? excludes(name) : no
      const undecided = included.undecided ?? excluded.undecided
      last = undecided === undefined ? undefined : { path, undecided }
      return included.fits && !excluded.fits && undecided === undefined
    },
    undecided: (path) => (last?.path === path ? last.undecided : undefined),
    prunes: (path) => excludes(spelled(path)).fits,
    mistakes: (path) => {
      const name = spelled(path)
      return includes(name).fits && !includes(`${name.slice(0, name.lastIndexOf("/") + 1)}${nobody}`).fits
    }
  }
}

/** The whole rule for a path that the walk did not lead to: a hint's, a row's. */
export const selects = (selection: Selection, path: string): boolean => {
  if (selection === whatever) return true
  const segments = path.split("/")
  if (segments.some(isIgnored)) return false
  for (let depth = 1; depth < segments.length; depth++) if (selection.prunes(segments.slice(0, depth).join("/"))) return false
  return selection.takes(path)
}
