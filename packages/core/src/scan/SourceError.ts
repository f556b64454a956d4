import * as Failure from "../stage/Failure.js"

/** Why an entry of a source folder, or the folder itself, can't be taken. */
export class SourceError extends Failure.Class<SourceError>()("SourceError", {
  SpecialFile: {
    retry: "never",
    help: "Only regular files hold media: move the pipe, socket or device out of the folder, or exclude it."
  },
  FolderNamedLikeFile: {
    retry: "never",
    help: "Rename the folder or exclude it; what lies inside is taken as usual."
  },
  LinkBroken: { retry: "never", help: "Remove the link or mend its target; links are not followed in any case." },
  GlobTooSlow: {
    retry: "never",
    help: "Write the glob under `include` or `exclude` with fewer wildcards and without repeated groups, or rename the file."
  },
  FileUnreadable: { retry: "now", help: "Give the user that runs Mediaspool the right to read it, or look at the disk." },
  FolderUnreadable: {
    retry: "now",
    help: "Give the user that runs Mediaspool the right to read and enter the folder, or exclude it."
  },
  FileVanished: { retry: "later", help: "Nothing to do: it is taken up again when it is back." },
  FileChanged: { retry: "later", help: "Nothing to do: it is taken up again when nobody writes it any more." },
  PathMissing: { retry: "config", help: "Name files or folders that are there." },
  PathNotTaken: {
    retry: "config",
    help: "Name other files: what a stage has written, and what lies in the state folder, is never taken."
  },
  FolderMissing: { retry: "config", help: "Make the folder, or mend `source.folder` in the config." },
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
