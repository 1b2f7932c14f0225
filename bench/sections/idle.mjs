// One request after the other on an idle server, beside the bare graph.
import { BARE, LABELS, SERVERS, withContestants } from '../contestants/index.mjs'
import { median } from '../support/statistics.mjs'
import { TWO_NODES, firstEvents, makeThreads, timed, waitOnThread, waitStateless } from '../support/runs.mjs'

/** @type {import('../section.mjs').SectionPlan} */
export const idle = {
  id: 'idle',
  title: 'One run on an idle server',
  about:
    'A graph of two nodes, one request after the other. Each sample is the median of a round. Bare is `graph.invoke` of the same graph on a thread of its own.',
  rows: [
    { id: 'stateless', label: '`POST /runs/wait`', unit: 'ms' },
    { id: 'onThread', label: '`POST /threads/{id}/runs/wait`', unit: 'ms' },
    { id: 'firstEvent', label: '`POST /runs/stream`, first event', unit: 'ms' },
    { id: 'firstGraphEvent', label: '`POST /runs/stream`, first event of the graph', unit: 'ms' },
  ],
  columns: LABELS,
  run: (section) =>
    withContestants(section, [...SERVERS, ...BARE], {}, async (contestants) => {
      await section.inTurns(contestants, 1, (contestant) => warmUp(section, contestant))
      await section.inTurns(contestants, section.scale.rounds, (contestant) => measureIdle(section, contestant))
    }),
}

/** Enough requests for the compiler of the engine to have done its work. */
async function warmUp(section, contestant) {
  const count = requestsOf(section, contestant)
  if (contestant.kind === 'bare') await invokeInTurn(contestant, count * 3)
  else for (let n = 0; n < count * 2; n += 1) await waitStateless(contestant)
}

/**
 * One round of one contestant.
 * @param {import('../section.mjs').Section} section
 * @param {any} contestant
 */
export async function measureIdle(section, contestant) {
  const count = requestsOf(section, contestant)
  if (contestant.kind === 'bare') {
    const bare = median(await invokeInTurn(contestant, count))
    section.record('stateless', contestant.id, bare)
    section.record('onThread', contestant.id, bare)
    return
  }
  await measureWaits(section, contestant, count)
  const events = await inTurn(count, () => firstEvents(contestant))
  section.record('firstEvent', contestant.id, median(events.map(({ first }) => first)))
  section.record('firstGraphEvent', contestant.id, median(events.map(({ fromGraph }) => fromGraph)))
}

/**
 * Idle waits, stateless and each on a new thread that was made before.
 * @param {import('../section.mjs').Section} section
 * @param {any} server
 * @param {number} count
 */
export async function measureWaits(section, server, count) {
  const stateless = await inTurn(count, () => timed(() => waitStateless(server)))
  section.record('stateless', server.id, median(stateless))
  const threads = await makeThreads(server, count)
  const onThread = await inTurn(count, (n) => timed(() => waitOnThread(server, threads[n])))
  section.record('onThread', server.id, median(onThread))
}

async function invokeInTurn(bare, count) {
  return (await bare.invoke({ graph: TWO_NODES.assistant_id, input: TWO_NODES.input, count, concurrency: 1 })).latencies
}

async function inTurn(count, work) {
  const results = []
  for (let n = 0; n < count; n += 1) results.push(await work(n))
  return results
}

/** The dev server takes half a second for a wait. */
function requestsOf({ scale }, { id }) {
  return id === 'reference' ? scale.slowWaits : scale.waits
}
