import * as Failure from "../stage/Failure.js"

/** What a stage can't say of itself. */
export class AttemptError extends Failure.Class<AttemptError>()("AttemptError", {
  TimedOut: { retry: "now", help: "Raise the node's `timeout`, or look at why the stage takes so long for this file." },
  StageBroke: {
    retry: "now",
    help: "A fault of the stage: report it to its author, with the message. If it is yours, `spool plugin dev` shows where it is."
  },
  ErrorNotDeclared: {
    retry: "never",
    help: "It is a fault of the stage: its author adds the error to the stage's `error`, such as `Schema.Union(A, B)`."
  },
  OutputNotValid: {
    retry: "now",
    help: "A fault of the stage: report it to its author. If it is yours, `spool plugin dev` shows the value."
  }
}) {}
