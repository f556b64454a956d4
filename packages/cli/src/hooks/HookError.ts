import { Failure } from "@mediaspool/core"

/** Why a hook could not be told. It never stops a run. */
export class HookError extends Failure.Class<HookError>()("HookError", {
  WebhookRefused: { retry: "later", help: "Look at the receiver: it must answer with a status from 200 to 299." },
  CommandFailed: { retry: "later", help: "Run the hook's command by hand: it must end with exit code 0 within its `timeout`." },
  SecretUnknown: { retry: "config", help: "Set the environment variable, or write the file, that the hook's `secret` names." }
}) {}
