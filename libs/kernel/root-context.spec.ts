import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, it } from 'vitest'
import { outsideOfCaller } from './root-context.js'

it('knows nothing of the caller, now or later, and leaves the caller what it has', async () => {
  const storage = new AsyncLocalStorage<string>()
  await storage.run('graph', async () => {
    const seen = outsideOfCaller(async () => {
      const now = storage.getStore()
      await Promise.resolve()
      return [now, storage.getStore()]
    })
    expect(storage.getStore()).toBe('graph')
    expect(await seen).toEqual([undefined, undefined])
    expect(storage.getStore()).toBe('graph')
  })
})
