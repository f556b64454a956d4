import type { Event } from "@mediaspool/core"
import { inline } from "./Text.js"

type Closed = Event & { readonly _tag: "ResourceClosed" }

/** The budget that holds work back; `undefined` where the failure is another. */
export const budgetOf = ({ code, message }: { readonly code: string; readonly message: string }): string | undefined =>
  code === "BudgetReached" ? message.slice(0, Math.max(0, message.indexOf(": "))) : undefined

/** All machines that share the work: the one resource that is many. */
const WORKERS = "workers"

/** `provider:local is`, `workers are` */
export const isThe = (resource: string): string => `${resource} ${resource === WORKERS ? "are" : "is"}`

/** What a summary says of a budget that held work back: `budget:own`, `budget:pipeline:sounds`, `budget:run`. */
export const waitingForText = (name: string): string =>
  name === "budget:run"
    ? "Waiting for a larger --max-cost: run again with more, or without it."
    : `Waiting for the budget of ${name.replace(/^budget:(pipeline:)?/, (_, pipeline) => (pipeline === undefined ? "" : "pipeline "))}: raise it in the config and run again, or wait for its next day or month.`

const today = (): string => new Date().toDateString()

/**
 * Outside services that are away and budgets that are reached, for those who show a run. Each try of what is still away says so
 * again: it is news once. Mutable: events come by the hundred.
 */
export class Outages {
  private readonly away = new Map<string, Closed>()
  /** Budgets by name, with the day on which they were told: a smaller call may still be paid, and the next one not. */
  private readonly told = new Map<string, string>()

  /** What an event says that wasn't said before, for a person. Ask before it is applied. */
  news(event: Event): string | undefined {
    if (event._tag === "ResourceOpened") {
      const was = this.away.get(event.resource)
      return was !== undefined && budgetOf(was.failure) === undefined ? `${isThe(event.resource)} available again` : undefined
    }
    if (event._tag !== "ResourceClosed") return undefined
    const budget = budgetOf(event.failure)
    const isKnown =
      budget === undefined
        ? this.away.get(event.resource)?.failure.message === event.failure.message
        : this.told.get(budget) === today()
    return isKnown ? undefined : textOf(event)
  }

  apply(event: Event): void {
    if (event._tag === "ResourceOpened") this.away.delete(event.resource)
    if (event._tag !== "ResourceClosed") return
    this.away.set(event.resource, event)
    const budget = budgetOf(event.failure)
    if (budget !== undefined) this.told.set(budget, today())
  }

  /** How it is now, a line each. */
  get texts(): ReadonlyArray<string> {
    return [...new Set([...this.away.values()].map(textOf))]
  }
}

const textOf = ({ failure, resource }: Closed): string => {
  const budget = budgetOf(failure)
  return budget === undefined
    ? `${isThe(resource)} unavailable, ${resource === WORKERS ? "their" : "its"} work waits: ${inline(failure.message)}`
    : `Budget reached: ${inline(failure.message.slice(budget.length + 2))} (${budget}). ${failure.help}`
}
