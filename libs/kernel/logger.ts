import { type DestinationStream, pino, type Logger as PinoLogger } from 'pino'
import { loggedError } from './log-error.js'

/** JSON lines on standard output; also the injection token. Bindings and fields never hold secrets. */
export abstract class Logger {
  abstract debug(fields: object, message: string): void
  abstract info(fields: object, message: string): void
  abstract warn(fields: object, message: string): void
  abstract error(fields: object, message: string): void
  /** The same logger with fields added to each line. */
  abstract child(fields: object): Logger
}

/** How much is written. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Writes with pino; what is under the key `err` is written by `loggedError`, with its stack (to the log only). */
export class JsonLogger extends Logger {
  private constructor(private readonly target: PinoLogger) {
    super()
  }

  /** A logger that writes to standard output, unless told where, from this level on. */
  static create(level: LogLevel, destination?: DestinationStream): JsonLogger {
    return new JsonLogger(
      pino(
        {
          level,
          base: null,
          timestamp: pino.stdTimeFunctions.isoTime,
          formatters: { level: (label) => ({ level: label }) },
          serializers: { err: (thrown: unknown) => loggedError(thrown) },
        },
        destination ?? pino.destination(1),
      ),
    )
  }

  override debug(fields: object, message: string): void {
    this.target.debug(fields, message)
  }

  override info(fields: object, message: string): void {
    this.target.info(fields, message)
  }

  override warn(fields: object, message: string): void {
    this.target.warn(fields, message)
  }

  override error(fields: object, message: string): void {
    this.target.error(fields, message)
  }

  override child(fields: object): Logger {
    return new JsonLogger(this.target.child(fields))
  }
}
