import * as Failure from "../stage/Failure.js"

/** Why an entry of a source folder, or the folder itself, can't be taken. */
export class SourceError extends Failure.Class<SourceError>()("SourceError", {
  SpecialFile: {
    retry: "never",
    help: "Move the pipe, socket or device out of the folder, or exclude it: only regular files hold media."
  },
  FolderNamedLikeFile: {
    retry: "never",
    help: "Rename the folder or exclude it; the files inside are processed as usual."
  },
  LinkBroken: { retry: "never", help: "Remove the link or fix its target; links are never followed." },
  GlobTooSlow: {
    retry: "never",
    help: "Write the glob under `include` or `exclude` with fewer wildcards and without repeated groups, or rename the file."
  },
  FileUnreadable: { retry: "now", help: "Grant the user that runs Mediaspool permission to read the file, or check the disk." },
  FolderUnreadable: {
    retry: "now",
    help: "Grant the user that runs Mediaspool permission to read and enter the folder, or exclude it."
  },
  FileVanished: { retry: "later", help: "No action needed: the file is processed when it is back." },
  FileChanged: { retry: "later", help: "No action needed: the file is processed once it is no longer being written." },
  PathMissing: { retry: "config", help: "Name files or folders that exist." },
  PathNotTaken: {
    retry: "config",
    help: "Name other files: files in the state folder or written by a stage are never processed."
  },
  FolderMissing: { retry: "config", help: "Create the folder, or correct `source.folder` in the config." },
  FolderVanished: {
    retry: "later",
    help: "Mount the share or disk again. If the files are really gone, say so with `spool resume`."
  },
  ScanFailed: { retry: "now", help: "Run `spool doctor`: it checks the state folder, its disk and the database." }
}) {}

/** An entry that `include` asks for and that can't be taken: a row of the failure table. */
export interface Refusal {
  /** Absolute; a RawPath. */
  readonly path: string
  /** Below the source folder; a RawPath. */
  readonly relativePath: string
  readonly error: SourceError
}
