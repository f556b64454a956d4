import { Failure } from "@mediaspool/core"

/** Why speech could not be looked for. */
export class SpeechError extends Failure.Class<SpeechError>()("SpeechError", {
  ModelMissing: {
    retry: "config",
    help: "The model or its runtime can't be loaded. Install @mediaspool/speech again, with --ignore-scripts."
  },
  DetectionFailed: { retry: "now", help: "The model ended unexpectedly; another try may succeed." }
}) {}
