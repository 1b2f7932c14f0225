import 'reflect-metadata'
import { expect, it } from 'vitest'
import { Gate } from '#testing'
import { SerialByKey } from './serial-by-key.js'

it('does work of one key in order, after a failure too, and of others side by side', async () => {
  const serial = new SerialByKey()
  const gate = new Gate()
  const seen: string[] = []
  const work =
    (name: string, until: Promise<void> = Promise.resolve()) =>
    async () => {
      seen.push(name)
      await until
      return name
    }
  const first = serial.run('a', async () => {
    await work('first', gate.opened)()
    throw new Error('first failed')
  })
  const second = serial.run('a', work('second'))
  expect(await serial.run('b', work('other'))).toBe('other')
  expect(seen).toEqual(['first', 'other'])
  gate.open()
  await expect(first).rejects.toThrow('first failed')
  expect(await second).toBe('second')
  expect(await serial.run('a', work('third'))).toBe('third')
  expect(seen).toEqual(['first', 'other', 'second', 'third'])
})
