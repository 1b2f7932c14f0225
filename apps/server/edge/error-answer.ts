import { STATUS_CODES } from 'node:http'
import { HttpException } from '@nestjs/common'
import { AppError, type ErrorLevel } from '#kernel'

/** What the caller is told, and how loud the log is. */
export interface ErrorAnswer {
  readonly status: number
  readonly detail: string
  readonly level: ErrorLevel
  /** Further headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * The answer to whatever was thrown (contract 1.10). Only a caller's own fault is told in words; of a fault of ours the
 * caller learns nothing.
 */
export function errorAnswer(thrown: unknown): ErrorAnswer {
  if (thrown instanceof AppError) return appAnswer(thrown)
  if (thrown instanceof HttpException) return frameworkAnswer(thrown.getStatus(), thrown.message)
  return reasonAnswer(500)
}

function appAnswer({ status, message: detail, level, headers }: AppError): ErrorAnswer {
  return { status, detail, level, headers }
}

/** Faults that Fastify and Nest find by themselves: 400 in their words, the rest by the status's reason phrase. */
export function frameworkAnswer(status: number, message: string): ErrorAnswer {
  return status === 400 ? { status, detail: message, level: 'debug' } : reasonAnswer(status)
}

function reasonAnswer(status: number): ErrorAnswer {
  return { status, detail: STATUS_CODES[status] ?? 'Error', level: status >= 500 ? 'error' : 'debug' }
}
