import 'reflect-metadata'
import { AxiosError, AxiosHeaders } from 'axios'
import { QueryFailedError } from 'typeorm'
import { describe, expect, it } from 'vitest'
import { JsonLogger } from './logger.js'

/** The lines that a logger writes, as text. */
function captured() {
  const lines: string[] = []
  const logger = JsonLogger.create('debug', { write: (line) => void lines.push(line) })
  const only = () => (JSON.parse(lines[0] ?? '') as { err: Record<string, unknown> }).err
  return { logger, text: () => lines.join(''), only }
}

function axiosError(): AxiosError {
  const headers = new AxiosHeaders({ authorization: 'Bearer s3cret' })
  const config = { headers, data: 's3cret body', url: 'https://hooks.example.com/?token=s3cret' }
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', s3cret: 's3cret' })
  return AxiosError.from(cause, 'ECONNREFUSED', config)
}

function queryError(): QueryFailedError {
  const detail = 'Failing row contains (s3cret).'
  const driver = Object.assign(new Error('null value in column "a"'), { code: '23502', detail, where: 's3cret' })
  return new QueryFailedError('INSERT INTO s3cret', ['s3cret'], driver)
}

describe('errors in the log', () => {
  it.each([
    ['of a request', axiosError(), { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' }],
    ['of a query', queryError(), { name: 'QueryFailedError', code: '23502', message: 'null value in column "a"' }],
  ])('%s are written without what they carry', (_name, err, expected) => {
    const { logger, text, only } = captured()
    logger.child({ part: 'spec' }).error({ err }, 'failed')
    expect(only()).toMatchObject({ ...expected, stack: expect.stringContaining('logger.spec') as string })
    expect(text()).not.toContain('s3cret')
  })

  it('are written so under a cause, in an aggregate, and on their own', () => {
    const { logger, text, only } = captured()
    const outer = new Error('outer', { cause: new AggregateError([axiosError(), queryError()], 'both') })
    logger.error({ err: outer }, 'failed')
    logger.error(queryError(), 'failed')
    expect(only()).toMatchObject({
      message: 'outer',
      cause: { message: 'both', errors: [{ code: 'ECONNREFUSED' }, { name: 'QueryFailedError' }] },
    })
    expect(text()).not.toContain('s3cret')
  })

  it('end where causes go round or on and on', () => {
    const { logger, text } = captured()
    const round: Error & { cause?: unknown } = new Error('round')
    round.cause = round
    const many = new AggregateError(Array.from({ length: 1000 }, (_, n) => new Error(`number ${n}`)))
    logger.error({ err: round }, 'failed')
    logger.error({ err: many }, 'failed')
    expect(text().split('"round"').length).toBeLessThan(10)
    expect(text()).not.toContain('number 500')
  })

  it.each([
    ['https://u:s3cret@h.example/a?token=s3cret#s3cret', 'https://***@h.example/a?***'],
    ['postgres://u:p@s3cret#s3cret@db:5432/x', 'postgres://***@db:5432/x'],
    ['https://h.example/a/@b', 'https://h.example/a/@b'],
  ])('keep no password and no query of a URL: %s', (url, written) => {
    const { logger, text, only } = captured()
    logger.error({ err: new Error(`cannot reach "${url}" now`) }, 'failed')
    expect(only()['message']).toBe(`cannot reach "${written}" now`)
    expect(text()).not.toContain('s3cret')
  })

  it('are told apart from what is thrown and is none', () => {
    const { logger, text, only } = captured()
    logger.error({ err: { token: 's3cret' } }, 'failed')
    logger.error({ err: 'plain words' }, 'failed')
    expect(only()).toEqual({ name: 'object', message: 'not an Error was thrown' })
    expect(text()).toContain('plain words')
    expect(text()).not.toContain('s3cret')
  })
})
