import { Failure } from "@mediaspool/core"

/** Why nothing was exported, or why an export isn't what its manifest says. */
export class ExportError extends Failure.Class<ExportError>()("ExportError", {
  ExportTargetExists: { retry: "never", help: "Choose another --to, or add --overwrite to replace it." },
  ExportTargetRefused: {
    retry: "never",
    help: "Choose a new file or folder outside of the source folders and the state folder."
  },
  ExportOptionUnfit: { retry: "never", help: "`spool export --help` says which options a format takes." },
  ExportNotWritten: { retry: "now", help: "Check the target's disk and permissions; what was there before is unchanged." },
  ExportDamaged: { retry: "never", help: "Export again; the library itself is not affected." }
}) {}

const text = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** What the file system refused. */
export const notWritten = (cause: unknown): ExportError =>
  cause instanceof ExportError ? cause : new ExportError({ code: "ExportNotWritten", detail: text(cause) })
