// Waits `waitMs`, then writes `count` events, one every `everyMs`: each says when it was due and when it was written.
import { setTimeout as sleep } from 'node:timers/promises'
import { Annotation, END, START, StateGraph } from '@langchain/langgraph'

const State = Annotation.Root({
  count: Annotation(),
  everyMs: Annotation(),
  waitMs: Annotation(),
  written: Annotation(),
})

/** Keeps to the schedule: a tick that comes late is not waited for again. */
async function tick({ count, everyMs, waitMs }, config) {
  const from = Date.now() + (waitMs ?? 0)
  for (let n = 0; n < count; n += 1) {
    const due = from + n * everyMs
    await sleep(Math.max(0, due - Date.now()))
    config.writer({ n, due, at: Date.now() })
  }
  return { written: count }
}

export const builder = new StateGraph(State).addNode('tick', tick).addEdge(START, 'tick').addEdge('tick', END)

export const graph = builder.compile()
