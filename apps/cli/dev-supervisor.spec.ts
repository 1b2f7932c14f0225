import 'reflect-metadata'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, it } from 'vitest'
import { DevSupervisor } from './dev-supervisor.js'

// Stand-ins for the server: real processes that speak its language over IPC.
const GOOD = `process.send('ready'); process.on('message', (word) => process.exit(word === 'stop' ? 5 : 0))`
const FAULTY = `process.exitCode = 1`
const CRASHING = `process.send('ready'); setTimeout(() => process.exit(7), 20)`
const DEAF = `process.send('ready'); process.on('message', () => undefined)`

const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

function supervise(...programs: string[]) {
  const told: string[] = []
  let onSpawn: () => void = () => undefined
  const supervisor = new DevSupervisor({
    spawn: () => {
      const program = programs[Math.min(children.length, programs.length - 1)] ?? ''
      const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
      children.push(child)
      onSpawn()
      return child
    },
    tell: (line) => told.push(line),
  })
  const spawned = () => new Promise<void>((resolve) => (onSpawn = resolve))
  return { supervisor, told, spawned }
}

async function ready(index: number): Promise<void> {
  const child = children[index]
  if (child) await once(child, 'message')
}

it('ends with the exit code of a first start that fails', async () => {
  const { supervisor, told } = supervise(FAULTY)
  expect(await supervisor.run()).toBe(1)
  expect(told).toEqual([])
})

it('starts the server anew when the project changes, and ends with its exit code when told to', async () => {
  const { supervisor, told, spawned } = supervise(GOOD)
  const exitCode = supervisor.run()
  await ready(0)
  const second = spawned()
  supervisor.changed('agent.ts')
  supervisor.changed('agent.ts')
  await second
  await ready(1)
  supervisor.signalled()
  expect(await exitCode).toBe(5)
  expect(children).toHaveLength(2)
  expect(told).toEqual(['agent.ts has changed: starting anew.'])
})

it('rests when a later start fails, and tries again at the next change', async () => {
  const { supervisor, told, spawned } = supervise(GOOD, FAULTY, GOOD)
  const exitCode = supervisor.run()
  await ready(0)
  const second = spawned()
  supervisor.changed('agent.ts')
  await second
  await once(children[1] as ChildProcess, 'close')
  expect(told).toEqual(['agent.ts has changed: starting anew.', 'The server could not start. Waiting for a change.'])
  supervisor.changed('agent.ts')
  await ready(2)
  supervisor.signalled()
  expect(await exitCode).toBe(5)
})

it('ends when the server ends by itself', async () => {
  const { supervisor } = supervise(CRASHING)
  expect(await supervisor.run()).toBe(7)
})

it('ends at once at a second signal', async () => {
  const { supervisor } = supervise(DEAF)
  const exitCode = supervisor.run()
  await ready(0)
  supervisor.signalled()
  supervisor.signalled()
  expect(await exitCode).toBe(137)
})

it('stops in order when the program that started it is gone, also after a signal', async () => {
  const { supervisor } = supervise(GOOD)
  const exitCode = supervisor.run()
  await ready(0)
  supervisor.signalled()
  supervisor.abandoned()
  expect(await exitCode).toBe(5)
})

it('ends at a signal while it rests', async () => {
  const { supervisor, spawned } = supervise(GOOD, FAULTY)
  const exitCode = supervisor.run()
  await ready(0)
  const second = spawned()
  supervisor.changed('agent.ts')
  await second
  await once(children[1] as ChildProcess, 'close')
  supervisor.signalled()
  expect(await exitCode).toBe(0)
})
