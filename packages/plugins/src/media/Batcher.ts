import { Waits } from "@mediaspool/core"
import { Cause, Deferred, Effect, Exit, FiberId, Queue, type Duration, type Scope } from "effect"

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

/** One request, and those who wait for it. */
interface Ticket<R, A, E> {
  readonly request: R
  readonly answer: Deferred.Deferred<A, E>
  readonly reports: Set<Report>
  waiting: number
  run: Run | undefined
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
    const bell = yield* Queue.sliding<void>(options.slots)
    const asked = yield* Queue.sliding<void>(1)
    const prepare = options.prepare ?? Effect.void
    let idle = options.slots
    let closed = false
    let isOverdue = false

    const settle = (ticket: Ticket<R, A, E>, exit: Exit.Exit<A, E>) =>
      Effect.suspend(() => {
        open.delete(ticket)
        return Deferred.done(ticket.answer, exit)
      })

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

    const awaited = (entry: Entry<In, R, A, E>) => [...entry.tickets.values()].filter((ticket) => ticket.waiting > 0)

    const fail = (tickets: ReadonlyArray<Ticket<R, A, E>>, cause: Cause.Cause<E>) =>
      Effect.forEach(tickets, (ticket) => settle(ticket, Exit.failCause(cause)), { discard: true })

    const answer = (entries: ReadonlyArray<Entry<In, R, A, E>>, answers: Answers<In, R, A, E>) =>
      Effect.forEach(
        entries,
        (entry) =>
          Effect.forEach(
            entry.tickets.values(),
            (ticket) =>
              Effect.flatMap(Effect.exit(Effect.sync(() => answers(entry.input, ticket.request))), (exit) =>
                settle(ticket, Exit.flatten(exit))
              ),
            { discard: true }
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
              (ticket) => Effect.forEach(ticket.reports, (report) => report(done, total), { discard: true }),
              { discard: true }
            )
        }))
        const exit = yield* Effect.suspend(() => options.run(jobs)).pipe(
          Effect.raceFirst(Effect.as(Deferred.await(run.abandoned), undefined)),
          Effect.exit
        )
        if (Exit.isSuccess(exit)) return exit.value === undefined ? undefined : yield* answer(entries, exit.value)
        const failure = Cause.failureOption(exit.cause)
        if (failure._tag === "None" || options.isSystemic(failure.value)) return yield* fail(tickets, exit.cause)
        if (entries.length > 1) {
          const middle = entries.length >> 1
          yield* serve(entries.slice(0, middle))
          yield* serve(entries.slice(middle))
        } else if (tickets.length > 1)
          for (const [id, ticket] of first.tickets) yield* serve([{ input: first.input, tickets: new Map([[id, ticket]]) }])
        else yield* fail(tickets, exit.cause)
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
      Effect.suspend(() => {
        closed = true
        return Effect.forEach([...open], (ticket) => settle(ticket, Exit.fail(options.closed())), { discard: true })
      })
    )
    for (let i = 0; i < options.slots; i++) yield* Effect.forkScoped(Effect.forever(slot))

    /** Takes a requester out; the last one ends the run. */
    const leave = (id: string, key: string, ticket: Ticket<R, A, E>, report: Report) =>
      Effect.suspend(() => {
        ticket.reports.delete(report)
        ticket.waiting--
        if (ticket.waiting > 0 || !open.has(ticket)) return Effect.void
        open.delete(ticket)
        if (ticket.run === undefined) {
          const entry = pending.get(id)
          if (entry?.tickets.get(key) === ticket) entry.tickets.delete(key)
          if (entry?.tickets.size === 0) pending.delete(id)
          return Effect.void
        }
        ticket.run.awaited--
        return ticket.run.awaited === 0 ? Deferred.succeed(ticket.run.abandoned, undefined) : Effect.void
      })

    const enter = (input: In, id: string, request: R, key: string): Ticket<R, A, E> => {
      const entry = pending.get(id) ?? { input, tickets: new Map<string, Ticket<R, A, E>>() }
      const answer = Deferred.unsafeMake<A, E>(FiberId.none)
      const ticket = entry.tickets.get(key) ?? { request, answer, reports: new Set(), waiting: 0, run: undefined }
      pending.set(id, entry)
      entry.tickets.set(key, ticket)
      open.add(ticket)
      return ticket
    }

    return (input, requests, report = silent) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          if (closed) return yield* Effect.fail(options.closed())
          const id = options.inputId(input)
          const entered = requests.map((request) => {
            const key = options.requestId(request)
            const ticket = enter(input, id, request, key)
            ticket.waiting++
            ticket.reports.add(report)
            return { key, ticket }
          })
          yield* Queue.offer(bell, undefined)
          yield* Queue.offer(asked, undefined)
          const waits = yield* Waits
          const answers = Effect.forEach(entered, ({ ticket }) => Deferred.await(ticket.answer))
          const isWaiting = () => entered.every(({ ticket }) => ticket.run === undefined)
          return yield* restore(waits.during("slot", answers, isWaiting)).pipe(
            Effect.ensuring(Effect.forEach(entered, ({ key, ticket }) => leave(id, key, ticket, report), { discard: true }))
          )
        })
      )
  })
