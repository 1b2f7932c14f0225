// The client of all measurements: kept-alive connections, as many as there are requests under way.
import { Agent, request } from 'undici'

const dispatcher = new Agent({ connections: null, pipelining: 1, keepAliveTimeout: 60_000, headersTimeout: 120_000 })

/**
 * Posts JSON and reads the answer to its end.
 * @param {string} url
 * @param {object} body
 * @throws Error unless the status is 2xx
 */
export async function post(url, body) {
  const response = await open(url, body)
  return response.body.json()
}

/**
 * Posts JSON and resolves with the answer's head; the body must be read.
 * @param {string} url
 * @param {object} body
 */
export async function open(url, body) {
  const response = await request(url, {
    dispatcher,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (response.statusCode >= 300) {
    const text = await response.body.text()
    throw new Error(`${response.statusCode} ${text.slice(0, 200)}`)
  }
  return response
}

/** Reads JSON. @param {string} url */
export async function get(url) {
  return (await ask(url, 'application/json')).body.json()
}

/** Opens an event stream; the body must be read. @param {string} url */
export function follow(url) {
  return ask(url, 'text/event-stream')
}

/** @throws Error unless the status is 200 */
async function ask(url, accept) {
  const response = await request(url, { dispatcher, headers: { accept } })
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${await response.body.text()}`)
  return response
}

/**
 * The frames of an event stream, as they come.
 * @param {AsyncIterable<Buffer>} body
 * @returns {AsyncGenerator<{ event: string, data: string }>}
 */
export async function* frames(body) {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true })
    const blocks = rest.split(/\r?\n\r?\n/)
    rest = blocks.pop()
    for (const block of blocks) {
      const frame = readFrame(block)
      if (frame) yield frame
    }
  }
}

/** One frame; null for a comment. @param {string} block */
function readFrame(block) {
  let event = ''
  let data = ''
  for (const line of block.split('\n')) {
    if (line.startsWith('event:')) event = line.slice(6).trim()
    else if (line.startsWith('data:')) data += line.slice(5).trim()
  }
  return event || data ? { event, data } : null
}

/** Ends all connections. */
export function closeClient() {
  return dispatcher.destroy()
}
