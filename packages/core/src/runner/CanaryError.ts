import * as Failure from "../stage/Failure.js"

/** Why an edit can't be tried, taken or dropped, or why a file waits for that. */
export class CanaryError extends Failure.Class<CanaryError>()("CanaryError", {
  CanaryOpen: {
    retry: "later",
    help: "This file has no result from before the edit: it goes on when `spool canary` ends with `--accept` or `--drop`."
  },
  CanaryMissing: { retry: "config", help: "Edit the stage, then start one: `spool canary <stage>`." },
  NothingEdited: {
    retry: "config",
    help: "Edit the stage's prompt, model or vocabulary first; a canary compares the edit with the results that are there."
  },
  StageReplaced: { retry: "config", help: "A canary compares two forms of one stage: give the other stage a node of its own." },
  EditRuns: { retry: "later", help: "A run takes all its steps from one config: stop it with Ctrl-C, or wait for its end." },
  EditedAgain: { retry: "config", help: "Run `spool canary <stage>` again: it tries the edit as it is now." },
  EditTakenBack: { retry: "config", help: "End the trial: `spool canary <stage> --drop`." },
  EditStands: {
    retry: "config",
    help: "The watcher would apply the edit at once: undo it in the config first, or `spool pause` the pipeline."
  }
}) {}
