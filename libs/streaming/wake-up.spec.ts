import { expect, it } from 'vitest'
import { WakeUp } from './wake-up.js'

it('wakes whoever waits now, once, and nobody who waits again', async () => {
  const readers = new WakeUp()
  const woken: string[] = []
  const [ann, bob] = [readers.reader(new AbortController().signal), readers.reader(new AbortController().signal)]
  const first = [ann.wait().then(() => woken.push('ann')), bob.wait().then(() => woken.push('bob'))]
  readers.wake()
  await Promise.all(first)
  const again = ann.wait().then(() => woken.push('ann again'))
  expect(woken).toEqual(['ann', 'bob'])
  readers.wake()
  await again
  expect(woken).toEqual(['ann', 'bob', 'ann again'])
})

it('lets nobody wait whose signal aborts or has aborted, or who has left', async () => {
  const readers = new WakeUp()
  const end = new AbortController()
  const reader = readers.reader(end.signal)
  const waiting = reader.wait()
  end.abort()
  await waiting
  await reader.wait()
  const leaving = readers.reader(new AbortController().signal)
  const left = leaving.wait()
  leaving.leave()
  await left
})
