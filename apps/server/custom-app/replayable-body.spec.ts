import { expect, it } from 'vitest'
import { ReplayableBody } from './replayable-body.js'

const textOf = (stream: ReadableStream<Uint8Array>) => new Response(stream).text()

function bodyOf(limitBytes: number, ...pieces: string[]) {
  const read: string[] = []
  const source = (async function* () {
    for (const piece of pieces) {
      read.push(piece)
      yield Buffer.from(piece)
    }
  })()
  return { body: new ReplayableBody(source, limitBytes), read }
}

it('gives the whole body as often as it is read, and reads its source once', async () => {
  const { body, read } = bodyOf(100, 'ab', 'cd', 'e')
  expect(read).toEqual([])
  expect(await textOf(body.stream())).toBe('abcde')
  expect(await textOf(body.stream())).toBe('abcde')
  expect(read).toEqual(['ab', 'cd', 'e'])
})

it('goes on behind what another reader has left', async () => {
  const { body } = bodyOf(100, 'ab', 'cd')
  const first = body.stream().getReader()
  expect(Buffer.from((await first.read()).value ?? []).toString()).toBe('ab')
  expect(await textOf(body.stream())).toBe('abcd')
})

it('gives all of an overlong body to the first reader, and keeps enough of it to be refused', async () => {
  const { body } = bodyOf(3, 'ab', 'cd', 'ef', 'gh')
  expect(await textOf(body.stream())).toBe('abcdefgh')
  expect(await textOf(body.stream())).toBe('abcd')
})

it('breaks where its source breaks', async () => {
  const source = (async function* () {
    yield Buffer.from('ab')
    throw new Error('the client has left')
  })()
  await expect(textOf(new ReplayableBody(source, 100).stream())).rejects.toThrow()
})
