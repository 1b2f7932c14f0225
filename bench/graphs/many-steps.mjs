// Many small steps: `steps` times round one node, each of them a checkpoint.
import { Annotation, END, START, StateGraph } from '@langchain/langgraph'

const State = Annotation.Root({ steps: Annotation(), done: Annotation(), text: Annotation() })

/** One small step. */
function step({ done }) {
  return { done: (done ?? 0) + 1, text: `step ${done ?? 0}` }
}

export const builder = new StateGraph(State)
  .addNode('step', step)
  .addEdge(START, 'step')
  .addConditionalEdges('step', ({ done, steps }) => (done < steps ? 'step' : END))

export const graph = builder.compile()
