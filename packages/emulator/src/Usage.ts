/** One request that the service worked for. */
export interface Entry {
  /** The same for two requests that ask the same. */
  readonly key: string
  readonly model: string
  readonly inputTokens: number
  readonly outputTokens: number
  /** Whether the answer was sent to its end. */
  readonly outcome: "answered" | "broken"
}

/** What became of a request. */
export type Event = { readonly _tag: "Paid"; readonly entry: Entry } | { readonly _tag: "Refused"; readonly code: string }

/** What the account would be billed, and what it was refused. */
export interface Statement {
  /** Requests of any kind. */
  readonly requests: number
  /** Requests worked for, whoever got the answer. */
  readonly paid: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** How often each code was answered. */
  readonly refused: Readonly<Record<string, number>>
  /** How often the same was paid. */
  readonly byKey: Readonly<Record<string, number>>
  readonly entries: ReadonlyArray<Entry>
}

export interface Usage {
  readonly request: () => void
  readonly refuse: (code: string) => void
  readonly pay: (entry: Entry) => void
  readonly statement: () => Statement
  readonly clear: () => void
}

export const make = (onEvent: (event: Event) => void = () => {}): Usage => {
  let requests = 0
  let refused: Record<string, number> = {}
  let entries: Array<Entry> = []
  return {
    request: () => {
      requests += 1
    },
    refuse: (code) => {
      refused[code] = (refused[code] ?? 0) + 1
      onEvent({ _tag: "Refused", code })
    },
    pay: (entry) => {
      entries.push(entry)
      onEvent({ _tag: "Paid", entry })
    },
    statement: () => {
      const byKey: Record<string, number> = {}
      for (const { key } of entries) byKey[key] = (byKey[key] ?? 0) + 1
      return {
        requests,
        paid: entries.length,
        inputTokens: entries.reduce((sum, entry) => sum + entry.inputTokens, 0),
        outputTokens: entries.reduce((sum, entry) => sum + entry.outputTokens, 0),
        refused: { ...refused },
        byKey,
        entries: [...entries]
      }
    },
    clear: () => {
      requests = 0
      refused = {}
      entries = []
    }
  }
}
