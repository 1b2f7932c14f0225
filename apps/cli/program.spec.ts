import 'reflect-metadata'
import { CommanderError } from 'commander'
import { expect, it } from 'vitest'
import { createProgram } from './program.js'

async function run(...words: string[]): Promise<unknown> {
  const called: unknown[] = []
  const note = (name: string) => (options: object) => Promise.resolve(void called.push({ name, ...options }))
  const program = createProgram({
    dev: note('dev'),
    start: note('start'),
    check: note('check'),
    migrate: note('migrate'),
    listen: note('listen'),
  })
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined })
  }
  await program.parseAsync(words, { from: 'user' })
  return called[0]
}

it('passes on what was typed, and leaves the rest to the configuration', async () => {
  expect(await run('dev')).toEqual({ name: 'dev', config: 'langgraph.json' })
  expect(await run('start', '--config', 'a.json', '--port', '0', '--host', '::1', '--data-dir', 'd')).toEqual({
    name: 'start',
    config: 'a.json',
    port: '0',
    host: '::1',
    dataDir: 'd',
  })
  expect(await run('check', '-c', 'b.json')).toEqual({ name: 'check', config: 'b.json' })
  expect(await run('migrate')).toEqual({ name: 'migrate', config: 'langgraph.json' })
  expect(await run('listen', '-p', '0', '-f', 'http://localhost:3000/hook', '--json')).toEqual({
    name: 'listen',
    config: 'langgraph.json',
    port: '0',
    forwardTo: 'http://localhost:3000/hook',
    json: true,
  })
})

it.each([['nonsense'], ['dev', '--colour'], ['dev', 'extra'], ['check', '--port', '1'], ['start', '--port']])(
  'refuses what it does not know: %s %s',
  async (...words) => {
    await expect(run(...words)).rejects.toBeInstanceOf(CommanderError)
  },
)
