import { Annotation, END, interrupt, START, StateGraph } from '@langchain/langgraph'
import type { Gate } from '#testing'

const Log = Annotation.Root({ log: Annotation<string[]>({ reducer: (a, b) => a.concat(b), default: () => [] }) })
const note = (word: string) => () => ({ log: [word] })

/** one ─► two */
export const twoSteps = new StateGraph(Log)
  .addNode('one', note('one'))
  .addNode('two', note('two'))
  .addEdge(START, 'one')
  .addEdge('one', 'two')
  .compile()

/** Asks in its only node. */
export const asking = new StateGraph(Log)
  .addNode('ask', () => ({ log: [interrupt<string, string>('why?')] }))
  .addEdge(START, 'ask')
  .compile()

/** A write as `one` decides where to go on, and waits at the gate for it: user code in the middle of an update. */
export function gated(gates: Gate[]) {
  const decide = async () => {
    await gates.shift()?.opened
    return END
  }
  return new StateGraph(Log)
    .addNode('one', note('one'))
    .addEdge(START, 'one')
    .addConditionalEdges('one', decide)
    .compile()
}
