import { Controller, Get } from '@nestjs/common'
import { DatabaseProbe } from './database-probe.js'
import { notReady } from './health.errors.js'
import { Readiness } from './readiness.js'

/** What an orchestrator asks: restart me (`live`), send me traffic (`ready`). */
@Controller('health')
export class HealthController {
  constructor(
    private readonly probe: DatabaseProbe,
    private readonly readiness: Readiness,
  ) {}

  /** The process answers; says nothing of what it depends on. */
  @Get('live')
  live(): { ok: true } {
    return { ok: true }
  }

  /** @throws AppError `not_ready` naming the part that is away. */
  @Get('ready')
  async ready(): Promise<{ ok: true }> {
    if (this.readiness.obstacle !== null) throw notReady(this.readiness.obstacle)
    const fault = await this.probe.fault()
    if (fault !== null) throw notReady(`the database ${fault}`)
    return { ok: true }
  }
}
