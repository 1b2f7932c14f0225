import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { outsideOfCaller } from '#kernel'
import { memoryFetch } from './memory-fetch.js'

/** Where clients made without a URL inside this process look for the server (contract 11). */
const FETCH = Symbol.for('langgraph_api:fetch')
const URL_OF = Symbol.for('langgraph_api:url')

type Published = Record<symbol, unknown>

/**
 * Publishes this server for `new Client()` in custom routes and nodes.
 * @param url with the mount prefix, without a slash at the end.
 * @param voucher makes, where the client is called, what tells of the connection in whose name that is.
 * @returns takes it back, unless another server of this process has taken the place.
 */
export function publishLoopback(server: Server, url: string, voucher: () => (socket: Duplex) => void): () => void {
  const place = globalThis as unknown as Published
  const fetchHere = (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const onSocket = voucher()
    return outsideOfCaller(() => memoryFetch(server, new Request(input, init), { onSocket }))
  }
  place[FETCH] = fetchHere
  place[URL_OF] = url
  return () => {
    if (place[FETCH] !== fetchHere) return
    delete place[FETCH]
    delete place[URL_OF]
  }
}
