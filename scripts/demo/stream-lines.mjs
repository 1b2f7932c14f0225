import { cyan, dim, red, say } from './terminal.mjs'

const NAME_WIDTH = 22
const NODE_WIDTH = 10
const SHOWN_CHARACTERS = 64

/**
 * One line for one part of a run's stream: what happened, at which node, and the text that came with it.
 * @param {{ event: string, data: any }} part
 */
export function printPart({ event, data }) {
  if (event === 'events') return say(graphLine(data))
  if (event === 'error') return say(`   ${red('error')}  ${data.error}: ${data.message}`)
  return say(`   ${event.padEnd(NAME_WIDTH)} ${dim(event === 'metadata' ? `run ${data.run_id}` : shorten(data))}`)
}

/** @param {any} data */
function graphLine(data) {
  const node = data.metadata?.langgraph_node ?? ''
  const name = data.event.padEnd(NAME_WIDTH)
  return `   ${isToken(data) ? cyan(name) : name} ${node.padEnd(NODE_WIDTH)} ${textOf(data)}`.trimEnd()
}

/** @param {any} data */
function isToken(data) {
  return data.event === 'on_chat_model_stream'
}

/** @param {any} data */
function textOf(data) {
  if (isToken(data)) return cyan(JSON.stringify(data.data.chunk.content))
  const { output, chunk, input } = data.data
  if (output !== undefined) return dim(shorten(output))
  return dim(chunk !== undefined ? shorten(chunk) : data.metadata?.langgraph_node ? '' : shorten(input))
}

/** @param {unknown} value */
function shorten(value) {
  const text = JSON.stringify(value) ?? ''
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS - 1)}…` : text
}
