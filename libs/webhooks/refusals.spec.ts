import { expect, it } from 'vitest'
import { JsonLogger } from '#kernel'
import { type Refusal, Refusals } from './refusals.js'

function lineOf(refusal: Omit<Refusal, 'reason'>): object {
  const lines: string[] = []
  const logger = JsonLogger.create('info', { write: (line) => void lines.push(line) })
  new Refusals(logger).tell({ reason: '10.0.0.1: private address', ...refusal })
  return JSON.parse(lines.join('')) as object
}

it('says in the log what opens a target that is not public', () => {
  const remedy = expect.stringContaining('SIGNALBOX_WEBHOOK_ALLOW_HOSTS') as string
  expect(lineOf({ point: 'creation', rule: 'not_public' })).toMatchObject({ level: 'info', remedy })
  expect(lineOf({ point: 'attempt', rule: 'not_public', deliveryId: 'd' })).toMatchObject({ level: 'warn', remedy })
})

it('and nothing where the list does not help', () => {
  expect(lineOf({ point: 'attempt', rule: 'ports' })).not.toHaveProperty('remedy')
  expect(lineOf({ point: 'socket', rule: 'not_public' })).not.toHaveProperty('remedy')
})
