import { Duration, Either, Schema } from "effect"
import { homedir } from "node:os"
import { resolve } from "node:path"
import picomatch from "picomatch"
import * as Field from "../stage/Field.js"
import { Wait } from "./Interval.js"

/** Where a pipeline's files come from. */
export interface SourceSettings {
  /** Absolute. */
  readonly folder: string
  /** picomatch globs, relative to the folder; case doesn't count. Absent: sound and video, by content. */
  readonly include: ReadonlyArray<string> | undefined
  readonly exclude: ReadonlyArray<string>
  /** How changes are noticed: `auto` scans on network mounts and takes events elsewhere. */
  readonly watch: "auto" | "events" | "scan"
  /** Between two scans while watching. */
  readonly scanEvery: Duration.Duration
  /** How long a file must stay the same before it is read; absent: 2 s, on network mounts 10 s. */
  readonly settle: Duration.Duration | undefined
}

const stays = (glob: string): boolean =>
  glob !== "" &&
  !glob.startsWith("/") &&
  !glob.startsWith("!") &&
  !glob.includes("\0") &&
  !glob.split("/").includes("..") &&
  Either.isRight(Either.try(() => picomatch.makeRe(glob, { nocase: true })))

const Glob = Schema.String.pipe(
  Schema.filter(stays, {
    message: () => "expected a glob below the source folder, such as **/*.wav (what is left out stands under 'exclude')"
  })
)

/** Where a pipeline's files come from, as it is written. */
export const SourceConfig = Schema.Struct({
  folder: Field.required(Schema.NonEmptyString, "The folder that is read, and never written; relative to the config file"),
  include: Field.maybe(
    Schema.NonEmptyArray(Glob),
    "Globs of the files that are taken; case doesn't count. Left out: all sound and video, recognised by content where the name doesn't tell"
  ),
  exclude: Field.withDefault(Schema.Array(Glob), [], "Globs of the files that are left alone"),
  watch: Field.withDefault(
    Schema.Literal("auto", "events", "scan"),
    "auto",
    "How changes are noticed: by events and scans, or by scans only; auto takes scans on network mounts"
  ),
  scanEvery: Field.withDefault(Wait, Duration.minutes(5), "The time between two scans while watching"),
  settle: Field.maybe(Wait, "How long a file must stay the same before it is read; 2s, on network mounts 10s")
})

/** The folder that a config means: relative to the config's own folder, `~` for the home. */
export const folderOf = (folder: string, base: string): string =>
  folder === "~" || folder.startsWith("~/") ? resolve(homedir(), folder.slice(2)) : resolve(base, folder)

/** @param base the config's folder */
export const settingsOf = ({ include, settle, ...config }: typeof SourceConfig.Type, base: string): SourceSettings => ({
  ...config,
  folder: folderOf(config.folder, base),
  include,
  settle
})
