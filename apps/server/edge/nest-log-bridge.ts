import type { LoggerService } from '@nestjs/common'
import type { Logger } from '#kernel'

/** Where Nest logs what it also throws: whoever started it tells that. */
const THROWN_TOO = new Set<unknown>(['ExceptionHandler', 'NestApplication'])

/** Nest's own lines in our log: what it tells of its start is for debugging. */
export class NestLogBridge implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...details: unknown[]): void {
    this.logger.debug({ details }, String(message))
  }

  warn(message: unknown, ...details: unknown[]): void {
    this.logger.warn({ details }, String(message))
  }

  error(message: unknown, ...details: unknown[]): void {
    const isThrownToo = THROWN_TOO.has(details.at(-1))
    this.logger[isThrownToo ? 'debug' : 'error']({ details }, String(message))
  }
}
