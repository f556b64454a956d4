import * as Failure from "../stage/Failure.js"

/** What a stage can't say of itself. */
export class AttemptError extends Failure.Class<AttemptError>()("AttemptError", {
  TimedOut: { retry: "now", help: "Raise the node's `timeout`, or check why the stage takes so long for this file." },
  StageBroke: {
    retry: "now",
    help: "Report it to the stage's author, with the message. In a stage of your own, `spool plugin dev` shows where it is."
  },
  ErrorNotDeclared: {
    retry: "never",
    help: "Report it to the stage's author, who adds the error to the stage's `error`, such as `Schema.Union(A, B)`."
  },
  OutputNotValid: {
    retry: "now",
    help: "Report it to the stage's author. In a stage of your own, `spool plugin dev` shows the value."
  }
}) {}
