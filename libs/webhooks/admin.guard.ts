import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Settings } from '#config'
import { judgeAdmin } from './admin-access.js'
import { adminForbidden, adminKeyRequired } from './webhooks.errors.js'
import { withoutCors } from './without-cors.js'

/**
 * Stands before every route under `/webhooks` (webhooks contract section 6): lets administrators in, and neither pages
 * of other sites nor caches read what is answered.
 */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(private readonly settings: Settings) {}

  /** @throws AppError `admin_key_required`, `admin_forbidden`. */
  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp()
    const request = http.getRequest<FastifyRequest>()
    const reply = http.getResponse<FastifyReply>()
    withoutCors(reply)
    reply.header('cache-control', 'no-store')
    const { headers, socket } = request
    const judgement = judgeAdmin({ headers, remoteAddress: socket.remoteAddress }, this.settings)
    if (judgement.ok) return true
    if (judgement.status === 403) throw adminForbidden(judgement.detail)
    reply.header('www-authenticate', 'Bearer')
    throw adminKeyRequired(judgement.detail)
  }
}
