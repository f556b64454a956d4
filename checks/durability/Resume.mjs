// A run that goes on after whatever happened, and one after it that must have nothing to do.
import * as Home from "./Home.mjs"
import * as Invariants from "./Invariants.mjs"
import { undisturbed } from "./Undisturbed.mjs"

/** A run that has nothing to do; gives what it did all the same. */
export const again = async (home, service) => {
  const { requests } = await service.bill()
  const kept = Invariants.kept(home.state)
  const { code, stderr, ...ended } = await home.spool("run", "--json")
  const told = Home.summary(ended)
  const ran = Object.entries(told?.stages ?? {}).filter(([, { ran }]) => ran > 0)
  return [
    ...(told === undefined ? [`I5: the second run ended with ${code}: ${stderr}`] : []),
    ...ran.map(([node]) => `I5: the second run ran ${node}`),
    ...((await service.bill()).requests === requests ? [] : ["I5: the second run made a call"]),
    ...Invariants.written(kept, Invariants.kept(home.state))
  ]
}

/**
 * Gives what is broken.
 *
 * @param twice whether a second run follows, which must have nothing to do
 */
export const resume = async (home, service, before, twice = true) => {
  const resumed = await home.spool("run", "--json")
  if (resumed.hung) return ["it hangs"]
  if (![0, 1].includes(resumed.code)) return [`the resumed run ended with ${resumed.code ?? resumed.signal}: ${resumed.stderr}`]
  const found = Invariants.broken(home, before)
  return twice ? [...found, ...(await again(home, service))] : found
}

/**
 * The same, and what was paid; and, unless it has to be quick, what an undisturbed run over the same files comes to, after which
 * the bill is empty. `hold` hears of it.
 */
export const compared = async (home, service, { hold, long, root, uncertain = 0 }) => {
  const found = await resume(home, service, Invariants.sources(home.inbox), long)
  const bill = await service.bill()
  hold([...found, ...Invariants.payments(bill, home.state, uncertain)])
  if (long) hold(Invariants.differences(Invariants.outcome(home), await undisturbed(root, service, home)))
  return `${bill.paid} calls paid for ${Invariants.keys(home.state)} keys`
}
