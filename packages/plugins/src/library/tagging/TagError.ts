import { Failure } from "@mediaspool/core"

/** Why tags were not written into a file. The file is then as it was. */
export class TagError extends Failure.Class<TagError>()("TagError", {
  TagFormatUnsupported: {
    retry: "never",
    help: "Export the results instead (`spool export`), or convert the file to FLAC or WAV."
  },
  TagFileChanged: { retry: "now", help: "Run the pipeline again, so that the library knows the file as it is now." },
  TagFileBusy: { retry: "now", help: "Close the program that writes the file, and check its permissions." },
  TagNotVerified: { retry: "never", help: "Nothing was changed; please report the file's format." },
  TagNotWritten: { retry: "now", help: "Check the disk and the file's permissions; nothing was changed." }
}) {}

/** What can't be written without losing something, or not at all. */
export const unsupported = (detail: string): TagError => new TagError({ code: "TagFormatUnsupported", detail })

/** What the system or a library says against it. */
export const notWritten = (cause: unknown): TagError =>
  new TagError({ code: "TagNotWritten", detail: cause instanceof Error ? cause.message : String(cause) })
