import 'reflect-metadata'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { AppError, type Logger } from '#kernel'
import { RedisLink } from './redis-link.js'

const lines: unknown[] = []
const logger = { warn: (_: object, msg: string) => void lines.push(msg), info: () => undefined } as unknown as Logger
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

/** A server that takes whatever it is asked, and answers all but the commands of this name. */
async function silentAbout(name: string): Promise<{ uri: string; asked: Promise<void>; cut: () => void }> {
  const sockets = new Set<Socket>()
  let isAsked = () => {}
  const asked = new Promise<void>((resolve) => (isAsked = resolve))
  server = createServer((socket: Socket) => {
    sockets.add(socket.on('error', () => undefined))
    socket.on('data', (bytes) => {
      for (const command of bytes
        .toString()
        .split(/^\*\d+\r\n/m)
        .slice(1)) {
        if (command.includes(name)) isAsked()
        else socket.write(command.includes('PING') ? '+PONG\r\n' : '+OK\r\n')
      }
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server!.once('listening', resolve))
  const cut = () => sockets.forEach((socket) => socket.destroy())
  return { uri: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, cut }
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

it('waits five seconds for an answer, and no longer', async () => {
  const { uri, asked } = await silentAbout('XRANGE')
  const link = new RedisLink(uri, logger)
  await link.open('x:')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    let isOver = false
    const answer = link.send('XRANGE', 'key', '-', '+').finally(() => (isOver = true))
    await asked
    await vi.advanceTimersByTimeAsync(4_999)
    expect(isOver).toBe(false)
    vi.advanceTimersByTime(1)
    await expect(answer).rejects.toThrow('there is no connection to Redis')
  } finally {
    vi.useRealTimers()
    link.close()
  }
})

it('gives up what it waits for when a connection is lost, and takes commands again', async () => {
  const { uri, asked, cut } = await silentAbout('XRANGE')
  const link = new RedisLink(uri, logger)
  await link.open('x:')
  const isBack = new Promise<void>((resolve) => link.onUp(resolve))
  const answer = link.send('XRANGE', 'key', '-', '+')
  await asked
  cut()
  await expect(answer).rejects.toThrow()
  await isBack
  expect(await link.send('TIME')).toBe('OK')
  link.close()
})
