import 'reflect-metadata'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { AppError, type Logger } from '#kernel'
import { RedisLink } from './redis-link.js'

const lines: unknown[] = []
const logger = { warn: (_: object, msg: string) => void lines.push(msg) } as unknown as Logger
let server: Server | null = null

afterEach(() => {
  server?.close()
  lines.length = 0
})

/** A server that says the same to whatever it is asked. */
async function answering(answer: string): Promise<string> {
  server = createServer((socket: Socket) => {
    socket.on('error', () => undefined)
    socket.on('data', () => void socket.write(answer))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server!.once('listening', resolve))
  return `redis://:wrong@127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function refusalOf(uri: string): Promise<string> {
  const error: unknown = await new RedisLink(uri, logger).open('x:').catch((thrown: unknown) => thrown)
  if (!(error instanceof AppError)) throw new Error('was not refused')
  return error.message
}

it('says of a start without Redis why it is not reached', { timeout: 20_000 }, async () => {
  expect(await refusalOf('redis://127.0.0.1:1')).toMatch(/cannot be reached \(connect ECONNREFUSED 127\.0\.0\.1:1\)/)
  expect(lines).toEqual([])
})

it('says of a start what Redis answers', { timeout: 20_000 }, async () => {
  const uri = await answering('-WRONGPASS invalid username-password pair or user is disabled.\r\n')
  const refusal = await refusalOf(uri)
  expect(refusal).toMatch(/refuses this process \(WRONGPASS invalid username-password pair/)
  expect(refusal).toContain('password')
  expect(lines).toEqual([])
})
