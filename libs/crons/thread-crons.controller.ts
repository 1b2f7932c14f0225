import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common'
import { UuidPipe } from '#http'
import { toWireCron, type WireCron } from './cron-wire.js'
import { CronsService } from './crons.service.js'
import { CreateCronDto, cronRequestOf } from './dto/create-cron.dto.js'
import { NOBODY } from './new-cron.js'

/** Crons of a thread (contract 8.1). `/thread/…` is the spelling of the webhook guide (webhooks contract 1). */
@Controller(['threads/:thread_id/runs/crons', 'thread/:thread_id/runs/crons'])
export class ThreadCronsController {
  constructor(private readonly crons: CronsService) {}

  /** A cron that makes all its runs on this thread. */
  @Post()
  @HttpCode(200)
  async create(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Body() body: CreateCronDto,
  ): Promise<WireCron> {
    return toWireCron(await this.crons.create(threadId, cronRequestOf(body), NOBODY))
  }
}
