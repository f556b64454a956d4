import { Failure } from "@mediaspool/core"

/** One thing that can't be understood in a query, and where it stands. */
export interface QueryFault {
  readonly code: "NothingToSearch" | "FieldUnknown" | "ValueUnknown" | "ValueMissing" | "RangeUnreadable" | "QuoteUnbalanced"
  readonly message: string
  /** In UTF-16 units of what was typed. */
  readonly start: number
  readonly end: number
  /** What was probably meant, in the place of that part. */
  readonly meant: string | undefined
}

/** The query with a mark under each part that isn't understood. */
const marked = (typed: string, faults: ReadonlyArray<QueryFault>): string => {
  const line = typed.replace(/\s/g, " ")
  const marks = Array.from({ length: line.length }, (_, i) =>
    faults.some(({ end, start }) => i >= start && i < end) ? "^" : " "
  )
  return `  ${line}\n  ${marks.join("").trimEnd()}`
}

/** Why a search can't be made. */
export class SearchError extends Failure.Class<SearchError>()("SearchError", {
  NothingToSearch: { retry: "never", help: 'Type words, "a phrase", or filters such as emotion:happy and duration:>60.' },
  FieldUnknown: { retry: "never", help: "Put the text between quotes to look for it as it stands." },
  ValueUnknown: { retry: "never", help: "Choose one of the values listed." },
  ValueMissing: { retry: "never", help: "Write the value right after the colon: emotion:sad." },
  RangeUnreadable: {
    retry: "never",
    help: "Write a bound as >1 or <1, a range as 1..2; the message above shows what the field takes."
  },
  NoVectors: { retry: "never", help: "Add the stage to a pipeline, before `persist`, and run it: finished work isn't repeated." },
  NothingToCompare: { retry: "never", help: "Choose a file with sound in it." },
  QuoteUnbalanced: { retry: "never", help: 'Close the quote: "heavy rain".' }
}) {
  /** All parts that aren't understood, from left to right. */
  faults: ReadonlyArray<QueryFault> = []

  /** An error that points at each place in what was typed. */
  static at(typed: string, faults: readonly [QueryFault, ...ReadonlyArray<QueryFault>]): SearchError {
    const said = faults.map(({ meant, message, start }) => {
      const column = `character ${start + 1}: `
      return `${column}${message}${meant === undefined ? "" : `; did you mean ${meant}?`}`
    })
    const error = new SearchError({ code: faults[0].code, detail: `${said.join("\n")}\n${marked(typed, faults)}` })
    error.faults = faults
    return error
  }
}
