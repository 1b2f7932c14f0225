import 'reflect-metadata'
import { expect, it } from 'vitest'
import { CustomRoutes } from '#kernel'
import { KEPT_BYTES } from './answer-text.js'
import type { InspectorLoopback } from './inspector/inspector-loopback.js'
import { LocalRoutes } from './local-routes.js'

it('reads the answer of a route of the project up to its bound, and asks it for no more', async () => {
  let pulls = 0
  const routes = new CustomRoutes()
  routes.mount(() => {
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      pulls += 1
      controller.enqueue(Buffer.alloc(1_000, 'x'))
    }
    return Promise.resolve(new Response(new ReadableStream({ pull }, { highWaterMark: 0 })))
  })
  const inspector = { owns: () => false } as Partial<InspectorLoopback> as InspectorLoopback
  const { signal } = new AbortController()
  const { body } = await new LocalRoutes(inspector, routes).post('/hook', {}, Buffer.from('{}'), signal)
  expect([body.toString(), pulls]).toEqual(['x'.repeat(KEPT_BYTES), Math.ceil(KEPT_BYTES / 1_000)])
})
