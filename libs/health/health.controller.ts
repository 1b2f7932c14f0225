import { Controller, Get, Res } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { Parts } from './parts.js'
import { type ReadinessAnswer, readinessAnswer } from './readiness-answer.js'
import { Readiness } from './readiness.js'

/** What an orchestrator asks: restart me (`live`), send me traffic (`ready`). */
@Controller('health')
export class HealthController {
  constructor(
    private readonly parts: Parts,
    private readonly readiness: Readiness,
  ) {}

  /** The process answers; says nothing of what it depends on. */
  @Get('live')
  live(): { ok: true } {
    return { ok: true }
  }

  /** 503 when the process starts or stops, or when a part is away that it cannot do without; the body names each part. */
  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessAnswer> {
    const answer = readinessAnswer(this.readiness.obstacle, await this.parts.faults(), this.parts.optional)
    if (!answer.ok) reply.status(503)
    return answer
  }
}
