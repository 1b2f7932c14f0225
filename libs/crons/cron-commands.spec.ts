import 'reflect-metadata'
import { beforeEach, describe, expect, it } from 'vitest'
import type { AssistantsService } from '#assistants'
import { CallerContext, type Authorization } from '#auth'
import type { JsonObject } from '#kernel'
import type { RunAccess } from '#runs'
import { CronCommands } from './cron-commands.js'
import type { CronsService } from './crons.service.js'
import { newCron } from './new-cron.js'
import type { CronRequest } from './dto/create-cron.dto.js'

const NOW = new Date('2026-01-01T00:00:00Z')
const ASSISTANT = 'fe096781-5601-53d2-b2f6-0d3403f7e9ca'
const REQUEST: CronRequest = {
  assistantId: 'agent',
  schedule: '0 9 * * *',
  timezone: 'Europe/Berlin',
  endTime: null,
  enabled: true,
  onRunCompleted: 'keep',
  metadata: { team: 'red' },
  payload: { input: { a: 1 } },
}
/** A change of nothing. */
const NONE = {
  schedule: undefined,
  timezone: undefined,
  endTime: undefined,
  enabled: undefined,
  onRunCompleted: undefined,
  metadata: undefined,
  payload: {},
}

let asked: [string, JsonObject][]
let commands: CronCommands

beforeEach(() => {
  asked = []
  const authorization = {
    ask: (event: string, value: JsonObject) => {
      asked.push([event, { ...value }])
      return Promise.resolve(null)
    },
  } as unknown as Authorization
  const runs = { permit: () => Promise.resolve({ request: { metadata: {} }, permit: {} }) } as unknown as RunAccess
  const crons = {
    draft: (threadId: string | null, request: CronRequest) => newCron(threadId, request, { creator: null, now: NOW }),
    create: (draft: unknown) => Promise.resolve(draft),
    update: () => Promise.resolve({}),
  } as unknown as CronsService
  const assistants = { meant: () => ASSISTANT } as unknown as AssistantsService
  commands = new CronCommands(authorization, new CallerContext(), runs, crons, assistants)
})

describe('a handler is told', () => {
  it('all of a new cron, with the assistant that a graph stands for', async () => {
    await commands.create(null, REQUEST)
    expect(asked).toEqual([
      [
        'crons:create',
        expect.objectContaining({
          assistant_id: ASSISTANT,
          schedule: '0 9 * * *',
          timezone: 'Europe/Berlin',
          on_run_completed: 'keep',
          metadata: { team: 'red' },
          payload: expect.objectContaining({ assistant_id: ASSISTANT, input: { a: 1 } }) as unknown,
        }),
      ],
    ])
  })

  it('what becomes of the threads, where that alone is changed', async () => {
    await commands.update('a-cron', { ...NONE, onRunCompleted: 'keep' })
    expect(asked).toEqual([
      ['crons:update', expect.objectContaining({ cron_id: 'a-cron', on_run_completed: 'keep', payload: {} })],
    ])
  })
})
