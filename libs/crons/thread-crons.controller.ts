import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common'
import { UuidPipe } from '#http'
import { CronCommands } from './cron-commands.js'
import { toWireCron, type WireCron } from './cron-wire.js'
import { CreateCronDto, cronRequestOf } from './dto/create-cron.dto.js'

/** Crons of a thread (contract 8.1). `/thread/…` is the spelling of the webhook guide (webhooks contract 1). */
@Controller(['threads/:thread_id/runs/crons', 'thread/:thread_id/runs/crons'])
export class ThreadCronsController {
  constructor(private readonly commands: CronCommands) {}

  /** A cron that makes all its runs on this thread. */
  @Post()
  @HttpCode(200)
  async create(
    @Param('thread_id', new UuidPipe('thread')) threadId: string,
    @Body() body: CreateCronDto,
  ): Promise<WireCron> {
    return toWireCron(await this.commands.create(threadId, cronRequestOf(body)))
  }
}
