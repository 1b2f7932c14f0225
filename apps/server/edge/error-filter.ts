import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Logger } from '#kernel'
import { errorAnswer } from './error-answer.js'

/** Turns everything that is thrown into `{"detail": …}`; the only place that knows both errors and HTTP. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp()
    const request = http.getRequest<FastifyRequest>()
    const reply = http.getResponse<FastifyReply>()
    const { status, detail, level, headers = {} } = errorAnswer(thrown)
    this.logger[level]({ err: thrown, requestId: request.id, method: request.method, status }, 'request failed')
    if (!reply.sent) void reply.headers(headers).status(status).type('application/json; charset=utf-8').send({ detail })
    // The answer has begun: a broken body is the only way left to say that it is not whole.
    else if (!reply.raw.writableEnded) reply.raw.destroy()
  }
}
