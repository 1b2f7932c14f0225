// A graph of many small steps under each durability mode, where checkpoints cost most.
import { BARE, LABELS, SERVERS, withContestants } from '../contestants/index.mjs'
import { postgresClock } from '../support/figures-of-processes.mjs'
import { stopwatch } from '../support/loads.mjs'
import { makeThreads, timed, waitOnThread } from '../support/runs.mjs'
import { median } from '../support/statistics.mjs'

const MODES = ['sync', 'async', 'exit']
/** Runs of one mode in a round. */
const RUNS = 5
const MOST_ROUNDS = 3

/** @type {import('../section.mjs').SectionPlan} */
export const durability = {
  id: 'durability',
  title: 'Durability modes, many small steps',
  about:
    'One wait after the other on new threads, of a graph that goes round one node many times; each step makes a checkpoint. Bare is `graph.invoke` with the same mode.',
  rows: [
    ...MODES.map((mode) => ({ id: mode, label: `\`${mode}\`, one run`, unit: 'ms' })),
    ...MODES.map((mode) => ({ id: `${mode}Cpu`, label: `\`${mode}\`, CPU time of both`, unit: 'ms/run' })),
  ],
  columns: LABELS,
  run: async (section) => {
    section.notes.push(`${section.scale.steps} steps; a sample is the median of ${RUNS} runs.`)
    const clock = await postgresClock()
    await withContestants(section, [...SERVERS, ...BARE], {}, async (contestants) => {
      await section.inTurns(contestants, 1, (contestant) =>
        measureModes(section, contestant, { clock, isWarmUp: true }),
      )
      await section.inTurns(contestants, Math.min(section.scale.rounds, MOST_ROUNDS), (contestant) =>
        measureModes(section, contestant, { clock, isWarmUp: false }),
      )
    })
  },
}

async function measureModes(section, contestant, { clock, isWarmUp }) {
  for (const mode of MODES) {
    const cost = stopwatch(contestant, clock)
    const latencies = await runsOf(contestant, mode, section.scale.steps)
    if (isWarmUp) continue
    section.record(mode, contestant.id, median(latencies))
    section.record(`${mode}Cpu`, contestant.id, cost(RUNS).cpuMs)
  }
}

async function runsOf(contestant, mode, steps) {
  const input = { steps, done: 0 }
  if (contestant.kind === 'bare') {
    const order = { graph: 'many-steps', input, count: RUNS, concurrency: 1, durability: mode }
    return (await contestant.invoke(order)).latencies
  }
  const run = { assistant_id: 'many-steps', input, durability: mode, config: { recursion_limit: 10_000 } }
  const latencies = []
  for (const thread of await makeThreads(contestant, RUNS)) {
    latencies.push(await timed(() => waitOnThread(contestant, thread, run)))
  }
  return latencies
}
