import { Controller, Get, Header, Res } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { readConsolePage } from './console-page.js'

/** The page for people: what the inspector's bins have received. */
@Controller('console')
export class ConsoleController {
  readonly #page = readConsolePage()

  @Get()
  @Header('cache-control', 'no-cache')
  @Header('x-content-type-options', 'nosniff')
  @Header('referrer-policy', 'no-referrer')
  page(@Res({ passthrough: true }) reply: FastifyReply): string {
    reply.type('text/html; charset=utf-8').header('content-security-policy', this.#page.contentSecurityPolicy)
    return this.#page.html
  }
}
