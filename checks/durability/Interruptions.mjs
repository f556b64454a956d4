// Ways to disturb a process that works, and how it may end after each.

const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

/** A run's own ends: all done, some failed, some wait. */
const RUN = [0, 1, 75]

const isOver = ({ child }) => child.exitCode !== null || child.signalCode !== null

/** What is wrong with an end that nobody forced. Before the command listens to signals, they end it as the system does. */
const unexpected = (ended, codes, signal) =>
  ended.hung
    ? ["it hangs"]
    : codes.includes(ended.code) || (signal !== undefined && ended.signal === signal)
      ? []
      : [`it ended with ${ended.code ?? ended.signal}: ${ended.stderr.slice(-2_000)}`]

/** Stopped first, so that what it had in flight is noted before anybody else takes it up. */
const kill = async (process, chance, codes, note) => {
  const over = isOver(process)
  process.child.kill("SIGSTOP")
  // Where it holds the database alone, nobody can take anything up before it is dead.
  note()
  process.child.kill("SIGKILL")
  const { hung } = await process.ended
  return { killed: !over, found: hung ? ["it hangs"] : [] }
}

/** Asked to end, it finishes the steps that it has begun. */
const ask = (signal, code) => async (process, chance, codes) => {
  process.child.kill(signal)
  return { killed: false, found: unexpected(await process.ended, [...codes, code], signal) }
}

/** Seconds for which nothing of it runs; answers come meanwhile and lie there. */
const freeze = async (process, chance, codes, note, end) => {
  process.child.kill("SIGSTOP")
  await wait(300 + chance.next() * 7_000)
  process.child.kill("SIGCONT")
  await wait(chance.next() * 1_000)
  return end(process, chance, codes, note)
}

/** Nobody reads what it says any more: it goes on. */
const leave = async (process, chance, codes, note, end) => {
  process.child.stdout.destroy()
  if (chance.below(2) === 0) process.child.stderr.destroy()
  await wait(1_000 + chance.next() * 2_000)
  return end(process, chance, codes, note)
}

const finish = async (process, chance, codes) => ({ killed: false, found: unexpected(await process.ended, codes) })
const hangUp = ask("SIGHUP", 129)
const terminate = ask("SIGTERM", 143)

const often = (times, value) => Array.from({ length: times }, () => value)

const ways = {
  kill,
  "hang up": hangUp,
  terminate,
  freeze: (process, chance, codes, note) =>
    freeze(process, chance, codes, note, chance.below(2) === 0 ? kill : codes === RUN ? finish : terminate),
  "leave alone": (process, chance, codes, note) =>
    leave(process, chance, codes, note, codes === RUN ? finish : chance.below(2) === 0 ? kill : hangUp)
}
const names = [...often(14, "kill"), ...often(2, "hang up"), "terminate", ...often(2, "freeze"), "leave alone"]

/**
 * Disturbs a process that `Home.start` gave; gives whether it was killed in the middle of its life, and what was wrong.
 *
 * @param ends by itself, as a run does and a watcher doesn't
 * @param note looks at what is in flight
 */
export const disturb = async (process, chance, ends, note) => {
  const name = chance.of(names)
  const over = isOver(process)
  if (over && !ends)
    return { name, killed: false, over, found: [`it ended by itself: ${(await process.ended).stderr.slice(-2_000)}`] }
  return { name, over, ...(await ways[name](process, chance, ends ? RUN : [], note)) }
}
