// A small chat graph that needs no model key: a fake chat model streams its answer word by word.
import { AIMessage, AIMessageChunk, type BaseMessage } from '@langchain/core/messages'
import { FakeStreamingChatModel } from '@langchain/core/utils/testing'
import { Annotation, END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'

const State = Annotation.Root({
  ...MessagesAnnotation.spec,
  /** What the user said last. */
  topic: Annotation<string>,
})

/** Reads what the user said. */
function listen({ messages }: typeof State.State) {
  return { topic: textOf(messages.findLast((message) => message.getType() === 'human')) }
}

/** Answers it, token by token. */
async function answer({ messages, topic }: typeof State.State) {
  const reply = topic ? `You said: ${topic} Tell me more!` : 'Hello! What is on your mind?'
  return { messages: [await fakeModel(reply).invoke(messages)] }
}

/** A model that answers with these words whatever it is asked. Put a real one here. */
function fakeModel(reply: string) {
  const words = reply.split(/(?<=\s)/)
  return new FakeStreamingChatModel({
    responses: [new AIMessage(reply)],
    chunks: words.map((word) => new AIMessageChunk(word)),
  })
}

function textOf(message: BaseMessage | undefined): string {
  if (!message) return ''
  return typeof message.content === 'string' ? message.content : JSON.stringify(message.content)
}

export const graph = new StateGraph(State)
  .addNode('listen', listen)
  .addNode('answer', answer)
  .addEdge(START, 'listen')
  .addEdge('listen', 'answer')
  .addEdge('answer', END)
  .compile()
