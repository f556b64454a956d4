import { Cause, Deferred, Effect, Exit, Queue, type Duration, type Scope } from "effect"

/** Tells a requester how far its input is: seconds done of seconds in all. */
export type Report = (done: number, total: number) => Effect.Effect<void>

/** Everything that is asked of one input. */
export interface Job<In, W> {
  readonly input: In
  readonly wants: ReadonlyArray<W>
  readonly report: Report
}

/** What one run found, want by want. */
export type Answers<In, W, A, E> = (input: In, want: W) => Exit.Exit<A, E>

export interface Options<In, W, A, E> {
  /** Runs at once. The cpu permits live here; whoever waits holds none. */
  readonly slots: number
  /** The part of a run that an input fills: inputs share a run up to 1; one of 1 or more runs alone. */
  readonly weight: (input: In) => number
  /** How long the first request of an idle slot waits for its sisters. Under load nobody waits: requests gather while slots are busy. */
  readonly linger: Duration.DurationInput
  readonly inputId: (input: In) => string
  readonly wantId: (want: W) => string
  /** One process. Answers every want of every job, or fails as a whole. */
  readonly run: (jobs: ReadonlyArray<Job<In, W>>) => Effect.Effect<Answers<In, W, A, E>, E>
  /** Whether a failure is the machine's (a full disk): then it is everybody's, and halving the run would only repeat it. */
  readonly everybodys: (error: E) => boolean
  /** What requests get that are still open when the scope closes. */
  readonly closed: () => E
}

/** Asks; equal wants of one input share an answer. */
export type Ask<In, W, A, E> = (input: In, want: W, report?: Report) => Effect.Effect<A, E>

/** The requests of one run that somebody still waits for. */
interface Run {
  awaited: number
  readonly abandoned: Deferred.Deferred<void>
}

interface Request<W, A, E> {
  readonly want: W
  readonly answer: Deferred.Deferred<A, E>
  readonly reports: Set<Report>
  waiting: number
  run: Run | undefined
}

interface Entry<In, W, A, E> {
  readonly input: In
  readonly requests: Map<string, Request<W, A, E>>
}

const silent: Report = () => Effect.void

/**
 * Merges requests: those on one input share a run, small inputs are packed into one, and a run that fails is halved, by input and then
 * by want, until the failure belongs to one want of one input. A run ends when its last requester leaves.
 */
export const make = <In, W, A, E>(options: Options<In, W, A, E>): Effect.Effect<Ask<In, W, A, E>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const pending = new Map<string, Entry<In, W, A, E>>()
    const open = new Set<Request<W, A, E>>()
    const bell = yield* Queue.sliding<void>(options.slots)
    let idle = options.slots
    let closed = false

    const settle = (request: Request<W, A, E>, exit: Exit.Exit<A, E>) =>
      Effect.suspend(() => {
        open.delete(request)
        return Deferred.done(request.answer, exit)
      })

    /** The next run: as much as fits, but no more than a fair share while other slots are idle. */
    const take = (): Array<Entry<In, W, A, E>> => {
      const share = Math.ceil(pending.size / (idle + 1))
      const batch: Array<Entry<In, W, A, E>> = []
      let filled = 0
      for (const [id, entry] of pending) {
        const weight = options.weight(entry.input)
        // A little slack, so that 20 inputs of 1/20 fit.
        if (batch.length > 0 && filled + weight > 1 + 1e-9) continue
        pending.delete(id)
        batch.push(entry)
        filled += weight
        if (filled >= 1 - 1e-9 || batch.length >= share) break
      }
      return batch
    }

    const awaited = (entry: Entry<In, W, A, E>) => [...entry.requests.values()].filter((request) => request.waiting > 0)

    const fail = (requests: ReadonlyArray<Request<W, A, E>>, cause: Cause.Cause<E>) =>
      Effect.forEach(requests, (request) => settle(request, Exit.failCause(cause)), { discard: true })

    const answer = (entries: ReadonlyArray<Entry<In, W, A, E>>, answers: Answers<In, W, A, E>) =>
      Effect.forEach(
        entries,
        (entry) =>
          Effect.forEach(
            entry.requests.values(),
            (request) =>
              Effect.flatMap(Effect.exit(Effect.sync(() => answers(entry.input, request.want))), (exit) =>
                settle(request, Exit.flatten(exit))
              ),
            { discard: true }
          ),
        { discard: true }
      )

    const serve = (batch: ReadonlyArray<Entry<In, W, A, E>>): Effect.Effect<void> =>
      Effect.gen(function* () {
        const entries = batch.filter((entry) => awaited(entry).length > 0)
        const requests = entries.flatMap(awaited)
        const [first] = entries
        if (first === undefined) return
        const run: Run = { awaited: requests.length, abandoned: yield* Deferred.make<void>() }
        for (const request of requests) request.run = run
        const jobs = entries.map((entry): Job<In, W> => ({
          input: entry.input,
          wants: awaited(entry).map((request) => request.want),
          report: (done, total) =>
            Effect.forEach(
              entry.requests.values(),
              (request) => Effect.forEach(request.reports, (report) => report(done, total), { discard: true }),
              { discard: true }
            )
        }))
        const exit = yield* Effect.suspend(() => options.run(jobs)).pipe(
          Effect.raceFirst(Effect.as(Deferred.await(run.abandoned), undefined)),
          Effect.exit
        )
        if (Exit.isSuccess(exit)) return exit.value === undefined ? undefined : yield* answer(entries, exit.value)
        const failure = Cause.failureOption(exit.cause)
        if (failure._tag === "None" || options.everybodys(failure.value)) return yield* fail(requests, exit.cause)
        if (entries.length > 1) {
          const middle = entries.length >> 1
          yield* serve(entries.slice(0, middle))
          yield* serve(entries.slice(middle))
        } else if (requests.length > 1)
          for (const [id, request] of first.requests) yield* serve([{ input: first.input, requests: new Map([[id, request]]) }])
        else yield* fail(requests, exit.cause)
      })

    const slot = Effect.gen(function* () {
      yield* Queue.take(bell)
      yield* Effect.sleep(options.linger)
      idle--
      for (let batch = take(); batch.length > 0; batch = take()) yield* serve(batch)
    }).pipe(Effect.ensuring(Effect.sync(() => void idle++)))

    // Runs after the slots below were interrupted.
    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        closed = true
        return Effect.forEach([...open], (request) => settle(request, Exit.fail(options.closed())), { discard: true })
      })
    )
    for (let i = 0; i < options.slots; i++) yield* Effect.forkScoped(Effect.forever(slot))

    /** Takes a requester out; the last one ends the run. */
    const leave = (id: string, key: string, request: Request<W, A, E>, report: Report) =>
      Effect.suspend(() => {
        request.reports.delete(report)
        request.waiting--
        if (request.waiting > 0 || !open.has(request)) return Effect.void
        open.delete(request)
        if (request.run === undefined) {
          const entry = pending.get(id)
          if (entry?.requests.get(key) === request) entry.requests.delete(key)
          if (entry?.requests.size === 0) pending.delete(id)
          return Effect.void
        }
        request.run.awaited--
        return request.run.awaited === 0 ? Deferred.succeed(request.run.abandoned, undefined) : Effect.void
      })

    const enter = (input: In, id: string, want: W, key: string): Effect.Effect<Request<W, A, E>> =>
      Effect.map(Deferred.make<A, E>(), (answer) => {
        const entry = pending.get(id) ?? { input, requests: new Map<string, Request<W, A, E>>() }
        const request = entry.requests.get(key) ?? { want, answer, reports: new Set(), waiting: 0, run: undefined }
        pending.set(id, entry)
        entry.requests.set(key, request)
        open.add(request)
        return request
      })

    return (input, want, report = silent) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          if (closed) return yield* Effect.fail(options.closed())
          const id = options.inputId(input)
          const key = options.wantId(want)
          const request = yield* enter(input, id, want, key)
          request.waiting++
          request.reports.add(report)
          yield* Queue.offer(bell, undefined)
          return yield* restore(Deferred.await(request.answer)).pipe(Effect.ensuring(leave(id, key, request, report)))
        })
      )
  })
