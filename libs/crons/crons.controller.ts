import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Req, Res } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { AssistantsService } from '#assistants'
import type { ReplyHeaders } from '#http'
import { pageOf, pickSelected, setPaginationHeaders, UuidPipe } from '#http'
import { Clock, isJsonObject, requireUuid } from '#kernel'
import { CronCommands } from './cron-commands.js'
import type { CronFilter } from './cron-filter.js'
import { CronQueries } from './cron-queries.js'
import { toWireCron, toWireCronRow, type WireCron, type WireCronRow } from './cron-wire.js'
import { emptyCronUpdate } from './crons.errors.js'
import { CountCronsDto } from './dto/count-crons.dto.js'
import { CreateCronDto, cronRequestOf } from './dto/create-cron.dto.js'
import { SearchCronsDto } from './dto/search-crons.dto.js'
import { cronChangesOf, UpdateCronDto } from './dto/update-cron.dto.js'

/** `/runs/crons` (contract section 8). */
@Controller('runs/crons')
export class CronsController {
  constructor(
    private readonly commands: CronCommands,
    private readonly queries: CronQueries,
    private readonly assistants: AssistantsService,
    private readonly clock: Clock,
  ) {}

  /** A cron whose every firing gets a thread of its own. */
  @Post()
  @HttpCode(200)
  async create(@Body() body: CreateCronDto): Promise<WireCron> {
    return toWireCron(await this.commands.create(null, cronRequestOf(body)))
  }

  /** Crons that match all that is given; `x-pagination-total` says how many there are. */
  @Post('search')
  @HttpCode(200)
  async search(
    @Body() body: SearchCronsDto,
    @Res({ passthrough: true }) reply: ReplyHeaders,
  ): Promise<Partial<WireCronRow>[]> {
    const page = pageOf(body)
    const order = { by: body.sort_by ?? 'created_at', direction: body.sort_order ?? 'desc' } as const
    const { crons, total } = await this.queries.search(this.#filter(body), order, page)
    setPaginationHeaders(reply, page, total)
    const now = this.clock.now()
    return crons.map((cron) => pickSelected(toWireCronRow(cron, now), body.select))
  }

  /** How many crons match all that is given. */
  @Post('count')
  @HttpCode(200)
  count(@Body() body: CountCronsDto): Promise<number> {
    return this.queries.count(this.#filter(body))
  }

  /** A cron and when it fires next. */
  @Get(':cron_id')
  async get(@Param('cron_id', new UuidPipe('cron')) cronId: string): Promise<WireCron> {
    return toWireCron(await this.queries.get(cronId))
  }

  /** Changes the fields that are given. */
  @Patch(':cron_id')
  async update(
    @Param('cron_id', new UuidPipe('cron')) cronId: string,
    @Body() body: UpdateCronDto,
    @Req() { body: sent }: FastifyRequest,
  ): Promise<WireCron> {
    if (!isJsonObject(sent) || Object.keys(sent).length === 0) throw emptyCronUpdate()
    return toWireCron(await this.commands.update(cronId, cronChangesOf(body)))
  }

  /** Runs that it has made stay. */
  @Delete(':cron_id')
  @HttpCode(204)
  delete(@Param('cron_id', new UuidPipe('cron')) cronId: string): Promise<void> {
    return this.commands.delete(cronId)
  }

  #filter(dto: CountCronsDto): CronFilter {
    return {
      assistantId: dto.assistant_id == null ? null : this.assistants.meantId(dto.assistant_id),
      threadId: dto.thread_id == null ? null : requireUuid('thread', dto.thread_id),
      enabled: dto.enabled ?? null,
      metadata: dto.metadata ?? null,
    }
  }
}
