import { Controller, Get, Inject, Query } from '@nestjs/common'
import { parseBooleanQuery, type QueryValue } from '#http'
import { DATABASE_PART } from './database-probe.js'
import { storageAway } from './health.errors.js'
import { SERVER_INFO } from './health.tokens.js'
import { Parts } from './parts.js'
import type { ServerInfo } from './server-info.js'

/** `GET /ok` and `GET /info` (contract section 10). */
@Controller()
export class SystemController {
  constructor(
    private readonly parts: Parts,
    @Inject(SERVER_INFO) private readonly serverInfo: ServerInfo,
  ) {}

  /** @throws AppError `storage_away` when asked to check the database and it does not answer. */
  @Get('ok')
  async ok(@Query('check_db') checkDb: QueryValue): Promise<{ ok: true }> {
    const fault = parseBooleanQuery(checkDb, 'check_db') ? await this.parts.fault(DATABASE_PART) : null
    if (fault !== null) throw storageAway(fault)
    return { ok: true }
  }

  @Get('info')
  info(): ServerInfo {
    return this.serverInfo
  }
}
