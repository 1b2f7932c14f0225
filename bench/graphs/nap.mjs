// One node that waits as if for a model: `ms` milliseconds.
import { setTimeout as sleep } from 'node:timers/promises'
import { Annotation, END, START, StateGraph } from '@langchain/langgraph'

const State = Annotation.Root({ ms: Annotation(), slept: Annotation() })

/** Costs time and no work. */
async function nap({ ms }) {
  await sleep(ms)
  return { slept: ms }
}

export const builder = new StateGraph(State).addNode('nap', nap).addEdge(START, 'nap').addEdge('nap', END)

export const graph = builder.compile()
