import { Waits } from "@mediaspool/core"
import { Cause, Deferred, Effect, Exit, Queue, type Duration, type Scope } from "effect"

/** Tells a requester how far its input is: seconds done of seconds in all. */
export type Report = (done: number, total: number) => Effect.Effect<void>

/** Everything that is asked of one input. */
export interface Job<In, R> {
  readonly input: In
  readonly requests: ReadonlyArray<R>
  readonly report: Report
}

/** What one run found, request by request. */
export type Answers<In, R, A, E> = (input: In, request: R) => Exit.Exit<A, E>

export interface Options<In, R, A, E> {
  /** Runs at once. The cpu permits live here; whoever waits holds none. */
  readonly slots: number
  /** The part of a run that an input fills: inputs share a run up to 1; one of 1 or more runs alone. */
  readonly cost: (input: In) => number
  /** How long the first request of an idle slot waits for its sisters. Under load nobody waits: requests gather while slots are busy. */
  readonly maxBatchDelay: Duration.DurationInput
  /** How much must wait, in runs, before a slot begins beside one that is at work; default: anything. */
  readonly worthAnother?: number | undefined
  /** What must have happened before the first run. Requests gather meanwhile; a run that needs it in vain fails by itself. */
  readonly prepare?: Effect.Effect<void> | undefined
  /** How long fewer than that wait behind a run that doesn't end; default 2 seconds. */
  readonly longestWait?: Duration.DurationInput | undefined
  readonly inputId: (input: In) => string
  readonly requestId: (request: R) => string
  /** One process. Answers every request of every job, or fails as a whole. */
  readonly run: (jobs: ReadonlyArray<Job<In, R>>) => Effect.Effect<Answers<In, R, A, E>, E>
  /** Whether a failure is the machine's (a full disk): then it is everybody's, and halving the run would only repeat it. */
  readonly isSystemic: (error: E) => boolean
  /** What requests get that are still open when the scope closes. */
  readonly closed: () => E
}

/** Asks, and answers in the order of the requests, or with the first failure in that order. Equal requests of one input share an answer. */
export type Ask<In, R, A, E> = (input: In, requests: ReadonlyArray<R>, report?: Report) => Effect.Effect<ReadonlyArray<A>, E>

/** The requests of one run that somebody still waits for. */
interface Run {
  awaited: number
  readonly abandoned: Deferred.Deferred<void>
}

/** Who waits for the answers to some requests of one input. */
interface Requester {
  readonly report: Report
  /** Hears that one of them is settled. */
  readonly wake: () => void
}

/** One request, and those who wait for it. */
interface Ticket<R, A, E> {
  readonly request: R
  readonly requesters: Set<Requester>
  run: Run | undefined
  exit: Exit.Exit<A, E> | undefined
}

interface Entry<In, R, A, E> {
  readonly input: In
  readonly tickets: Map<string, Ticket<R, A, E>>
}

/** So that 20 inputs of 1/20 fit. */
const SLACK = 1e-9

const silent: Report = () => Effect.void

/**
 * Merges requests: those on one input share a run, small inputs are packed into one, and a run that fails is halved, by input and then
 * by request, until the failure belongs to one request of one input. A run ends when its last requester leaves.
 */
export const make = <In, R, A, E>(options: Options<In, R, A, E>): Effect.Effect<Ask<In, R, A, E>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const pending = new Map<string, Entry<In, R, A, E>>()
    const open = new Set<Ticket<R, A, E>>()
    const bell = yield* Queue.dropping<void>(options.slots)
    const asked = yield* Queue.dropping<void>(1)
    const prepare = options.prepare ?? Effect.void
    let idle = options.slots
    let closed = false
    let isOverdue = false

    const settle = (ticket: Ticket<R, A, E>, exit: Exit.Exit<A, E>) => {
      open.delete(ticket)
      ticket.exit = exit
      for (const { wake } of [...ticket.requesters]) wake()
    }

    const oldestId = () => pending.keys().next().value

    /** How many runs' worth of inputs wait. */
    const waiting = () => [...pending.values()].reduce((sum, { input }) => sum + options.cost(input), 0)

    /** The next run: as much as fits, but no more than a fair share while other slots are idle. */
    const take = (): Array<Entry<In, R, A, E>> => {
      const isFirst = idle + 1 === options.slots
      const isWorth = isOverdue || waiting() >= (options.worthAnother ?? 0) - SLACK
      if (!isFirst && !isWorth) return []
      const share = Math.ceil(pending.size / (isWorth ? idle + 1 : 1))
      const batch: Array<Entry<In, R, A, E>> = []
      let filled = 0
      isOverdue = false
      for (const [id, entry] of pending) {
        const cost = options.cost(entry.input)
        if (batch.length > 0 && filled + cost > 1 + SLACK) continue
        pending.delete(id)
        batch.push(entry)
        filled += cost
        if (filled >= 1 - SLACK || batch.length >= share) break
      }
      return batch
    }

    const awaited = (entry: Entry<In, R, A, E>) => [...entry.tickets.values()].filter((ticket) => ticket.requesters.size > 0)

    const fail = (tickets: ReadonlyArray<Ticket<R, A, E>>, cause: Cause.Cause<E>) =>
      tickets.forEach((ticket) => settle(ticket, Exit.failCause(cause)))

    const answer = (entries: ReadonlyArray<Entry<In, R, A, E>>, answers: Answers<In, R, A, E>) =>
      Effect.forEach(
        entries.flatMap((entry) => [...entry.tickets.values()].map((ticket) => ({ entry, ticket }))),
        ({ entry, ticket }) =>
          Effect.map(Effect.exit(Effect.sync(() => answers(entry.input, ticket.request))), (exit) =>
            settle(ticket, Exit.flatten(exit))
          ),
        { discard: true }
      )

    const serve = (batch: ReadonlyArray<Entry<In, R, A, E>>): Effect.Effect<void> =>
      Effect.gen(function* () {
        const entries = batch.filter((entry) => awaited(entry).length > 0)
        const tickets = entries.flatMap(awaited)
        const [first] = entries
        if (first === undefined) return
        const run: Run = { awaited: tickets.length, abandoned: yield* Deferred.make<void>() }
        for (const ticket of tickets) ticket.run = run
        const jobs = entries.map((entry): Job<In, R> => ({
          input: entry.input,
          requests: awaited(entry).map((ticket) => ticket.request),
          report: (done, total) =>
            Effect.forEach(
              entry.tickets.values(),
              (ticket) => Effect.forEach(ticket.requesters, ({ report }) => report(done, total), { discard: true }),
              { discard: true }
            )
        }))
        const exit = yield* Effect.suspend(() => options.run(jobs)).pipe(
          Effect.raceFirst(Effect.as(Deferred.await(run.abandoned), undefined)),
          Effect.exit
        )
        if (Exit.isSuccess(exit)) return exit.value === undefined ? undefined : yield* answer(entries, exit.value)
        const failure = Cause.failureOption(exit.cause)
        if (failure._tag === "None" || options.isSystemic(failure.value)) return fail(tickets, exit.cause)
        if (entries.length > 1) {
          const middle = entries.length >> 1
          yield* serve(entries.slice(0, middle))
          yield* serve(entries.slice(middle))
        } else if (tickets.length > 1)
          for (const [id, ticket] of first.tickets) yield* serve([{ input: first.input, tickets: new Map([[id, ticket]]) }])
        else fail(tickets, exit.cause)
      })

    const slot = Effect.gen(function* () {
      yield* Queue.take(bell)
      yield* Effect.sleep(options.maxBatchDelay)
      yield* prepare
      idle--
      for (let batch = take(); batch.length > 0; batch = take()) yield* serve(batch)
    }).pipe(Effect.ensuring(Effect.sync(() => void idle++)))

    // A run that hangs, or is long, holds up nobody else for longer than that.
    const watch = Effect.gen(function* () {
      yield* Queue.take(asked)
      for (let oldest = oldestId(); oldest !== undefined; oldest = oldestId()) {
        yield* Effect.sleep(options.longestWait ?? "2 seconds")
        isOverdue = oldestId() === oldest
        if (isOverdue) yield* Queue.offer(bell, undefined)
      }
    })
    if (options.worthAnother !== undefined) yield* Effect.forkScoped(Effect.forever(watch))

    // Runs after the slots below were interrupted.
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        closed = true
        for (const ticket of [...open]) settle(ticket, Exit.fail(options.closed()))
      })
    )
    for (let i = 0; i < options.slots; i++) yield* Effect.forkScoped(Effect.forever(slot))

    const enter = (entry: Entry<In, R, A, E>, request: R): Ticket<R, A, E> => {
      const key = options.requestId(request)
      const known = entry.tickets.get(key)
      if (known !== undefined) return known
      const ticket: Ticket<R, A, E> = { request, requesters: new Set(), run: undefined, exit: undefined }
      entry.tickets.set(key, ticket)
      open.add(ticket)
      return ticket
    }

    /** Takes a requester out; the last one ends the run. */
    const leave = (entry: Entry<In, R, A, E>, ticket: Ticket<R, A, E>, requester: Requester) => {
      if (!ticket.requesters.delete(requester) || ticket.requesters.size > 0 || !open.delete(ticket)) return
      if (ticket.run !== undefined) {
        ticket.run.awaited--
        if (ticket.run.awaited === 0) Deferred.unsafeDone(ticket.run.abandoned, Effect.void)
        return
      }
      entry.tickets.delete(options.requestId(ticket.request))
      const id = options.inputId(entry.input)
      if (entry.tickets.size === 0 && pending.get(id) === entry) pending.delete(id)
    }

    /** Registers a requester, whom the last answer resumes; one effect for all of it, for each takes longer than what is done in it. */
    const register = (
      entry: Entry<In, R, A, E>,
      tickets: ReadonlyArray<Ticket<R, A, E>>,
      report: Report,
      resume: (answers: Exit.Exit<ReadonlyArray<A>, E>) => void
    ): (() => void) => {
      const found: Array<A> = []
      const depart = () => tickets.forEach((ticket) => leave(entry, ticket, requester))
      const finish = (answers: Exit.Exit<ReadonlyArray<A>, E>) => {
        depart()
        resume(answers)
      }
      const wake = () => {
        for (let next = tickets[found.length]; next?.exit !== undefined; next = tickets[found.length]) {
          if (Exit.isFailure(next.exit)) return finish(Exit.failCause(next.exit.cause))
          found.push(next.exit.value)
        }
        if (found.length === tickets.length) finish(Exit.succeed(found))
      }
      const requester: Requester = { report, wake }
      for (const ticket of tickets) ticket.requesters.add(requester)
      return depart
    }

    return (input, requests, report = silent) =>
      Effect.flatMap(Waits, (waits) => {
        let tickets: ReadonlyArray<Ticket<R, A, E>> = []
        const answers = Effect.async<ReadonlyArray<A>, E>((resume) => {
          if (closed) return resume(Effect.fail(options.closed()))
          if (requests.length === 0) return resume(Effect.succeed([]))
          const id = options.inputId(input)
          const entry = pending.get(id) ?? { input, tickets: new Map<string, Ticket<R, A, E>>() }
          pending.set(id, entry)
          tickets = requests.map((request) => enter(entry, request))
          const depart = register(entry, tickets, report, resume)
          bell.unsafeOffer(undefined)
          asked.unsafeOffer(undefined)
          return Effect.sync(depart)
        })
        return waits.during("slot", answers, () => tickets.every((ticket) => ticket.run === undefined))
      })
  })
