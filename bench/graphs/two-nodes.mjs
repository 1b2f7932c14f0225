// Two nodes on a list of messages: what the figures of waits, runs and webhooks are measured with.
import { AIMessage } from '@langchain/core/messages'
import { Annotation, END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'

const State = Annotation.Root({ ...MessagesAnnotation.spec, topic: Annotation() })

/** Reads what the user said. */
function listen({ messages }) {
  return { topic: String(messages.at(-1)?.content ?? '') }
}

/** Answers it at once: no model is asked. */
function answer({ topic }) {
  return { messages: [new AIMessage(`You said: ${topic}`)] }
}

export const builder = new StateGraph(State)
  .addNode('listen', listen)
  .addNode('answer', answer)
  .addEdge(START, 'listen')
  .addEdge('listen', 'answer')
  .addEdge('answer', END)

export const graph = builder.compile()
